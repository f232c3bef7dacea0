//! Values that this version does not know are decoded, and encoded again without loss.

use std::time::Duration;

use atlas_peering::types::{ApiError, AwsPeeringError, AwsRegion, Peering, PeeringPage, Provider};
use atlas_peering::{ErrorCode, PeeringState};
use atlas_peering_sandbox::Canned;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{CONTAINER, created, start};

const ID: &str = "1112222b3bf99403840e8934";

/// Null and absent mean the same.
fn without_nulls(body: &Value) -> Value {
    match body {
        Value::Object(fields) => {
            let there = fields.iter().filter(|(_, value)| !value.is_null());
            there
                .map(|(name, value)| (name.clone(), without_nulls(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        scalar => scalar.clone(),
    }
}

fn through<T: DeserializeOwned + Serialize>(body: &Value) -> T {
    let decoded: T = serde_json::from_value(body.clone()).unwrap();
    let encoded = serde_json::to_value(&decoded).unwrap();
    assert_eq!(without_nulls(&encoded), without_nulls(body));
    decoded
}

fn examples() -> [Value; 4] {
    let (id, container) = (ID, CONTAINER);
    [
        json!({
            "id": id, "containerId": container, "providerName": "AWS", "statusName": "FAILED",
            "accepterRegionName": "us-east-1", "awsAccountId": "123456789012",
            "connectionId": "pcx-1", "errorStateName": "EXPIRED", "errorMessage": "phrase",
            "routeTableCidrBlock": "10.0.0.0/24", "vpcId": "vpc-1",
        }),
        json!({
            "id": id, "containerId": container, "providerName": "AZURE", "status": "FAILED",
            "azureDirectoryId": "a", "azureSubscriptionId": "b", "errorState": "phrase",
            "resourceGroupName": "c", "vnetName": "d",
        }),
        json!({
            "id": id, "containerId": container, "providerName": "GCP", "status": "FAILED",
            "errorMessage": "phrase", "gcpProjectId": "a", "networkName": "b",
        }),
        json!({
            "id": id, "containerId": container, "providerName": "ORACLE", "status": "FAILED",
            "compartment": {"deep": [1, null]},
        }),
    ]
}

#[test]
fn any_field_but_the_id_may_be_null_or_absent() {
    let mut fields = 0;
    for example in examples() {
        let names = example.as_object().unwrap().keys();
        for field in names.filter(|field| *field != "id") {
            let mut body = example.clone();
            body[field] = Value::Null;
            let peering: Peering = through(&body);
            assert_eq!(peering.id().as_str(), ID);
            body.as_object_mut().unwrap().remove(field);
            through::<Peering>(&body);
            fields += 1;
        }
    }
    assert!(fields > 25);
    through::<Peering>(&json!({"id": ID}));
}

#[test]
fn a_new_field_and_a_new_state_are_encoded_again_on_each_cloud() {
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
        assert_eq!(peering.state(), PeeringState::from("WARMING_UP"));
        assert_eq!(peering.state().to_string(), "WARMING_UP");
    }
}

/// `as_str` returns the spelling of the service.
#[test]
fn an_unknown_value_is_displayed_on_one_line() {
    fn shown(value: &impl std::fmt::Display) -> [String; 2] {
        [value.to_string(), format!("{value:>4}")]
    }
    for (bad, line) in [
        ("\u{1b}[2J", " [2J"),
        ("A\nB", "A B"),
        ("\r\n", "  "),
        ("A\u{2028}\u{202e}", "A  "),
    ] {
        assert_eq!(PeeringState::from(bad).as_str(), bad);
        for shown in [
            shown(&PeeringState::from(bad)),
            shown(&Provider::from(bad)),
            shown(&ErrorCode::from(bad)),
            shown(&AwsRegion::from(bad)),
            shown(&AwsPeeringError::from(bad)),
        ] {
            assert_eq!(shown, [line.to_owned(), format!("{line:>4}")]);
        }
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
    assert_eq!(peering.provider(), Provider::from("ORACLE"));
    assert_eq!(peering.state(), PeeringState::Failed);
    assert_eq!(peering.container_id().unwrap().as_str(), CONTAINER);
}

#[test]
fn a_missing_provider_follows_from_the_fields() {
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
    // As in users' reports: a short VPC id, and few other fields.
    let body = json!({"id": ID, "vpcId": "vpc-7b64b41e", "statusName": "AVAILABLE"});
    assert_eq!(through::<Peering>(&body).provider(), Provider::Aws);
}

#[test]
fn the_cause_joins_the_fields_of_the_cloud() {
    let causes = examples().map(|example| through::<Peering>(&example).cause());
    let phrase = Some("phrase".to_owned());
    assert_eq!(
        causes,
        [
            Some("EXPIRED: phrase".to_owned()),
            phrase.clone(),
            phrase,
            None
        ]
    );
}

#[test]
fn lists_and_errors_are_encoded_again_without_loss() {
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
    assert_eq!(error.to_string(), "missing field `results`");
}

#[tokio::test]
async fn an_unknown_state_neither_ends_a_wait_nor_breaks_it() {
    let (sandbox, atlas, project) = start().await;
    for (provider, field) in [
        ("AWS", "statusName"),
        ("AZURE", "status"),
        ("GCP", "status"),
    ] {
        let id = sandbox.fill(provider, 1).unwrap().remove(0);
        let wait = atlas.wait_for_peering(&project, &id.parse().unwrap());
        let mut states = wait.poll_interval(Duration::from_millis(2)).states();
        let unknown = PeeringState::from("WARMING_UP");
        assert!(!unknown.is_failed() && !unknown.needs_user());
        for (value, state) in [
            (json!("WARMING_UP"), unknown),
            (json!(null), PeeringState::from("UNSPECIFIED")),
            (json!("AVAILABLE"), PeeringState::Available),
        ] {
            sandbox.set(&id, field, value).unwrap();
            assert_eq!(states.next().await.unwrap().unwrap().state(), state);
        }
        assert!(states.next().await.is_none());
    }
    // An unknown cloud too.
    let id = sandbox.fill("AWS", 1).unwrap().remove(0);
    sandbox.set(&id, "providerName", json!("ORACLE")).unwrap();
    sandbox.set(&id, "statusName", json!("AVAILABLE")).unwrap();
    let wait = atlas.wait_for_peering(&project, &id.parse().unwrap());
    assert!(wait.await.unwrap().state().is_available());
}

#[tokio::test]
async fn a_response_with_only_unknown_values_is_accepted() {
    let (sandbox, atlas, project) = start().await;
    let body = json!({"id": ID, "providerName": "MARS", "phase": "red"});
    sandbox.queue_response(Canned::json(200, &body));
    let peering = created(&atlas, &project).await;
    assert_eq!(serde_json::to_value(&peering).unwrap(), body);
    assert_eq!(peering.state(), PeeringState::from("UNSPECIFIED"));
}

/// Not the nearest number to it: a client that writes back what it read must not move a value.
#[test]
fn a_number_of_an_unknown_field_keeps_its_digits() {
    let numbers = [
        "31.245270191439438",
        "0.1234567890123456",
        "9007199254740993",
        "5e-324",
    ];
    for number in numbers {
        let body = format!(r#"{{"id":"{ID}","providerName":"ORACLE","weight":{number}}}"#);
        let peering: Peering = serde_json::from_str(&body).unwrap();
        assert_eq!(serde_json::to_string(&peering).unwrap(), body);
    }
}
