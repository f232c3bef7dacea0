//! Future additions of the service, decoded with the present types.

use std::collections::{BTreeSet, HashSet};

use atlas_peering::PeeringState;
use atlas_peering::types::{AwsRegion, ErrorCode, Peering, PeeringPage, Provider};
use atlas_peering_sandbox::Canned;
use serde_json::{Value, json};

use crate::support::start;

const ID: &str = "1112222b3bf99403840e8934";

/// A page with a state, a region, a cloud and fields that this version does not know.
fn future_page() -> Value {
    json!({
        "results": [
            {
                "id": ID, "providerName": "AWS", "statusName": "WARMING_UP", "vpcId": "vpc-1",
                "tags": [{"key": "team", "value": null}], "accepterRegionName": "moon-north-1",
            },
            {
                "id": ID, "providerName": "OCI", "status": "AVAILABLE", "vcnId": "ocid1.vcn.1",
                "vpcId": {"the same name": "of another type"}, "regions": 7,
            },
            {"id": ID, "providerName": "GCP", "status": "AVAILABLE", "vnetName": "another cloud's"},
        ],
        "totalCount": 3,
        "cursor": "abc",
    })
}

#[test]
fn additions_are_decoded_compared_and_encoded_without_loss() {
    let page: PeeringPage = serde_json::from_value(future_page()).unwrap();
    let again: PeeringPage = serde_json::from_str(&future_page().to_string()).unwrap();
    assert_eq!(page, again);
    assert_eq!(serde_json::to_value(&page).unwrap(), future_page());

    let [aws, oci, gcp] = &page.results[..] else {
        panic!("three peerings")
    };
    assert_eq!(aws.state(), PeeringState::from("WARMING_UP"));
    assert_ne!(aws.state(), PeeringState::from("WARMING_DOWN"));
    assert_eq!(oci.provider(), Provider::from("OCI"));
    assert_eq!(oci.state(), PeeringState::Available);
    assert!(matches!(oci, Peering::Unknown(of) if of.extra["vcnId"] == "ocid1.vcn.1"));
    assert!(matches!(gcp, Peering::Gcp(of) if of.extra["vnetName"] == "another cloud's"));
}

/// A null field means the same as an absent one, also if only another cloud has the field.
#[test]
fn null_and_absent_are_the_same() {
    let with = json!({"id": ID, "vpcId": "vpc-1", "containerId": null, "status": null});
    let without = json!({"id": ID, "vpcId": "vpc-1"});
    let [with, without]: [Peering; 2] =
        [with, without].map(|of| serde_json::from_value(of).unwrap());
    assert_eq!(with, without);
}

#[test]
fn values_are_made_compared_ordered_and_hashed_by_their_spelling() {
    let made: [AwsRegion; 4] = [
        "US_EAST_1".into(),
        String::from("US_EAST_1").into(),
        "US_EAST_1".parse().unwrap(),
        serde_json::from_value(json!("US_EAST_1")).unwrap(),
    ];
    for region in &made {
        assert!(matches!(region, AwsRegion::UsEast1));
        assert_eq!(region, &AwsRegion::UsEast1);
    }
    assert_eq!(HashSet::from(made).len(), 1);
    assert_eq!(AwsRegion::UsEast1.as_ref(), "US_EAST_1");

    let unknown = AwsRegion::from("US_EAST_0");
    assert!(matches!(&unknown, AwsRegion::Unknown(value) if value.as_str() == "US_EAST_0"));
    let ordered = BTreeSet::from([AwsRegion::UsEast1, AwsRegion::from("US_EAST_9"), unknown]);
    let spelled: Vec<_> = ordered.iter().map(AwsRegion::as_str).collect();
    assert_eq!(spelled, ["US_EAST_0", "US_EAST_1", "US_EAST_9"]);
}

#[tokio::test]
async fn a_code_of_an_error_is_matched() {
    let (sandbox, atlas, project) = start().await;
    sandbox.queue_response(Canned::json(
        404,
        &json!({"error": 404, "errorCode": "PEER_NOT_FOUND"}),
    ));
    let id = ID.parse().unwrap();
    let error = atlas
        .get_peering_connection(&project, &id)
        .await
        .unwrap_err();
    match error.error_code() {
        Some(ErrorCode::PeerNotFound) => {}
        code => panic!("{code:?}"),
    }
}

#[tokio::test]
async fn one_bad_element_is_named_by_its_path() {
    let (sandbox, atlas, project) = start().await;
    let element = |field: &str, value: Value| {
        let mut page = json!({"results": vec![json!({"id": ID}); 5], "totalCount": 5});
        page["results"][3]["providerName"] = "GCP".into();
        page["results"][3][field] = value;
        page
    };
    for (field, value, path) in [
        (
            "status",
            json!(7),
            "results[3].status: invalid type: integer `7`, expected a string",
        ),
        ("id", json!(null), "results[3]: missing field `id`"),
        (
            "id",
            json!("x"),
            "results[3].id: the peering id \"x\" is invalid",
        ),
        (
            "networkName",
            json!({"a": 1}),
            "results[3].networkName: invalid type: map",
        ),
    ] {
        sandbox.queue_response(Canned::json(200, &element(field, value)));
        let page = atlas.list_peering_connections(&project);
        named(&page.await.unwrap_err(), path);
    }
    let page = json!({"results": [{"id": ID, "providerName": "GCP", "regions": ["X", 5]}]});
    sandbox.queue_response(Canned::json(200, &page));
    let containers = atlas.list_peering_containers(&project);
    named(
        &containers.await.unwrap_err(),
        "results[0].regions[1]: invalid type: integer `5`",
    );
}

#[track_caller]
fn named(error: &atlas_peering::Error, path: &str) {
    assert!(error.is_decode(), "{error}");
    let source = std::error::Error::source(error).unwrap().to_string();
    assert!(source.starts_with(path), "{source}");
}
