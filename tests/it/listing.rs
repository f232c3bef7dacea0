//! Lists as streams.

use std::collections::BTreeSet;
use std::time::Duration;

use atlas_peering::types::Provider;
use atlas_peering::{PeeringId, Peerings};
use atlas_peering_sandbox::{Fault, Recorded, Sandbox};

use crate::support::{client, project};

/// The ids that a stream gives, each once.
async fn ids(mut stream: Peerings) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    while let Some(peering) = stream.next().await {
        let id = peering.unwrap().id().to_string();
        assert!(ids.insert(id.clone()), "{id} is told twice");
    }
    ids
}

fn lists(sandbox: &Sandbox) -> Vec<Recorded> {
    let mut requests = sandbox.requests();
    requests.retain(|request| request.method == "GET" && request.status != 401);
    requests
}

fn parameter(request: &Recorded, name: &str) -> Option<String> {
    let mut parameters = request.parameters().into_iter();
    parameters
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

#[tokio::test]
async fn all_clouds_are_listed_or_one() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let mut all = BTreeSet::new();
    for (provider, count) in [("AWS", 5), ("AZURE", 2), ("GCP", 3)] {
        all.extend(sandbox.fill(provider, count).unwrap());
    }
    assert_eq!(ids(atlas.peerings(&project)).await, all);
    assert_eq!(lists(&sandbox).len(), 3, "a page for each cloud");
    let gcp = atlas.peerings(&project).provider(Provider::Gcp);
    assert_eq!(gcp.into_vec().await.unwrap().len(), 3);
    assert_eq!(
        atlas.containers(&project).into_vec().await.unwrap().len(),
        3
    );
    let one = atlas.containers(&project).provider(Provider::Azure);
    assert_eq!(one.into_vec().await.unwrap().len(), 1);
}

#[tokio::test]
async fn as_many_pages_are_asked_for_as_there_are() {
    for (count, size, pages) in [
        (0, 2, 1),
        (1, 2, 1),
        (2, 2, 1),
        (3, 2, 2),
        (4, 2, 2),
        (7, 3, 3),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let (atlas, project) = (client(&sandbox), project(&sandbox));
        let all: BTreeSet<_> = sandbox.fill("GCP", count).unwrap().into_iter().collect();
        let stream = atlas.peerings(&project).provider(Provider::Gcp);
        assert_eq!(ids(stream.page_size(size)).await, all);
        let numbers = lists(&sandbox);
        let numbers = numbers.iter().map(|of| parameter(of, "pageNum").unwrap());
        let expected: Vec<_> = (1..=pages).map(|number| number.to_string()).collect();
        assert_eq!(numbers.collect::<Vec<_>>(), expected, "{count} by {size}");
    }
}

#[tokio::test]
async fn one_page_is_fetched_ahead_and_no_more() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    sandbox.fill("AWS", 9).unwrap();
    let mut stream = atlas.peerings(&project).page_size(3);
    for read in 0..9 {
        stream.next().await.unwrap().unwrap();
        // The next page is on its way while this one is read.
        let next = (read / 3 + 2).min(4);
        while lists(&sandbox).len() < next {
            tokio::task::yield_now().await;
        }
        assert_eq!(lists(&sandbox).len(), next, "after {read}");
    }
}

/// Nine peerings, of which one goes after so many were read, and perhaps another comes: those that
/// stayed, and those that were told, each once.
async fn while_one_goes(gone: usize, read: usize, one_comes: bool) -> [BTreeSet<String>; 2] {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let mut all = sandbox.fill("AWS", 9).unwrap();
    let mut stream = atlas
        .peerings(&project)
        .provider(Provider::Aws)
        .page_size(3);
    let mut told = BTreeSet::new();
    for _ in 0..read {
        told.insert(stream.next().await.unwrap().unwrap().id().to_string());
    }
    let id: PeeringId = all.remove(gone).parse().unwrap();
    atlas.remove_peering(&project, &id).await.unwrap();
    sandbox.advance(Duration::from_secs(5));
    if one_comes {
        sandbox.fill("AWS", 1).unwrap();
    }
    for id in ids(stream).await {
        assert!(told.insert(id), "told twice");
    }
    [all.into_iter().collect(), told]
}

#[tokio::test]
async fn what_stays_is_told_once_whichever_goes_whenever_it_goes() {
    for gone in 0..9 {
        for read in 0..9 {
            let [stayed, told] = while_one_goes(gone, read, false).await;
            assert!(told.is_superset(&stayed), "{gone} after {read}");
            // A removal is seen by the number of peerings, which an addition hides.
            let [stayed, told] = while_one_goes(gone, read, true).await;
            let lost = stayed.difference(&told).count();
            assert!(lost <= 1, "{gone} after {read}: {lost} lost");
        }
    }
}

#[tokio::test]
async fn a_page_that_fails_ends_the_stream_after_what_came() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    sandbox.fill("AWS", 5).unwrap();
    let fault = Fault::fail_before(500).skip(1);
    sandbox.inject("listPeeringConnections", fault).unwrap();
    let mut stream = atlas.peerings(&project).page_size(2);
    for _ in 0..2 {
        stream.next().await.unwrap().unwrap();
    }
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(error.is_server_error(), "{error}");
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_page_size_that_cannot_be_is_refused_and_not_asked_for() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let mut stream = atlas.peerings(&project).page_size(501);
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(
        error.is_input() && error.to_string().contains("501"),
        "{error}"
    );
    assert!(stream.next().await.is_none());
    assert!(sandbox.requests().is_empty());
}
