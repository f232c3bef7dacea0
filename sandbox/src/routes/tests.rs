//! Requests that the client's own validation refuses, and requests that it has no method for.

mod containers;

use super::*;
use crate::cloud::Cloud;
use crate::page::Page;
use crate::peers::Rules;
use crate::reply::{Form, JSON};

const PROJECT: &str = "5356823b3794dee37132bb7b";

fn project() -> Project {
    Project::new(
        PROJECT.to_owned(),
        Rules::default(),
        Duration::ZERO,
        Duration::ZERO,
    )
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

/// The error for a body that is posted to a collection.
fn posted(collection: &str, body: &str) -> String {
    let path = format!("groups/{PROJECT}/{collection}");
    fault(call(&mut project(), "POST", &path, body))
}

#[test]
fn an_invalid_body_is_refused_with_its_attribute() {
    for (body, expected) in [
        ("{", "400 MALFORMED_JSON"),
        ("", "400 MALFORMED_JSON"),
        ("[]", "400 INVALID_JSON"),
        ("{}", "400 MISSING_ATTRIBUTE awsAccountId"),
    ] {
        assert_eq!(posted("peers", body), expected, "{body}");
    }
    let whole = json!({
        "vpcId": "vpc-1", "awsAccountId": "123456789012", "routeTableCidrBlock": "10.0.0.0/8",
    });
    for (field, value, expected) in [
        ("awsAccountId", json!(null), "400 MISSING_ATTRIBUTE"),
        (
            "awsAccountId",
            json!(123_456_789_012_u64),
            "400 INVALID_ATTRIBUTE",
        ),
        (
            "routeTableCidrBlock",
            json!("10.0.0.0"),
            "400 INVALID_ROUTE_TABLE_CIDR",
        ),
        (
            "routeTableCidrBlock",
            json!("10.0.0.0/33"),
            "400 INVALID_ROUTE_TABLE_CIDR",
        ),
        ("vpcId", json!(""), "400 INVALID_ATTRIBUTE"),
        ("providerName", json!("ORACLE"), "400 INVALID_PROVIDER"),
    ] {
        let mut body = whole.clone();
        body[field] = value;
        let error = posted("peers", &body.to_string());
        assert_eq!(error, format!("{expected} {field}"), "{body}");
    }
    for (body, expected) in [
        (
            json!({"providerName": "AZURE"}),
            "400 MISSING_ATTRIBUTE azureDirectoryId",
        ),
        (
            json!({"providerName": "GCP", "containerId": "x"}),
            "400 INVALID_ATTRIBUTE containerId",
        ),
    ] {
        assert_eq!(posted("peers", &body.to_string()), expected);
    }
}

/// For each cloud a request for a container, and one for a peering in it.
fn requests() -> [(Cloud, Value, Value); 3] {
    let new = json!({"awsAccountId": "123456789012", "routeTableCidrBlock": "10.0.0.0/24", "vpcId": "vpc-1"});
    let azure = json!({
        "azureDirectoryId": "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
        "azureSubscriptionId": "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02",
        "resourceGroupName": "rg",
        "vnetName": "vnet",
    });
    let gcp = json!({"gcpProjectId": "my-project-1", "networkName": "default"});
    [
        (Cloud::Aws, json!({"regionName": "US_EAST_1"}), new),
        (
            Cloud::Azure,
            json!({"region": "US_EAST", "atlasCidrBlock": "10.8.0.0/21"}),
            azure,
        ),
        (Cloud::Gcp, json!({"atlasCidrBlock": "10.128.0.0/18"}), gcp),
    ]
}

/// A body with a null in each field of any request that it lacks.
fn with_nulls(body: &Value) -> String {
    let mut body = body.clone();
    for field in [
        "accepterRegionName",
        "atlasCidrBlock",
        "awsAccountId",
        "azureDirectoryId",
        "azureSubscriptionId",
        "containerId",
        "gcpProjectId",
        "networkName",
        "providerName",
        "region",
        "regionName",
        "regions",
        "resourceGroupName",
        "routeTableCidrBlock",
        "vnetName",
        "vpcId",
    ] {
        body.as_object_mut()
            .unwrap()
            .entry(field)
            .or_insert(Value::Null);
    }
    body.to_string()
}

/// Creates a container and a peering in it, updates each without a change, and returns both as the
/// service shows them in the end.
fn lifecycle(
    cloud: Cloud,
    container: &Value,
    peering: &Value,
    write: fn(&Value) -> String,
) -> [Value; 2] {
    let mut project = project();
    let mut send = |method: &str, path: &str, body: &Value| {
        let mut body = body.clone();
        if cloud != Cloud::Aws {
            body["providerName"] = json!(cloud.name());
        }
        let path = format!("groups/{PROJECT}/{path}");
        call(&mut project, method, &path, &write(&body))
            .unwrap()
            .body
    };
    let mut make = |collection: &str, body: &Value| {
        let mut made = send("POST", collection, body);
        let path = format!("{collection}/{}", made["id"].as_str().unwrap());
        assert_eq!(send("PATCH", &path, &json!({})), made);
        let id = made["id"].take();
        (made, id)
    };
    let (container, id) = make("containers", container);
    let mut peering = peering.clone();
    peering["containerId"] = id;
    let (mut peering, _) = make("peers", &peering);
    peering["containerId"].take();
    [container, peering]
}

#[test]
fn null_is_absent_in_every_field_of_every_request() {
    for (cloud, container, peering) in requests() {
        let plain = lifecycle(cloud, &container, &peering, Value::to_string);
        let nulls = lifecycle(cloud, &container, &peering, with_nulls);
        assert_eq!(nulls, plain);
    }
    let path = format!("groups/{PROJECT}/peers");
    let new = &requests()[0].2;
    let made = call(&mut project(), "POST", &path, &with_nulls(new))
        .unwrap()
        .body;
    assert_eq!(made.get("providerName"), None, "the oldest form");
    let path = format!("groups/{PROJECT}/privateIpMode");
    let error = fault(call(&mut project(), "PATCH", &path, r#"{"enabled": null}"#));
    assert_eq!(error, "400 MISSING_ATTRIBUTE enabled");
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
fn an_unknown_path_is_refused() {
    let (peers, none) = (format!("groups/{PROJECT}/peers"), "1".repeat(24));
    let elsewhere = format!("groups/{none}/peers");
    for (method, path, expected) in [
        ("GET", "groups/x/peers", "404 INVALID_GROUP_ID"),
        ("GET", &elsewhere, "404 GROUP_NOT_FOUND"),
        ("GET", &format!("{peers}/{none}1"), "404 INVALID_PEER_ID"),
        ("GET", &format!("{peers}/{none}"), "404 PEER_NOT_FOUND"),
        ("DELETE", &format!("{peers}/{none}"), "404 PEER_NOT_FOUND"),
        ("PUT", &peers, "405 METHOD_NOT_ALLOWED"),
        (
            "GET",
            &format!("groups/{PROJECT}/clusters"),
            "404 RESOURCE_NOT_FOUND",
        ),
        ("GET", &format!("{peers}/a/b"), "404 RESOURCE_NOT_FOUND"),
    ] {
        let outcome = call(&mut project(), method, path, "");
        assert_eq!(fault(outcome), expected, "{path}");
    }
    // As captured from the service.
    let body = call(&mut project(), "GET", &elsewhere, "")
        .unwrap_err()
        .body;
    assert_eq!(body["parameters"], json!([none]));
    assert_eq!(
        (&body["error"], &body["reason"]),
        (&json!(404), &json!("Not Found"))
    );
}

#[test]
fn the_identity_of_a_peering_on_azure_cannot_change() {
    let mut project = project();
    let container = project
        .containers
        .of_region(Cloud::Azure, "US_EAST", Duration::ZERO)
        .id
        .clone();
    let peers = format!("groups/{PROJECT}/peers");
    let request = json!({
        "providerName": "AZURE",
        "containerId": container,
        "azureDirectoryId": "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
        "azureSubscriptionId": "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02",
        "resourceGroupName": "rg",
        "vnetName": "one",
    });
    let made = call(&mut project, "POST", &peers, &request.to_string()).unwrap();
    let path = format!("{peers}/{}", made.body["id"].as_str().unwrap());
    let same = r#"{"providerName": "AZURE", "vnetName": "one"}"#;
    assert!(call(&mut project, "PATCH", &path, same).is_ok());
    let other = r#"{"providerName": "AZURE", "vnetName": "two"}"#;
    assert_eq!(
        fault(call(&mut project, "PATCH", &path, other)),
        "400 INVALID_ATTRIBUTE vnetName"
    );
}

#[test]
fn a_peering_moves_only_to_an_existing_container() {
    for (cloud, container, peering) in requests() {
        let mut project = project();
        let mut send = |method: &str, path: &str, body: &Value| {
            let mut body = body.clone();
            body["providerName"] = json!(cloud.name());
            let path = format!("groups/{PROJECT}/{path}");
            call(&mut project, method, &path, &body.to_string())
        };
        let container = send("POST", "containers", &container).unwrap().body;
        let mut peering = peering;
        peering["containerId"] = container["id"].clone();
        let made = send("POST", "peers", &peering).unwrap().body;
        let path = format!("peers/{}", made["id"].as_str().unwrap());
        assert!(send("PATCH", &path, &json!({"containerId": container["id"]})).is_ok());
        let nowhere = json!({"containerId": "1".repeat(24)});
        let error = fault(send("PATCH", &path, &nowhere));
        assert_eq!(error, "404 CLOUD_PROVIDER_CONTAINER_NOT_FOUND");
    }
    let mut project = project();
    let ids = ["US_EAST_1", "US_WEST_2"].map(|region| {
        let container = project
            .containers
            .of_region(Cloud::Aws, region, Duration::ZERO);
        container.id.clone()
    });
    let mut send = |method: &str, path: &str, body: Value| {
        let path = format!("groups/{PROJECT}/{path}");
        call(&mut project, method, &path, &body.to_string())
    };
    let mut peering = requests()[0].2.clone();
    peering["containerId"] = json!(ids[0]);
    let made = send("POST", "peers", peering).unwrap().body;
    let path = format!("peers/{}", made["id"].as_str().unwrap());
    send("PATCH", &path, json!({"containerId": ids[1]})).unwrap();
    let [left, entered] = ids.each_ref().map(|id| format!("containers/{id}"));
    assert!(send("DELETE", &left, json!({})).is_ok());
    assert_eq!(
        fault(send("DELETE", &entered, json!({}))),
        "409 CONTAINERS_IN_USE"
    );
}

#[test]
fn a_page_has_1_to_500_items_and_a_number_from_1() {
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
