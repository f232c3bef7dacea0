//! Regions: one of AWS is written in two ways, `us-east-1` by AWS and `US_EAST_1` by Atlas.

use super::refuse_unless;
use crate::Error;

/// A region as AWS writes it, whoever wrote it.
pub(crate) fn of_aws(region: &str) -> String {
    region.trim().to_lowercase().replace('_', "-")
}

/// The same, where it has the form of one.
fn of_aws_surely(region: &str) -> Option<String> {
    let region = of_aws(region);
    let (words, number) = region.rsplit_once('-')?;
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|of| of.is_ascii_lowercase());
    let has_words = words.contains('-') && words.split('-').all(is_word);
    let has_number = !number.is_empty() && number.bytes().all(|of| of.is_ascii_digit());
    (has_words && has_number).then_some(region)
}

fn remedy(by: &str, right: Option<String>, example: &str) -> String {
    let right = right.map_or(format!(", such as {example}"), |right| format!(": {right}"));
    format!("it is written as {by} does{right}")
}

/// A region that AWS itself is asked for.
pub(super) fn by_aws(field: &'static str, value: &str) -> Result<(), Error> {
    let right = of_aws_surely(value);
    let valid = right.as_deref() == Some(value);
    refuse_unless(valid, field, value, remedy("AWS", right, "us-east-1"))
}

/// A region of Atlas's own network. One that is not known yet may be right; one in a cloud's own
/// spelling is none.
pub(super) fn by_atlas(field: &'static str, value: &str, example: &str) -> Result<(), Error> {
    let known = |byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    let valid = value.starts_with(|of: char| of.is_ascii_uppercase()) && value.bytes().all(known);
    // Other clouds' spellings follow no rule.
    let right = of_aws_surely(value).filter(|_| field == "regionName");
    let right = right.map(|region| region.to_uppercase().replace('-', "_"));
    refuse_unless(valid, field, value, remedy("Atlas", right, example))
}
