//! Peerings of three clouds on one page, and the types that a user would decode them with by hand.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::peering::peering;
use crate::plain::AwsPeering;

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AzurePeering {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) azure_directory_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) azure_subscription_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) container_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_state: Option<String>,
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource_group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vnet_name: Option<String>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GcpPeering {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) container_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gcp_project_id: Option<String>,
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) network_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
}

/// The fields of all clouds in one struct.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnyPeering {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) accepter_region_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) aws_account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) azure_directory_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) azure_subscription_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connection_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) container_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_state_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gcp_project_id: Option<String>,
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) network_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource_group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) route_table_cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vnet_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vpc_id: Option<String>,
}

/// A variant for each cloud. The discriminator is `providerName`, so that `provider_name` of a variant is
/// always absent.
#[derive(Clone, Deserialize, Serialize)]
#[serde(tag = "providerName")]
pub(crate) enum TaggedPeering {
    #[serde(rename = "AWS")]
    Aws(AwsPeering),
    #[serde(rename = "AZURE")]
    Azure(AzurePeering),
    #[serde(rename = "GCP")]
    Gcp(GcpPeering),
}

/// The peering of a number; the three clouds alternate.
pub(crate) fn mixed_peering(number: usize) -> Value {
    match number % 3 {
        0 => peering(number),
        1 => json!({
            "azureDirectoryId": "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
            "azureSubscriptionId": "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02",
            "containerId": "6746ceedaef48d1cb265896c",
            "errorState": null,
            "id": format!("{number:024x}"),
            "providerName": "AZURE",
            "resourceGroupName": "network-rg",
            "status": "AVAILABLE",
            "vnetName": format!("app-vnet-{number}"),
        }),
        _ => json!({
            "containerId": "6746ceedaef48d1cb265896d",
            "errorMessage": null,
            "gcpProjectId": "my-project-1",
            "id": format!("{number:024x}"),
            "networkName": format!("network-{number}"),
            "providerName": "GCP",
            "status": "AVAILABLE",
        }),
    }
}
