//! What the client sends and what the sandbox answers fits the fragment, and the published documents
//! where they are at hand, but for the differences that are meant.

use std::collections::BTreeSet;

use atlas_peering_sandbox::Recorded;
use serde_json::{Value, json};

use crate::differences::Differences;
use crate::document::{Document, Server};
use crate::schema::{Fault, Way};
use crate::{calls, operations};

/// Every operation and every answer in a version.
async fn all(fragment: &Document, server: &Server<'_>) -> Vec<Recorded> {
    let mut seen = calls::successes(server).await;
    seen.extend(calls::refusals(fragment, server).await);
    seen.extend(operations::errors(fragment, server).await);
    seen
}

/// What of a request and of its answer does not fit, and the operation and the status.
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
            words: "is not listed".to_owned(),
        }),
    }
    (faults, (place, seen.status))
}

#[tokio::test]
async fn everything_fits_the_fragment_and_every_answer_was_there() {
    let fragment = Document::fragment();
    for server in fragment.servers() {
        let mut answered = BTreeSet::new();
        for seen in all(&fragment, &server).await {
            let (faults, answer) = check(&fragment, &seen, &server.root);
            assert!(faults.is_empty(), "{answer:?}: {faults:#?}");
            answered.insert(answer);
        }
        for operation in fragment.operations() {
            let place = operation.place();
            let mut statuses = operation.statuses();
            let missing = statuses.find(|status| !answered.contains(&(place.clone(), *status)));
            assert_eq!(missing, None, "{place} was never answered so");
        }
    }
}

#[tokio::test]
async fn everything_fits_the_published_documents_but_for_the_differences_that_are_meant() {
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
            let (faults, answer) = check(&published, &seen, &server.root);
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
