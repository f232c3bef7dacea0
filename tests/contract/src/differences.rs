//! The deliberate differences.

use serde::Deserialize;

/// The entries of `spec/differences.toml` for one version.
pub(crate) struct Differences(Vec<Entry>);

#[derive(Deserialize)]
struct Entry {
    place: String,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    difference: Vec<Entry>,
}

impl Differences {
    pub(crate) fn of(version: &str) -> Self {
        let text = include_str!("../../../spec/differences.toml");
        let mut entries = toml::from_str::<File>(text).unwrap().difference;
        entries.retain(|entry| {
            entry.versions.is_empty() || entry.versions.iter().any(|own| own == version)
        });
        Self(entries)
    }

    /// Whether an entry covers the place.
    pub(crate) fn cover(&self, place: &str) -> bool {
        self.0.iter().any(|entry| fits(&entry.place, place))
    }
}

/// Whether a text has the form of a pattern, in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| fits(rest, &text[at..]))
        }),
    }
}
