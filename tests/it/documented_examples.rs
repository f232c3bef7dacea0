//! The two documents that the project was asked to implement, row by row.

use atlas_peering::ErrorCode;
use atlas_peering::types::{ApiError, NewAwsPeering, NewPeering, Peering};
use atlas_peering_sandbox::{Canned, Sandbox};
use serde_json::{Value, json};

use crate::support::{aws, client, project};

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
fn the_oldest_request_is_one_of_aws_and_says_so() {
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
    assert_eq!(
        serde_json::to_value(&peering).unwrap(),
        value(OLDEST_RESPONSE)
    );
}

/// Each field of the request's table: what it holds, and the Rust field that it becomes.
type Row<T> = (&'static str, &'static str, fn(&T) -> Option<String>);

#[test]
fn every_field_of_the_request_has_a_row() {
    let rows: [Row<NewAwsPeering>; 5] = [
        ("containerId", "6746ceedaef48d1cb265896b", |of| {
            of.container_id.as_ref().map(ToString::to_string)
        }),
        ("accepterRegionName", "us-east-1", |of| {
            of.accepter_region_name.clone()
        }),
        ("awsAccountId", "123456789012", |of| {
            Some(of.aws_account_id.clone())
        }),
        ("routeTableCidrBlock", "10.0.0.0/24", |of| {
            Some(of.route_table_cidr_block.clone())
        }),
        ("vpcId", "vpc-0123456789abcdef0", |of| {
            Some(of.vpc_id.clone())
        }),
    ];
    let mut whole: Value = rows
        .iter()
        .map(|(field, text, _)| (*field, *text))
        .collect();
    whole["providerName"] = json!("AWS");
    let request: NewPeering = serde_json::from_value(whole.clone()).unwrap();
    let NewPeering::Aws(aws) = &request else {
        panic!("{request:?}")
    };
    for (field, text, get) in rows {
        assert_eq!(get(aws).as_deref(), Some(text), "{field}");
    }
    assert_eq!(serde_json::to_value(&request).unwrap(), whole);
}

#[test]
fn every_field_of_the_response_has_a_row() {
    use atlas_peering::types::AwsPeering;
    let rows: [Row<AwsPeering>; 10] = [
        ("containerId", "6746ceedaef48d1cb265896b", |of| {
            of.container_id.as_ref().map(ToString::to_string)
        }),
        ("id", "1112222b3bf99403840e8934", |of| {
            Some(of.id.to_string())
        }),
        ("providerName", "AWS", |of| {
            of.provider_name.as_ref().map(ToString::to_string)
        }),
        ("accepterRegionName", "us-east-1", |of| {
            of.accepter_region_name.clone()
        }),
        ("awsAccountId", "123456789012", |of| {
            of.aws_account_id.clone()
        }),
        ("connectionId", "pcx-0123456789abcdef0", |of| {
            of.connection_id.clone()
        }),
        ("errorStateName", "REJECTED", |of| {
            of.error_state_name.as_ref().map(ToString::to_string)
        }),
        ("routeTableCidrBlock", "10.0.0.0/24", |of| {
            of.route_table_cidr_block.clone()
        }),
        ("statusName", "FAILED", |of| {
            of.status_name.as_ref().map(ToString::to_string)
        }),
        ("vpcId", "vpc-0123456789abcdef0", |of| of.vpc_id.clone()),
    ];
    let whole: Value = rows
        .iter()
        .map(|(field, text, _)| (*field, *text))
        .collect();
    let peering: Peering = serde_json::from_value(whole.clone()).unwrap();
    let Peering::Aws(aws) = &peering else {
        panic!("{peering:?}")
    };
    for (field, text, get) in rows {
        assert_eq!(get(aws).as_deref(), Some(text), "{field}");
    }
    assert!(aws.extra.is_empty());
    assert_eq!(peering.cause().as_deref(), Some("REJECTED"));
    assert_eq!(serde_json::to_value(&peering).unwrap(), whole);
}

#[tokio::test]
async fn each_error_status_arrives_typed_with_every_field() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    for status in [400, 401, 403, 404, 409, 500] {
        let whole = json!({
            "badRequestDetail": {"fields": [{"field": "vpcId", "description": "is wrong"}]},
            "detail": "In words.",
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
            sandbox.answer_next(Canned::json(status, &body));
            let error = atlas
                .create_peering_connection(&project, &aws().into())
                .await
                .unwrap_err();
            assert_eq!(error.status().unwrap(), status);
            let api = error.api_error().expect("an error of the API");
            assert_eq!(serde_json::to_value(api).unwrap(), body);
            carries_every_field(api, &body);
            assert_eq!(
                error.error_code().map(ErrorCode::as_str),
                body["errorCode"].as_str()
            );
            if let Some(code) = error.error_code().map(ErrorCode::as_str) {
                assert!(error.to_string().contains(code), "{error}");
            }
        }
    }
}

fn carries_every_field(api: &ApiError, body: &Value) {
    let detail = api
        .bad_request_detail
        .as_ref()
        .and_then(|detail| detail.fields.as_ref());
    let violation = detail.and_then(|fields| fields.first());
    let sent = &body["badRequestDetail"]["fields"][0];
    assert_eq!(
        violation.and_then(|of| of.field.as_deref()),
        sent["field"].as_str()
    );
    assert_eq!(
        violation.and_then(|of| of.description.as_deref()),
        sent["description"].as_str()
    );
    assert_eq!(api.detail.as_deref(), body["detail"].as_str());
    assert_eq!(api.error.map(i64::from), body["error"].as_i64());
    assert_eq!(api.error_code.as_deref(), body["errorCode"].as_str());
    assert_eq!(api.parameters.as_ref(), body["parameters"].as_array());
    assert_eq!(api.reason.as_deref(), body["reason"].as_str());
}
