//! What the client's own checks would not let through, and what has no method in the client.

use super::*;
use crate::answer::{Form, JSON};
use crate::cloud::Cloud;
use crate::page::Page;
use crate::peers::Limits;

const PROJECT: &str = "5356823b3794dee37132bb7b";
const WHOLE: &str =
    r#"{"vpcId": "vpc-1", "awsAccountId": "123456789012", "routeTableCidrBlock": "10.0.0.0/8"}"#;

fn project() -> Project {
    Project::new(PROJECT.to_owned(), Limits::default(), Duration::ZERO)
}

fn call(project: &mut Project, method: &str, path: &str, body: &str) -> Outcome {
    let call = Call {
        method,
        path: Some(path),
        query: &[],
        body: body.as_bytes(),
        url: "http://127.0.0.1",
        now: Duration::ZERO,
    };
    call.dispatch(project)
}

/// The status and code of an error, and the attribute that it names.
fn fault(outcome: Outcome) -> String {
    let error = outcome.unwrap_err();
    let written = error.clone().write(&Form {
        envelope: None,
        pretty: false,
        media_type: JSON,
    });
    assert_eq!(
        written.headers()["x-error-code"],
        error.body["errorCode"].as_str().unwrap()
    );
    let field = error.body["badRequestDetail"]["fields"][0]["field"].as_str();
    let code = error.body["errorCode"].as_str().unwrap();
    [Some(error.status.as_str()), Some(code), field]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn a_body_at_fault_is_told_with_its_attribute() {
    let peers = format!("groups/{PROJECT}/peers");
    for (body, expected) in [
        ("{", "400 MALFORMED_JSON"),
        ("", "400 MALFORMED_JSON"),
        ("[]", "400 INVALID_JSON"),
        ("{}", "400 MISSING_ATTRIBUTE awsAccountId"),
        (
            r#"{"awsAccountId": null}"#,
            "400 MISSING_ATTRIBUTE awsAccountId",
        ),
        (
            r#"{"awsAccountId": 123456789012}"#,
            "400 INVALID_ATTRIBUTE awsAccountId",
        ),
        (
            &WHOLE.replace("10.0.0.0/8", "10.0.0.0"),
            "400 INVALID_ROUTE_TABLE_CIDR routeTableCidrBlock",
        ),
        (
            &WHOLE.replace("10.0.0.0/8", "10.0.0.0/33"),
            "400 INVALID_ROUTE_TABLE_CIDR routeTableCidrBlock",
        ),
        (&WHOLE.replace("vpc-1", ""), "400 INVALID_ATTRIBUTE vpcId"),
        (
            r#"{"providerName": "ORACLE"}"#,
            "400 INVALID_PROVIDER providerName",
        ),
        (
            r#"{"providerName": "AZURE"}"#,
            "400 MISSING_ATTRIBUTE azureDirectoryId",
        ),
        (
            r#"{"providerName": "GCP", "containerId": "x"}"#,
            "400 INVALID_ATTRIBUTE containerId",
        ),
    ] {
        assert_eq!(
            fault(call(&mut project(), "POST", &peers, body)),
            expected,
            "{body}"
        );
    }
}

#[test]
fn a_container_at_fault_is_told_with_its_attribute() {
    let path = format!("groups/{PROJECT}/containers");
    let aws = |block: &str| json!({"regionName": "US_EAST_1", "atlasCidrBlock": block});
    let azure = |block: &str| json!({"providerName": "AZURE", "region": "US_EAST", "atlasCidrBlock": block});
    let gcp = |block: &str| json!({"providerName": "GCP", "atlasCidrBlock": block});
    let block = "atlasCidrBlock";
    for (body, expected) in [
        (json!({}), "400 MISSING_ATTRIBUTE regionName".to_owned()),
        (
            json!({"regionName": "us-east-1"}),
            "400 INVALID_REGION regionName".to_owned(),
        ),
        (
            json!({"providerName": "GCP"}),
            format!("400 MISSING_ATTRIBUTE {block}"),
        ),
        (
            aws("10.0.0.0"),
            format!("400 ATLAS_INVALID_CIDR_BLOCK {block}"),
        ),
        (
            aws("fd00::/21"),
            format!("400 ATLAS_INVALID_CIDR_BLOCK {block}"),
        ),
        (
            aws("10.8.1.0/21"),
            format!("400 ATLAS_NON_CANONICAL_CIDR_BLOCK {block}"),
        ),
        (
            aws("11.8.0.0/21"),
            format!("400 ATLAS_INVALID_CIDR_RANGE {block}"),
        ),
        (
            aws("172.0.0.0/21"),
            format!("400 ATLAS_INVALID_CIDR_RANGE {block}"),
        ),
        (
            aws("10.8.0.0/20"),
            format!("400 ATLAS_INVALID_CIDR_RANGE {block}"),
        ),
        (
            azure("10.8.0.0/25"),
            format!("400 ATLAS_INVALID_CIDR_RANGE {block}"),
        ),
        (
            gcp("10.8.0.0/21"),
            format!("400 ATLAS_INVALID_CIDR_RANGE {block}"),
        ),
    ] {
        let outcome = call(&mut project(), "POST", &path, &body.to_string());
        assert_eq!(fault(outcome), expected, "{body}");
    }
}

#[test]
fn containers_are_one_a_region_and_apart() {
    let mut project = project();
    let path = format!("groups/{PROJECT}/containers");
    let mut make = |body: Value| call(&mut project, "POST", &path, &body.to_string());
    make(json!({"regionName": "US_EAST_1", "atlasCidrBlock": "10.8.0.0/21"})).unwrap();
    let same = make(json!({"regionName": "US_EAST_1", "atlasCidrBlock": "10.16.0.0/21"}));
    assert_eq!(fault(same), "409 CONTAINER_ALREADY_EXISTS");
    let overlapping = make(json!({"regionName": "US_EAST_2", "atlasCidrBlock": "10.8.4.0/24"}));
    assert_eq!(fault(overlapping), "409 OVERLAPPING_ATLAS_CIDR_BLOCK");
    make(json!({"regionName": "US_EAST_2"})).unwrap();
    let gcp = json!({"providerName": "GCP", "atlasCidrBlock": "10.128.0.0/18"});
    make(gcp.clone()).unwrap();
    assert_eq!(fault(make(gcp)), "409 CONTAINER_ALREADY_EXISTS");
}

#[test]
fn the_older_mode_is_turned_off_and_not_on() {
    let mut project = project();
    let path = format!("groups/{PROJECT}/privateIpMode");
    let mut mode = |method, body| call(&mut project, method, &path, body);
    assert_eq!(mode("GET", "").unwrap().body, json!({"enabled": true}));
    assert_eq!(
        fault(mode("PATCH", r#"{"enabled": true}"#)),
        "400 INVALID_ATTRIBUTE enabled"
    );
    assert_eq!(fault(mode("PATCH", "{}")), "400 MISSING_ATTRIBUTE enabled");
    mode("PATCH", r#"{"enabled": false}"#).unwrap();
    assert_eq!(mode("GET", "").unwrap().body, json!({"enabled": false}));
}

#[test]
fn a_path_at_fault_is_told() {
    let long = "0".repeat(25);
    for (method, path, expected) in [
        ("GET", "groups/x/peers".to_owned(), "404 INVALID_GROUP_ID"),
        (
            "GET",
            "groups/111111111111111111111111/peers".to_owned(),
            "404 GROUP_NOT_FOUND",
        ),
        (
            "GET",
            format!("groups/{PROJECT}/peers/{long}"),
            "404 INVALID_PEER_ID",
        ),
        (
            "DELETE",
            format!("groups/{PROJECT}/peers/111111111111111111111111"),
            "404 PEER_NOT_FOUND",
        ),
        (
            "PUT",
            format!("groups/{PROJECT}/peers"),
            "405 METHOD_NOT_ALLOWED",
        ),
        (
            "GET",
            format!("groups/{PROJECT}/clusters"),
            "404 RESOURCE_NOT_FOUND",
        ),
        (
            "GET",
            format!("groups/{PROJECT}/peers/a/b"),
            "404 RESOURCE_NOT_FOUND",
        ),
    ] {
        assert_eq!(
            fault(call(&mut project(), method, &path, "")),
            expected,
            "{path}"
        );
    }
}

#[test]
fn the_identity_of_a_peering_on_azure_cannot_change() {
    let mut project = project();
    let container = project
        .containers
        .of_region(Cloud::Azure, "US_EAST")
        .id
        .clone();
    let made = call(
        &mut project,
        "POST",
        &format!("groups/{PROJECT}/peers"),
        &json!({
            "providerName": "AZURE",
            "containerId": container,
            "azureDirectoryId": "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
            "azureSubscriptionId": "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02",
            "resourceGroupName": "rg",
            "vnetName": "one",
        })
        .to_string(),
    )
    .unwrap();
    let path = format!(
        "groups/{PROJECT}/peers/{}",
        made.body["id"].as_str().unwrap()
    );
    let same = r#"{"providerName": "AZURE", "vnetName": "one"}"#;
    assert!(call(&mut project, "PATCH", &path, same).is_ok());
    let other = r#"{"providerName": "AZURE", "vnetName": "two"}"#;
    assert_eq!(
        fault(call(&mut project, "PATCH", &path, other)),
        "400 INVALID_ATTRIBUTE vnetName"
    );
}

#[test]
fn a_page_is_of_1_to_500_items_and_counted_from_1() {
    for (name, value) in [
        ("itemsPerPage", "0"),
        ("itemsPerPage", "501"),
        ("itemsPerPage", "many"),
        ("pageNum", "0"),
        ("pageNum", "-1"),
    ] {
        let error = Page::of(&[(name.to_owned(), value.to_owned())])
            .err()
            .unwrap();
        assert_eq!(fault(Err(error)), format!("400 INVALID_ATTRIBUTE {name}"));
    }
}
