//! Calls of every operation with every answer.

use atlas_peering::types::{
    AwsContainerUpdate, AwsPeeringUpdate, AwsRegion, AzureContainerUpdate, AzurePeeringUpdate,
    AzureRegion, ContainerUpdate, GcpContainerUpdate, GcpPeeringUpdate, NewAwsPeering,
    NewAzurePeering, NewContainer, NewGcpPeering, NewPeering, PeeringUpdate, PrivateIpModeUpdate,
    Provider,
};
use atlas_peering::{
    ApiVersion, Client, ContainerId, Credentials, PeeringId, ProjectId, RetryPolicy,
};
use atlas_peering_sandbox::{Canned, Recorded, Sandbox};
use serde_json::json;

struct World {
    sandbox: Sandbox,
    atlas: Client,
    project: ProjectId,
}

impl World {
    async fn new(version: ApiVersion) -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let (public, private) = sandbox.api_key();
        let atlas = client(&sandbox, version, Credentials::api_key(public, private));
        let project = sandbox.project().parse().unwrap();
        Self {
            sandbox,
            atlas,
            project,
        }
    }
}

fn client(sandbox: &Sandbox, version: ApiVersion, credentials: Credentials) -> Client {
    let builder = Client::builder().base_url(sandbox.base_url());
    let builder = builder.credentials(credentials).api_version(version);
    builder.retry(RetryPolicy::none()).build().unwrap()
}

/// All requests to the API with their answers, the challenges of digest included.
pub(crate) async fn all(version: ApiVersion) -> Vec<Recorded> {
    let mut seen = life(version).await;
    seen.extend(refusals(version).await);
    seen
}

fn requests(containers: &[ContainerId; 3]) -> [NewPeering; 3] {
    let [aws, azure, gcp] = containers.clone();
    let network = "/subscriptions/0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02/resourceGroups/network-rg\
                   /providers/Microsoft.Network/virtualNetworks/app-vnet";
    let directory = "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11";
    let link = "projects/my-project-1/global/networks/default";
    [
        NewAwsPeering {
            container_id: Some(aws),
            accepter_region_name: Some("us-east-1".into()),
            ..NewAwsPeering::new("vpc-0123456789abcdef0", "123456789012", "10.0.0.0/24")
        }
        .into(),
        NewAzurePeering::of_vnet(azure, directory, network)
            .unwrap()
            .into(),
        NewGcpPeering::of_network(gcp, link).unwrap().into(),
    ]
}

/// What goes well, on every cloud and in every state.
#[expect(deprecated, reason = "every operation is called")]
async fn life(version: ApiVersion) -> Vec<Recorded> {
    let world = World::new(version).await;
    let World {
        sandbox,
        atlas,
        project,
    } = &world;
    let mut containers = Vec::new();
    for request in [
        NewContainer::aws(AwsRegion::UsEast1, "10.8.0.0/21"),
        NewContainer::azure(AzureRegion::EuropeWest, "10.16.0.0/21"),
        NewContainer::gcp("10.128.0.0/18"),
    ] {
        let made = atlas
            .create_peering_container(project, &request)
            .await
            .unwrap();
        containers.push(made.id().clone());
    }
    let changes: [ContainerUpdate; 3] = [
        AwsContainerUpdate::default().into(),
        AzureContainerUpdate::default().into(),
        GcpContainerUpdate::default().into(),
    ];
    for (id, change) in containers.iter().zip(&changes) {
        atlas
            .update_peering_container(project, id, change)
            .await
            .unwrap();
    }
    // The oldest form, which names no container, is answered with the fewest fields.
    let oldest = NewAwsPeering::new("vpc-1", "123456789012", "10.1.0.0/24").into();
    atlas
        .create_peering_connection(project, &oldest)
        .await
        .unwrap();
    let containers: [ContainerId; 3] = containers.try_into().unwrap();
    let mut peerings = Vec::new();
    for request in requests(&containers) {
        let made = atlas
            .create_peering_connection(project, &request)
            .await
            .unwrap();
        peerings.push(made.id().clone());
    }
    let changes: [PeeringUpdate; 3] = [
        AwsPeeringUpdate {
            route_table_cidr_block: Some("10.2.0.0/24".into()),
            ..Default::default()
        }
        .into(),
        AzurePeeringUpdate {
            resource_group_name: Some("other-rg".into()),
            ..Default::default()
        }
        .into(),
        GcpPeeringUpdate {
            network_name: Some("other".into()),
            ..Default::default()
        }
        .into(),
    ];
    for (id, change) in peerings.iter().zip(&changes) {
        atlas
            .update_peering_connection(project, id, change)
            .await
            .unwrap();
    }
    for _ in 0..3 {
        sandbox.advance(std::time::Duration::from_secs(5));
        read(atlas, project, &containers, &peerings).await;
    }
    for id in &peerings {
        sandbox.fail(id.as_str(), "EXPIRED").unwrap();
    }
    read(atlas, project, &containers, &peerings).await;
    atlas
        .verify_connect_via_peering_only_mode_for_one_project(project)
        .await
        .unwrap();
    let off = PrivateIpModeUpdate { enabled: false };
    atlas.disable_peering(project, &off).await.unwrap();
    for id in &peerings {
        atlas.delete_peering_connection(project, id).await.unwrap();
    }
    read(atlas, project, &containers, &peerings).await;
    sandbox.advance(std::time::Duration::from_secs(5));
    atlas
        .delete_peering_container(project, &containers[1])
        .await
        .unwrap();
    sandbox.requests()
}

