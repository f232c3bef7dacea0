//! The care of the fragment.

pub(crate) mod compare;
pub(crate) mod diff;
mod differences;
mod facts;
mod lines;
mod patch;
pub(crate) mod prove;
mod published;

use serde_json::Value;

use crate::root;

/// Our description of the service.
pub(crate) const FRAGMENT: &str = "spec/peering.json";
/// What of it differs from the published documents, and why.
const DIFFERENCES: &str = "spec/differences.toml";

/// Reads a file of the project.
fn read(file: &str) -> Result<String, String> {
    std::fs::read_to_string(root().join(file)).map_err(|error| format!("{file}: {error}"))
}

fn parse(file: &str, text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{file}: it is no JSON: {error}"))
}

/// The one form of the fragment: sorted by key and indented, so that a machine's change of it is as
/// small as a person's.
fn canonical(fragment: &Value) -> String {
    format!("{fragment:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fragment_is_in_its_one_form() {
        let text = read(FRAGMENT).unwrap();
        let fragment = parse(FRAGMENT, &text).unwrap();
        assert!(
            text == canonical(&fragment),
            "{FRAGMENT}: sort its keys, and indent by two"
        );
    }
}
