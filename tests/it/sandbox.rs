//! The sandbox behaves as the service does.

use std::time::Duration;

use atlas_peering::types::{
    AwsPeeringUpdate, AzurePeeringUpdate, Peering, PeeringUpdate, Provider,
};
use atlas_peering::{Client, PeeringState, ProjectId};
use atlas_peering_sandbox::{Canned, Sandbox};
use serde_json::json;

use crate::support::{aws, azure, client, client_at, code, created, gcp, made, project};

/// One of the service's own steps.
const STEP: Duration = Duration::from_secs(5);

async fn state(atlas: &Client, project: &ProjectId, peering: &Peering) -> String {
    let read = atlas
        .get_peering_connection(project, peering.id())
        .await
        .unwrap();
    match read.cause() {
        Some(cause) => format!("{} {cause}", read.state()),
        None => read.state().to_string(),
    }
}

#[tokio::test]
async fn aws_goes_from_initiating_to_available_and_away() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let peering = created(&atlas, &project).await;
    let id = peering.id().as_str();
    assert_eq!(peering.state(), PeeringState::Initiating);
    assert!(sandbox.accept(id).is_err());

    sandbox.advance(STEP);
    let read = atlas
        .get_peering_connection(&project, peering.id())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(read.state(), PeeringState::PendingAcceptance);
    let Peering::Aws(read) = read else {
        panic!("an AWS peering")
    };
    assert!(read.connection_id.unwrap().starts_with("pcx-"));

    sandbox.accept(id).unwrap();
    assert_eq!(state(&atlas, &project, &peering).await, "FINALIZING");
    sandbox.advance(STEP);
    assert_eq!(state(&atlas, &project, &peering).await, "AVAILABLE");

    let gone = atlas
        .delete_peering_connection(&project, peering.id())
        .await
        .unwrap();
    assert_eq!(gone.status(), 202);
    assert_eq!(state(&atlas, &project, &peering).await, "TERMINATING");
    let again = atlas
        .delete_peering_connection(&project, peering.id())
        .await;
    assert_eq!(code(again), "409 PEER_ALREADY_REQUESTED_DELETION");
    sandbox.advance(STEP);
    let read = atlas.get_peering_connection(&project, peering.id()).await;
    assert_eq!(code(read), "404 PEER_NOT_FOUND");
}

#[tokio::test]
async fn aws_fails_in_each_of_its_ways_and_starts_anew() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let peering = created(&atlas, &project).await;
    let id = peering.id().as_str();
    let restart: PeeringUpdate = AwsPeeringUpdate {
        aws_account_id: Some(aws().aws_account_id),
        vpc_id: Some(aws().vpc_id),
        ..Default::default()
    }
    .into();

    sandbox.advance(STEP);
    sandbox.reject(id).unwrap();
    assert_eq!(state(&atlas, &project, &peering).await, "FAILED REJECTED");
    atlas
        .update_peering_connection(&project, peering.id(), &restart)
        .await
        .unwrap();
    assert_eq!(state(&atlas, &project, &peering).await, "INITIATING");

    sandbox.advance(STEP);
    sandbox.expire(id).unwrap();
    assert_eq!(state(&atlas, &project, &peering).await, "FAILED EXPIRED");
    atlas
        .update_peering_connection(&project, peering.id(), &restart)
        .await
        .unwrap();

    sandbox.advance(STEP + Duration::from_secs(7 * 24 * 3600));
    assert_eq!(state(&atlas, &project, &peering).await, "FAILED EXPIRED");
    atlas
        .update_peering_connection(&project, peering.id(), &restart)
        .await
        .unwrap();

    sandbox.advance(STEP);
    sandbox.accept(id).unwrap();
    sandbox.advance(STEP);
    sandbox.fail(id, "INVALID_ARGUMENT").unwrap();
    assert_eq!(
        state(&atlas, &project, &peering).await,
        "FAILED INVALID_ARGUMENT"
    );
}

#[tokio::test]
async fn azure_and_google_cloud_go_their_own_ways() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let on_azure = made(&atlas, &project, azure(&sandbox)).await;
    let on_gcp = made(&atlas, &project, gcp(&sandbox)).await;
    assert_eq!(on_azure.state(), PeeringState::AddingPeer);
    assert_eq!(on_gcp.state(), PeeringState::AddingPeer);
    sandbox.advance(STEP);
    assert_eq!(state(&atlas, &project, &on_azure).await, "AVAILABLE");
    assert_eq!(state(&atlas, &project, &on_gcp).await, "WAITING_FOR_USER");
    sandbox.accept(on_gcp.id().as_str()).unwrap();
    assert_eq!(state(&atlas, &project, &on_gcp).await, "AVAILABLE");
    sandbox.fail(on_azure.id().as_str(), "in words").unwrap();
    assert_eq!(state(&atlas, &project, &on_azure).await, "FAILED in words");
    atlas
        .delete_peering_connection(&project, on_gcp.id())
        .await
        .unwrap();
    assert_eq!(state(&atlas, &project, &on_gcp).await, "DELETING");
}

#[tokio::test]
async fn the_same_network_is_peered_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    for (request, expected) in [
        (aws().into(), "409 PEER_ALREADY_EXISTS"),
        (azure(&sandbox).into(), "409 PEER_ALREADY_EXISTS_AZURE"),
        (gcp(&sandbox).into(), "409 PEER_ALREADY_EXISTS_GCP"),
    ] {
        atlas
            .create_peering_connection(&project, &request)
            .await
            .unwrap();
        assert_eq!(
            code(atlas.create_peering_connection(&project, &request).await),
            expected
        );
    }
}

