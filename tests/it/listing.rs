//! Lists as streams.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use atlas_peering::types::Provider;
use atlas_peering::{Error, PeeringId, Peerings};
use atlas_peering_sandbox::{Fault, Recorded, Sandbox};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::support::{client_at, json_response, server_of, some_key, some_project, start};

const LIST: &str = "listPeeringConnections";
const TEN_MINUTES: Duration = Duration::from_secs(600);

/// The ids that a stream yields; panics if it yields one twice.
async fn ids(mut stream: Peerings) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    while let Some(peering) = stream.next().await {
        let id = peering.unwrap().id().to_string();
        assert!(ids.insert(id.clone()), "{id} is yielded twice");
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
    let (sandbox, atlas, project) = start().await;
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
async fn each_page_is_requested_once() {
    for (count, size, pages) in [
        (0, 2, 1),
        (1, 2, 1),
        (2, 2, 1),
        (3, 2, 2),
        (4, 2, 2),
        (7, 3, 3),
    ] {
        let (sandbox, atlas, project) = start().await;
        let all: BTreeSet<_> = sandbox.fill("GCP", count).unwrap().into_iter().collect();
        let stream = atlas.peerings(&project).provider(Provider::Gcp);
        assert_eq!(ids(stream.page_size(size)).await, all);
        let numbers = lists(&sandbox);
        let numbers = numbers.iter().map(|of| parameter(of, "pageNum").unwrap());
        let expected: Vec<_> = (1..=pages).map(|number| number.to_string()).collect();
        assert_eq!(numbers.collect::<Vec<_>>(), expected, "{count} by {size}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_is_requested_when_it_is_needed_and_no_sooner() {
    let (sandbox, atlas, project) = start().await;
    sandbox.fill("AWS", 9).unwrap();
    let stream = atlas.peerings(&project).provider(Provider::Aws);
    let mut stream = stream.page_size(3);
    assert_eq!(lists(&sandbox).len(), 0);
    for read in 0..9 {
        stream.next().await.unwrap().unwrap();
        // Paused time passes only when no request is in flight.
        sleep(Duration::from_secs(1)).await;
        assert_eq!(lists(&sandbox).len(), read / 3 + 1, "after {read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_of_all_clouds_sends_one_request_for_each_at_once() {
    let (sandbox, atlas, project) = start().await;
    for provider in ["AWS", "AZURE", "GCP"] {
        sandbox.fill(provider, 150).unwrap();
    }
    let slow = Fault::delay_response(Duration::from_secs(10)).times(3);
    sandbox.inject(LIST, slow).unwrap();
    let start = Instant::now();
    assert_eq!(ids(atlas.peerings(&project)).await.len(), 450);
    assert_eq!(start.elapsed().as_secs(), 10);
    let sizes = lists(&sandbox);
    let sizes = sizes
        .iter()
        .map(|of| parameter(of, "itemsPerPage").unwrap());
    assert_eq!(sizes.collect::<Vec<_>>(), ["500"; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_loop_body_that_is_slower_than_all_timeouts_loses_nothing() {
    let (sandbox, atlas, project) = start().await;
    for provider in ["AWS", "GCP"] {
        sandbox.fill(provider, 5).unwrap();
    }
    let mut stream = atlas.peerings(&project).page_size(2);
    let mut seen = BTreeSet::new();
    while let Some(peering) = stream.next().await {
        assert!(seen.insert(peering.unwrap().id().clone()));
        sleep(TEN_MINUTES).await;
    }
    assert_eq!(seen.len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_requested_page_arrives_while_the_stream_is_not_polled() {
    let (sandbox, atlas, project) = start().await;
    sandbox.fill("AWS", 4).unwrap();
    let slow = Fault::delay_response(Duration::from_secs(20)).times(99);
    sandbox.inject(LIST, slow).unwrap();
    let mut stream = atlas.peerings(&project).page_size(2);
    let (mut seen, mut left) = (BTreeSet::new(), 0);
    loop {
        tokio::select! {
            peering = stream.next() => match peering {
                Some(peering) => assert!(seen.insert(peering.unwrap().id().clone())),
                None => break,
            },
            () = sleep(Duration::from_secs(1)) => {
                left += 1;
                sleep(TEN_MINUTES).await;
            }
        }
    }
    assert_eq!((seen.len(), left), (4, 2), "each page was left once");
}

/// Lists nine peerings. After `read` of them, the one at the index `deleted` is deleted and, if `one_added`,
/// another is created. Returns those that stayed, and those that the stream yielded, each once.
async fn list_while_one_is_deleted(
    deleted: usize,
    read: usize,
    one_added: bool,
) -> [BTreeSet<String>; 2] {
    let (sandbox, atlas, project) = start().await;
    let mut all = sandbox.fill("AWS", 9).unwrap();
    let mut stream = atlas
        .peerings(&project)
        .provider(Provider::Aws)
        .page_size(3);
    let mut listed = BTreeSet::new();
    for _ in 0..read {
        listed.insert(stream.next().await.unwrap().unwrap().id().to_string());
    }
    let id: PeeringId = all.remove(deleted).parse().unwrap();
    atlas.ensure_peering_deleted(&project, &id).await.unwrap();
    sandbox.advance(Duration::from_secs(5));
    if one_added {
        sandbox.fill("AWS", 1).unwrap();
    }
    for id in ids(stream).await {
        assert!(listed.insert(id), "yielded twice");
    }
    [all.into_iter().collect(), listed]
}

#[tokio::test]
async fn the_remaining_peerings_are_listed_once_whichever_is_deleted_at_any_time() {
    for deleted in 0..9 {
        for read in 0..9 {
            let [stayed, listed] = list_while_one_is_deleted(deleted, read, false).await;
            assert!(listed.is_superset(&stayed), "{deleted} after {read}");
            // The stream notices a deletion by the number of peerings, which an addition hides.
            let [stayed, listed] = list_while_one_is_deleted(deleted, read, true).await;
            let lost = stayed.difference(&listed).count();
            assert!(lost <= 1, "{deleted} after {read}: {lost} lost");
        }
    }
}

/// The error that ends a stream after this number of peerings.
async fn ends_after(peerings: usize, mut stream: Peerings) -> Error {
    for _ in 0..peerings {
        stream.next().await.unwrap().unwrap();
    }
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(stream.next().await.is_none());
    error
}

#[tokio::test]
async fn a_failed_page_ends_the_stream_after_the_pages_before_it() {
    let (sandbox, atlas, project) = start().await;
    sandbox.fill("AWS", 5).unwrap();
    let fault = Fault::fail_before(500).skip(1);
    sandbox.inject(LIST, fault).unwrap();
    let stream = atlas.peerings(&project).provider(Provider::Aws);
    let error = ends_after(2, stream.page_size(2)).await;
    assert!(error.is_server_error(), "{error}");
}

/// A server of lists: `page` makes the response for a page number, a size and a cloud. Also returns the
/// requested page numbers. The server breaks after 500 requests.
fn server(page: impl Fn(usize, usize, &str) -> Value + Send + 'static) -> (Peerings, Asked) {
    let asked = Asked::default();
    let noted = Arc::clone(&asked);
    let base_url = server_of(move |target| {
        let part = |name: &str| {
            let (_, rest) = target.split_once(name)?;
            rest.split('&').next()
        };
        let number = |name| part(name).map_or(1, |text| text.parse().unwrap());
        let (number, size) = (number("pageNum="), number("itemsPerPage="));
        let mut noted = noted.lock().unwrap();
        noted.push(number);
        if noted.len() > 500 {
            return json_response(500, &json!({}));
        }
        let provider = part("providerName=").unwrap_or_default();
        json_response(200, &page(number, size, provider))
    });
    let atlas = client_at(&base_url, some_key());
    (atlas.peerings(&some_project()), asked)
}

type Asked = Arc<Mutex<Vec<usize>>>;

/// Checks that a server of ten peerings on AWS is listed once, with requests for these page numbers.
async fn gives_ten(page: impl Fn(usize) -> Value + Send + 'static, expected: &[usize]) {
    let (stream, asked) = server(move |number, _, _| page(number));
    assert_eq!(ids(stream.provider(Provider::Aws)).await.len(), 10);
    assert_eq!(*asked.lock().unwrap(), expected);
}

/// A page of a list of `count` peerings, without a total or a link to the next page.
fn page(count: usize, number: usize, size: usize) -> Value {
    let start = size * (number - 1);
    let items =
        (start..count.min(start + size)).map(|index| json!({"id": format!("{index:024x}")}));
    json!({"results": items.collect::<Vec<_>>()})
}

fn with_next(mut page: Value) -> Value {
    page["links"] = json!([{"rel": "self", "href": ""}, {"rel": "next", "href": ""}]);
    page
}

fn without_next(mut page: Value) -> Value {
    page["links"] = json!([{"rel": "self", "href": ""}]);
    page
}

fn with_total(mut page: Value, total: impl Into<Value>) -> Value {
    page["totalCount"] = total.into();
    page
}

#[tokio::test]
async fn a_server_that_always_links_a_next_page_ends_at_a_page_with_nothing_new() {
    // The pages after the last are empty, or repeat the last; or all pages repeat the first.
    gives_ten(|number| with_next(page(10, number, 4)), &[1, 2, 3, 4]).await;
    gives_ten(
        |number| with_next(page(10, number.min(3), 4)),
        &[1, 2, 3, 4],
    )
    .await;
    let (stream, asked) = server(|_, _, _| with_next(page(10, 1, 4)));
    assert_eq!(ids(stream).await.len(), 4);
    assert_eq!(asked.lock().unwrap().len(), 4, "two of the first cloud");
}

#[tokio::test]
async fn totals_that_alternate_between_two_replicas_end_within_a_bounded_number_of_requests() {
    for always_next in [true, false] {
        let requests = Mutex::new(0);
        let (stream, asked) = server(move |number, _, _| {
            let mut requests = requests.lock().unwrap();
            *requests += 1;
            // One replica lacks the last peering.
            let count = 10 - (*requests + 1) % 2;
            let page = with_total(page(count, number, 2), count);
            if always_next { with_next(page) } else { page }
        });
        assert!(ids(stream.provider(Provider::Aws)).await.len() >= 9);
        let asked = asked.lock().unwrap();
        assert!(asked.len() <= 2 * 6, "{asked:?}");
    }
}

#[tokio::test]
async fn a_server_that_caps_the_page_size_loses_nothing() {
    let linked = |number| {
        let page = page(10, number, 3);
        let is_last = number == 4;
        if is_last {
            without_next(page)
        } else {
            with_next(page)
        }
    };
    gives_ten(linked, &[1, 2, 3, 4]).await;
    gives_ten(|number| with_total(page(10, number, 3), 10), &[1, 2, 3, 4]).await;
    gives_ten(|number| page(10, number, 3), &[1, 2, 3, 4, 5]).await;
}

#[tokio::test]
async fn a_server_that_ignores_the_provider_is_listed_once() {
    let (stream, asked) = server(|number, _, _| with_total(page(10, number, 4), 10));
    assert_eq!(ids(stream).await.len(), 10);
    // The first page for each cloud, and the further pages of one.
    assert_eq!(asked.lock().unwrap().len(), 3 + 2);
}

#[tokio::test]
async fn lists_of_65_536_and_more_and_invalid_totals_end() {
    let (stream, asked) = server(|number, size, _| with_total(page(70_000, number, size), 70_000));
    let mut stream = stream.provider(Provider::Aws).page_size(500);
    let mut count = 0;
    while let Some(peering) = stream.next().await {
        peering.unwrap();
        count += 1;
    }
    assert_eq!((count, asked.lock().unwrap().len()), (70_000, 140));
    for (total, expected) in [(i32::MIN, 4), (-1, 4), (0, 4), (i32::MAX, 10)] {
        let (stream, _) = server(move |number, _, _| with_total(page(10, number, 4), total));
        let all = ids(stream.provider(Provider::Aws)).await;
        assert_eq!(all.len(), expected, "a total of {total}");
    }
}

#[tokio::test]
async fn a_cloud_that_fails_ends_the_list_after_the_clouds_before_it() {
    let (stream, _) = server(|number, _, provider| match provider {
        "AZURE" => json!({"results": 7}),
        _ => with_total(page(3, number, 2), 3),
    });
    assert!(ends_after(3, stream).await.is_decode());
}

#[tokio::test]
async fn additions_at_the_front_lose_nothing_and_an_endless_total_ends() {
    let requests = Mutex::new(0);
    let (stream, _) = server(move |number, size, _| {
        let mut requests = requests.lock().unwrap();
        *requests += 1;
        // Two are added before the six, after the first page: the second page repeats the first.
        let before: usize = if *requests > 1 { 2 } else { 0 };
        let all = (0..before).map(|index| 100 + index).chain(0..6);
        let items = all.skip(size * (number - 1)).take(size);
        let items = items.map(|index| json!({"id": format!("{index:024x}")}));
        with_total(
            with_next(json!({"results": items.collect::<Vec<_>>()})),
            6 + before,
        )
    });
    let stream = stream.provider(Provider::Aws).page_size(2);
    let listed = ids(stream).await;
    assert!((0..6).all(|index| listed.contains(&format!("{index:024x}"))));

    // A total that always grows adds no request.
    let total = Mutex::new(0);
    let (stream, asked) = server(move |_, _, _| {
        let mut total = total.lock().unwrap();
        *total += 10;
        with_total(with_next(page(4, 1, 4)), *total)
    });
    assert_eq!(ids(stream.provider(Provider::Aws)).await.len(), 4);
    assert!(asked.lock().unwrap().len() <= 4);
}
