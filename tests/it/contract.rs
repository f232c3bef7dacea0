//! The fragment's promises: every operation is called through the client, and what the sandbox saw
//! is held against `spec/peering.json`. An operation that is not called here fails the suite.

use atlas_peering::types::{AwsPeeringUpdate, Provider};
use atlas_peering::{ApiVersion, Client, Error, PeeringId, ProjectId};
use atlas_peering_sandbox::{Canned, Recorded, Sandbox};
use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{aws, azure, client_of, created, gcp, last_request, project};

const FRAGMENT: &str = include_str!("../../spec/peering.json");

/// In the order of the fragment's servers.
const BOTH: [ApiVersion; 2] = [ApiVersion::V1, ApiVersion::V2];

/// What `application/json` stands for in the fragment: each version has a media type of its own.
fn media_type(version: ApiVersion) -> &'static str {
    match version {
        ApiVersion::V2 => "application/vnd.atlas.2023-01-01+json",
        _ => "application/json",
    }
}

/// The parameters that the transport sets where a client asks for them.
const OF_THE_TRANSPORT: [&str; 2] = ["envelope", "pretty"];

struct Fragment(Value);

/// An operation with its place.
struct Operation<'a> {
    method: String,
    path: &'a str,
    promise: &'a Value,
}

impl Fragment {
    fn read() -> Self {
        Self(serde_json::from_str(FRAGMENT).unwrap())
    }

    fn operations(&self) -> Vec<Operation<'_>> {
        let mut operations = Vec::new();
        for (path, item) in self.0["paths"].as_object().unwrap() {
            for (method, promise) in item.as_object().unwrap() {
                operations.push(Operation {
                    method: method.to_uppercase(),
                    path,
                    promise,
                });
            }
        }
        operations
    }

    /// The path of a version's server.
    fn root(&self, version: ApiVersion) -> String {
        let server = BOTH.iter().position(|of| *of == version).unwrap();
        let url = self.0["servers"][server]["url"].as_str().unwrap();
        url.parse::<reqwest::Url>().unwrap().path().to_owned()
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.resolve(self.0.pointer(&reference[1..]).unwrap()),
            None => value,
        }
    }

    /// The schema that a body has to have: in a union the child of its provider.
    fn schema_of<'a>(&'a self, content: &'a Value, body: &Value) -> &'a Value {
        let schema = self.resolve(&content["application/json"]["schema"]);
        match schema["discriminator"]["mapping"][body["providerName"].as_str().unwrap_or("AWS")]
            .as_str()
        {
            Some(reference) => self.0.pointer(&reference[1..]).unwrap(),
            None => schema,
        }
    }

    /// A body has the properties of its schema, the required ones at least.
    fn check_body(&self, content: &Value, body: &Value) {
        let schema = self.schema_of(content, body);
        for name in body.as_object().unwrap().keys() {
            assert!(
                schema["properties"].get(name).is_some(),
                "{name} is not in {schema}"
            );
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(
                body.get(name.as_str().unwrap()).is_some(),
                "{name} is missing in {body}"
            );
        }
    }

    /// The names of an operation's parameters in the query, but those of the transport.
    fn query<'a>(&'a self, operation: &Operation<'a>) -> Vec<&'a str> {
        let parameters = operation.promise["parameters"].as_array().unwrap().iter();
        let parameters = parameters.map(|parameter| self.resolve(parameter));
        let names = parameters
            .filter(|of| of["in"] == "query")
            .map(|of| of["name"].as_str().unwrap());
        names
            .filter(|name| !OF_THE_TRANSPORT.contains(name))
            .collect()
    }
}

impl Operation<'_> {
    fn id(&self) -> &str {
        self.promise["operationId"].as_str().unwrap()
    }

    /// The status of the success, and its content.
    fn success(&self) -> (u16, &Value) {
        let answers = self.promise["responses"].as_object().unwrap();
        let (status, answer) = answers
            .iter()
            .find(|(status, _)| status.starts_with('2'))
            .unwrap();
        (status.parse().unwrap(), &answer["content"])
    }

    /// The statuses of its errors.
    fn errors(&self) -> Vec<u16> {
        let answers = self.promise["responses"].as_object().unwrap().keys();
        answers
            .filter(|status| !status.starts_with('2'))
            .map(|status| status.parse().unwrap())
            .collect()
    }
}