#[tokio::test]
async fn a_project_has_at_most_25_pending_and_50_peerings() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    for number in 0..50 {
        if number == 25 {
            let one_more = atlas
                .create_peering_connection(&project, &aws().into())
                .await;
            assert_eq!(code(one_more), "409 PEER_MAXIMUM_REACHED");
        }
        if number >= 25 {
            sandbox.advance(STEP);
        }
        let mut request = azure(&sandbox);
        request.vnet_name = format!("vnet-{number}");
        made(&atlas, &project, request).await;
    }
    sandbox.advance(STEP);
    let one_more = atlas
        .create_peering_connection(&project, &aws().into())
        .await;
    assert_eq!(code(one_more), "409 PEER_MAXIMUM_REACHED");
}

#[tokio::test]
async fn a_list_is_of_one_cloud_and_in_pages() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    for number in 0..5 {
        let mut request = aws();
        request.vpc_id = format!("vpc-{number}");
        request.route_table_cidr_block = format!("10.0.{number}.0/24");
        made(&atlas, &project, request).await;
    }
    made(&atlas, &project, gcp(&sandbox)).await;

    let page = atlas
        .list_peering_connections(&project, None, None, None, None)
        .await
        .unwrap();
    assert_eq!((page.results.len(), page.total_count), (5, Some(5)));
    assert!(
        page.results
            .iter()
            .all(|peering| peering.provider() == Provider::Aws)
    );
    let on_gcp = Some(&Provider::Gcp);
    let page = atlas
        .list_peering_connections(&project, None, None, None, on_gcp)
        .await
        .unwrap();
    assert_eq!(page.results.len(), 1);

    let middle = atlas
        .list_peering_connections(&project, Some(false), Some(2), Some(2), None)
        .await
        .unwrap();
    assert_eq!((middle.results.len(), middle.total_count), (2, None));
    let links = middle.links.as_deref().unwrap();
    let relations: Vec<_> = links
        .iter()
        .filter_map(|link| link.rel.as_deref())
        .collect();
    assert_eq!(relations, ["self", "previous", "next"]);
    assert!(
        links[2]
            .href
            .as_deref()
            .unwrap()
            .ends_with("pageNum=3&itemsPerPage=2")
    );

    let beyond = atlas
        .list_peering_connections(&project, None, Some(500), Some(9), None)
        .await
        .unwrap();
    assert!(beyond.results.is_empty());
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let nobody = "111111111111111111111111";
    let read = atlas
        .get_peering_connection(&project, &nobody.parse().unwrap())
        .await;
    assert_eq!(code(read), "404 PEER_NOT_FOUND");
    let error = atlas
        .list_peering_connections(&nobody.parse().unwrap(), None, None, None, None)
        .await
        .unwrap_err();
    assert!(error.is_not_found());
    let api = error.api_error().unwrap();
    assert_eq!(api.error_code.as_deref(), Some("GROUP_NOT_FOUND"));
    assert_eq!(api.parameters, Some(vec![json!(nobody)]));
    assert_eq!(api.reason.as_deref(), Some("Not Found"));
}

#[tokio::test]
async fn a_change_needs_its_own_cloud_and_leaves_the_identity() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let on_azure = made(&atlas, &project, azure(&sandbox)).await;
    let as_aws = AwsPeeringUpdate::default().into();
    let changed = atlas
        .update_peering_connection(&project, on_azure.id(), &as_aws)
        .await;
    assert_eq!(code(changed), "404 PEER_NOT_FOUND");

    let group = "other-rg".to_owned();
    let request = AzurePeeringUpdate {
        resource_group_name: Some(group.clone()),
        ..Default::default()
    };
    let changed = atlas
        .update_peering_connection(&project, on_azure.id(), &request.into())
        .await;
    let Peering::Azure(changed) = changed.unwrap().into_inner() else {
        panic!("an Azure peering")
    };
    assert_eq!(changed.resource_group_name, Some(group));
    assert_eq!(changed.vnet_name, Some(azure(&sandbox).vnet_name));
}

#[tokio::test]
async fn writes_may_be_closed_and_the_service_may_fail() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    sandbox.allow_writes(false);
    let made = atlas
        .create_peering_connection(&project, &aws().into())
        .await;
    assert_eq!(code(made), "405 WRITES_NOT_ALLOWED_DURING_APP_UPGRADES");
    atlas
        .list_peering_connections(&project, None, None, None, None)
        .await
        .unwrap();

    sandbox.allow_writes(true);
    sandbox.allow_address(false);
    let read = atlas
        .list_peering_connections(&project, None, None, None, None)
        .await;
    assert_eq!(code(read), "403 IP_ADDRESS_NOT_ON_ACCESS_LIST");

    sandbox.allow_address(true);
    let failure = json!({"error": 500, "errorCode": "UNEXPECTED_ERROR"});
    sandbox.answer_next(Canned::json(500, &failure));
    let made = atlas
        .create_peering_connection(&project, &aws().into())
        .await;
    assert_eq!(code(made), "500 UNEXPECTED_ERROR");
    let page = atlas
        .list_peering_connections(&project, None, None, None, None)
        .await
        .unwrap();
    assert!(page.results.is_empty(), "a canned answer has no effect");
}

#[tokio::test]
async fn two_sandboxes_know_nothing_of_each_other() {
    let (one, other) = (
        Sandbox::start().await.unwrap(),
        Sandbox::start().await.unwrap(),
    );
    created(&client(&one), &project(&one)).await;
    let (public, private) = one.api_key();
    let stranger = client_at(
        other.base_url(),
        atlas_peering::Credentials::api_key(public, private),
    );
    let read = stranger
        .list_peering_connections(&project(&other), None, None, None, None)
        .await;
    assert!(read.unwrap_err().is_unauthorized());
}
