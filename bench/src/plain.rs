//! Peerings as a user would write them by hand: plain derives with the fields of our types.
//!
//! The names of states, errors and clouds are strings here. Unknown fields are skipped.

use serde::{Deserialize, Serialize};

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) links: Option<Vec<Link>>,
    pub(crate) results: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) total_count: Option<i32>,
}

#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Link {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) href: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rel: Option<String>,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AwsPeering {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) accepter_region_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) aws_account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connection_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) container_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_state_name: Option<String>,
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) route_table_cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vpc_id: Option<String>,
}
