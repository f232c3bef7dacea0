//! Bad input never panics and never sends: it is an error that names the field and the value.

mod networks;

use atlas_peering::types::{
    AwsPeeringUpdate, AzurePeeringUpdate, GcpPeeringUpdate, NewAwsPeering, NewAzurePeering,
    NewGcpPeering, NewPeering, PeeringUpdate,
};
use atlas_peering::{ContainerId, Error, PeeringId, ProjectId};
use atlas_peering_sandbox::Sandbox;

use crate::support::{aws, azure, client, gcp, project};

fn names(error: &Error, field: &str, value: &str) {
    assert!(error.is_input(), "{error:?}");
    let message = error.to_string();
    assert!(
        message.contains(&format!("the {field} {value:?} is not valid: ")),
        "{message}"
    );
}

#[test]
fn malformed_ids_are_named() {
    for text in [
        "",
        "5356823b3794dee37132bb7",
        "5356823b3794dee37132bb7bb",
        "g356823b3794dee37132bb7b",
        "５356823b3794dee37132bb7",
        "../5356823b3794dee37132b",
    ] {
        names(&text.parse::<ProjectId>().unwrap_err(), "project id", text);
        names(&text.parse::<PeeringId>().unwrap_err(), "peering id", text);
        names(
            &text.parse::<ContainerId>().unwrap_err(),
            "container id",
            text,
        );
    }
}

#[test]
fn ids_are_compared_in_lower_case() {
    let upper: ProjectId = "5356823B3794DEE37132BB7B".parse().unwrap();
    assert_eq!(upper, "5356823b3794dee37132bb7b".parse().unwrap());
}

#[tokio::test]
async fn a_malformed_request_is_named_and_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let with = |change: fn(&mut NewAwsPeering)| -> NewPeering {
        let mut request = aws();
        change(&mut request);
        request.into()
    };
    let on_azure = |change: fn(&mut NewAzurePeering)| -> NewPeering {
        let mut request = azure(&sandbox);
        change(&mut request);
        request.into()
    };
    let on_gcp = |change: fn(&mut NewGcpPeering)| -> NewPeering {
        let mut request = gcp(&sandbox);
        change(&mut request);
        request.into()
    };
    let cases: [(NewPeering, &str, &str); 15] = [
        (with(|request| request.vpc_id = String::new()), "vpcId", ""),
        (
            with(|request| request.vpc_id = "vpc-".into()),
            "vpcId",
            "vpc-",
        ),
        (
            with(|request| request.vpc_id = "pcx-0123".into()),
            "vpcId",
            "pcx-0123",
        ),
        (
            with(|request| request.aws_account_id = String::new()),
            "awsAccountId",
            "",
        ),
        (
            with(|request| request.aws_account_id = "12345678901".into()),
            "awsAccountId",
            "12345678901",
        ),
        (
            with(|request| request.aws_account_id = "abc123abc123".into()),
            "awsAccountId",
            "abc123abc123",
        ),
        (
            with(|request| request.aws_account_id = "1234-5678-90".into()),
            "awsAccountId",
            "1234-5678-90",
        ),
        (
            with(|request| request.route_table_cidr_block = "10.0.0.0".into()),
            "routeTableCidrBlock",
            "10.0.0.0",
        ),
        (
            with(|request| request.route_table_cidr_block = "10.0.0.0/33".into()),
            "routeTableCidrBlock",
            "10.0.0.0/33",
        ),
        (
            with(|request| request.route_table_cidr_block = "anywhere".into()),
            "routeTableCidrBlock",
            "anywhere",
        ),
        (
            with(|request| request.accepter_region_name = Some(String::new())),
            "accepterRegionName",
            "",
        ),
        (
            on_azure(|request| request.azure_directory_id = "none".into()),
            "azureDirectoryId",
            "none",
        ),
        (
            on_azure(|request| request.vnet_name = String::new()),
            "vnetName",
            "",
        ),
        (
            on_gcp(|request| request.gcp_project_id = "my project".into()),
            "gcpProjectId",
            "my project",
        ),
        (
            on_gcp(|request| request.network_name = String::new()),
            "networkName",
            "",
        ),
    ];
    for (request, field, value) in cases {
        let error = atlas
            .create_peering_connection(&project, &request)
            .await
            .unwrap_err();
        names(&error, field, value);
        assert_eq!(error.operation(), Some("create_peering_connection"));
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_malformed_change_is_named_and_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let id = "1112222b3bf99403840e8934".parse().unwrap();
    let cases: [(PeeringUpdate, &str, &str); 6] = [
        (
            AwsPeeringUpdate {
                vpc_id: Some("x".into()),
                ..Default::default()
            }
            .into(),
            "vpcId",
            "x",
        ),
        (
            AwsPeeringUpdate {
                aws_account_id: Some("1".into()),
                ..Default::default()
            }
            .into(),
            "awsAccountId",
            "1",
        ),
        (
            AwsPeeringUpdate {
                route_table_cidr_block: Some("1".into()),
                ..Default::default()
            }
            .into(),
            "routeTableCidrBlock",
            "1",
        ),
        (
            AzurePeeringUpdate {
                azure_directory_id: Some("1".into()),
                ..Default::default()
            }
            .into(),
            "azureDirectoryId",
            "1",
        ),
        (
            AzurePeeringUpdate {
                resource_group_name: Some(String::new()),
                ..Default::default()
            }
            .into(),
            "resourceGroupName",
            "",
        ),
        (
            GcpPeeringUpdate {
                network_name: Some(" ".into()),
                ..Default::default()
            }
            .into(),
            "networkName",
            " ",
        ),
    ];
    for (request, field, value) in cases {
        let error = atlas
            .update_peering_connection(&project, &id, &request)
            .await
            .unwrap_err();
        names(&error, field, value);
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_page_that_cannot_be_is_named_and_not_asked_for() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    for (size, number, field, value) in [
        (Some(0), None, "itemsPerPage", "0"),
        (Some(501), None, "itemsPerPage", "501"),
        (Some(-1), None, "itemsPerPage", "-1"),
        (None, Some(0), "pageNum", "0"),
        (None, Some(i64::MAX), "pageNum", "9223372036854775807"),
    ] {
        let error = atlas
            .list_peering_connections(&project, None, size, number, None)
            .await
            .unwrap_err();
        names(&error, field, value);
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn a_request_from_a_file_loses_no_field_and_needs_a_known_cloud() {
    for (text, words) in [
        (
            r#"{"vpcId": "vpc-1", "awsAccountId": "123456789012", "routeTableCidrBlock": "10.0.0.0/8", "accepterRegion": "us-east-1"}"#,
            "accepterRegion",
        ),
        (
            r#"{"providerName": "ORACLE"}"#,
            "providerName \"ORACLE\" is not one of AWS, AZURE, GCP",
        ),
        (
            r#"{"containerId": "6746ceedaef48d1cb265896b"}"#,
            "providerName is missing",
        ),
        (
            r#"{"containerId": "x", "networkName": "default", "gcpProjectId": "p"}"#,
            "container id \"x\"",
        ),
    ] {
        let message = serde_json::from_str::<NewPeering>(text)
            .unwrap_err()
            .to_string();
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_value_of_any_length_is_named_in_short() {
    let message = "0"
        .repeat(100_000)
        .parse::<ProjectId>()
        .unwrap_err()
        .to_string();
    assert!(message.len() < 200, "{}", message.len());
}
