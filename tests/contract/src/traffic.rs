//! The client's requests and the sandbox's responses fit the fragment. They also fit the published
//! documents, if these are given, except for the deliberate differences.

use std::collections::BTreeSet;

use atlas_peering_sandbox::Recorded;
use serde_json::{Value, json};

use crate::differences::Differences;
use crate::document::{Document, Server};
use crate::schema::{Fault, Way};
use crate::{calls, operations};

/// The traffic of all operations with all responses, in a version.
async fn all(fragment: &Document, server: &Server<'_>) -> Vec<Recorded> {
    let mut seen = calls::successes(server).await;
    seen.extend(calls::refusals(fragment, server).await);
    seen.extend(operations::errors(fragment, server).await);
    seen
}

/// The parts of a request and its response that do not fit; also the operation and the status.
fn check(document: &Document, seen: &Recorded, root: &str) -> (Vec<Fault>, (String, u16)) {
    let json = |body: &[u8]| match body {
        [] => Value::Null,
        body => serde_json::from_slice(body).unwrap(),
    };
    let path = seen.path.strip_prefix(root).unwrap();
    let operation = document.operation(&seen.method, path);
    let operation = operation.unwrap_or_else(|| panic!("{} {path} is no operation", seen.method));
    let place = operation.place();
    for (name, _) in seen.parameters() {
        let mut known = operation.query();
        assert!(
            known.any(|own| own == name),
            "{place} has no parameter {name}"
        );
    }
    let request = &operation.value["requestBody"];
    let place_of_request = format!("{place} / request");
    let mut faults = document.faults(request, Way::Request, &place_of_request, &json(&seen.body));
    let place_of_status = format!("{place} / status {}", seen.status);
    match operation.value["responses"].get(seen.status.to_string()) {
        Some(response) => {
            let body = json(&seen.response_body);
            faults.extend(document.faults(response, Way::Response, &place_of_status, &body));
        }
        None => faults.push(Fault {
            place: place_of_status,
            detail: "is not listed".to_owned(),
        }),
    }
    (faults, (place, seen.status))
}

#[tokio::test]
async fn all_traffic_fits_the_fragment_and_covers_each_response() {
    let fragment = Document::fragment();
    for server in fragment.servers() {
        let mut covered = BTreeSet::new();
        for seen in all(&fragment, &server).await {
            let (faults, response) = check(&fragment, &seen, &server.root);
            assert!(faults.is_empty(), "{response:?}: {faults:#?}");
            covered.insert(response);
        }
        for operation in fragment.operations() {
            let place = operation.place();
            let mut statuses = operation.statuses();
            let missing = statuses.find(|status| !covered.contains(&(place.clone(), *status)));
            assert_eq!(missing, None, "{place}: no response with this status");
        }
    }
}

#[tokio::test]
async fn all_traffic_fits_the_published_documents_except_for_deliberate_differences() {
    let fragment = Document::fragment();
    let files = std::env::var("PUBLISHED_DOCUMENTS").unwrap_or_default();
    for file in files.split_whitespace() {
        let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        let documents = fragment
            .servers()
            .map(|of| (Document::read(&text, &of.root), of));
        let mut documents = documents.filter(|(of, _)| of.operations().next().is_some());
        let (published, server) = documents.next().expect(file);
        let meant = Differences::of(server.version);
        let (mut checked, mut excused) = (0, 0);
        for seen in all(&fragment, &server).await {
            let (faults, response) = check(&published, &seen, &server.root);
            let (meant, others): (Vec<_>, Vec<_>) = faults
                .into_iter()
                .partition(|fault| meant.cover(&fault.place));
            assert!(others.is_empty(), "{file}: {response:?}: {others:#?}");
            checked += 1;
            excused += meant.len();
        }
        println!("{file}: {checked} calls fit, with {excused} deliberate differences");
        assert!(excused > 0, "no deliberate difference was found");
    }
    if files.is_empty() {
        println!("skipped the published documents: PUBLISHED_DOCUMENTS names no file");
    }
}

#[test]
fn a_part_that_does_not_fit_is_reported_with_its_place() {
    let fragment = Document::fragment();
    let operation = fragment.operation("POST", "/groups/x/peers").unwrap();
    assert_eq!(operation.path, "/groups/{groupId}/peers");
    let faults = |body: Value| {
        let request = &operation.value["requestBody"];
        let faults = fragment.faults(request, Way::Request, "here", &body);
        let mut places: Vec<_> = faults.into_iter().map(|fault| fault.place).collect();
        places.sort();
        places
    };
    let aws = json!({
        "awsAccountId": "12", "vpcId": 7, "color": "red", "accepterRegionName": "us-east-1",
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
    let unknown = json!({"providerName": "ORACLE"});
    assert_eq!(faults(unknown), ["here / body / value ORACLE"]);
}
