//! `cargo xtask spec compare FILE…`: holds the fragment against published documents.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::differences::{self, Difference, Entry};
use super::facts::Document;
use crate::Outcome;

const FRAGMENT: &str = "spec/peering.json";
const DIFFERENCES: &str = "spec/differences.toml";

/// Compares each file, prints what is found, and tells whether all of it is listed.
pub(crate) fn run(files: &[&str]) -> Outcome {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let fragment = read_json(&root.join(FRAGMENT))?;
    let entries = differences::parse(&read(&root.join(DIFFERENCES))?)
        .map_err(|error| format!("{DIFFERENCES}: {error}"))?;
    let mut clean = true;
    for file in files {
        let published = read_json(&PathBuf::from(file))?;
        let report =
            compare(&fragment, &published, &entries).map_err(|error| format!("{file}: {error}"))?;
        print!("{file}: {report}");
        clean &= report.is_clean();
    }
    Ok(clean)
}

/// What a comparison found.
pub(crate) struct Report<'a> {
    version: String,
    facts: usize,
    listed: usize,
    unlisted: Vec<Difference>,
    stale: Vec<&'a Entry>,
}

impl Report<'_> {
    fn is_clean(&self) -> bool {
        self.unlisted.is_empty() && self.stale.is_empty()
    }
}

impl std::fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (unlisted, stale) = (self.unlisted.len(), self.stale.len());
        writeln!(
            f,
            "{}, {} facts, {} listed differences, {unlisted} unlisted, {stale} stale entries",
            self.version, self.facts, self.listed,
        )?;
        for difference in &self.unlisted {
            writeln!(f, "  unlisted: {difference}")?;
        }
        for entry in &self.stale {
            writeln!(
                f,
                "  stale: {} has an entry for {:?} that nothing needs",
                DIFFERENCES, entry.place
            )?;
        }
        Ok(())
    }
}

fn compare<'a>(
    fragment: &Value,
    published: &Value,
    entries: &'a [Entry],
) -> Result<Report<'a>, String> {
    if !published["openapi"]
        .as_str()
        .is_some_and(|version| version.starts_with("3."))
    {
        return Err("it is no OpenAPI 3 document".to_owned());
    }
    let prefix = prefix(fragment, published)?;
    let version = prefix.rsplit('/').next().unwrap_or_default().to_owned();
    let ours = Document::new(fragment, "").facts()?;
    let theirs = Document::new(published, &prefix).facts()?;
    let (listed, unlisted): (Vec<_>, Vec<_>) = differences::between(&ours, &theirs)
        .into_iter()
        .partition(|difference| {
            entries
                .iter()
                .any(|entry| entry.is_of(&version) && entry.covers(difference))
        });
    let stale = entries.iter().filter(|entry| {
        entry.is_of(&version) && !listed.iter().any(|difference| entry.covers(difference))
    });
    Ok(Report {
        facts: ours.count(),
        listed: listed.len(),
        unlisted,
        stale: stale.collect(),
        version,
    })
}

