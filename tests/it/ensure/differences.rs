//! `ensure_*` compares an existing resource with each field of the request, and a failed one is an error.

use atlas_peering::types::{
    AwsRegion, GcpRegion, NewAwsContainer, NewAwsPeering, NewGcpContainer, NewPeering,
};
use atlas_peering::{Client, Error, ProjectId};
use atlas_peering_sandbox::{Canned, Sandbox};
use serde_json::{Value, json};

use super::sent;
use crate::support::{aws, azure, changed, container, gcp, start};

/// A request on AWS, in a container of `US_EAST_1`.
fn in_region(sandbox: &Sandbox, region: Option<&str>) -> NewAwsPeering {
    changed(
        aws().container_id(container(sandbox, "AWS", "US_EAST_1")),
        |of| of.accepter_region_name = region.map(Into::into),
    )
}

/// Checks that the error of a request shows the field, its existing value, and the requested one.
async fn differs(
    atlas: &Client,
    project: &ProjectId,
    request: impl Into<NewPeering>,
    [field, found, wanted]: [&str; 3],
) {
    let error = atlas.ensure_peering(project, request).await.unwrap_err();
    let [found, wanted] = [found, wanted].map(|value| json!(value));
    shows(&error, field, &found, &wanted);
}

fn shows(error: &Error, field: &str, found: &Value, wanted: &Value) {
    assert!(error.is_conflict() && error.status().is_none(), "{error}");
    assert!(!error.is_peering_failure(), "{error}");
    let phrase = format!("with the {field} {found}, and {wanted} was requested");
    assert!(error.to_string().contains(&phrase), "{error}");
}

#[tokio::test]
async fn the_region_of_a_vpc_differs() {
    let (sandbox, atlas, project) = start().await;
    let asked = |region| in_region(&sandbox, region);
    let made = atlas.ensure_peering(&project, asked(Some("us-east-1")));
    let id = made.await.unwrap().id().to_string();
    let shown = |region: Value| sandbox.set(&id, "accepterRegionName", region).unwrap();
    let both = ["accepterRegionName", "us-east-1", "eu-west-1"];
    differs(&atlas, &project, asked(Some("eu-west-1")), both).await;
    // A null region is that of the container.
    shown(Value::Null);
    differs(&atlas, &project, asked(Some("eu-west-1")), both).await;
    // AWS and Atlas spell a region differently.
    for region in [Value::Null, json!("us-east-1"), json!("US_EAST_1")] {
        shown(region);
        for region in [None, Some("us-east-1")] {
            let same = atlas.ensure_peering(&project, asked(region)).await;
            assert_eq!(same.unwrap().id().as_str(), id);
        }
    }
    // If the container is unknown, a null region cannot differ.
    shown(Value::Null);
    let mut asked = asked(Some("eu-west-1"));
    asked.container_id = None;
    for container in [Value::Null, json!("111111111111111111111111")] {
        sandbox.set(&id, "containerId", container).unwrap();
        let same = atlas.ensure_peering(&project, asked.clone()).await;
        assert_eq!(same.unwrap().id().as_str(), id);
    }
    assert_eq!(sent(&sandbox, "POST"), 1);
}

#[tokio::test]
async fn a_block_with_host_bits_is_the_same_block() {
    let (sandbox, atlas, project) = start().await;
    let made = atlas.ensure_peering(&project, aws()).await.unwrap();
    let block = &aws().route_table_cidr_block;
    let other = block.replace(".0/", ".7/");
    assert_ne!(*block, other);
    let id = made.id().as_str();
    sandbox
        .set(id, "routeTableCidrBlock", other.into())
        .unwrap();
    let same = atlas.ensure_peering(&project, aws()).await.unwrap();
    assert_eq!(same.id(), made.id());
}

#[tokio::test]
async fn the_directory_on_azure_differs() {
    let (sandbox, atlas, project) = start().await;
    let with = |directory: &str| {
        changed(azure(&sandbox), |of| {
            of.azure_directory_id = directory.into();
        })
    };
    let made = with("5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11");
    let id = atlas.ensure_peering(&project, made.clone()).await.unwrap();
    let other = "00000000-90a6-4a0c-9a1b-3f1c6a7d2e11";
    let both = ["azureDirectoryId", &made.azure_directory_id, other];
    differs(&atlas, &project, with(other), both).await;
    let same = with(&made.azure_directory_id.to_uppercase());
    atlas.ensure_peering(&project, same).await.unwrap();
    let id = id.id().as_str();
    sandbox.set(id, "azureDirectoryId", Value::Null).unwrap();
    atlas.ensure_peering(&project, with(other)).await.unwrap();
}

