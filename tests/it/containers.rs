//! Containers: all calls on them, against the sandbox.

use std::time::Duration;

use atlas_peering::types::{
    AwsContainerUpdate, AwsRegion, AzureRegion, Container, ContainerUpdate, GcpContainerUpdate,
    NewAwsContainer, NewAwsPeering, NewAzureContainer, NewContainer, NewGcpContainer, NewPeering,
    Provider,
};
use atlas_peering::{Client, ProjectId};

use crate::support::{aws, code, create, gcp, made, start};

async fn container(
    atlas: &Client,
    project: &ProjectId,
    request: impl Into<NewContainer>,
) -> Container {
    let created = atlas.create_peering_container(project, request).await;
    created.unwrap().into_inner()
}

#[tokio::test]
async fn a_container_is_created_listed_updated_and_deleted() {
    let (_sandbox, atlas, project) = start().await;
    let on_aws = NewAwsContainer::new(AwsRegion::UsEast1).atlas_cidr_block("10.8.0.0/21");
    let on_aws = container(&atlas, &project, on_aws).await;
    assert_eq!(on_aws.provider(), Provider::Aws);
    assert_eq!(on_aws.region(), Some("US_EAST_1"));
    assert_eq!(on_aws.atlas_cidr_block(), Some("10.8.0.0/21"));
    assert!(!on_aws.is_provisioned());
    let on_azure = NewAzureContainer::new(AzureRegion::UsEast, "10.16.0.0/21");
    let on_azure = container(&atlas, &project, on_azure).await;
    let on_gcp = container(&atlas, &project, NewGcpContainer::new("10.128.0.0/18")).await;

    let page = atlas.list_peering_containers(&project);
    let all = [on_aws.clone(), on_azure.clone(), on_gcp];
    assert_eq!(page.await.unwrap().results, all);
    let azure = &Provider::Azure;
    let page = atlas.list_peering_container_by_cloud_provider(&project, azure);
    assert_eq!(page.await.unwrap().results, [on_azure]);

    let id = on_aws.id();
    let update = AwsContainerUpdate::new()
        .atlas_cidr_block("10.24.0.0/21")
        .region_name(AwsRegion::EuWest1);

    let updated = atlas.update_peering_container(&project, id, update).await;
    let updated = updated.unwrap();
    assert_eq!(updated.region(), Some("EU_WEST_1"));
    assert_eq!(updated.atlas_cidr_block(), Some("10.24.0.0/21"));
    let of_another_cloud = GcpContainerUpdate::default();
    let updated = atlas.update_peering_container(&project, id, &of_another_cloud);
    let not_found = "404 CLOUD_PROVIDER_CONTAINER_NOT_FOUND";
    assert_eq!(code(updated.await), not_found);

    let deleted = atlas.delete_peering_container(&project, id).await;
    assert_eq!(deleted.unwrap().status(), 204);
    let read = atlas.get_peering_container(&project, id).await;
    assert_eq!(code(read), not_found);
}

#[tokio::test]
async fn its_first_peering_provisions_it_and_keeps_it() {
    let (sandbox, atlas, project) = start().await;
    let request = NewAwsContainer::new(AwsRegion::UsEast1).atlas_cidr_block("10.8.0.0/21");
    let container = container(&atlas, &project, request).await;
    let id = container.id();
    let request = aws().container_id(id.clone());
    let peering = made(&atlas, &project, request).await;
    sandbox.advance(Duration::from_secs(5));
    let read = atlas.get_peering_container(&project, id).await.unwrap();
    let Container::Aws(provisioned) = &*read else {
        panic!("{read:?}")
    };
    assert!(read.is_provisioned());
    assert!(provisioned.vpc_id.as_deref().unwrap().starts_with("vpc-"));

    let delete = || atlas.delete_peering_container(&project, id);
    assert_eq!(code(delete().await), "409 CONTAINERS_IN_USE");
    let region = AwsContainerUpdate::new().region_name(AwsRegion::UsEast2);
    let block = AwsContainerUpdate::new().atlas_cidr_block("10.24.0.0/21");
    for (update, expected) in [
        (region, "400 CANNOT_CHANGE_CONTAINER_REGION"),
        (block, "409 CONTAINERS_IN_USE"),
    ] {
        let update: ContainerUpdate = update.into();
        let updated = atlas.update_peering_container(&project, id, update);
        assert_eq!(code(updated.await), expected);
    }
    atlas
        .ensure_peering_deleted(&project, peering.id())
        .await
        .unwrap();
    sandbox.advance(Duration::from_secs(5));
    assert_eq!(delete().await.unwrap().status(), 204);
}

#[tokio::test]
async fn blocks_may_not_overlap_and_clouds_may_not_mix() {
    let (sandbox, atlas, project) = start().await;
    let request = NewAwsContainer::new(AwsRegion::UsEast1).atlas_cidr_block("10.8.0.0/21");
    let container = container(&atlas, &project, request).await;
    let with = |vpc: &str, block: &str| {
        NewAwsPeering::new(vpc, "123456789012", block).container_id(container.id().clone())
    };
    made(&atlas, &project, with("vpc-1", "10.9.0.0/24")).await;
    let (mut on_gcp, mut nowhere) = (gcp(&sandbox), gcp(&sandbox));
    on_gcp.container_id = container.id().clone();
    nowhere.container_id = "111111111111111111111111".parse().unwrap();
    let with = |vpc: &str, block: &str| NewPeering::from(with(vpc, block));
    for (request, expected) in [
        (
            with("vpc-2", "10.8.4.0/24"),
            "409 OVERLAPPING_ATLAS_CIDR_BLOCK",
        ),
        (with("vpc-2", "10.9.0.0/16"), "409 OVERLAPPING_CIDR_BLOCK"),
        (on_gcp.into(), "400 INVALID_ATTRIBUTE"),
        (nowhere.into(), "404 CLOUD_PROVIDER_CONTAINER_NOT_FOUND"),
    ] {
        let refused = create(&atlas, &project, request).await;
        assert_eq!(code(refused), expected);
    }
}
