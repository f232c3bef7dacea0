//! Calls of all operations on all clouds, and their recorded traffic.

use std::time::Duration;

use atlas_peering::types::{
    ContainerUpdate, NewContainer, NewPeering, PeeringUpdate, PrivateIpModeUpdate, Provider,
};
use atlas_peering::{ApiVersion, Client, ContainerId, Credentials, Error, PeeringId, ProjectId};
use atlas_peering::{Response, RetryPolicy};
use atlas_peering_sandbox::{Recorded, Sandbox};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::document::{Document, Server};

/// A sandbox, a client of it, and the arguments of the next call.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) project: ProjectId,
    pub(crate) container: ContainerId,
    pub(crate) peering: PeeringId,
    pub(crate) atlas: Client,
    provider: Provider,
}

impl World {
    /// An empty world: no resource has its ids.
    pub(crate) async fn new(server: &Server<'_>) -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let (public, private) = sandbox.api_key();
        Self {
            project: sandbox.project().parse().unwrap(),
            container: "111111111111111111111111".parse().unwrap(),
            peering: "111111111111111111111111".parse().unwrap(),
            atlas: client(&sandbox, server, Credentials::api_key(public, private)),
            provider: Provider::Aws,
            sandbox,
        }
    }

    /// Calls an operation that creates, and keeps the id of the new resource.
    pub(crate) async fn make(&mut self, operation: &str) {
        self.call(operation).await.unwrap();
        let made: Value = serde_json::from_slice(&self.last_request().response_body).unwrap();
        let id = made["id"].as_str().unwrap();
        match operation {
            "createPeeringContainer" => self.container = id.parse().unwrap(),
            _ => self.peering = id.parse().unwrap(),
        }
    }

    /// Replaces the client by a new one without a nonce. With a nonce, a 401 might be about the nonce only.
    pub(crate) fn renew(&mut self, server: &Server<'_>) {
        let (public, private) = self.sandbox.api_key();
        self.atlas = client(&self.sandbox, server, Credentials::api_key(public, private));
    }

    pub(crate) fn last_request(&self) -> Recorded {
        self.sandbox.requests().pop().unwrap()
    }

    /// The body of an operation, for the cloud.
    fn body<T: DeserializeOwned>(&self, operation: &str) -> T {
        let bodies = match self.provider {
            Provider::Aws => json!({
                "createPeeringContainer": {"regionName": "US_EAST_1", "atlasCidrBlock": "10.8.0.0/21"},
                "updatePeeringContainer": {"regionName": "US_EAST_1"},
                "createPeeringConnection": {
                    "containerId": self.container, "vpcId": "vpc-0123456789abcdef0",
                    "awsAccountId": "123456789012", "routeTableCidrBlock": "10.0.0.0/24",
                    "accepterRegionName": "us-east-1",
                },
                "updatePeeringConnection": {"routeTableCidrBlock": "10.2.0.0/24"},
            }),
            Provider::Azure => json!({
                "createPeeringContainer": {"region": "EUROPE_WEST", "atlasCidrBlock": "10.16.0.0/21"},
                "updatePeeringContainer": {},
                "createPeeringConnection": {
                    "containerId": self.container, "vnetName": "app-vnet",
                    "azureDirectoryId": "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
                    "azureSubscriptionId": "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02",
                    "resourceGroupName": "network-rg",
                },
                "updatePeeringConnection": {"resourceGroupName": "other-rg"},
            }),
            _ => json!({
                "createPeeringContainer": {"atlasCidrBlock": "10.128.0.0/18"},
                "updatePeeringContainer": {},
                "createPeeringConnection": {
                    "containerId": self.container, "gcpProjectId": "my-project-1",
                    "networkName": "default",
                },
                "updatePeeringConnection": {"networkName": "other"},
            }),
        };
        let mut body = bodies[operation].clone();
        body["providerName"] = json!(self.provider);
        serde_json::from_value(body).unwrap()
    }

    /// The options of an operation: every optional parameter of the fragment.
    fn options<T: DeserializeOwned>(&self, id: &str) -> T {
        let fragment = Document::fragment();
        let operation = fragment.operations().find(|own| own.id() == id).unwrap();
        let parameters = operation.parameters().into_iter();
        let optional = parameters.filter(|of| of["in"] == "query" && of["required"] != true);
        let options = optional.filter_map(|of| {
            let name = of["name"].as_str().unwrap();
            let value = match name {
                // The client sets these for each call.
                "envelope" | "pretty" => return None,
                "providerName" => json!(self.provider),
                _ => {
                    let value = &of["schema"]["default"];
                    assert!(
                        !value.is_null(),
                        "the parameter {name} has no default to be sent"
                    );
                    value.clone()
                }
            };
            Some((name.to_owned(), value))
        });
        serde_json::from_value(options.collect::<Map<_, _>>().into()).unwrap()
    }