#[tokio::test]
async fn the_regions_on_google_cloud_differ() {
    let (_sandbox, atlas, project) = start().await;
    let of =
        |regions: &[&str]| NewGcpContainer::new("10.128.0.0/21").regions(regions.iter().copied());
    let made = of(&["US_EAST_4", "US_WEST_2"]);
    atlas.ensure_container(&project, made).await.unwrap();
    let error = atlas.ensure_container(&project, of(&["US_EAST_4"])).await;
    let found = json!(["US_EAST_4", "US_WEST_2"]);
    shows(
        &error.unwrap_err(),
        "regions",
        &found,
        &json!(["US_EAST_4"]),
    );
    let same = of(&["US_WEST_2", "US_EAST_4", "US_WEST_2"]);
    atlas.ensure_container(&project, same).await.unwrap();
}

#[tokio::test]
async fn a_container_for_all_regions_has_no_regions_that_could_differ() {
    let (_sandbox, atlas, project) = start().await;
    let all = NewGcpContainer::new("10.128.0.0/18");
    atlas.ensure_container(&project, all).await.unwrap();
    let request = NewGcpContainer::new("10.128.0.0/18").regions([GcpRegion::EasternUs; 0]);
    let found = atlas.ensure_container(&project, request).await.unwrap();
    assert!(!found.is_created());
    let aws = NewAwsContainer::new(AwsRegion::UsEast1).atlas_cidr_block("10.8.0.0/21");
    assert!(
        atlas
            .ensure_container(&project, aws)
            .await
            .unwrap()
            .is_created()
    );
}

#[tokio::test]
async fn a_peering_on_another_cloud_is_another_peering() {
    let (sandbox, atlas, project) = start().await;
    let on_aws = json!({
        "id": "111111111111111111111111", "providerName": "AWS", "regionName": "US_EAST_1",
        "atlasCidrBlock": "10.128.0.0/18",
    });
    // A server that ignores the provider, and lists all clouds.
    let list = json!({"results": [on_aws], "totalCount": 1});
    sandbox.queue_response(Canned::json(200, &list));
    let request = NewGcpContainer::new("10.128.0.0/18");
    let made = atlas.ensure_container(&project, request).await.unwrap();
    assert!(made.is_created());
}

#[tokio::test]
async fn a_peering_that_failed_is_the_error_of_a_wait_and_offers_the_restart() {
    let (sandbox, atlas, project) = start().await;
    let requests: [NewPeering; 3] = [aws().into(), azure(&sandbox).into(), gcp(&sandbox).into()];
    for (request, cause, remedy) in [
        (&requests[0], "REJECTED", "PeeringUpdate::reinitialize"),
        (&requests[1], "RETRYABLE", ": "),
        (&requests[2], "The network was deleted", "create it again"),
    ] {
        let made = atlas
            .ensure_peering(&project, request.clone())
            .await
            .unwrap();
        sandbox.fail(made.id().as_str(), cause).unwrap();
        let posts = sent(&sandbox, "POST");
        let error = atlas.ensure_peering(&project, request.clone()).await;
        let error = error.unwrap_err();
        assert!(error.is_peering_failure(), "{error}");
        assert_eq!(error.failed_peering().unwrap().id(), made.id());
        assert_eq!(error.operation(), Some("ensure_peering"));
        let message = error.to_string();
        let phrase = format!("is FAILED ({cause})");
        assert!(
            message.contains(&phrase) && message.contains(remedy),
            "{message}"
        );
        let waited = atlas.wait_for_peering(&project, made.id()).await;
        let [waited, message] = [waited.unwrap_err().to_string(), message]
            .map(|text| text.split_once(": ").unwrap().1.to_owned());
        assert_eq!(waited, message);
        assert_eq!(sent(&sandbox, "POST"), posts);
    }
    // A difference is reported before a failure.
    let other = changed(aws(), |of| of.route_table_cidr_block = "10.9.0.0/24".into());
    let both = ["routeTableCidrBlock", "192.168.0.0/24", "10.9.0.0/24"];
    differs(&atlas, &project, other, both).await;
}

#[tokio::test]
async fn a_peering_that_fails_during_or_right_after_creation_is_an_error() {
    let (sandbox, atlas, project) = start().await;
    let failed = json!({
        "id": "111111111111111111111111", "providerName": "AWS", "statusName": "FAILED",
        "errorStateName": "INVALID_ARGUMENT", "vpcId": aws().vpc_id,
        "awsAccountId": aws().aws_account_id,
    });
    // The list is empty, and the creation fails.
    sandbox.queue_response(Canned::json(200, &json!({"results": [], "totalCount": 0})));
    sandbox.queue_response(Canned::json(200, &failed));
    let error = atlas.ensure_peering(&project, aws()).await.unwrap_err();
    assert!(error.is_peering_failure(), "{error}");
    // After a lost response, the second list has the peering that the first lacked.
    sandbox.queue_response(Canned::json(200, &json!({"results": [], "totalCount": 0})));
    sandbox.queue_response(Canned::new(500, "text/html", "<html>"));
    sandbox.queue_response(Canned::json(
        200,
        &json!({"results": [failed], "totalCount": 1}),
    ));
    let error = atlas.ensure_peering(&project, aws()).await.unwrap_err();
    assert!(error.is_peering_failure(), "{error}");
}
