//! The two documents that the project had to implement, row by row.

use std::io::ErrorKind;
use std::process::Command;

use atlas_peering::ErrorCode;
use atlas_peering::types::{NewAwsPeering, NewPeering, Peering};
use atlas_peering_sandbox::{Canned, Sandbox};
use serde_json::{Value, json};

use crate::support::{CONTAINER, client, refusal, start};

const OLDEST_REQUEST: &str = include_str!("../fixtures/oldest-request.json");
const OLDEST_RESPONSE: &str = include_str!("../fixtures/oldest-response.json");

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_oldest_request_decodes_and_encodes_field_by_field() {
    let request: NewAwsPeering = serde_json::from_str(OLDEST_REQUEST).unwrap();
    assert_eq!(request.vpc_id, "vpc-123456");
    assert_eq!(request.aws_account_id, "abc123abc123");
    assert_eq!(request.route_table_cidr_block, "192.168.0.0/24");
    assert_eq!(
        serde_json::to_value(&request).unwrap(),
        value(OLDEST_REQUEST)
    );
}

#[test]
fn the_oldest_request_is_for_aws_and_encodes_its_provider() {
    let request: NewPeering = serde_json::from_str(OLDEST_REQUEST).unwrap();
    assert!(matches!(request, NewPeering::Aws(_)));
    let mut expected = value(OLDEST_REQUEST);
    expected["providerName"] = json!("AWS");
    assert_eq!(serde_json::to_value(&request).unwrap(), expected);
}

#[test]
fn the_oldest_response_decodes_and_encodes_field_by_field() {
    let peering: Peering = serde_json::from_str(OLDEST_RESPONSE).unwrap();
    let Peering::Aws(aws) = &peering else {
        panic!("{peering:?}")
    };
    assert_eq!(aws.id.as_str(), "1112222b3bf99403840e8934");
    assert_eq!(aws.aws_account_id.as_deref(), Some("999900000000"));
    assert_eq!(aws.connection_id, None);
    assert_eq!(aws.error_state_name, None);
    assert_eq!(aws.route_table_cidr_block.as_deref(), Some("10.15.0.0/16"));
    assert_eq!(aws.vpc_id.as_deref(), Some("vpc-abc123abc123"));
    assert_eq!(aws.provider_name, None);
    assert_eq!(aws.container_id, None);
    assert_eq!(peering.state().as_str(), "INITIATING");
    assert_eq!(peering.provider().as_str(), "AWS");
    assert_eq!(peering.cause(), None);
    // Null and absent mean the same.
    let mut whole = value(OLDEST_RESPONSE);
    let fields = whole.as_object_mut().unwrap();
    fields.retain(|_, value| !value.is_null());
    assert_eq!(serde_json::to_value(&peering).unwrap(), whole);
}

#[test]
fn every_field_of_the_requests_table_is_a_field_of_the_type() {
    let whole = json!({
        "containerId": CONTAINER, "providerName": "AWS", "accepterRegionName": "us-east-1",
        "awsAccountId": "123456789012", "routeTableCidrBlock": "10.0.0.0/24",
        "vpcId": "vpc-0123456789abcdef0",
    });
    // A field that the type lacks would be refused.
    let request: NewPeering = serde_json::from_value(whole.clone()).unwrap();
    assert_eq!(serde_json::to_value(&request).unwrap(), whole);
}

#[test]
fn every_field_of_the_responses_table_is_a_field_of_the_type() {
    let whole = json!({
        "containerId": CONTAINER, "id": "1112222b3bf99403840e8934", "providerName": "AWS",
        "accepterRegionName": "us-east-1", "awsAccountId": "123456789012",
        "connectionId": "pcx-0123456789abcdef0", "errorStateName": "REJECTED",
        "routeTableCidrBlock": "10.0.0.0/24", "statusName": "FAILED",
        "vpcId": "vpc-0123456789abcdef0",
    });
    let peering: Peering = serde_json::from_value(whole.clone()).unwrap();
    let Peering::Aws(aws) = &peering else {
        panic!("{peering:?}")
    };
    assert!(aws.extra.is_empty(), "{:?}", aws.extra);
    assert_eq!(peering.cause().as_deref(), Some("REJECTED"));
    assert_eq!(serde_json::to_value(&peering).unwrap(), whole);
}

#[tokio::test]
async fn each_error_status_arrives_typed_with_every_field() {
    let (sandbox, _, project) = start().await;
    for status in [400, 401, 403, 404, 409, 500] {
        let whole = json!({
            "badRequestDetail": {"fields": [{"field": "vpcId", "description": "is wrong"}]},
            "detail": "In phrase.",
            "error": status,
            "errorCode": "SOME_CODE",
            "parameters": ["text", 7, null, {"object": true}],
            "reason": "A reason",
        });
        let nulls = json!({
            "badRequestDetail": null, "detail": null, "error": status, "errorCode": "SOME_CODE",
            "parameters": [], "reason": null,
        });
        for body in [whole, nulls, json!({"error": status}), json!({})] {
            // A new client: with a nonce, a 401 might be about the nonce only.
            let atlas = client(&sandbox);
            sandbox.queue_response(Canned::json(status, &body));
            let error = refusal(&atlas, &project).await;
            assert_eq!(error.status().unwrap(), status);
            let api = error.api_error().expect("an error of the API");
            let mut expected = body.clone();
            let fields = expected.as_object_mut().unwrap();
            fields.retain(|_, value| !value.is_null());
            assert_eq!(serde_json::to_value(api).unwrap(), expected);
            assert!(api.extra.is_empty(), "{:?}", api.extra);
            let detail = api.bad_request_detail.as_ref();
            let fields = detail.and_then(|detail| detail.fields.as_deref());
            for violation in fields.into_iter().flatten() {
                assert_eq!(violation.field.as_deref(), Some("vpcId"));
                assert_eq!(violation.description.as_deref(), Some("is wrong"));
            }
            let code = error.error_code().map(ErrorCode::as_str);
            assert_eq!(code, body["errorCode"].as_str());
            assert!(
                error.to_string().contains(code.unwrap_or_default()),
                "{error}"
            );
        }
    }
}

/// As by hand, with `curl` against the sandbox.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oldest_request_gets_the_oldest_response() {
    let sandbox = Sandbox::start().await.unwrap();
    let (public, private) = sandbox.api_key();
    let project = sandbox.project();
    let url = format!(
        "{}/api/atlas/v1.0/groups/{project}/peers",
        sandbox.base_url()
    );
    let key = format!("{public}:{private}");
    let json = "Content-Type: application/json";
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--write-out", "\n%{http_code}"])
        .args(["-X", "POST", "-u", &key, "--digest", &url])
        .args(["-H", json, "--data", OLDEST_REQUEST]);
    let output = match tokio::task::spawn_blocking(move || curl.output())
        .await
        .unwrap()
    {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert!(std::env::var_os("CI").is_none(), "curl is not installed");
            eprintln!("skipped: curl is not installed");
            return;
        }
        output => output.unwrap(),
    };
    let printed = String::from_utf8(output.stdout).unwrap();
    let (body, status) = printed.rsplit_once('\n').unwrap();
    assert_eq!(status, "200", "{body}");
    let (body, expected) = (value(body), value(OLDEST_RESPONSE));
    let fields = |value: &Value| -> Vec<_> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(fields(&body), fields(&expected));
    for field in ["connectionId", "errorStateName", "statusName"] {
        assert_eq!(body[field], expected[field], "{field}");
    }
    assert_eq!(body["vpcId"], "vpc-123456");
}
