//! The rules for the attributes of a peering.

use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::cloud::Cloud;
use crate::reply::{Reply, Violation};

/// An attribute that the user sets, and its rule.
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    required: bool,
    form: fn(&str) -> bool,
    code: &'static str,
    /// The rule as the end of a sentence that starts with the name.
    rule: &'static str,
}

const fn attribute(
    name: &'static str,
    required: bool,
    form: fn(&str) -> bool,
    rule: &'static str,
) -> Attribute {
    Attribute {
        name,
        required,
        form,
        code: "INVALID_ATTRIBUTE",
        rule,
    }
}

const AWS: [Attribute; 5] = [
    attribute("accepterRegionName", false, is_name, "is an AWS region"),
    // `is_account` allows letters: the account in the service's oldest example has some.
    attribute("awsAccountId", true, is_account, "has 12 digits"),
    attribute("containerId", false, is_id, "has 24 hexadecimal digits"),
    Attribute {
        code: "INVALID_ROUTE_TABLE_CIDR",
        ..attribute(
            "routeTableCidrBlock",
            true,
            is_cidr,
            "is an address block in CIDR notation",
        )
    },
    attribute("vpcId", true, is_vpc, "starts with vpc-"),
];

const AZURE: [Attribute; 5] = [
    attribute("azureDirectoryId", true, is_uuid, "is a UUID"),
    attribute("azureSubscriptionId", true, is_uuid, "is a UUID"),
    attribute("containerId", true, is_id, "has 24 hexadecimal digits"),
    attribute("resourceGroupName", true, is_name, "is a name"),
    attribute("vnetName", true, is_name, "is a name"),
];

const GCP: [Attribute; 3] = [
    attribute("containerId", true, is_id, "has 24 hexadecimal digits"),
    attribute("gcpProjectId", true, is_name, "is a name"),
    attribute("networkName", true, is_name, "is a name"),
];

/// The attributes that the user sets, by cloud.
pub(crate) fn of(cloud: Cloud) -> &'static [Attribute] {
    match cloud {
        Cloud::Aws => &AWS,
        Cloud::Azure => &AZURE,
        Cloud::Gcp => &GCP,
    }
}

/// Checks the attributes of a request; if `whole`, the required ones must be there.
pub(crate) fn check(cloud: Cloud, body: &Map<String, Value>, whole: bool) -> Result<(), Reply> {
    let refuse = |code, field, description| {
        Err(Reply::bad_request(
            code,
            &[Violation { field, description }],
        ))
    };
    for attribute in of(cloud) {
        let field = attribute.name;
        match body.get(field) {
            None if attribute.required && whole => {
                return refuse("MISSING_ATTRIBUTE", field, format!("{field} is required"));
            }
            None => {}
            Some(Value::String(value)) if (attribute.form)(value) => {}
            Some(_) => {
                return refuse(attribute.code, field, format!("{field} {}", attribute.rule));
            }
        }
    }
    Ok(())
}

pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 24
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_vpc(text: &str) -> bool {
    text.strip_prefix("vpc-")
        .is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn is_cidr(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else {
        return false;
    };
    match (address.parse::<IpAddr>(), prefix.parse::<u8>()) {
        (Ok(IpAddr::V4(_)), Ok(prefix)) => prefix <= 32,
        (Ok(IpAddr::V6(_)), Ok(prefix)) => prefix <= 128,
        _ => false,
    }
}

fn is_uuid(text: &str) -> bool {
    let hyphens = text
        .char_indices()
        .filter(|(_, letter)| *letter == '-')
        .map(|(at, _)| at);
    text.len() == 36
        && hyphens.eq([8, 13, 18, 23])
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(' ')
}
