//! Containers: the calls on them, and what the sandbox makes of them.

use std::time::Duration;

use atlas_peering::types::{
    AwsContainerUpdate, AwsRegion, AzureRegion, Container, GcpContainerUpdate, NewAwsPeering,
    NewContainer, Peering, PrivateIpModeUpdate, Provider,
};
use atlas_peering::{Client, ContainerId, Error, ProjectId};
use atlas_peering_sandbox::Sandbox;

use crate::support::{aws, client, code, gcp, made, project};

async fn made_container(atlas: &Client, project: &ProjectId, request: &NewContainer) -> Container {
    let made = atlas.create_peering_container(project, request).await;
    made.unwrap().into_inner()
}

async fn read(atlas: &Client, project: &ProjectId, id: &ContainerId) -> Result<Container, Error> {
    let read = atlas.get_peering_container(project, id).await;
    read.map(atlas_peering::Response::into_inner)
}

#[tokio::test]
async fn a_container_is_made_listed_changed_and_removed() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let on_aws = NewContainer::aws(AwsRegion::UsEast1, "10.8.0.0/21");
    let on_aws = made_container(&atlas, &project, &on_aws).await;
    assert_eq!(on_aws.provider(), Provider::Aws);
    assert_eq!(on_aws.region(), Some("US_EAST_1"));
    assert_eq!(on_aws.atlas_cidr_block(), Some("10.8.0.0/21"));
    assert!(!on_aws.is_provisioned());
    let on_azure = NewContainer::azure(AzureRegion::UsEast, "10.16.0.0/21");
    let on_azure = made_container(&atlas, &project, &on_azure).await;
    let on_gcp = NewContainer::gcp("10.128.0.0/18");
    let on_gcp = made_container(&atlas, &project, &on_gcp).await;

    let page = atlas.list_peering_containers(&project, None, None, None);
    assert_eq!(
        page.await.unwrap().results,
        [on_aws.clone(), on_azure.clone(), on_gcp.clone()]
    );
    let azure = &Provider::Azure;
    let page = atlas.list_peering_container_by_cloud_provider(&project, None, None, None, azure);
    assert_eq!(page.await.unwrap().results, [on_azure]);

    let change = AwsContainerUpdate {
        atlas_cidr_block: Some("10.24.0.0/21".into()),
        region_name: Some(AwsRegion::EuWest1),
    };
    let change = change.into();
    let changed = atlas.update_peering_container(&project, on_aws.id(), &change);
    let changed = changed.await.unwrap();
    assert_eq!(changed.region(), Some("EU_WEST_1"));
    assert_eq!(changed.atlas_cidr_block(), Some("10.24.0.0/21"));
    let of_another_cloud = GcpContainerUpdate::default().into();
    let changed = atlas.update_peering_container(&project, on_aws.id(), &of_another_cloud);
    assert_eq!(
        code(changed.await),
        "404 CLOUD_PROVIDER_CONTAINER_NOT_FOUND"
    );

    let gone = atlas.delete_peering_container(&project, on_aws.id()).await;
    assert_eq!(gone.unwrap().status(), 204);
    let read = read(&atlas, &project, on_aws.id()).await;
    assert_eq!(code(read), "404 CLOUD_PROVIDER_CONTAINER_NOT_FOUND");
}

#[tokio::test]
async fn its_first_peering_provisions_it_and_keeps_it() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let container = NewContainer::aws(AwsRegion::UsEast1, "10.8.0.0/21");
    let container = made_container(&atlas, &project, &container).await;
    let request = NewAwsPeering {
        container_id: Some(container.id().clone()),
        ..aws()
    };
    let peering = made(&atlas, &project, request).await;
    sandbox.advance(Duration::from_secs(5));
    let read = read(&atlas, &project, container.id()).await.unwrap();
    let Container::Aws(provisioned) = &read else {
        panic!("{read:?}")
    };
    assert!(read.is_provisioned());
    assert!(provisioned.vpc_id.as_deref().unwrap().starts_with("vpc-"));

    let gone = atlas
        .delete_peering_container(&project, container.id())
        .await;
    assert_eq!(code(gone), "409 CONTAINERS_IN_USE");
    for (change, expected) in [
        (
            AwsContainerUpdate {
                region_name: Some(AwsRegion::UsEast2),
                ..Default::default()
            },
            "400 CANNOT_CHANGE_CONTAINER_REGION",
        ),
        (
            AwsContainerUpdate {
                atlas_cidr_block: Some("10.24.0.0/21".into()),
                ..Default::default()
            },
            "409 CONTAINERS_IN_USE",
        ),
    ] {
        let change = change.into();
        let changed = atlas.update_peering_container(&project, container.id(), &change);
        assert_eq!(code(changed.await), expected);
    }
    atlas.remove_peering(&project, peering.id()).await.unwrap();
    sandbox.advance(Duration::from_secs(5));
    let gone = atlas
        .delete_peering_container(&project, container.id())
        .await;
    assert_eq!(gone.unwrap().status(), 204);
}

