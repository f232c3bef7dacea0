//! Kinds of change of the fragment, each with its verdict: held by the tests, and proved by
//! `cargo xtask spec prove`.

use serde_json::{Value, json};

use super::Level;

/// A kind of change.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) level: Level,
    make: fn(&mut Value),
}

impl Kind {
    /// The fragment after a change of this kind.
    pub(crate) fn new_fragment(&self) -> Result<String, String> {
        let mut fragment: Value =
            serde_json::from_str(&old()?).map_err(|error| error.to_string())?;
        (self.make)(&mut fragment);
        Ok(fragment.to_string())
    }
}

/// The fragment before: the project's own.
pub(crate) fn old() -> Result<String, String> {
    crate::code::fragment()
}

const fn kind(name: &'static str, level: Level, make: fn(&mut Value)) -> Kind {
    Kind { name, level, make }
}

use Level::{Additive, Breaking, Invisible};

pub(crate) const KINDS: [Kind; 40] = [
    kind("words", Invisible, |of| {
        schema(of, "AwsPeering")["properties"]["vpcId"]["description"] = json!("Other words.");
    }),
    kind("pattern", Invisible, |of| {
        schema(of, "NewAwsPeering")["properties"]["awsAccountId"]["pattern"] = json!("^[0-9]+$");
    }),
    kind("example", Invisible, |of| {
        schema(of, "NewAwsPeering")["properties"]["vpcId"]["example"] = json!("vpc-1");
    }),
    kind("server", Invisible, |of| {
        push(
            &mut of["servers"],
            json!({"url": "https://cloud.mongodbgov.com/api/atlas/v2"}),
        );
    }),
    kind("published-name", Invisible, |of| {
        schema(of, "AwsPeering")["x-published-as"] = json!("AwsPeer");
    }),
    kind("new-error-status", Invisible, |of| {
        peers(of)["post"]["responses"]["418"] = json!({"$ref": "#/components/responses/Conflict"});
    }),
    kind("lost-error-status", Invisible, |of| {
        remove(&mut peers(of)["post"]["responses"], "409");
    }),
    kind("answer-not-nullable", Invisible, |of| {
        remove(
            &mut schema(of, "GcpPeering")["properties"]["errorMessage"],
            "nullable",
        );
    }),
    kind("answer-need-not-be-there", Invisible, |of| {
        pull(&mut schema(of, "AwsPeering")["required"], "vpcId");
    }),
    kind("query-bound", Invisible, |of| {
        of["components"]["parameters"]["itemsPerPage"]["schema"]["maximum"] = json!(1000);
    }),
    kind("sunset", Invisible, |of| {
        peers(of)["get"]["x-sunset"] = json!("2030-01-01");
    }),
    kind("not-deprecated", Invisible, |of| {
        remove(
            &mut of["paths"]["/groups/{groupId}/privateIpMode"]["get"],
            "deprecated",
        );
    }),
    kind("new-state", Additive, |of| {
        add_value(of, "GcpPeeringState", "PAUSED");
    }),
    kind("new-region", Additive, |of| {
        add_value(of, "AwsRegion", "MARS_EAST_1");
    }),
    kind("new-answer-field", Additive, |of| {
        schema(of, "AwsPeering")["properties"]["color"] = text_field();
    }),
    kind("new-schema", Additive, |of| {
        of["components"]["schemas"]["Extra"] = json!({
            "type": "object", "description": "More.", "properties": {"color": text_field()},
        });
    }),
    kind("new-operation", Additive, |of| {
        let mut operation = peers(of)["get"].clone();
        operation["operationId"] = json!("listPausedPeeringConnections");
        of["paths"]["/groups/{groupId}/paused"] = json!({"get": operation});
    }),
    kind("new-cloud-in-answers", Additive, |of| {
        add_child(of, "Peering", "OciPeering");
    }),
    kind("new-cloud-in-requests", Additive, |of| {
        add_child(of, "NewPeering", "NewOciPeering");
    }),
    kind("deprecated", Additive, |of| {
        peers(of)["get"]["deprecated"] = json!(true);
    }),
    kind("new-optional-request-field", Breaking, |of| {
        schema(of, "NewAwsPeering")["properties"]["color"] = text_field();
    }),
    kind("new-required-request-field", Breaking, |of| {
        schema(of, "NewAwsPeering")["properties"]["color"] = text_field();
        push(&mut schema(of, "NewAwsPeering")["required"], json!("color"));
    }),
    kind("lost-request-field", Breaking, |of| {
        remove(
            &mut schema(of, "NewAwsPeering")["properties"],
            "accepterRegionName",
        );
    }),
    kind("lost-answer-field", Breaking, |of| {
        remove(&mut schema(of, "AwsPeering")["properties"], "errorMessage");
    }),
    kind("answer-field-of-another-type", Breaking, |of| {
        schema(of, "PeeringPage")["properties"]["totalCount"] = text_field();
    }),
    kind("integer-width", Breaking, |of| {
        schema(of, "PeeringPage")["properties"]["totalCount"]["format"] = json!("int64");
    }),
    kind("request-field-now-required", Breaking, |of| {
        push(
            &mut schema(of, "NewAwsPeering")["required"],
            json!("containerId"),
        );
    }),
    kind("request-field-now-optional", Breaking, |of| {
        pull(&mut schema(of, "NewAzurePeering")["required"], "vnetName");
    }),
    kind("answer-id-need-not-be-there", Breaking, |of| {
        pull(&mut schema(of, "AwsPeering")["required"], "id");
    }),
    kind("lost-state", Breaking, |of| {
        pull(&mut schema(of, "AwsPeeringState")["enum"], "FINALIZING");
    }),
    kind("lost-operation", Breaking, |of| {
        remove(peers(of), "get");
    }),
    kind("renamed-operation", Breaking, |of| {
        peers(of)["get"]["operationId"] = json!("listPeers");
    }),
    kind("new-parameter", Breaking, |of| {
        let parameter = json!({
            "name": "color", "in": "query", "description": "A color.", "schema": {"type": "string"},
        });
        push(&mut peers(of)["get"]["parameters"], parameter);
    }),
    kind("lost-parameter", Breaking, |of| {
        retain(&mut peers(of)["get"]["parameters"], |of| {
            of["$ref"] != "#/components/parameters/includeCount"
        });
    }),
    kind("parameter-now-required", Breaking, |of| {
        of["components"]["parameters"]["providerName"]["required"] = json!(true);
    }),
    kind("renamed-schema", Breaking, |of| {
        let text = of
            .to_string()
            .replace("schemas/Link\"", "schemas/Reference\"");
        let renamed = text.replace("\"Link\":{", "\"Reference\":{");
        *of = serde_json::from_str(&renamed).unwrap_or_default();
    }),
    kind("another-answer", Breaking, |of| {
        let content = peers(of)["get"]["responses"]["200"]["content"].clone();
        peers(of)["post"]["responses"]["200"]["content"] = content;
    }),
    kind("answer-without-content", Breaking, |of| {
        remove(&mut peers(of)["get"]["responses"]["200"], "content");
    }),
    kind("request-without-a-body", Breaking, |of| {
        remove(&mut peers(of)["post"], "requestBody");
        // The schemas of the request stay in use.
        let body = json!({"$ref": "#/components/schemas/NewPeering"});
        let content = json!({"application/json": {"schema": body}});
        let item = &mut of["paths"]["/groups/{groupId}/peers/{peerId}"];
        item["put"] = item["get"].clone();
        item["put"]["operationId"] = json!("replacePeeringConnection");
        item["put"]["requestBody"] = json!({"required": true, "content": content});
    }),
    kind("lost-cloud-in-requests", Breaking, |of| {
        let union = schema(of, "NewPeering");
        retain(&mut union["oneOf"], |of| {
            of["$ref"] != "#/components/schemas/NewGcpPeering"
        });
        remove(&mut union["discriminator"]["mapping"], "GCP");
    }),
];

