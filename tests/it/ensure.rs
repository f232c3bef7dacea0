//! Idempotent creation: whatever is lost on the way, one resource exists, and its id is returned.

mod differences;
mod policy;
mod progress;
mod random_faults;
mod slow_creation;
mod two_containers;

use std::time::Duration;

use atlas_peering::types::{
    AwsRegion, AzureRegion, NewAwsContainer, NewAwsPeering, NewAzureContainer, NewContainer,
    NewGcpContainer, NewPeering,
};
use atlas_peering::{Client, Credentials, ProjectId, RetryPolicy};
use atlas_peering_sandbox::{Canned, Fault, Sandbox};

use crate::support::{
    api_key, aws, azure, builder, changed, client, code, container, create, gcp, project, start,
    until,
};

const CREATE: &str = "createPeeringConnection";
const LIST: &str = "listPeeringConnections";

/// A sandbox, a persistent client of it, and its project.
async fn start_persistent() -> (Sandbox, Client, ProjectId) {
    let (sandbox, _, project) = start().await;
    let atlas = persistent(&sandbox, api_key(&sandbox));
    (sandbox, atlas, project)
}

/// A client that makes 5 attempts without backoff, each with a short timeout.
fn persistent(sandbox: &Sandbox, credentials: Credentials) -> Client {
    let policy = RetryPolicy::default().max_attempts(5);
    builder(sandbox.base_url(), credentials)
        .retry(policy.backoff(Duration::ZERO, Duration::ZERO))
        .timeout(Duration::from_millis(300))
        .build()
        .unwrap()
}

fn sent(sandbox: &Sandbox, method: &str) -> usize {
    let requests = sandbox.requests().into_iter();
    requests
        .filter(|request| request.method == method && request.status != 401)
        .count()
}

#[tokio::test]
async fn a_network_is_peered_once_on_every_cloud() {
    let (sandbox, atlas, project) = start().await;
    let requests: [NewPeering; 3] = [aws().into(), azure(&sandbox).into(), gcp(&sandbox).into()];
    for request in requests {
        let made = atlas.ensure_peering(&project, request.clone()).await;
        let made = made.unwrap();
        assert!(made.is_created());
        let same = atlas.ensure_peering(&project, request).await.unwrap();
        assert!(!same.is_created());
        assert_eq!(same.id(), made.id());
    }
    assert_eq!(sandbox.peerings().len(), 3);
    assert_eq!(sent(&sandbox, "POST"), 3);
}

#[tokio::test]
async fn every_fault_leaves_one_peering_and_its_id() {
    let late = Duration::from_millis(400);
    for (fault, posts, created) in [
        (Fault::drop_before(), 2, true),
        (Fault::drop_after(), 1, false),
        (Fault::cut_response(), 1, false),
        (Fault::fail_before(500), 2, true),
        (Fault::fail_before(503), 2, true),
        (Fault::fail_after(500), 1, false),
        (Fault::fail_after(502), 1, false),
        (Fault::delay_response(late), 1, false),
        // The first request takes effect while the second is sent, or after it: one is refused.
        (Fault::delay_effect(late), 2, true),
    ] {
        let (sandbox, atlas, project) = start_persistent().await;
        sandbox.inject(CREATE, fault.clone()).unwrap();
        let ensured = atlas.ensure_peering(&project, aws()).await;
        let ensured = ensured.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        let peerings = sandbox.peerings();
        assert_eq!(peerings.len(), 1, "{fault:?}");
        assert_eq!(peerings[0]["id"], ensured.id().as_str(), "{fault:?}");
        // A late request may be sent but not yet recorded.
        let recorded = sent(&sandbox, "POST");
        assert!(recorded <= posts, "{fault:?}: {recorded} were sent");
        assert_eq!(ensured.is_created(), created, "{fault:?}");
    }
}

#[tokio::test]
async fn each_further_creation_follows_a_list() {
    let (sandbox, atlas, project) = start_persistent().await;
    sandbox
        .inject(CREATE, Fault::fail_before(500).times(4))
        .unwrap();
    atlas.ensure_peering(&project, aws()).await.unwrap();
    let requests = sandbox.requests().into_iter();
    let methods: Vec<_> = requests
        .filter(|request| request.status != 401)
        .map(|request| request.method)
        .collect();
    let round = ["GET", "POST"];
    assert_eq!(methods, round.repeat(5));
}

#[tokio::test]
async fn an_unknown_outcome_is_an_error_and_a_second_call_finds_the_peering() {
    let (sandbox, atlas, project) = start().await;
    sandbox.inject(CREATE, Fault::drop_after()).unwrap();
    sandbox
        .inject(LIST, Fault::fail_before(503).skip(1))
        .unwrap();
    let error = atlas.ensure_peering(&project, aws()).await.unwrap_err();
    let phrase = "whether the service acted is unknown";
    assert!(error.to_string().contains(phrase), "{error}");
    let found = atlas.ensure_peering(&project, aws()).await.unwrap();
    assert!(!found.is_created());
    assert_eq!(sandbox.peerings().len(), 1);
}