async fn read(
    atlas: &Client,
    project: &ProjectId,
    containers: &[ContainerId],
    peerings: &[PeeringId],
) {
    for id in peerings {
        atlas.get_peering_connection(project, id).await.unwrap();
    }
    for id in containers {
        atlas.get_peering_container(project, id).await.unwrap();
    }
    atlas.peerings(project).into_vec().await.unwrap();
    atlas.containers(project).into_vec().await.unwrap();
    for provider in [Provider::Aws, Provider::Azure, Provider::Gcp] {
        atlas
            .containers(project)
            .provider(provider)
            .into_vec()
            .await
            .unwrap();
    }
}

/// Every status that the service may refuse with: as the sandbox does by itself, or in the forms
/// that captured bodies have.
async fn refusals(version: ApiVersion) -> Vec<Recorded> {
    let world = World::new(version).await;
    let World { sandbox, atlas, .. } = &world;
    call_all(&world, atlas).await;
    let stranger = client(sandbox, version, Credentials::api_key("abcdefgh", "wrong"));
    call_all(&world, &stranger).await;
    sandbox.allow_address(false);
    call_all(&world, atlas).await;
    sandbox.allow_address(true);
    sandbox.allow_writes(false);
    call_all(&world, atlas).await;
    sandbox.allow_writes(true);
    for (status, code, parameters) in [
        (400, "VALIDATION_ERROR", json!(["vpcId"])),
        (402, "NO_PAYMENT_INFORMATION_FOUND", json!([])),
        (404, "GROUP_NOT_FOUND", json!(["111111111111111111111111"])),
        (409, "PEER_ALREADY_EXISTS", json!([])),
        (
            429,
            "RATE_LIMITED_TOKEN_BUCKET",
            json!(["/groups", 7, 2000, 1000, 60]),
        ),
        (500, "UNEXPECTED_ERROR", json!(null)),
        (503, "UNEXPECTED_ERROR", json!(null)),
    ] {
        let mut body = json!({
            "detail": "In words.", "error": status, "errorCode": code, "reason": null,
            "badRequestDetail": null,
        });
        if parameters.is_array() {
            body["parameters"] = parameters;
        }
        for index in 0..OPERATIONS {
            // A read does not conflict, and the older mode has nothing to conflict with.
            if status != 409 || CONFLICTING.contains(&index) {
                sandbox.answer_next(Canned::json(status, &body));
                call(&world, atlas, index).await;
            }
        }
    }
    sandbox.requests()
}

const OPERATIONS: usize = 13;
/// Those that create, change or remove.
const CONFLICTING: [usize; 6] = [0, 3, 4, 5, 9, 10];

async fn call_all(world: &World, atlas: &Client) {
    for index in 0..OPERATIONS {
        call(world, atlas, index).await;
    }
}

/// Calls one operation on what is not there; what it says does not matter here.
#[expect(deprecated, reason = "every operation is called")]
async fn call(world: &World, atlas: &Client, index: usize) {
    let project = &world.project;
    let peering: PeeringId = "111111111111111111111111".parse().unwrap();
    let container: ContainerId = "111111111111111111111111".parse().unwrap();
    let network: NewPeering = NewAwsPeering {
        container_id: Some(container.clone()),
        ..NewAwsPeering::new("vpc-1", "123456789012", "10.0.0.0/24")
    }
    .into();
    let change: PeeringUpdate = AwsPeeringUpdate::default().into();
    let of_container: ContainerUpdate = AwsContainerUpdate::default().into();
    let mode = PrivateIpModeUpdate { enabled: false };
    let aws = &Provider::Aws;
    let _ = match index {
        0 => atlas
            .create_peering_connection(project, &network)
            .await
            .err(),
        1 => atlas
            .list_peering_connections(project, None, None, None, None)
            .await
            .err(),
        2 => atlas.get_peering_connection(project, &peering).await.err(),
        3 => atlas
            .update_peering_connection(project, &peering, &change)
            .await
            .err(),
        4 => atlas
            .delete_peering_connection(project, &peering)
            .await
            .err(),
        5 => {
            let request = NewContainer::aws(AwsRegion::EuWest1, "10.8.0.0/21");
            atlas
                .create_peering_container(project, &request)
                .await
                .err()
        }
        6 => atlas
            .list_peering_container_by_cloud_provider(project, None, None, None, aws)
            .await
            .err(),
        7 => atlas
            .list_peering_containers(project, None, None, None)
            .await
            .err(),
        8 => atlas.get_peering_container(project, &container).await.err(),
        9 => atlas
            .update_peering_container(project, &container, &of_container)
            .await
            .err(),
        10 => atlas
            .delete_peering_container(project, &container)
            .await
            .err(),
        11 => atlas
            .verify_connect_via_peering_only_mode_for_one_project(project)
            .await
            .err(),
        _ => atlas.disable_peering(project, &mode).await.err(),
    };
}
