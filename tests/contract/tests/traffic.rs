//! Every operation and every answer, in both versions: what the client sends and what the sandbox
//! answers fits our fragment, and the published documents where they are at hand, but for the
//! differences that are meant.

mod calls;

use std::collections::BTreeSet;

use atlas_peering::ApiVersion;
use atlas_peering_contract::{DIFFERENCES, Differences, Document, FRAGMENT, Fault, Way};
use atlas_peering_sandbox::Recorded;
use serde_json::Value;

/// A version with the root of its paths.
const VERSIONS: [(ApiVersion, &str); 2] = [
    (ApiVersion::V1, "/api/atlas/v1.0"),
    (ApiVersion::V2, "/api/atlas/v2"),
];

fn json(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap()
}

/// What of a request and of its answer does not fit, and the operation and the status.
fn check(document: &Document, seen: &Recorded, root: &str) -> (Vec<Fault>, (String, String)) {
    let path = seen.path.strip_prefix(root).unwrap();
    let (template, operation) = document
        .operation(&seen.method, path)
        .unwrap_or_else(|| panic!("{} {path} is no operation", seen.method));
    let place = format!("{} {template}", seen.method);
    let body = json(&seen.body);
    let mut faults = if operation["requestBody"].is_null() && body.is_null() {
        Vec::new()
    } else {
        let place = format!("{place} / request");
        document.faults(&operation["requestBody"], Way::Request, &place, &body)
    };
    let status = seen.status.to_string();
    let place_of_status = format!("{place} / status {status}");
    match operation["responses"].get(&status) {
        Some(answer) => {
            let body = json(&seen.answer);
            faults.extend(document.faults(answer, Way::Answer, &place_of_status, &body));
        }
        None => faults.push(Fault {
            place: place_of_status,
            words: "is not listed".to_owned(),
        }),
    }
    (faults, (place, status))
}

#[tokio::test]
async fn everything_fits_the_fragment_and_every_answer_was_there() {
    let fragment = Document::read(FRAGMENT, "").unwrap();
    for (version, root) in VERSIONS {
        let mut answered = BTreeSet::new();
        for seen in calls::all(version).await {
            let (faults, answer) = check(&fragment, &seen, root);
            assert!(faults.is_empty(), "{answer:?}: {faults:#?}");
            answered.insert(answer);
        }
        let promised = fragment.operations().flat_map(|(method, path, operation)| {
            let place = format!("{method} {path}");
            let statuses = operation["responses"].as_object().unwrap().keys();
            statuses.map(move |status| (place.clone(), status.clone()))
        });
        let promised: BTreeSet<_> = promised.collect();
        let missing: Vec<_> = promised.difference(&answered).collect();
        assert!(missing.is_empty(), "not seen: {missing:?}");
    }
}

#[tokio::test]
async fn everything_fits_the_published_documents_but_for_the_differences_that_are_meant() {
    let files = std::env::var("PUBLISHED_DOCUMENTS").unwrap_or_default();
    for file in files.split_whitespace() {
        let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let published = Document::read(&text, "").unwrap();
        let name = published
            .version()
            .unwrap_or_else(|| panic!("{file}: of no version"));
        let (version, root) = VERSIONS
            .into_iter()
            .find(|(_, root)| root.ends_with(name))
            .unwrap();
        let published = Document::read(&text, root).unwrap();
        let meant = Differences::of(DIFFERENCES, name).unwrap();
        let (mut checked, mut excused) = (0, 0);
        for seen in calls::all(version).await {
            let (faults, answer) = check(&published, &seen, root);
            let (meant, others): (Vec<_>, Vec<_>) = faults
                .into_iter()
                .partition(|fault| meant.cover(&fault.place));
            assert!(others.is_empty(), "{file}: {answer:?}: {others:#?}");
            checked += 1;
            excused += meant.len();
        }
        println!("{file}: {checked} requests and answers fit, {excused} faults are meant");
        assert!(excused > 0, "the differences that are meant are of no use");
    }
    if files.is_empty() {
        println!("PUBLISHED_DOCUMENTS names no file: held against the fragment alone");
    }
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    let fragment = Document::read(FRAGMENT, "").unwrap();
    let (template, operation) = fragment.operation("POST", "/groups/x/peers").unwrap();
    assert_eq!(template, "/groups/{groupId}/peers");
    let faults = |body: Value| {
        let request = &operation["requestBody"];
        let faults = fragment.faults(request, Way::Request, "here", &body);
        let mut places: Vec<_> = faults.into_iter().map(|fault| fault.place).collect();
        places.sort();
        places
    };
    let aws = serde_json::json!({
        "awsAccountId": "12", "vpcId": 7, "color": "red", "accepterRegionName": "x",
    });
    assert_eq!(
        faults(aws),
        [
            "here / body / provider AWS / property awsAccountId / pattern",
            "here / body / provider AWS / property color",
            "here / body / provider AWS / property routeTableCidrBlock / required",
            "here / body / provider AWS / property vpcId / type",
        ]
    );
    let unknown = serde_json::json!({"providerName": "ORACLE"});
    assert_eq!(faults(unknown), ["here / body / value ORACLE"]);
}