#[tokio::test]
async fn an_unreadable_response_leaves_the_outcome_unknown() {
    let (sandbox, atlas, project) = start_persistent().await;
    let slow = Fault::delay_response(Duration::from_millis(50));
    sandbox.inject(LIST, slow).unwrap();
    let (ensured, ()) = tokio::join!(atlas.ensure_peering(&project, aws()), async {
        // Between the first list and the request after it.
        until(|| sent(&sandbox, "GET") > 0).await;
        sandbox.queue_response(Canned::new(200, "text/html", "<html>"));
    },);
    assert!(ensured.unwrap().is_created());
    assert_eq!(sent(&sandbox, "POST"), 2);
}

#[tokio::test]
async fn a_conflict_with_an_unlisted_peering_is_repeated() {
    let (sandbox, atlas, project) = start_persistent().await;
    let other = atlas.ensure_peering(&project, aws()).await.unwrap();
    sandbox.hide_from_lists(other.id().as_str()).unwrap();
    let refused = atlas.ensure_peering(&project, aws()).await;
    assert_eq!(code(refused), "409 PEER_ALREADY_EXISTS");
    // The other peering is deleted after the first conflict.
    let slow = Fault::delay_response(Duration::from_millis(50));
    sandbox.inject(LIST, slow.skip(1)).unwrap();
    let before = sent(&sandbox, "POST");
    let (ensured, ()) = tokio::join!(atlas.ensure_peering(&project, aws()), async {
        until(|| sent(&sandbox, "POST") != before).await;
        sandbox.forget_peerings();
    });
    assert!(ensured.unwrap().is_created());
}

#[tokio::test]
async fn a_peering_that_differs_is_an_error_that_shows_both() {
    let (sandbox, atlas, project) = start().await;
    let (one, other) = (
        container(&sandbox, "AWS", "US_EAST_1"),
        container(&sandbox, "AWS", "EU_WEST_1"),
    );
    let with = |container: &atlas_peering::ContainerId| aws().container_id(container.clone());
    let group = |name: &str| {
        let mut request = azure(&sandbox);
        request.resource_group_name = name.into();
        request
    };
    let made = atlas.ensure_peering(&project, with(&one)).await.unwrap();
    atlas.ensure_peering(&project, group("rg-1")).await.unwrap();
    let block = changed(with(&one), |of| {
        of.route_table_cidr_block = "10.9.0.0/24".into();
    });
    for (request, field, wanted, found) in [
        (
            with(&other).into(),
            "containerId",
            other.as_str(),
            one.as_str(),
        ),
        (
            NewPeering::from(block),
            "routeTableCidrBlock",
            "10.9.0.0/24",
            "192.168.0.0/24",
        ),
        (group("rg-2").into(), "resourceGroupName", "rg-2", "rg-1"),
    ] {
        let error = atlas.ensure_peering(&project, request).await.unwrap_err();
        assert!(error.is_conflict() && error.status().is_none(), "{error}");
        let phrase = format!("with the {field} {found:?}, and {wanted:?} was requested");
        assert!(error.to_string().contains(&phrase), "{error}");
    }
    // A field that is not in the request cannot differ. Azure's names match in any case.
    let same = atlas.ensure_peering(&project, aws()).await.unwrap();
    assert_eq!(same.id(), made.id());
    atlas.ensure_peering(&project, group("RG-1")).await.unwrap();
    assert_eq!(sandbox.peerings().len(), 2);
}

#[tokio::test]
async fn a_difference_between_two_lists_is_the_error() {
    let (sandbox, atlas, project) = start_persistent().await;
    // Built in advance, because building a client takes long.
    let client = client(&sandbox);
    // The response to the first list is from before the other peering.
    let slow = Fault::delay_response(Duration::from_millis(200));
    sandbox.inject(LIST, slow).unwrap();
    let other = changed(aws(), |of| of.route_table_cidr_block = "10.9.0.0/24".into());
    let (ensured, ()) = tokio::join!(atlas.ensure_peering(&project, aws()), async {
        until(|| sent(&sandbox, "GET") > 0).await;
        create(&client, &project, other).await.unwrap();
    });
    let error = ensured.unwrap_err();
    let phrase = "exists with the routeTableCidrBlock \"10.9.0.0/24\"";
    assert!(error.to_string().contains(phrase), "{error}");
    assert_eq!((sent(&sandbox, "POST"), sandbox.peerings().len()), (2, 1));
}

#[tokio::test]
async fn a_block_that_overlaps_the_containers_is_refused_before_it_is_sent() {
    let (sandbox, atlas, project) = start().await;
    let request = changed(
        aws().container_id(container(&sandbox, "AWS", "US_EAST_1")),
        |of| of.route_table_cidr_block = "192.168.0.0/16".into(),
    );
    let error = atlas.ensure_peering(&project, request).await.unwrap_err();
    assert!(error.is_input(), "{error}");
    let phrase = "it overlaps 192.168.248.0/21, the block of the container";
    assert!(error.to_string().contains(phrase), "{error}");
    assert_eq!(sent(&sandbox, "POST"), 0);

    let nowhere = aws().container_id("111111111111111111111111".parse().unwrap());
    let error = atlas.ensure_peering(&project, nowhere).await;
    assert_eq!(code(error), "404 CLOUD_PROVIDER_CONTAINER_NOT_FOUND");
    let on_azure = aws().container_id(container(&sandbox, "AZURE", "US_EAST"));
    let error = atlas.ensure_peering(&project, on_azure).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("it is on AZURE, and the network on AWS"),
        "{error}"
    );
    assert_eq!(sent(&sandbox, "POST"), 0);
}

