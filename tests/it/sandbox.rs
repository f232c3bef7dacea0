//! The sandbox behaves as the service does, in more than the lifecycles of `lifecycle`.

use std::time::Duration;

use atlas_peering::types::{
    AwsPeeringUpdate, AzurePeeringUpdate, ListPeeringConnectionsOptions, NewPeering, Peering,
    Provider,
};

use crate::support::{aws, azure, code, create, created, gcp, made, start};

/// The duration of one step of the service.
const STEP: Duration = Duration::from_secs(5);

#[tokio::test]
async fn the_same_network_is_peered_once() {
    let (sandbox, atlas, project) = start().await;
    for (request, expected) in [
        (NewPeering::from(aws()), "409 PEER_ALREADY_EXISTS"),
        (azure(&sandbox).into(), "409 PEER_ALREADY_EXISTS_AZURE"),
        (gcp(&sandbox).into(), "409 PEER_ALREADY_EXISTS_GCP"),
    ] {
        made(&atlas, &project, request.clone()).await;
        let again = create(&atlas, &project, request).await;
        assert_eq!(code(again), expected);
    }
}

#[tokio::test]
async fn a_project_has_at_most_25_pending_and_50_peerings() {
    let (sandbox, atlas, project) = start().await;
    for vnet in ["vnet-25", "vnet-50"] {
        sandbox.fill("AZURE", 24).unwrap();
        let mut last = azure(&sandbox);
        last.vnet_name = vnet.into();
        made(&atlas, &project, last).await;
        let one_more = create(&atlas, &project, aws()).await;
        assert_eq!(code(one_more), "409 PEER_MAXIMUM_REACHED");
        sandbox.advance(STEP);
    }
    let one_more = create(&atlas, &project, aws()).await;
    assert_eq!(code(one_more), "409 PEER_MAXIMUM_REACHED");
}

#[tokio::test]
async fn a_list_is_of_one_cloud_and_in_pages() {
    let (sandbox, atlas, project) = start().await;
    sandbox.fill("AWS", 5).unwrap();
    sandbox.fill("GCP", 1).unwrap();
    let page = atlas.list_peering_connections(&project);
    let page = page.await.unwrap();
    assert_eq!((page.results.len(), page.total_count), (5, Some(5)));
    let mut providers = page.results.iter().map(Peering::provider);
    assert!(providers.all(|provider| provider == Provider::Aws));
    let options = ListPeeringConnectionsOptions::default();
    let on_gcp = options.clone().provider_name(Provider::Gcp);
    let page = atlas.list_peering_connections_with_options(&project, on_gcp);
    assert_eq!(page.await.unwrap().results.len(), 1);

    let second = options
        .clone()
        .include_count(false)
        .items_per_page(2)
        .page_num(2);
    let middle = atlas.list_peering_connections_with_options(&project, second);
    let middle = middle.await.unwrap();
    assert_eq!((middle.results.len(), middle.total_count), (2, None));
    let links = middle.links.as_deref().unwrap();
    let relations = links.iter().filter_map(|link| link.rel.as_deref());
    assert_eq!(relations.collect::<Vec<_>>(), ["self", "previous", "next"]);
    let next = links[2].href.as_deref().unwrap();
    assert!(next.ends_with("pageNum=3&itemsPerPage=2"), "{next}");

    let ninth = options.items_per_page(500).page_num(9);
    let beyond = atlas.list_peering_connections_with_options(&project, ninth);
    assert!(beyond.await.unwrap().results.is_empty());
}

#[tokio::test]
async fn an_update_must_name_the_cloud_of_its_peering() {
    let (sandbox, atlas, project) = start().await;
    let on_azure = made(&atlas, &project, azure(&sandbox)).await;
    let as_aws = AwsPeeringUpdate::new();
    let updated = atlas.update_peering_connection(&project, on_azure.id(), as_aws);
    assert_eq!(code(updated.await), "404 PEER_NOT_FOUND");

    let group = "other-rg".to_owned();
    let update = AzurePeeringUpdate::new().resource_group_name(group.clone());
    let updated = atlas.update_peering_connection(&project, on_azure.id(), update);
    let Peering::Azure(updated) = updated.await.unwrap().into_inner() else {
        panic!("an Azure peering")
    };
    assert_eq!(updated.resource_group_name, Some(group));
    assert_eq!(updated.vnet_name, Some(azure(&sandbox).vnet_name));
}

#[tokio::test]
async fn the_oldest_request_uses_the_projects_own_container() {
    let (sandbox, atlas, project) = start().await;
    assert!(sandbox.containers().is_empty());
    let peering = created(&atlas, &project).await;
    let id = sandbox.containers()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(peering.container_id().unwrap().as_str(), id);
    let cluster = sandbox.make_cluster("AWS", "US_EAST_1").unwrap();
    assert_eq!(cluster, id, "a cluster of the region uses the same");
    assert_ne!(sandbox.make_cluster("AWS", "EU_WEST_1").unwrap(), id);
}
