//! The fragment, read by a strict validator that ignores discriminators, as one of another language might:
//! each body fits one branch of a union, a request fits if the client accepts it, and the examples fit.

use atlas_peering::types::{NewContainer, NewPeering};
use atlas_peering::{Client, ProjectId};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::calls;
use crate::document::Document;
use crate::reader::{children, entries};

/// OpenAPI 3.0 as JSON Schema: only a schema with a type and `nullable` accepts null.
fn strict(schema: &Value) -> Value {
    let mut strict = match schema {
        Value::Array(items) => return items.iter().map(strict).collect(),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(key, value)| (key.clone(), strict(value)));
            Value::Object(fields.collect())
        }
        scalar => return scalar.clone(),
    };
    if strict["nullable"] == true && strict["type"].is_string() {
        strict["type"] = json!([strict["type"], "null"]);
    }
    strict
}

/// The validators of all named schemas.
struct Schemas(Value);

impl Schemas {
    fn new() -> Self {
        Self(strict(Document::fragment().schemas()))
    }

    fn validator(&self, schema: &Value) -> Validator {
        let mut root = json!({"components": {"schemas": self.0}});
        root["allOf"] = json!([schema]);
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        options.build(&root).unwrap()
    }

    fn fits(&self, name: &str, value: &Value) -> bool {
        self.validator(&reference(name)).is_valid(value)
    }

    /// The branches of a union that a value fits.
    fn branches(&self, union: &str, value: &Value) -> Vec<String> {
        let branches = self.0[union]["oneOf"].as_array().unwrap().iter();
        let names = branches.map(|of| of["$ref"].as_str().unwrap().rsplit('/').next().unwrap());
        names
            .filter(|name| self.fits(name, value))
            .map(str::to_owned)
            .collect()
    }

