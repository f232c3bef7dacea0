//! Validates requests before they are sent. A value that the service would certainly refuse is an error
//! that names the field, the value and the remedy. The service decides on all other values.
//!
//! A field of the fragment names its rule under `x-rule`: a function of this module.

pub(crate) mod cidr;

use std::fmt;
use std::ops::RangeInclusive;

use crate::Error;

pub(crate) use cidr::{block_fits_regions, block_of_named_regions, cidr_block, private_cidr_block};

/// A request body that can be checked: the build makes one of each, and the generated methods call it.
pub(crate) trait Validate {
    /// Checks every field.
    fn validate(&self) -> Result<(), Error>;
}

/// Checks that an integer of the query lies within the bounds of the fragment.
pub(crate) fn within(
    parameter: &'static str,
    value: Option<i64>,
    bounds: RangeInclusive<i64>,
) -> Result<(), Error> {
    match value.filter(|value| !bounds.contains(value)) {
        None => Ok(()),
        Some(value) => {
            let remedy = format!("use {} to {}", bounds.start(), bounds.end());
            Err(Error::input(parameter, &value.to_string(), remedy))
        }
    }
}

fn refuse_unless(
    valid: bool,
    field: &'static str,
    value: &str,
    remedy: impl fmt::Display,
) -> Result<(), Error> {
    let refusal = || Error::input(field, value, remedy);
    valid.then_some(()).ok_or_else(refusal)
}

pub(crate) fn vpc_id(field: &'static str, value: &str) -> Result<(), Error> {
    let digits = value.strip_prefix("vpc-").unwrap_or_default();
    let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let remedy = "use an AWS VPC id: vpc- and hexadecimal digits";
    refuse_unless(valid, field, value, remedy)
}

pub(crate) fn aws_account_id(field: &'static str, value: &str) -> Result<(), Error> {
    let valid = value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit());
    let remedy = "use an AWS account id: 12 digits, without hyphens";
    refuse_unless(valid, field, value, remedy)
}

pub(crate) fn uuid(field: &'static str, value: &str) -> Result<(), Error> {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lengths = value.split('-').map(|of| is_hex(of).then_some(of.len()));
    let valid = lengths.eq([8, 4, 4, 4, 12].map(Some));
    let remedy = "use a UUID, such as 0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02";
    refuse_unless(valid, field, value, remedy)
}

pub(crate) fn name(field: &'static str, value: &str) -> Result<(), Error> {
    let breaks = |of: char| of.is_whitespace() || of.is_control() || of == '\u{feff}';
    let valid = !value.is_empty() && !value.contains(breaks);
    let remedy = "use a name without white space or control characters";
    refuse_unless(valid, field, value, remedy)
}

/// A region in the spelling of AWS.
pub(crate) fn region_of_aws(region: &str) -> String {
    region.trim().to_lowercase().replace('_', "-")
}

/// A region in the spelling of AWS, if it has the form of one.
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
    format!("use the spelling of {by}{right}")
}

/// A region in a request that Atlas passes on to AWS.
pub(crate) fn aws_region(field: &'static str, value: &str) -> Result<(), Error> {
    let right = known_to_aws(value);
    let valid = right.as_deref() == Some(value);
    refuse_unless(valid, field, value, spelling("AWS", right, "us-east-1"))
}

/// A region of Atlas's network. An unknown one may be valid.
pub(crate) fn atlas_region(field: &'static str, value: &str) -> Result<(), Error> {
    let allowed = |byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    let valid = value.starts_with(|of: char| of.is_ascii_uppercase()) && value.bytes().all(allowed);
    // The names of other clouds than AWS follow no rule.
    let right = known_to_aws(value).map(|region| region.to_uppercase().replace('-', "_"));
    let (right, example) = match field {
        "regionName" => (right, "US_EAST_1"),
        "region" => (None, "US_EAST_2"),
        _ => (None, "EASTERN_US"),
    };
    refuse_unless(valid, field, value, spelling("Atlas", right, example))
}
