//! The peerings that the benches list and decode.

use serde_json::{Value, json};

/// A peering in the form of the service.
pub(crate) fn peering(number: usize) -> Value {
    json!({
        "accepterRegionName": "us-east-1",
        "awsAccountId": "123456789012",
        "connectionId": format!("pcx-{number:017x}"),
        "containerId": "6746ceedaef48d1cb265896b",
        "errorStateName": null,
        "id": format!("{number:024x}"),
        "providerName": "AWS",
        "routeTableCidrBlock": format!("10.0.{}.0/24", number % 256),
        "statusName": "AVAILABLE",
        "vpcId": format!("vpc-{number:017x}"),
    })
}