/// Calls an operation with everything that it takes.
async fn call(
    id: &str,
    atlas: &Client,
    project: &ProjectId,
    peer: &PeeringId,
) -> Result<StatusCode, Error> {
    match id {
        "listPeeringConnections" => {
            let provider = Some(&Provider::Aws);
            let page =
                atlas.list_peering_connections(project, Some(true), Some(5), Some(1), provider);
            page.await.map(|page| page.status())
        }
        "createPeeringConnection" => {
            let request = gcp().into();
            atlas
                .create_peering_connection(project, &request)
                .await
                .map(|made| made.status())
        }
        "getPeeringConnection" => atlas
            .get_peering_connection(project, peer)
            .await
            .map(|read| read.status()),
        "updatePeeringConnection" => {
            let request = AwsPeeringUpdate {
                route_table_cidr_block: Some("10.0.0.0/16".into()),
                ..Default::default()
            };
            let changed = atlas
                .update_peering_connection(project, peer, &request.into())
                .await;
            changed.map(|changed| changed.status())
        }
        "deletePeeringConnection" => atlas
            .delete_peering_connection(project, peer)
            .await
            .map(|gone| gone.status()),
        other => panic!("the operation {other} of the fragment has no test"),
    }
}

#[tokio::test]
async fn every_operation_sends_and_takes_what_the_fragment_promises() {
    for version in BOTH {
        let fragment = Fragment::read();
        for operation in fragment.operations() {
            let sandbox = Sandbox::start().await.unwrap();
            let (atlas, project) = (client_of(&sandbox, version), project(&sandbox));
            let peering = created(&atlas, &project).await;
            let status = call(operation.id(), &atlas, &project, peering.id())
                .await
                .unwrap();
            let (promised, content) = operation.success();
            assert_eq!(status, promised, "{}", operation.id());

            let seen = last_request(&sandbox);
            assert_eq!(seen.method, operation.method);
            let path = operation.path.replace("{groupId}", project.as_str());
            let path = path.replace("{peerId}", peering.id().as_str());
            assert_eq!(seen.path, fragment.root(version) + &path);
            let mut names: Vec<_> = seen
                .parameters()
                .into_iter()
                .map(|(name, _)| name)
                .collect();
            names.sort();
            let mut promised = fragment.query(&operation);
            promised.sort_unstable();
            assert_eq!(names, promised, "{}", operation.id());
            assert_eq!(seen.header("accept"), Some(media_type(version)), "{seen:?}");
            assert!(content.get("application/json").is_some());
            check_request(&fragment, &operation, &seen, version);
        }
    }
}

fn check_request(
    fragment: &Fragment,
    operation: &Operation<'_>,
    seen: &Recorded,
    version: ApiVersion,
) {
    let promised = &operation.promise["requestBody"]["content"];
    let Some(sent) = seen.header("content-type") else {
        assert!(
            promised.is_null() && seen.body.is_empty(),
            "{}",
            operation.id()
        );
        return;
    };
    assert_eq!(sent, media_type(version));
    assert!(promised.get("application/json").is_some());
    fragment.check_body(promised, &serde_json::from_slice(&seen.body).unwrap());
}

#[tokio::test]
async fn every_clouds_request_and_answer_have_the_fragments_form() {
    for version in BOTH {
        let fragment = Fragment::read();
        let sandbox = Sandbox::start().await.unwrap();
        let (atlas, project) = (client_of(&sandbox, version), project(&sandbox));
        let operations = fragment.operations();
        let create = operations
            .iter()
            .find(|of| of.id() == "createPeeringConnection")
            .unwrap();
        for request in [aws().into(), azure().into(), gcp().into()] {
            let made = atlas
                .create_peering_connection(&project, &request)
                .await
                .unwrap();
            check_request(&fragment, create, &last_request(&sandbox), version);
            fragment.check_body(create.success().1, &serde_json::to_value(&*made).unwrap());
        }
    }
}

#[tokio::test]
async fn every_error_that_the_fragment_promises_arrives_typed() {
    for version in BOTH {
        let fragment = Fragment::read();
        let sandbox = Sandbox::start().await.unwrap();
        let (atlas, project) = (client_of(&sandbox, version), project(&sandbox));
        let peering = created(&atlas, &project).await;
        for operation in fragment.operations() {
            for status in operation.errors() {
                let body =
                    json!({"error": status, "errorCode": "SOME_CODE", "detail": "In words."});
                sandbox.answer_next(Canned::json(status, &body));
                let error = call(operation.id(), &atlas, &project, peering.id())
                    .await
                    .unwrap_err();
                assert_eq!(error.status().unwrap(), status);
                assert_eq!(error.error_code().unwrap(), &"SOME_CODE");
                let name = error.operation().unwrap().replace('_', "");
                assert_eq!(name, operation.id().to_lowercase());
                for (holds, of) in [
                    (error.is_unauthorized(), 401),
                    (error.is_forbidden(), 403),
                    (error.is_not_found(), 404),
                    (error.is_conflict(), 409),
                    (error.is_rate_limited(), 429),
                ] {
                    assert_eq!(holds, status == of, "{error}");
                }
                assert_eq!(error.is_server_error(), status >= 500);
            }
        }
    }
}
