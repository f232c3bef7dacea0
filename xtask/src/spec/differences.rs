//! The deliberate differences: `spec/differences.toml`.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;

use super::facts::Fact;

/// The separator between the steps of a place.
const STEP: &str = " / ";

/// A place where two documents differ.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) place: String,
    ours: SideValue,
    theirs: SideValue,
}

/// The value of one document at a place.
#[derive(Debug)]
struct SideValue {
    /// `None` if the place is missing in the document.
    value: Option<String>,
    /// A JSON pointer to the place; to the parent of the place if it is missing.
    at: String,
}

impl SideValue {
    fn of(fact: Option<&Fact>, within: &Fact) -> Self {
        Self {
            value: fact.map(|fact| fact.value.clone()),
            at: fact.unwrap_or(within).at.clone(),
        }
    }
}

impl fmt::Display for SideValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value.as_deref() {
            None => write!(f, "nothing in {}", self.at),
            Some("") => write!(f, "it is there ({})", self.at),
            Some(value) => write!(f, "{value:?} ({})", self.at),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            place,
            ours,
            theirs,
        } = self;
        write!(f, "{place}: ours {ours}, theirs {theirs}")
    }
}

/// All differences. A group that is missing as a whole is one difference.
pub(crate) fn between(ours: &Fact, theirs: &Fact) -> Vec<Difference> {
    let mut found = Vec::new();
    descend("", ours, theirs, &mut found);
    found
}

fn descend(place: &str, ours: &Fact, theirs: &Fact, found: &mut Vec<Difference>) {
    let names: BTreeSet<_> = ours.parts.keys().chain(theirs.parts.keys()).collect();
    for name in names {
        let place = match place {
            "" => name.clone(),
            place => format!("{place}{STEP}{name}"),
        };
        let (one, other) = (ours.parts.get(name), theirs.parts.get(name));
        let differ = match (one, other) {
            (Some(one), Some(other)) => {
                descend(&place, one, other, found);
                one.value != other.value
            }
            _ => true,
        };
        if differ {
            found.push(Difference {
                place,
                ours: SideValue::of(one, ours),
                theirs: SideValue::of(other, theirs),
            });
        }
    }
}

/// One entry of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// The place as `spec compare` prints it; `*` stands for any text.
    pub(crate) place: String,
    /// The value of each side; `None` if the place is missing there. `*` stands for any text.
    ours: Option<String>,
    theirs: Option<String>,
    /// The versions whose document differs; both if it is missing.
    #[serde(default)]
    versions: Vec<String>,
    reason: String,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    difference: Vec<Entry>,
}

/// Reads the file.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    for entry in &file.difference {
        if entry.reason.is_empty() || entry.source.is_empty() {
            return Err(format!(
                "entry {:?}: missing `reason` or `source`",
                entry.place
            ));
        }
    }
    Ok(file.difference)
}

impl Entry {
    /// Whether the entry is for the document of a version.
    pub(crate) fn is_of(&self, version: &str) -> bool {
        self.versions.is_empty() || self.versions.iter().any(|own| own == version)
    }

    pub(crate) fn covers(&self, difference: &Difference) -> bool {
        let is_listed = |own: &Option<String>, side: &SideValue| match (own, &side.value) {
            (Some(own), Some(value)) => matches(own, value),
            (own, value) => own.is_none() && value.is_none(),
        };
        is_listed(&self.ours, &difference.ours)
            && is_listed(&self.theirs, &difference.theirs)
            && matches(&self.place, &difference.place)
    }
}

/// Whether `text` has the form of `pattern`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            text.char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .any(|at| matches(rest, &text[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("GET * / status 402", "GET /x / status 402", true),
            ("GET * / status 402", "GET /x / status 403", false),
            ("* / x*", "a / b / xyz", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