#[tokio::test]
async fn ensure_waits_for_a_peering_that_is_being_deleted() {
    let (sandbox, atlas, project) = start().await;
    let first = atlas.ensure_peering(&project, aws()).await.unwrap();
    atlas
        .ensure_peering_deleted(&project, first.id())
        .await
        .unwrap();
    let ensuring = tokio::spawn({
        let (atlas, project) = (atlas.clone(), project.clone());
        async move { atlas.ensure_peering(&project, aws()).await }
    });
    until(|| sent(&sandbox, "GET") >= 2).await;
    sandbox.advance(Duration::from_secs(5));
    let second = ensuring.await.unwrap().unwrap();
    assert!(second.is_created());
    assert_ne!(second.id(), first.id());
}

#[tokio::test]
async fn other_conflicts_and_refusals_are_returned_unchanged() {
    let sandbox = Sandbox::builder().limits(1, 1).start().await.unwrap();
    let atlas = persistent(&sandbox, api_key(&sandbox));
    let project = project(&sandbox);
    sandbox.fill("GCP", 1).unwrap();
    let refused = atlas.ensure_peering(&project, aws()).await;
    assert_eq!(code(refused), "409 PEER_MAXIMUM_REACHED");
    assert_eq!(sent(&sandbox, "POST"), 1);
    sandbox.allow_writes(false);
    let refused = atlas.ensure_peering(&project, aws()).await;
    assert_eq!(code(refused), "405 WRITES_NOT_ALLOWED_DURING_APP_UPGRADES");
    let malformed = NewAwsPeering::new("10.0.0.0/24", "123456789012", "vpc-1");
    let error = atlas.ensure_peering(&project, malformed).await.unwrap_err();
    assert!(
        error.is_input() && error.to_string().contains("vpcId"),
        "{error}"
    );
    assert_eq!(error.operation(), Some("ensure_peering"));
}

#[tokio::test]
async fn a_container_is_made_once_and_found_by_its_region() {
    let (_sandbox, atlas, project) = start().await;
    for request in [
        NewContainer::from(
            NewAwsContainer::new(AwsRegion::UsEast1).atlas_cidr_block("10.8.0.0/21"),
        ),
        NewAwsContainer::new(AwsRegion::EuWest1)
            .atlas_cidr_block("10.16.0.0/21")
            .into(),
        NewAzureContainer::new(AzureRegion::UsEast, "10.24.0.0/21").into(),
        NewGcpContainer::new("10.128.0.0/18").into(),
    ] {
        let made = atlas.ensure_container(&project, request.clone()).await;
        let made = made.unwrap();
        assert!(made.is_created());
        let same = atlas.ensure_container(&project, request).await.unwrap();
        assert!(!same.is_created());
        assert_eq!(same.id(), made.id());
    }
    let other = NewAwsContainer::new(AwsRegion::UsEast1).atlas_cidr_block("10.32.0.0/21");
    let error = atlas.ensure_container(&project, other).await.unwrap_err();
    assert!(error.is_conflict(), "{error}");
    let phrase = "with the atlasCidrBlock \"10.8.0.0/21\", and \"10.32.0.0/21\" was requested";
    assert!(error.to_string().contains(phrase), "{error}");
}

#[tokio::test]
async fn a_container_that_a_cluster_makes_meanwhile_is_adopted() {
    let any_block = NewAwsContainer::new(AwsRegion::UsEast1);
    let other_block = NewAwsContainer::new(AwsRegion::UsEast1).atlas_cidr_block("10.8.0.0/21");
    for (request, adopted) in [(any_block, true), (other_block, false)] {
        let (sandbox, atlas, project) = start().await;
        // The list has none. The cluster makes one before the request is sent.
        let list = "listPeeringContainerByCloudProvider";
        let fault = Fault::delay_response(Duration::from_millis(50));
        sandbox.inject(list, fault).unwrap();
        let ensuring = tokio::spawn(async move { atlas.ensure_container(&project, request).await });
        until(|| sent(&sandbox, "GET") != 0).await;
        let of_cluster = sandbox.make_cluster("AWS", "US_EAST_1").unwrap();
        match ensuring.await.unwrap() {
            Ok(container) => {
                assert!(adopted && !container.is_created());
                assert_eq!(container.id().as_str(), of_cluster);
            }
            Err(error) => {
                assert!(
                    !adopted && error.to_string().contains(&of_cluster),
                    "{error}"
                );
            }
        }
        assert_eq!(sandbox.containers().len(), 1);
        assert_eq!(sent(&sandbox, "POST"), 1);
    }
}
