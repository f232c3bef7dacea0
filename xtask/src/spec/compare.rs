//! `cargo xtask spec compare FILE…`: compares the fragment with published documents.

use std::fmt;

use serde_json::Value;

use super::differences::{self, Difference, Entry};
use super::facts::Document;
use super::published;
use crate::{Outcome, build, read};

/// The deliberate differences, each with its reason.
const DIFFERENCES: &str = "spec/differences.toml";

/// Compares with each document, and prints the differences.
pub(crate) fn run(files: &[&str]) -> Outcome {
    let fragment = serde_json::from_str(&read(build::FRAGMENT)?);
    let fragment = fragment.map_err(|error| format!("{}: {error}", build::FRAGMENT))?;
    let entries = differences::parse(&read(DIFFERENCES)?);
    let entries = entries.map_err(|error| format!("{DIFFERENCES}: {error}"))?;
    let mut clean = true;
    for file in files {
        let document = published::read(file)?;
        let report = compare(&fragment, &document, &entries);
        let report = report.map_err(|error| format!("{file}: {error}"))?;
        print!("{file}: {report}");
        clean &= report.is_clean();
    }
    Ok(clean)
}

/// The result of a comparison with one document.
struct Report {
    version: String,
    facts: usize,
    listed: usize,
    unlisted: Vec<Difference>,
    /// The places of the entries that match no difference.
    stale: Vec<String>,
}

impl Report {
    fn is_clean(&self) -> bool {
        self.unlisted.is_empty() && self.stale.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unlisted, stale) = (self.unlisted.len(), self.stale.len());
        writeln!(
            f,
            "{}, {} facts, {} listed differences, {unlisted} unlisted, {stale} stale entries",
            self.version, self.facts, self.listed,
        )?;
        for difference in &self.unlisted {
            writeln!(f, "  {difference}")?;
        }
        for place in &self.stale {
            writeln!(
                f,
                "  stale: the entry {place:?} of {DIFFERENCES} matches no difference: delete or correct it"
            )?;
        }
        Ok(())
    }
}

fn compare(fragment: &Value, published: &Value, entries: &[Entry]) -> Result<Report, String> {
    let prefix = prefix(fragment, published)?;
    let version = prefix.rsplit('/').next().unwrap_or_default();
    let ours = Document::ours(fragment, version).facts(|_| true)?;
    // The operations of ours are compared whatever their tags are there.
    let theirs =
        Document::theirs(published, &prefix).facts(|place| ours.parts.contains_key(place))?;
    let entries: Vec<_> = entries
        .iter()
        .filter(|entry| entry.is_of(version))
        .collect();
    let (listed, unlisted): (Vec<_>, Vec<_>) = differences::between(&ours, &theirs)
        .into_iter()
        .partition(|difference| entries.iter().any(|entry| entry.covers(difference)));
    let stale = entries
        .iter()
        .filter(|entry| !listed.iter().any(|difference| entry.covers(difference)));
    Ok(Report {
        version: version.to_owned(),
        facts: ours.count(),
        listed: listed.len(),
        stale: stale.map(|entry| entry.place.clone()).collect(),
        unlisted,
    })
}

/// The path of our server for the version that the document describes.
fn prefix(fragment: &Value, published: &Value) -> Result<String, String> {
    let servers = fragment["servers"].as_array().into_iter().flatten();
    let prefixes: Vec<String> = servers
        .filter_map(|server| server["url"].as_str()?.split_once("://")?.1.split_once('/'))
        .map(|(_, path)| format!("/{path}"))
        .collect();
    let paths = || {
        let paths = published["paths"].as_object();
        paths.into_iter().flatten().map(|(path, _)| path)
    };
    let found = prefixes
        .iter()
        .find(|prefix| paths().any(|path| path.starts_with(&format!("{prefix}/"))));
    found.cloned().ok_or_else(|| {
        format!(
            "no path under {}: it is not of this API",
            prefixes.join(" or ")
        )
    })
}

#[cfg(test)]
mod tests;
