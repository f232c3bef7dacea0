//! Seeded changes of a published document: each is seen at its place, and has a patch that makes it
//! clean. The documents are made of our fragment, so that nothing published is needed here.

mod seeds;

use serde_json::{Map, Value, json};

use super::*;
use crate::spec::diff::changes;
use seeds::{SEEDS, push, schema};

const VERSIONS: [&str; 2] = ["v1.0", "v2"];
const DATED: &str = "application/vnd.atlas.2023-01-01+json";

fn object(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().unwrap()
}

/// Our fragment, in which each schema is published under its own name.
fn fragment() -> Value {
    let text = crate::code::fragment().unwrap();
    let mut fragment: Value = serde_json::from_str(&text).unwrap();
    for (name, schema) in object(&mut fragment["components"]["schemas"]) {
        schema["x-published-as"] = json!(name);
    }
    fragment
}

/// The fragment as it would look if it were published as a version.
fn published(version: &str) -> Value {
    let mut document = fragment();
    let mut paths = Map::new();
    for (path, item) in object(&mut document["paths"]) {
        for operation in object(item).values_mut() {
            if version == "v1.0" {
                continue;
            }
            operation["operationId"] = operation["x-operation-ids"]["v2"].clone();
            let date = |holder: &mut Value| {
                if let Some(content) = holder.get_mut("content").map(object)
                    && let Some(media) = content.remove("application/json")
                {
                    content.insert(DATED.to_owned(), media);
                }
            };
            object(&mut operation["responses"])
                .values_mut()
                .for_each(date);
            operation.get_mut("requestBody").into_iter().for_each(date);
        }
        paths.insert(format!("/api/atlas/{version}{path}"), item.clone());
    }
    document["paths"] = paths.into();
    document
}

/// Words where the build wants them, as a maintainer would add.
fn add_words(value: &mut Value) {
    let missing = |value: &Value| value.get("description").is_none_or(|words| words == "");
    let words = || json!("Words.");
    for item in object(&mut value["paths"]).values_mut() {
        for operation in object(item).values_mut() {
            for key in ["summary", "description"] {
                if operation.get(key).is_none() {
                    operation[key] = words();
                }
            }
            let answers = object(&mut operation["responses"]).values_mut();
            for answer in answers.filter(|answer| answer.get("$ref").is_none() && missing(answer)) {
                answer["description"] = words();
            }
        }
    }
    for schema in object(&mut value["components"]["schemas"]).values_mut() {
        if missing(schema) {
            schema["description"] = words();
        }
        let values: Vec<_> = schema["enum"]
            .as_array()
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        for value in values {
            let described = &mut schema["x-enum-descriptions"][value.as_str().unwrap()];
            if described.is_null() {
                *described = words();
            }
        }
        for property in schema
            .get_mut("properties")
            .map(object)
            .into_iter()
            .flatten()
        {
            if missing(property.1) {
                property.1["description"] = words();
            }
        }
    }
}

#[test]
fn every_seeded_change_is_seen_at_its_place_and_patched_away() {
    for version in VERSIONS {
        for seed in &SEEDS {
            let mut document = published(version);
            (seed.change)(&mut document);
            let report = compare(&fragment(), &document, &[]).unwrap();
            let text = report.text("FILE", &canonical(&fragment()));
            assert!(!report.is_clean(), "{}", seed.place);
            let told = report
                .changes
                .iter()
                .any(|(difference, _)| difference.place.ends_with(seed.place));
            assert!(told, "{} is not in {text}", seed.place);
            assert!(report.left.is_empty(), "{text}\nleft: {:?}", report.left);

            // The patch, applied to the fragment as it was, makes it clean.
            let mut amended = fragment();
            json_patch::patch(&mut amended, &report.patch).unwrap();
            assert!(
                compare(&amended, &document, &[]).unwrap().is_clean(),
                "{text}"
            );
            assert!(!amended.to_string().contains("Prose"), "{text}");
            if version == "v1.0" {
                let (mut before, mut after) = (fragment(), amended);
                add_words(&mut before);
                add_words(&mut after);
                let changes = changes(&before.to_string(), &after.to_string());
                let changes = changes.unwrap_or_else(|error| panic!("{}: {error}", seed.place));
                let level = changes.iter().map(|change| change.level).max().unwrap();
                assert_eq!(level, seed.level, "{}: {changes:?}", seed.place);
            }
        }
    }
}

fn entry(place: &str) -> Vec<Entry> {
    let text = format!(
        "[[difference]]\nplace = {place:?}\ntheirs = \"\"\nreason = \"a\"\nsource = \"b\"\n"
    );
    differences::parse(&text).unwrap()
}

#[test]
fn the_fragment_does_not_differ_from_itself() {
    for version in VERSIONS {
        let report = compare(&fragment(), &published(version), &[]).unwrap();
        assert!(report.is_clean(), "{}", report.text("FILE", ""));
        assert_eq!(report.version, version);
        assert!(report.facts > 5000, "{}", report.facts);
    }
}

#[test]
fn a_listed_difference_is_counted_and_an_entry_that_nothing_needs_fails() {
    let mut document = published("v2");
    push(
        &mut schema(&mut document, "GcpPeeringState")["enum"],
        json!("PAUSED"),
    );
    let entries = entry("* / provider GCP / property status / value PAUSED");
    let report = compare(&fragment(), &document, &entries).unwrap();
    assert!(report.is_clean() && report.listed > 0);
    let report = compare(&fragment(), &published("v2"), &entries).unwrap();
    assert_eq!(report.stale.len(), 1);
    assert!(!report.is_clean());
}

#[test]
fn every_entry_of_the_project_is_read() {
    assert!(super::entries().unwrap().len() > 30);
}

#[test]
fn a_report_shows_the_line_and_the_change() {
    let mut document = published("v2");
    push(
        &mut schema(&mut document, "GcpPeeringState")["enum"],
        json!("PAUSED"),
    );
    let report = compare(&fragment(), &document, &[]).unwrap();
    let text = canonical(&fragment());
    let told = report.text("FILE", &text);
    let line = told.lines().find(|line| line.contains("\"op\"")).unwrap();
    let (place, change) = line.trim().split_once(": ").unwrap();
    let expected = json!({"op": "add", "path": "/components/schemas/GcpPeeringState/enum/-", "value": "PAUSED"});
    assert_eq!(serde_json::from_str::<Value>(change).unwrap(), expected);
    let number: usize = place.rsplit(':').next().unwrap().parse().unwrap();
    let above: Vec<_> = text.lines().take(number).collect();
    assert!(above.last().unwrap().contains("\"enum\": ["), "{line}");
    assert!(
        above
            .iter()
            .rev()
            .any(|line| line.contains("GcpPeeringState"))
    );
    let json = report.json("FILE", &text);
    assert_eq!(json["unlisted"][0]["line"], number);
    assert_eq!(json["patch"], json!([expected]));
}

#[test]
fn what_is_no_document_of_the_service_is_refused() {
    let other = json!({"openapi": "3.0.1", "paths": {"/other": {}}});
    let error = compare(&fragment(), &other, &[]).err().unwrap();
    assert!(error.contains("no path under /api/atlas/v1.0"), "{error}");
    let mut nowhere = published("v2");
    object(&mut nowhere["components"]["schemas"]).remove("Link");
    let error = compare(&fragment(), &nowhere, &[]).err().unwrap();
    assert!(
        error.ends_with("#/components/schemas/Link leads nowhere"),
        "{error}"
    );
}
