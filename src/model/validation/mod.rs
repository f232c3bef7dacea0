//! Requests are checked before a byte is sent: what the service would surely refuse is an error
//! that names the field, the value and the remedy. What it might take is left to the service.

pub(crate) mod cidr;

use std::borrow::Cow;
use std::ops::RangeInclusive;

use crate::Error;
use crate::types::{
    AwsContainerUpdate, AwsPeeringUpdate, AwsRegion, AzureContainerUpdate, AzurePeeringUpdate,
    AzureRegion, GcpContainerUpdate, GcpPeeringUpdate, GcpRegion, NewAwsContainer, NewAwsPeering,
    NewAzureContainer, NewAzurePeering, NewGcpContainer, NewGcpPeering, PrivateIpModeUpdate,
};
use cidr::{ALL_REGIONS, ANY, NAMED_REGIONS, atlas_cidr_block, route_table_cidr_block};

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
    match value.filter(|value| !bounds.contains(value)) {
        None => Ok(()),
        Some(value) => {
            let remedy = format!("it is from {} to {}", bounds.start(), bounds.end());
            Err(Error::input(parameter, &value.to_string(), remedy))
        }
    }
}

/// Each field of some requests, and the rule that its value keeps where there is one.
macro_rules! validate {
    ($($request:ident),* by $rules:tt) => {
        $(validate! { impl $request $rules })*
    };
    (impl $request:ident { $($field:ident: $rule:expr,)* }) => {
        impl Validate for $request {
            fn validate(&self) -> Result<(), Error> {
                $(self.$field.texts().into_iter().try_for_each($rule)?;)*
                Ok(())
            }
        }
    };
}

validate! { NewAwsPeering, AwsPeeringUpdate by {
    vpc_id: vpc_id,
    aws_account_id: aws_account_id,
    route_table_cidr_block: route_table_cidr_block,
    accepter_region_name: |value| region_by_aws("accepterRegionName", value),
} }
validate! { NewAzurePeering by {
    azure_directory_id: |value| uuid("azureDirectoryId", value),
    azure_subscription_id: |value| uuid("azureSubscriptionId", value),
    resource_group_name: |value| name("resourceGroupName", value),
    vnet_name: |value| name("vnetName", value),
} }
validate! { AzurePeeringUpdate by {
    azure_directory_id: |value| uuid("azureDirectoryId", value),
    resource_group_name: |value| name("resourceGroupName", value),
} }
validate! { NewGcpPeering, GcpPeeringUpdate by {
    gcp_project_id: |value| name("gcpProjectId", value),
    network_name: |value| name("networkName", value),
} }
validate! { NewAwsContainer, AwsContainerUpdate by {
    region_name: |value| region_by_atlas("regionName", value, "US_EAST_1"),
    atlas_cidr_block: |value| atlas_cidr_block(value, NAMED_REGIONS),
} }
validate! { NewAzureContainer, AzureContainerUpdate by {
    region: |value| region_by_atlas("region", value, "US_EAST_2"),
    atlas_cidr_block: |value| atlas_cidr_block(value, NAMED_REGIONS),
} }
// The container may have regions already, so any size may be right.
validate! { GcpContainerUpdate by {
    regions: |value| region_by_atlas("regions", value, "EASTERN_US"),
    atlas_cidr_block: |value| atlas_cidr_block(value, ANY),
} }
// Whether the mode can be changed is the service's to say.
validate! { PrivateIpModeUpdate by {} }

impl Validate for NewGcpContainer {
    fn validate(&self) -> Result<(), Error> {
        let regions = self.regions.texts();
        let sizes = if regions.is_empty() {
            ALL_REGIONS
        } else {
            NAMED_REGIONS
        };
        let check = |value| region_by_atlas("regions", value, "EASTERN_US");
        regions.into_iter().try_for_each(check)?;
        atlas_cidr_block(&self.atlas_cidr_block, sizes)
    }
}

/// A field whose values are texts: one, none, or several.
trait Field {
    fn texts(&self) -> Vec<&str>;
}

macro_rules! field {
    ($($one:ident),* or $($many:ident),*) => {
        $(impl Field for $one {
            fn texts(&self) -> Vec<&str> {
                vec![self.as_str()]
            }
        })*
        $(impl<F: Field> Field for $many<F> {
            fn texts(&self) -> Vec<&str> {
                self.iter().flat_map(F::texts).collect()
            }
        })*
    };
}
field! { String, AwsRegion, AzureRegion, GcpRegion or Option, Vec }

fn refuse_unless(
    valid: bool,
    field: &'static str,
    value: &str,
    remedy: impl Into<Cow<'static, str>>,
) -> Result<(), Error> {
    let refusal = || Error::input(field, value, remedy);
    valid.then_some(()).ok_or_else(refusal)
}

fn vpc_id(value: &str) -> Result<(), Error> {
    let digits = value.strip_prefix("vpc-").unwrap_or_default();
    let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let remedy = "an AWS VPC id is vpc- and hexadecimal digits";
    refuse_unless(valid, "vpcId", value, remedy)
}

fn aws_account_id(value: &str) -> Result<(), Error> {
    let valid = value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit());
    let remedy = "an AWS account id is 12 digits, without hyphens";
    refuse_unless(valid, "awsAccountId", value, remedy)
}

fn uuid(field: &'static str, value: &str) -> Result<(), Error> {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lengths = value.split('-').map(|of| is_hex(of).then_some(of.len()));
    let valid = lengths.eq([8, 4, 4, 4, 12].map(Some));
    let remedy = "it is a UUID, such as 0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02";
    refuse_unless(valid, field, value, remedy)
}

fn name(field: &'static str, value: &str) -> Result<(), Error> {
    let breaks = |of: char| of.is_whitespace() || of.is_control() || of == '\u{feff}';
    let valid = !value.is_empty() && !value.contains(breaks);
    let remedy = "it is a name without white space or control characters";
    refuse_unless(valid, field, value, remedy)
}

/// A region as AWS writes it, whoever wrote it.
pub(crate) fn region_of_aws(region: &str) -> String {
    region.trim().to_lowercase().replace('_', "-")
}

/// The same, where it has the form of one.
fn known_to_aws(region: &str) -> Option<String> {
    let region = region_of_aws(region);
    let (words, number) = region.rsplit_once('-')?;
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|of| of.is_ascii_lowercase());
    let has_words = words.contains('-') && words.split('-').all(is_word);
    let has_number = !number.is_empty() && number.bytes().all(|of| of.is_ascii_digit());
    (has_words && has_number).then_some(region)
}

fn spelling(by: &str, right: Option<String>, example: &str) -> String {
    let right = right.map_or(format!(", such as {example}"), |right| format!(": {right}"));
    format!("it is written as {by} does{right}")
}

/// A region that AWS itself is asked for.
fn region_by_aws(field: &'static str, value: &str) -> Result<(), Error> {
    let right = known_to_aws(value);
    let valid = right.as_deref() == Some(value);
    refuse_unless(valid, field, value, spelling("AWS", right, "us-east-1"))
}

/// A region of Atlas's own network: one that is not known yet may be right.
fn region_by_atlas(field: &'static str, value: &str, example: &str) -> Result<(), Error> {
    let known = |byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    let valid = value.starts_with(|of: char| of.is_ascii_uppercase()) && value.bytes().all(known);
    // Other clouds' spellings follow no rule.
    let right = known_to_aws(value).filter(|_| field == "regionName");
    let right = right.map(|region| region.to_uppercase().replace('-', "_"));
    refuse_unless(valid, field, value, spelling("Atlas", right, example))
}
