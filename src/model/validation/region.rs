//! Regions: one of AWS is written in two ways, `us-east-1` by AWS and `US_EAST_1` by Atlas.

use crate::Error;

/// A region as AWS writes it, whoever wrote it.
pub(crate) fn of_aws(region: &str) -> String {
    region.trim().to_lowercase().replace('_', "-")
}

fn is_of_aws(region: &str) -> bool {
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match region.split('-').collect::<Vec<_>>()[..] {
        [ref words @ .., number] => {
            words.len() > 1 && words.iter().all(is_word) && is_number(number)
        }
        [] => false,
    }
}

/// A region that AWS itself is asked for.
pub(super) fn by_aws(field: &'static str, value: &str) -> Result<(), Error> {
    let right = of_aws(value);
    let remedy = if right == value && is_of_aws(value) {
        return Ok(());
    } else if is_of_aws(&right) {
        format!("it is written as AWS does: {right}")
    } else {
        "it is written as AWS does, such as us-east-1".to_owned()
    };
    Err(Error::input(field, value, remedy))
}

/// A region of Atlas's own network, such as `example`. One that is not known yet may be right; one in
/// a cloud's own spelling is none.
pub(super) fn by_atlas(
    field: &'static str,
    value: &str,
    example: &'static str,
) -> Result<(), Error> {
    let known = |byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    if value.starts_with(|first: char| first.is_ascii_uppercase()) && value.bytes().all(known) {
        return Ok(());
    }
    let region = of_aws(value);
    let remedy = if field == "regionName" && is_of_aws(&region) {
        let right = region.to_uppercase().replace('-', "_");
        format!("it is written as Atlas does: {right}")
    } else {
        format!("it is written as Atlas does, such as {example}")
    };
    Err(Error::input(field, value, remedy))
}
