//! Requests are checked before a byte is sent: what the service would surely refuse is an error
//! that names the field, the value and the remedy. What it might take is left to the service.

pub(crate) mod cidr;
mod new_container;

use std::ops::RangeInclusive;

use crate::Error;
use crate::types::{
    AwsPeeringUpdate, AzurePeeringUpdate, GcpPeeringUpdate, NewAwsPeering, NewAzurePeering,
    NewGcpPeering, PrivateIpModeUpdate,
};
use cidr::route_table_cidr_block;

/// A request body that can be checked. The generated methods call it, so that a new request type
/// without a check does not compile.
pub(crate) trait Validate {
    /// Checks every field.
    fn validate(&self) -> Result<(), Error>;
}

/// An integer of the query lies within the bounds that the fragment gives.
pub(crate) fn within(
    parameter: &'static str,
    value: Option<i64>,
    bounds: RangeInclusive<i64>,
) -> Result<(), Error> {
    match value {
        Some(value) if !bounds.contains(&value) => {
            let (least, greatest) = bounds.into_inner();
            let remedy = format!("it is from {least} to {greatest}");
            Err(Error::input(parameter, &value.to_string(), remedy))
        }
        _ => Ok(()),
    }
}

impl Validate for NewAwsPeering {
    fn validate(&self) -> Result<(), Error> {
        vpc_id(&self.vpc_id)?;
        aws_account_id(&self.aws_account_id)?;
        route_table_cidr_block(&self.route_table_cidr_block)?;
        optional(self.accepter_region_name.as_ref(), accepter_region_name)
    }
}

impl Validate for AwsPeeringUpdate {
    fn validate(&self) -> Result<(), Error> {
        optional(self.vpc_id.as_ref(), vpc_id)?;
        optional(self.aws_account_id.as_ref(), aws_account_id)?;
        optional(self.route_table_cidr_block.as_ref(), route_table_cidr_block)?;
        optional(self.accepter_region_name.as_ref(), accepter_region_name)
    }
}

impl Validate for NewAzurePeering {
    fn validate(&self) -> Result<(), Error> {
        uuid("azureDirectoryId", &self.azure_directory_id)?;
        uuid("azureSubscriptionId", &self.azure_subscription_id)?;
        name("resourceGroupName", &self.resource_group_name)?;
        name("vnetName", &self.vnet_name)
    }
}

impl Validate for AzurePeeringUpdate {
    fn validate(&self) -> Result<(), Error> {
        optional(self.azure_directory_id.as_ref(), |id| {
            uuid("azureDirectoryId", id)
        })?;
        optional(self.resource_group_name.as_ref(), |text| {
            name("resourceGroupName", text)
        })
    }
}

impl Validate for NewGcpPeering {
    fn validate(&self) -> Result<(), Error> {
        name("gcpProjectId", &self.gcp_project_id)?;
        name("networkName", &self.network_name)
    }
}

impl Validate for GcpPeeringUpdate {
    fn validate(&self) -> Result<(), Error> {
        optional(self.gcp_project_id.as_ref(), |text| {
            name("gcpProjectId", text)
        })?;
        optional(self.network_name.as_ref(), |text| name("networkName", text))
    }
}

/// Whether the mode can be changed is the service's to say.
impl Validate for PrivateIpModeUpdate {
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

fn optional(
    value: Option<&String>,
    check: impl FnOnce(&str) -> Result<(), Error>,
) -> Result<(), Error> {
    value.map_or(Ok(()), |value| check(value))
}

fn refuse_unless(
    valid: bool,
    field: &'static str,
    value: &str,
    remedy: &'static str,
) -> Result<(), Error> {
    if valid {
        Ok(())
    } else {
        Err(Error::input(field, value, remedy))
    }
}

fn vpc_id(value: &str) -> Result<(), Error> {
    let digits = value.strip_prefix("vpc-").unwrap_or_default();
    let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    refuse_unless(
        valid,
        "vpcId",
        value,
        "an AWS VPC id is vpc- and hexadecimal digits",
    )
}

fn aws_account_id(value: &str) -> Result<(), Error> {
    let valid = value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit());
    refuse_unless(
        valid,
        "awsAccountId",
        value,
        "an AWS account id is 12 digits, without hyphens",
    )
}

fn accepter_region_name(value: &str) -> Result<(), Error> {
    name("accepterRegionName", value)
}

fn uuid(field: &'static str, value: &str) -> Result<(), Error> {
    let groups: Vec<_> = value.split('-').collect();
    let lengths = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]);
    let digits = groups
        .iter()
        .all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let remedy = "it is a UUID, such as 0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02";
    refuse_unless(lengths && digits, field, value, remedy)
}

fn name(field: &'static str, value: &str) -> Result<(), Error> {
    let valid = !value.is_empty() && !value.contains(char::is_whitespace);
    refuse_unless(valid, field, value, "it is a name without white space")
}
