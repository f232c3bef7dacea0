//! What this version does not know is decoded, and encoded back without loss.

use atlas_peering::PeeringState;
use atlas_peering::types::{ApiError, Peering, PeeringPage, Provider};
use atlas_peering_sandbox::{Canned, Sandbox};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::support::{aws, azure, client, created, gcp, made, project};

fn through<T: DeserializeOwned + Serialize>(body: &Value) -> T {
    let decoded: T = serde_json::from_value(body.clone()).unwrap();
    assert_eq!(serde_json::to_value(&decoded).unwrap(), *body);
    decoded
}

fn examples() -> [Value; 4] {
    let id = "1112222b3bf99403840e8934";
    let container = "6746ceedaef48d1cb265896b";
    [
        json!({
            "id": id, "containerId": container, "providerName": "AWS", "statusName": "FAILED",
            "accepterRegionName": "us-east-1", "awsAccountId": "123456789012",
            "connectionId": "pcx-1", "errorStateName": "EXPIRED", "errorMessage": "words",
            "routeTableCidrBlock": "10.0.0.0/24", "vpcId": "vpc-1",
        }),
        json!({
            "id": id, "containerId": container, "providerName": "AZURE", "status": "FAILED",
            "azureDirectoryId": "a", "azureSubscriptionId": "b", "errorState": "words",
            "resourceGroupName": "c", "vnetName": "d",
        }),
        json!({
            "id": id, "containerId": container, "providerName": "GCP", "status": "FAILED",
            "errorMessage": "words", "gcpProjectId": "a", "networkName": "b",
        }),
        json!({
            "id": id, "containerId": container, "providerName": "ORACLE", "status": "FAILED",
            "compartment": {"deep": [1, null]},
        }),
    ]
}

/// Each example with each of its fields but the id changed in turn.
fn with_each_field(change: impl Fn(&mut Map<String, Value>, &str)) -> Vec<Value> {
    let mut changed = Vec::new();
    for example in examples() {
        let fields = example.as_object().unwrap();
        for field in fields.keys().filter(|field| *field != "id") {
            let mut body = fields.clone();
            change(&mut body, field);
            changed.push(body.into());
        }
    }
    assert!(changed.len() > 25);
    changed
}

#[test]
fn a_null_in_any_optional_field_comes_back() {
    for body in with_each_field(|body, field| body[field] = Value::Null) {
        let peering: Peering = through(&body);
        assert_eq!(peering.id().as_str(), "1112222b3bf99403840e8934");
    }
}

#[test]
fn any_optional_field_may_be_absent() {
    for body in with_each_field(|body, field| _ = body.remove(field)) {
        through::<Peering>(&body);
    }
    through::<Peering>(&json!({"id": "1112222b3bf99403840e8934"}));
}

#[test]
fn a_new_field_and_a_new_state_come_back_on_every_cloud() {
    for example in examples() {
        let mut body = example;
        let field = if body.get("statusName").is_some() {
            "statusName"
        } else {
            "status"
        };
        body[field] = json!("WARMING_UP");
        body["newField"] = json!({"of": ["any", "form"]});
        let peering: Peering = through(&body);
        assert_eq!(peering.state(), PeeringState::Unknown("WARMING_UP".into()));
        assert_eq!(peering.state().to_string(), "WARMING_UP");
    }
}

#[test]
fn a_new_provider_keeps_everything() {
    let [.., oracle] = examples();
    let peering: Peering = through(&oracle);
    let Peering::Unknown(unknown) = &peering else {
        panic!("{peering:?}")
    };
    assert_eq!(unknown.extra["compartment"], json!({"deep": [1, null]}));
    assert_eq!(peering.provider(), Provider::Unknown("ORACLE".into()));
    assert_eq!(peering.state(), PeeringState::Failed);
    assert_eq!(
        peering.container_id().unwrap().as_str(),
        "6746ceedaef48d1cb265896b"
    );
}