fn peers(fragment: &mut Value) -> &mut Value {
    &mut fragment["paths"]["/groups/{groupId}/peers"]
}

fn schema<'a>(fragment: &'a mut Value, name: &str) -> &'a mut Value {
    &mut fragment["components"]["schemas"][name]
}

fn text_field() -> Value {
    json!({"type": "string", "description": "A color."})
}

fn push(list: &mut Value, item: Value) {
    if let Some(list) = list.as_array_mut() {
        list.push(item);
    }
}

fn retain(list: &mut Value, is_kept: impl Fn(&Value) -> bool) {
    if let Some(list) = list.as_array_mut() {
        list.retain(is_kept);
    }
}

fn pull(list: &mut Value, item: &str) {
    retain(list, |own| own != item);
}

fn remove(object: &mut Value, key: &str) {
    if let Some(object) = object.as_object_mut() {
        object.remove(key);
    }
}

fn add_value(fragment: &mut Value, name: &str, value: &str) {
    let of = schema(fragment, name);
    push(&mut of["enum"], json!(value));
    of["x-enum-descriptions"][value] = json!("New.");
}

/// A child of a union, for a cloud that is new.
fn add_child(fragment: &mut Value, union: &str, child: &str) {
    *schema(fragment, child) = json!({
        "type": "object",
        "description": "On a new cloud.",
        "properties": {
            "id": {"type": "string", "description": "The id."},
            "providerName": {"type": "string", "description": "The cloud: `OCI`."},
            "vcnId": {"type": "string", "description": "The network."},
        },
        "required": ["id", "vcnId"],
    });
    let reference = format!("#/components/schemas/{child}");
    let of = schema(fragment, union);
    push(&mut of["oneOf"], json!({"$ref": reference}));
    of["discriminator"]["mapping"]["OCI"] = json!(reference);
}
