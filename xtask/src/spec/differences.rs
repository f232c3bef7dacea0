//! The differences that are meant: `spec/differences.toml`.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;

use super::facts::Fact;

/// A place at which two documents say different things.
#[derive(Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) place: String,
    /// What our fragment says; none where it has nothing at this place.
    pub(crate) ours: Option<String>,
    pub(crate) theirs: Option<String>,
}

impl Difference {
    fn new(place: &str, ours: Option<&Fact>, theirs: Option<&Fact>) -> Self {
        Self {
            place: place.to_owned(),
            ours: ours.map(|fact| fact.value.clone()),
            theirs: theirs.map(|fact| fact.value.clone()),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let say = |side: &Option<String>| match side.as_deref() {
            None => "nothing".to_owned(),
            Some("") => "it is there".to_owned(),
            Some(value) => format!("{value:?}"),
        };
        write!(
            f,
            "{}: ours {}, theirs {}",
            self.place,
            say(&self.ours),
            say(&self.theirs)
        )
    }
}

/// All differences, the topmost of each group: what is missing whole is told once.
pub(crate) fn between(ours: &Fact, theirs: &Fact) -> Vec<Difference> {
    let mut found = Vec::new();
    descend("", ours, theirs, &mut found);
    found
}

fn descend(place: &str, ours: &Fact, theirs: &Fact, found: &mut Vec<Difference>) {
    if ours.value != theirs.value {
        found.push(Difference::new(place, Some(ours), Some(theirs)));
    }
    let names: BTreeSet<_> = ours.parts.keys().chain(theirs.parts.keys()).collect();
    for name in names {
        let place = format!("{place} / {name}");
        let place = place.trim_start_matches(" / ");
        match (ours.parts.get(name), theirs.parts.get(name)) {
            (Some(ours), Some(theirs)) => descend(place, ours, theirs, found),
            (ours, theirs) => found.push(Difference::new(place, ours, theirs)),
        }
    }
}

/// One entry of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// The place as it is reported; `*` stands for any text.
    pub(crate) place: String,
    /// What each side says there; absent where it has nothing at this place.
    ours: Option<String>,
    theirs: Option<String>,
    /// The versions whose document differs; both where absent.
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
                "the entry {:?} has no reason or no source",
                entry.place
            ));
        }
    }
    Ok(file.difference)
}

impl Entry {
    /// Whether the entry speaks of a version's document at all.
    pub(crate) fn is_of(&self, version: &str) -> bool {
        self.versions.is_empty() || self.versions.iter().any(|own| own == version)
    }

    pub(crate) fn covers(&self, difference: &Difference) -> bool {
        self.ours == difference.ours
            && self.theirs == difference.theirs
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
