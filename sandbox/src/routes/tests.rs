//! What the client's own checks would not let through, and what has no method in the client.

use super::*;
use crate::answer::{Form, JSON};
use crate::page::Page;

const PROJECT: &str = "5356823b3794dee37132bb7b";
const WHOLE: &str =
    r#"{"vpcId": "vpc-1", "awsAccountId": "123456789012", "routeTableCidrBlock": "10.0.0.0/8"}"#;

fn call(peers: &mut Peers, method: &str, path: &str, body: &str) -> Outcome {
    let call = Call {
        method,
        path: Some(path),
        query: &[],
        body: body.as_bytes(),
        url: "http://127.0.0.1",
        now: Duration::ZERO,
    };
    call.dispatch(PROJECT, peers)
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
            fault(call(&mut Peers::new(), "POST", &peers, body)),
            expected,
            "{body}"
        );
    }
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
            fault(call(&mut Peers::new(), method, &path, "")),
            expected,
            "{path}"
        );
    }
}

#[test]
fn the_identity_of_a_peering_on_azure_cannot_change() {
    let mut peers = Peers::new();
    let made = call(
        &mut peers,
        "POST",
        &format!("groups/{PROJECT}/peers"),
        r#"{
            "providerName": "AZURE",
            "containerId": "6746ceedaef48d1cb265896b",
            "azureDirectoryId": "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
            "azureSubscriptionId": "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02",
            "resourceGroupName": "rg",
            "vnetName": "one"
        }"#,
    )
    .unwrap();
    let path = format!(
        "groups/{PROJECT}/peers/{}",
        made.body["id"].as_str().unwrap()
    );
    let same = r#"{"providerName": "AZURE", "vnetName": "one"}"#;
    assert!(call(&mut peers, "PATCH", &path, same).is_ok());
    let other = r#"{"providerName": "AZURE", "vnetName": "two"}"#;
    assert_eq!(
        fault(call(&mut peers, "PATCH", &path, other)),
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