#[test]
fn a_missing_provider_is_told_from_the_fields() {
    for (example, provider) in examples()
        .iter()
        .zip(["AWS", "AZURE", "GCP", "UNSPECIFIED"])
    {
        for absent in [true, false] {
            let mut body = example.clone();
            body["providerName"] = Value::Null;
            if absent {
                body.as_object_mut().unwrap().remove("providerName");
            }
            assert_eq!(through::<Peering>(&body).provider().as_str(), provider);
        }
    }
    // As users show peerings: a short VPC id, and little else.
    let body = json!({"id": "1112222b3bf99403840e8934", "vpcId": "vpc-7b64b41e", "statusName": "AVAILABLE"});
    assert_eq!(through::<Peering>(&body).provider(), Provider::Aws);
}

#[test]
fn the_cause_joins_what_the_cloud_says() {
    let causes = examples().map(|example| through::<Peering>(&example).cause());
    let words = Some("words".to_owned());
    assert_eq!(
        causes,
        [
            Some("EXPIRED: words".to_owned()),
            words.clone(),
            words,
            None
        ]
    );
}

#[test]
fn lists_and_errors_come_back_whole() {
    through::<PeeringPage>(&json!({"results": [], "links": [], "totalCount": 0, "status": 200}));
    through::<PeeringPage>(&json!({"results": examples(), "links": null, "totalCount": null}));
    through::<PeeringPage>(
        &json!({"results": [], "links": [{"href": "x", "rel": null, "new": 1}]}),
    );
    through::<ApiError>(
        &json!({"error": 400, "parameters": null, "badRequestDetail": {"fields": null}}),
    );
    through::<ApiError>(&json!({"badRequestDetail": {"fields": [{"field": "x"}], "new": 1}}));
}

#[test]
fn a_list_without_results_is_not_an_empty_one() {
    let error = serde_json::from_value::<PeeringPage>(json!({"totalCount": 3})).unwrap_err();
    assert_eq!(error.to_string(), "the field `results` is missing");
}

#[test]
fn a_field_that_is_set_comes_before_a_null_that_was_there() {
    let [aws, ..] = examples();
    let mut body = aws;
    body["connectionId"] = Value::Null;
    let Peering::Aws(mut peering) = through::<Peering>(&body) else {
        panic!("an AWS peering")
    };
    peering.connection_id = Some("pcx-2".into());
    body["connectionId"] = json!("pcx-2");
    assert_eq!(serde_json::to_value(&peering).unwrap(), body);
}

#[tokio::test]
async fn the_sandbox_may_say_what_nobody_knows_yet() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let peerings = [
        made(&atlas, &project, aws()).await,
        made(&atlas, &project, azure(&sandbox)).await,
        made(&atlas, &project, gcp(&sandbox)).await,
    ];
    for peering in peerings {
        let mut expected = serde_json::to_value(&peering).unwrap();
        for (field, value) in [
            ("statusName", json!("WARMING_UP")),
            ("status", json!("WARMING_UP")),
            ("containerId", Value::Null),
            ("brandNew", json!([1, {"x": null}])),
        ] {
            sandbox
                .set(peering.id().as_str(), field, value.clone())
                .unwrap();
            expected[field] = value;
            let read = atlas
                .get_peering_connection(&project, peering.id())
                .await
                .unwrap();
            assert_eq!(serde_json::to_value(&*read).unwrap(), expected);
        }
        sandbox
            .set(peering.id().as_str(), "providerName", json!("ORACLE"))
            .unwrap();
        let read = atlas
            .get_peering_connection(&project, peering.id())
            .await
            .unwrap();
        assert!(matches!(*read, Peering::Unknown(_)));
        expected["providerName"] = json!("ORACLE");
        assert_eq!(serde_json::to_value(&*read).unwrap(), expected);
    }
}

#[tokio::test]
async fn an_answer_with_everything_new_is_taken() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = json!({"id": "1112222b3bf99403840e8934", "providerName": "MARS", "phase": "red"});
    sandbox.answer_next(Canned::json(200, &body));
    let peering = created(&client(&sandbox), &project(&sandbox)).await;
    assert_eq!(serde_json::to_value(&peering).unwrap(), body);
    assert_eq!(peering.state(), PeeringState::Unknown("UNSPECIFIED".into()));
}