/// The path of that of our servers whose version the document describes.
fn prefix(fragment: &Value, published: &Value) -> Result<String, String> {
    let servers = fragment["servers"].as_array().into_iter().flatten();
    let prefixes: Vec<String> = servers
        .filter_map(|server| server["url"].as_str()?.split_once("://")?.1.split_once('/'))
        .map(|(_, path)| format!("/{path}"))
        .collect();
    let paths = || {
        published["paths"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(path, _)| path)
    };
    let found = prefixes
        .iter()
        .find(|prefix| paths().any(|path| path.starts_with(&format!("{prefix}/"))));
    found
        .cloned()
        .ok_or_else(|| format!("it has no path under {}", prefixes.join(" or ")))
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn read_json(path: &Path) -> Result<Value, String> {
    let text = read(path)?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FRAGMENT_TEXT: &str = include_str!("../../../spec/peering.json");

    fn fragment() -> Value {
        serde_json::from_str(FRAGMENT_TEXT).unwrap()
    }

    /// The fragment as it would look if it were published as version 2.
    fn published() -> Value {
        let mut document = fragment();
        let paths = document["paths"].as_object().unwrap().clone();
        let paths = paths
            .into_iter()
            .map(|(path, item)| (format!("/api/atlas/v2{path}"), item));
        document["paths"] = paths.collect::<serde_json::Map<_, _>>().into();
        document
    }

    fn entry(place: &str) -> Vec<Entry> {
        let text = format!(
            "[[difference]]\nplace = {place:?}\ntheirs = \"\"\nreason = \"a\"\nsource = \"b\"\n"
        );
        differences::parse(&text).unwrap()
    }

    #[test]
    fn the_fragment_does_not_differ_from_itself() {
        let report = compare(&fragment(), &published(), &[]).unwrap();
        assert!(report.is_clean(), "{report}");
        assert_eq!(report.version, "v2");
        assert!(report.facts > 1000, "{report}");
    }

    #[test]
    fn a_difference_is_told_with_its_place_unless_it_is_listed() {
        let mut changed = published();
        let values = &mut changed["components"]["schemas"]["GcpPeeringState"]["enum"];
        values.as_array_mut().unwrap().push(json!("PAUSED"));

        let report = compare(&fragment(), &changed, &[]).unwrap();
        assert!(!report.is_clean());
        let text = report.to_string();
        let place = "POST /groups/{groupId}/peers / status 200 / body / provider GCP / property status / value PAUSED";
        assert!(
            text.contains(&format!("{place}: ours nothing, theirs it is there")),
            "{text}"
        );

        let entries = entry("* / provider GCP / property status / value PAUSED");
        assert!(compare(&fragment(), &changed, &entries).unwrap().is_clean());
    }

    #[test]
    fn an_entry_that_nothing_needs_fails() {
        let entries = entry("POST /groups/{groupId}/peers / status 418");
        let report = compare(&fragment(), &published(), &entries).unwrap();
        assert!(!report.is_clean());
        assert!(report.to_string().contains("status 418"), "{report}");
    }

    #[test]
    fn a_removed_operation_parameter_status_and_requirement_are_each_seen() {
        type Case = (&'static str, fn(&mut Value));
        let peers = "/api/atlas/v2/groups/{groupId}/peers";
        let cases: [Case; 4] = [
            ("POST /groups/{groupId}/peers:", |item| {
                item.as_object_mut().unwrap().remove("post");
            }),
            ("parameter query providerName", |item| {
                let parameters = item["get"]["parameters"].as_array_mut().unwrap();
                parameters.retain(|parameter| {
                    parameter["$ref"] != "#/components/parameters/providerName"
                });
            }),
            ("status 409", |item| {
                item["post"]["responses"]
                    .as_object_mut()
                    .unwrap()
                    .remove("409");
            }),
            ("request / media type", |item| {
                let content = item["post"]["requestBody"]["content"]
                    .as_object_mut()
                    .unwrap();
                let media = content.remove("application/json").unwrap();
                content.insert("application/cbor".to_owned(), media);
            }),
        ];
        for (place, change) in cases {
            let mut changed = published();
            change(&mut changed["paths"][peers]);
            let report = compare(&fragment(), &changed, &[]).unwrap().to_string();
            assert!(report.contains(place), "{place} is not in {report}");
        }
    }

    #[test]
    fn what_is_no_document_of_the_service_is_refused() {
        for (document, words) in [
            (json!({}), "no OpenAPI 3"),
            (json!({"swagger": "2.0"}), "no OpenAPI 3"),
            (
                json!({"openapi": "3.0.1", "paths": {"/other": {}}}),
                "no path under /api/atlas/v1.0",
            ),
        ] {
            let error = compare(&fragment(), &document, &[]).err().unwrap();
            assert!(error.contains(words), "{error}");
        }
    }
}
