//! The fragment's promises: every operation is called through the client, and what the sandbox saw
//! is held against `spec/peering.json`. An operation that is not called here fails the suite.

use atlas_peering::types::{
    AwsContainerUpdate, AwsPeeringUpdate, AwsRegion, AzureRegion, NewContainer,
    PrivateIpModeUpdate, Provider,
};
use atlas_peering::{ApiVersion, Client, ContainerId, Error, PeeringId, ProjectId, Response};
use atlas_peering_sandbox::{Canned, Recorded, Sandbox};
use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{aws, azure, client_of, container, created, gcp, last_request, project};

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

/// What operations are called on.
struct On {
    atlas: Client,
    project: ProjectId,
    peer: PeeringId,
    /// That of the peering.
    used: ContainerId,
    /// One that nothing uses.
    unused: ContainerId,
    /// A request for a new peering.
    request: atlas_peering::types::NewPeering,
}

impl On {
    async fn a(sandbox: &Sandbox, version: ApiVersion) -> Self {
        let (atlas, project) = (client_of(sandbox, version), project(sandbox));
        let peering = created(&atlas, &project).await;
        let used = sandbox.make_cluster("AWS", "US_EAST_1").unwrap();
        let unused = container(sandbox, "AZURE", "EUROPE_WEST");
        sandbox.remove_cluster(unused.as_str()).unwrap();
        Self {
            peer: peering.id().clone(),
            used: used.parse().unwrap(),
            unused,
            request: gcp(sandbox).into(),
            atlas,
            project,
        }
    }
}

fn status<T>(outcome: Result<Response<T>, Error>) -> Result<StatusCode, Error> {
    outcome.map(|answer| answer.status())
}

/// Calls an operation with everything that it takes.
#[expect(deprecated, reason = "every operation is called")]
async fn call(id: &str, on: &On) -> Result<StatusCode, Error> {
    let (atlas, project, peer) = (&on.atlas, &on.project, &on.peer);
    let (count, size, page, cloud) = (Some(true), Some(5), Some(1), &Provider::Aws);
    match id {
        "listPeeringConnections" => {
            let list = atlas.list_peering_connections(project, count, size, page, Some(cloud));
            status(list.await)
        }
        "createPeeringConnection" => {
            let made = atlas.create_peering_connection(project, &on.request);
            status(made.await)
        }
        "getPeeringConnection" => status(atlas.get_peering_connection(project, peer).await),
        "updatePeeringConnection" => {
            let request = AwsPeeringUpdate {
                route_table_cidr_block: Some("10.0.0.0/16".into()),
                ..Default::default()
            };
            let request = request.into();
            status(
                atlas
                    .update_peering_connection(project, peer, &request)
                    .await,
            )
        }
        "deletePeeringConnection" => status(atlas.delete_peering_connection(project, peer).await),
        "listPeeringContainerByCloudProvider" => {
            let list =
                atlas.list_peering_container_by_cloud_provider(project, count, size, page, cloud);
            status(list.await)
        }
        "listPeeringContainers" => {
            let list = atlas.list_peering_containers(project, count, size, page);
            status(list.await)
        }
        "createPeeringContainer" => {
            let request = NewContainer::aws(AwsRegion::EuWest1, "10.8.0.0/21");
            status(atlas.create_peering_container(project, &request).await)
        }
        "getPeeringContainer" => status(atlas.get_peering_container(project, &on.used).await),
        "updatePeeringContainer" => {
            let request = AwsContainerUpdate {
                region_name: Some(AwsRegion::UsEast1),
                ..Default::default()
            };
            let request = request.into();
            status(
                atlas
                    .update_peering_container(project, &on.used, &request)
                    .await,
            )
        }
        "deletePeeringContainer" => {
            status(atlas.delete_peering_container(project, &on.unused).await)
        }
        "verifyConnectViaPeeringOnlyModeForOneProject" => {
            let mode = atlas.verify_connect_via_peering_only_mode_for_one_project(project);
            status(mode.await)
        }
        "disablePeering" => {
            let request = PrivateIpModeUpdate { enabled: false };
            status(atlas.disable_peering(project, &request).await)
        }
        other => panic!("the operation {other} of the fragment has no test"),
    }
}

#[tokio::test]
async fn every_operation_sends_and_takes_what_the_fragment_promises() {
    for version in BOTH {
        let fragment = Fragment::read();
        for operation in fragment.operations() {
            let sandbox = Sandbox::start().await.unwrap();
            let on = On::a(&sandbox, version).await;
            let status = call(operation.id(), &on).await.unwrap();
            let (promised, content) = operation.success();
            assert_eq!(status, promised, "{}", operation.id());

            let seen = last_request(&sandbox);
            assert_eq!(seen.method, operation.method);
            let path = operation.path.replace("{groupId}", on.project.as_str());
            let path = path.replace("{peerId}", on.peer.as_str());
            let container = if seen.method == "DELETE" {
                &on.unused
            } else {
                &on.used
            };
            let path = path.replace("{containerId}", container.as_str());
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
            let has_content = content.get("application/json").is_some();
            assert_eq!(has_content, status != 204, "{}", operation.id());
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
        for request in [aws().into(), azure(&sandbox).into(), gcp(&sandbox).into()] {
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
async fn every_clouds_container_has_the_fragments_form() {
    for version in BOTH {
        let fragment = Fragment::read();
        let sandbox = Sandbox::start().await.unwrap();
        let (atlas, project) = (client_of(&sandbox, version), project(&sandbox));
        let operations = fragment.operations();
        let create = operations
            .iter()
            .find(|of| of.id() == "createPeeringContainer")
            .unwrap();
        for request in [
            NewContainer::aws(AwsRegion::UsEast1, "10.8.0.0/21"),
            NewContainer::azure(AzureRegion::UsEast, "10.16.0.0/21"),
            NewContainer::gcp("10.128.0.0/18"),
        ] {
            let made = atlas.create_peering_container(&project, &request).await;
            check_request(&fragment, create, &last_request(&sandbox), version);
            let made = serde_json::to_value(&*made.unwrap()).unwrap();
            fragment.check_body(create.success().1, &made);
        }
    }
}

#[tokio::test]
async fn every_error_that_the_fragment_promises_arrives_typed() {
    for version in BOTH {
        let fragment = Fragment::read();
        let sandbox = Sandbox::start().await.unwrap();
        let on = On::a(&sandbox, version).await;
        for operation in fragment.operations() {
            for status in operation.errors() {
                let body =
                    json!({"error": status, "errorCode": "SOME_CODE", "detail": "In words."});
                sandbox.answer_next(Canned::json(status, &body));
                let error = call(operation.id(), &on).await.unwrap_err();
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