    /// Calls an operation of the fragment with all parameters; returns the status of a success.
    #[expect(deprecated, reason = "every operation is called")]
    pub(crate) async fn call(&self, id: &str) -> Result<u16, Error> {
        fn status<T>(outcome: Result<Response<T>, Error>) -> Result<u16, Error> {
            outcome.map(|response| response.status().as_u16())
        }
        let (atlas, project, provider) = (&self.atlas, &self.project, &self.provider);
        let (container, peering) = (&self.container, &self.peering);
        match id {
            "listPeeringConnections" => {
                let options = self.options(id);
                let list = atlas.list_peering_connections_with_options(project, options);
                status(list.await)
            }
            "createPeeringConnection" => status(
                atlas
                    .create_peering_connection(project, self.body::<NewPeering>(id))
                    .await,
            ),
            "getPeeringConnection" => status(atlas.get_peering_connection(project, peering).await),
            "updatePeeringConnection" => status(
                atlas
                    .update_peering_connection(project, peering, self.body::<PeeringUpdate>(id))
                    .await,
            ),
            "deletePeeringConnection" => {
                status(atlas.delete_peering_connection(project, peering).await)
            }
            "listPeeringContainerByCloudProvider" => {
                let list = atlas.list_peering_container_by_cloud_provider_with_options(
                    project,
                    provider,
                    self.options(id),
                );
                status(list.await)
            }
            "listPeeringContainers" => {
                let options = self.options(id);
                status(
                    atlas
                        .list_peering_containers_with_options(project, options)
                        .await,
                )
            }
            "createPeeringContainer" => status(
                atlas
                    .create_peering_container(project, self.body::<NewContainer>(id))
                    .await,
            ),
            "getPeeringContainer" => status(atlas.get_peering_container(project, container).await),
            "updatePeeringContainer" => status(
                atlas
                    .update_peering_container(project, container, self.body::<ContainerUpdate>(id))
                    .await,
            ),
            "deletePeeringContainer" => {
                status(atlas.delete_peering_container(project, container).await)
            }
            "verifyConnectViaPeeringOnlyModeForOneProject" => {
                let mode = atlas.verify_connect_via_peering_only_mode_for_one_project(project);
                status(mode.await)
            }
            "disablePeering" => {
                let request = PrivateIpModeUpdate::new(false);
                status(atlas.disable_peering(project, request).await)
            }
            other => panic!("the operation {other} of the fragment has no call here"),
        }
    }
}

fn client(sandbox: &Sandbox, server: &Server<'_>, credentials: Credentials) -> Client {
    let version = match server.version {
        "v1.0" => ApiVersion::V1,
        "v2" => ApiVersion::V2,
        other => panic!("the version {other} of the fragment has no client here"),
    };
    let builder = Client::builder().base_url(sandbox.base_url());
    let builder = builder.credentials(credentials).api_version(version);
    builder.retry(RetryPolicy::none()).build().unwrap()
}

/// Makes successful calls on all clouds and in all states; returns all requests, including the challenges.
pub(crate) async fn successes(server: &Server<'_>) -> Vec<Recorded> {
    let mut world = World::new(server).await;
    for provider in [Provider::Aws, Provider::Azure, Provider::Gcp] {
        world.provider = provider;
        world.make("createPeeringContainer").await;
        world.call("updatePeeringContainer").await.unwrap();
        world.make("createPeeringConnection").await;
        world.call("updatePeeringConnection").await.unwrap();
        for _ in 0..3 {
            world.sandbox.advance(Duration::from_secs(5));
            read(&world).await;
        }
        world
            .sandbox
            .fail(world.peering.as_str(), "EXPIRED")
            .unwrap();
        read(&world).await;
        world.call("deletePeeringConnection").await.unwrap();
        read(&world).await;
        world.sandbox.advance(Duration::from_secs(5));
        world.call("deletePeeringContainer").await.unwrap();
    }
    for operation in [
        "verifyConnectViaPeeringOnlyModeForOneProject",
        "disablePeering",
    ] {
        world.call(operation).await.unwrap();
    }
    // The response to the oldest form, which names no container, has the fewest fields.
    let oldest = json!({
        "vpcId": "vpc-1", "awsAccountId": "123456789012", "routeTableCidrBlock": "10.1.0.0/24",
    });
    let oldest: NewPeering = serde_json::from_value(oldest).unwrap();
    let made = world
        .atlas
        .create_peering_connection(&world.project, oldest);
    made.await.unwrap();
    world.sandbox.requests()
}

async fn read(world: &World) {
    for operation in [
        "getPeeringConnection",
        "getPeeringContainer",
        "listPeeringConnections",
        "listPeeringContainers",
        "listPeeringContainerByCloudProvider",
    ] {
        world.call(operation).await.unwrap();
    }
}

/// Makes calls that the sandbox refuses by itself: resources are missing, credentials are wrong, the address
/// is not allowed, or writes are not.
pub(crate) async fn refusals(fragment: &Document, server: &Server<'_>) -> Vec<Recorded> {
    let mut world = World::new(server).await;
    call_all(fragment, &world).await;
    world.sandbox.allow_address(false);
    call_all(fragment, &world).await;
    world.sandbox.allow_address(true);
    world.sandbox.allow_writes(false);
    call_all(fragment, &world).await;
    world.atlas = client(
        &world.sandbox,
        server,
        Credentials::api_key("abcdefgh", "wrong"),
    );
    call_all(fragment, &world).await;
    world.sandbox.requests()
}

async fn call_all(fragment: &Document, world: &World) {
    for operation in fragment.operations() {
        // The outcome is irrelevant here.
        let _ = world.call(operation.id()).await;
    }
}