    /// Checks that a value fits this branch of a union, and no other.
    fn is(&self, union: &str, branch: &str, value: &Value) {
        assert_eq!(self.branches(union, value), [branch], "{union}: {value}");
        assert!(self.fits(union, value), "{union}: {value}");
    }
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

#[test]
fn a_documented_example_fits_one_branch() {
    let schemas = Schemas::new();
    let oldest = json(include_bytes!("../../fixtures/oldest-request.json"));
    schemas.is("NewPeering", "NewAwsPeering", &oldest);
    let oldest = json(include_bytes!("../../fixtures/oldest-response.json"));
    schemas.is("Peering", "AwsPeering", &oldest);
    let captured = json!({
        "atlasCidrBlock": "192.168.248.0/21", "id": "6746ceedaef48d1cb265896b",
        "providerName": "AWS", "provisioned": true, "regionName": "EU_WEST_1",
        "vpcId": "vpc-00b20ecca20a410e2",
    });
    schemas.is("Container", "AwsContainer", &captured);
    let mut unnamed = captured;
    unnamed.as_object_mut().unwrap().remove("providerName");
    schemas.is("Container", "AwsContainer", &unnamed);
    let azure = json!({
        "atlasCidrBlock": "10.8.0.0/21", "id": "6746ceedaef48d1cb265896b", "region": "NEW_TODAY",
    });
    schemas.is("Container", "AzureContainer", &azure);
    // An unknown provider fits no branch.
    let unknown = json!({"id": "6746ceedaef48d1cb265896b", "providerName": "ORACLE"});
    assert!(schemas.branches("Container", &unknown).is_empty());
    assert!(schemas.branches("Peering", &unknown).is_empty());
}

#[tokio::test]
async fn every_body_of_the_sandbox_and_of_the_client_fits_one_branch() {
    let (fragment, schemas) = (Document::fragment(), Schemas::new());
    let mut seen = std::collections::BTreeSet::new();
    for server in fragment.servers() {
        for call in calls::successes(&server).await {
            if !(200..300).contains(&call.status) {
                continue;
            }
            let path = call.path.strip_prefix(&server.root).unwrap();
            let of = |cloud: &Value, kind: &str| match cloud.as_str() {
                Some("AZURE") => kind.replace('*', "Azure"),
                Some("GCP") => kind.replace('*', "Gcp"),
                _ => kind.replace('*', "Aws"),
            };
            let thing = match path.split('/').nth(3) {
                Some("peers") => "Peering",
                Some("containers") => "Container",
                _ => continue,
            };
            let response = json(&call.response_body);
            let results = response["results"].as_array();
            let bodies = match results {
                Some(results) => results.clone(),
                None if response["id"].is_string() => vec![response],
                None => Vec::new(),
            };
            for body in bodies {
                let branch = of(&body["providerName"], &format!("*{thing}"));
                schemas.is(thing, &branch, &body);
                seen.insert(branch);
            }
            let request = json(&call.body);
            let (union, branch) = match call.method.as_str() {
                "POST" => (format!("New{thing}"), format!("New*{thing}")),
                "PATCH" => (format!("{thing}Update"), format!("*{thing}Update")),
                _ => continue,
            };
            let branch = of(&request["providerName"], &branch);
            schemas.is(&union, &branch, &request);
            seen.insert(branch);
        }
    }
    // 3 clouds, 3 kinds (response, creation, update), and 2 resources (peering, container).
    assert_eq!(seen.len(), 18, "{seen:?}");
}

/// Each union has one branch for each value of its discriminator.
#[test]
fn a_discriminator_leads_to_the_branch_that_its_value_fits() {
    let schemas = Schemas::new();
    for (union, schema) in entries(&schemas.0) {
        for (value, target) in entries(&schema["discriminator"]["mapping"]) {
            let branch = target.as_str().unwrap().rsplit('/').next().unwrap();
            let tag = &schemas.0[branch]["properties"]["providerName"];
            assert_eq!(tag["enum"], json!([value]), "{union}: {branch}");
            let description = tag["description"].as_str().unwrap();
            assert!(
                !union.contains("New") || description.contains(value),
                "{description}"
            );
        }
    }
}

#[test]
fn every_example_fits_its_own_schema() {
    fn check(schemas: &Schemas, place: &str, schema: &Value, found: &mut usize) {
        if let (Some(example), Some(_)) = (schema.get("example"), schema.get("description")) {
            let validator = schemas.validator(schema);
            assert!(validator.is_valid(example), "{place}: {example}");
            *found += 1;
        }
        for (step, part) in children(schema) {
            check(schemas, &format!("{place}/{step}"), part, found);
        }
    }
    let (schemas, mut found) = (Schemas::new(), 0);
    check(&schemas, "", &schemas.0, &mut found);
    assert!(found > 30, "{found}");
}

/// Whether the client sends a request, whatever the response.
async fn is_sent(atlas: &Client, project: &ProjectId, union: &str, request: &Value) -> bool {
    let request = request.clone();
    let error = if union == "NewPeering" {
        let request: NewPeering = serde_json::from_value(request).unwrap();
        let created = atlas.create_peering_connection(project, &request);
        created.await.err()
    } else {
        let request: NewContainer = serde_json::from_value(request).unwrap();
        let created = atlas.create_peering_container(project, &request);
        created.await.err()
    };
    !error.is_some_and(|error| error.is_input())
}

/// Changes one field of a request. The fragment refuses it if and only if the client does.
#[tokio::test]
async fn the_fragment_and_the_client_refuse_the_same_requests() {
    let (fragment, schemas) = (Document::fragment(), Schemas::new());
    let world = calls::World::new(&fragment.servers().next().unwrap()).await;
    let id = "6746ceedaef48d1cb265896b";
    let uuid = "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02";
    let requests = [
        json!({
            "providerName": "AWS", "vpcId": "vpc-1", "awsAccountId": "123456789012",
            "routeTableCidrBlock": "10.0.0.0/24", "accepterRegionName": "us-east-1",
        }),
        json!({
            "providerName": "AZURE", "containerId": id, "azureDirectoryId": uuid,
            "azureSubscriptionId": uuid, "resourceGroupName": "rg", "vnetName": "v",
        }),
        json!({
            "providerName": "GCP", "containerId": id, "gcpProjectId": "p-1", "networkName": "n",
        }),
        json!({"providerName": "AWS", "regionName": "US_EAST_1", "atlasCidrBlock": "10.8.0.0/21"}),
        json!({"providerName": "AZURE", "region": "US_EAST", "atlasCidrBlock": "10.8.0.0/21"}),
        json!({"providerName": "GCP", "regions": ["EASTERN_US"], "atlasCidrBlock": "10.8.0.0/21"}),
    ];
    let values = [
        "",
        " ",
        "x",
        "x y",
        "7",
        "vpc-",
        "vpc-7b64b41g",
        "vpc-7b64b41e",
        "vpc-7B64B41E",
        "vpc-1 ",
        "123456789012",
        "12345678901",
        "1234567890123",
        "us-east-1",
        "US_EAST_1",
        "us-east",
        "us-gov-west-1",
        "us-east-1a",
        "NEW_REGION_9",
        "eastus",
        "_X",
        uuid,
        "0D8F3C56-1C3E-4C6B-8A94-7D2F5B9E6A02",
        "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a0",
        "0d8f3c561c3e4c6b8a947d2f5b9e6a02",
        "größe",
        "0.0.0.0/0",
        "10.0.0.0",
        "10.0.0.0/33",
        "10.0.0/24",
        "256.0.0.0/24",
        "8.8.8.0/24",
        "10.8.0.0/20",
        "10.8.0.0/24",
        "10.8.0.0/25",
        "172.31.8.0/21",
        "172.32.8.0/21",
        "192.168.8.0/22",
        "192.169.8.0/22",
        "10.0.0.0/8",
        "fd00::/64",
        "fd00::/129",
        "fd00::",
        "999.999.999.999/999",
        "10.8.0.0/21\n",
        "x\n",
        "a\u{1b}b",
        "a\u{a0}b",
    ];
    let mut compared = 0;
    for request in requests {
        let is_peering = request.get("atlasCidrBlock").is_none();
        let union = if is_peering {
            "NewPeering"
        } else {
            "NewContainer"
        };
        let validator = schemas.validator(&reference(union));
        let changed = entries(&request)
            .filter(|(key, _)| !["containerId", "providerName"].contains(&key.as_str()));
        for (field, old) in changed {
            for value in values {
                let mut request = request.clone();
                request[field] = if old.is_array() {
                    json!([value])
                } else {
                    json!(value)
                };
                let mut sent = is_sent(&world.atlas, &world.project, union, &request).await;
                if field == "atlasCidrBlock" && request["regions"].is_array() {
                    // No pattern can express which sizes are valid with regions.
                    request.as_object_mut().unwrap().remove("regions");
                    sent |= is_sent(&world.atlas, &world.project, union, &request).await;
                }
                assert_eq!(validator.is_valid(&request), sent, "{field} {value:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 500, "{compared}");
}