#[tokio::test]
async fn atlass_side_and_the_users_side_of_google_cloud_are_told_apart() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let request = gcp(&sandbox);
    sandbox.advance(Duration::from_secs(5));
    let Container::Gcp(container) = read(&atlas, &project, &request.container_id).await.unwrap()
    else {
        panic!("a container on Google Cloud")
    };
    let Peering::Gcp(peering) = made(&atlas, &project, request).await else {
        panic!("a peering on Google Cloud")
    };
    assert!(container.gcp_project_id.unwrap().starts_with("p-"));
    assert!(container.network_name.unwrap().starts_with("nt-"));
    assert_eq!(peering.gcp_project_id.as_deref(), Some("my-project-1"));
    assert_eq!(peering.network_name.as_deref(), Some("default"));
}

#[tokio::test]
async fn blocks_may_not_overlap_and_clouds_may_not_mix() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let container = NewContainer::aws(AwsRegion::UsEast1, "10.8.0.0/21");
    let container = made_container(&atlas, &project, &container).await;
    let with = |vpc: &str, block: &str| NewAwsPeering {
        container_id: Some(container.id().clone()),
        ..NewAwsPeering::new(vpc, "123456789012", block)
    };
    let overlapping = with("vpc-1", "10.8.4.0/24").into();
    let refused = atlas
        .create_peering_connection(&project, &overlapping)
        .await;
    assert_eq!(code(refused), "409 OVERLAPPING_ATLAS_CIDR_BLOCK");
    made(&atlas, &project, with("vpc-1", "10.9.0.0/24")).await;
    let overlapping = with("vpc-2", "10.9.0.0/16").into();
    let refused = atlas
        .create_peering_connection(&project, &overlapping)
        .await;
    assert_eq!(code(refused), "409 OVERLAPPING_CIDR_BLOCK");

    let mut on_gcp = gcp(&sandbox);
    on_gcp.container_id = container.id().clone();
    let on_gcp = on_gcp.into();
    let refused = atlas.create_peering_connection(&project, &on_gcp).await;
    assert_eq!(code(refused), "400 INVALID_ATTRIBUTE");
    let mut nowhere = gcp(&sandbox);
    nowhere.container_id = "111111111111111111111111".parse().unwrap();
    let nowhere = nowhere.into();
    let refused = atlas.create_peering_connection(&project, &nowhere);
    assert_eq!(
        code(refused.await),
        "404 CLOUD_PROVIDER_CONTAINER_NOT_FOUND"
    );
}

#[tokio::test]
async fn the_oldest_request_is_peered_with_the_projects_own_container() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    assert!(sandbox.containers().is_empty());
    let peering = made(&atlas, &project, aws()).await;
    let id = sandbox.containers()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(peering.container_id().unwrap().as_str(), id);
    let cluster = sandbox.make_cluster("AWS", "US_EAST_1").unwrap();
    assert_eq!(cluster, id, "a cluster of the region uses the same");
    assert_ne!(sandbox.make_cluster("AWS", "EU_WEST_1").unwrap(), id);
}

#[tokio::test]
#[expect(deprecated, reason = "the calls are there for those who have the mode")]
async fn the_older_mode_is_read_and_turned_off() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let mode = atlas.verify_connect_via_peering_only_mode_for_one_project(&project);
    assert_eq!(mode.await.unwrap().enabled, Some(true));
    let on = PrivateIpModeUpdate { enabled: true };
    let refused = atlas.disable_peering(&project, &on).await;
    assert_eq!(code(refused), "400 INVALID_ATTRIBUTE");
    let off = PrivateIpModeUpdate { enabled: false };
    let mode = atlas.disable_peering(&project, &off).await.unwrap();
    assert_eq!(mode.enabled, Some(false));
}
