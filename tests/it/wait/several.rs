//! Several waits at once share only the client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;

use atlas_peering::{Client, Error, PeeringId, PeeringSnapshot, ProjectId};
use serde_json::{Value, json};
use tokio::task::{JoinHandle, JoinSet};

use super::{POLL, STEP, requested};
use crate::support::{
    causes, client_at, code, json_response as response, server_of, some_key, some_project, start,
    until,
};

const GOOD: &str = "111111111111111111111111";
const BAD: &str = "222222222222222222222222";

/// A server of two peerings on AWS: one becomes available, and requests for the other get a bad response.
struct Server {
    base_url: String,
    available: Arc<AtomicBool>,
    /// The number of requests for anything but the bad peering.
    polls: Arc<AtomicUsize>,
}

impl Server {
    fn start(status: u16, bad: Value) -> Self {
        let (available, polls) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let (shown, counted) = (Arc::clone(&available), Arc::clone(&polls));
        let base_url = server_of(move |target| {
            if target.ends_with(BAD) {
                return response(status, &bad);
            }
            counted.fetch_add(1, Ordering::SeqCst);
            let is_available = shown.load(Ordering::SeqCst);
            let state = if is_available {
                "AVAILABLE"
            } else {
                "INITIATING"
            };
            let good = json!({"id": GOOD, "providerName": "AWS", "statusName": state});
            if target.ends_with(GOOD) {
                return response(200, &good);
            }
            let is_listed = target.contains("providerName=AWS");
            let listed = if is_listed { vec![good] } else { Vec::new() };
            response(200, &json!({"results": listed, "totalCount": listed.len()}))
        });
        Self {
            base_url,
            available,
            polls,
        }
    }

    /// Checks that the wait continues to poll.
    async fn is_polled_again(&self, wait: &JoinHandle<Result<PeeringSnapshot, Error>>) {
        let before = self.polls.load(Ordering::SeqCst);
        while self.polls.load(Ordering::SeqCst) < before + 5 {
            assert!(!wait.is_finished(), "the wait has ended");
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_wait_continues_while_another_gets_bad_responses() {
    let refused = |code: &str| json!({"error": 404, "errorCode": code});
    for (status, bad) in [
        (404, refused("INVALID_PEER_ID")),
        (404, refused("RESOURCE_NOT_FOUND")),
        (404, refused("GROUP_NOT_FOUND")),
        (200, json!({"id": 7})),
    ] {
        let server = Server::start(status, bad.clone());
        let (atlas, project) = (client_at(&server.base_url, some_key()), some_project());
        let (good, wrong) = (GOOD.parse().unwrap(), BAD.parse().unwrap());
        let wait = atlas.wait_for_peering(&project, &good).poll_interval(POLL);
        let waiting = tokio::spawn(wait.into_future());
        server.is_polled_again(&waiting).await;

        let error = atlas
            .wait_for_peering(&project, &wrong)
            .poll_interval(POLL)
            .await;
        check(error.map(|_| ()), &bad);
        // No wait takes the bad response for a deletion.
        let deletion = atlas
            .wait_for_peering_deleted(&project, &wrong)
            .poll_interval(POLL);
        check(deletion.await, &bad);

        server.is_polled_again(&waiting).await;
        server.available.store(true, Ordering::SeqCst);
        assert!(waiting.await.unwrap().unwrap().state().is_available());
    }
}

/// Checks that the error is that of the bad response.
fn check(outcome: Result<(), Error>, bad: &Value) {
    match bad["errorCode"].as_str() {
        Some(expected) => assert_eq!(code(outcome), format!("404 {expected}")),
        None => assert!(outcome.unwrap_err().is_decode()),
    }
}

#[tokio::test]
async fn a_list_without_a_new_peering_is_not_taken_for_a_deletion() {
    let (sandbox, atlas, project) = start().await;
    let ids = sandbox.fill("AWS", 2).unwrap();
    let mut waits = JoinSet::new();
    for id in &ids {
        let wait = atlas.wait_for_peering_deleted(&project, &id.parse().unwrap());
        waits.spawn(wait.poll_interval(POLL).into_future());
    }
    requested(&sandbox, 10).await;
    for id in &ids {
        sandbox.hide_from_lists(id).unwrap();
    }
    requested(&sandbox, 10).await;
    assert!(waits.try_join_next().is_none(), "a GET still shows them");
    sandbox.forget_peerings();
    while let Some(deleted) = waits.join_next().await {
        deleted.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_peering_deleted_during_a_wait_is_the_same_error_with_one_wait_and_with_several() {
    for waiters in [1, 3] {
        let (sandbox, atlas, project) = start().await;
        let ids = sandbox.fill("AWS", waiters).unwrap();
        let (mut waits, seen) = wait_for_all(&atlas, &project, &ids);
        until(|| seen.load(Ordering::SeqCst) >= waiters).await;
        sandbox.forget_peerings();
        for _ in 0..waiters {
            let (id, outcome) = waits.join_next().await.unwrap().unwrap();
            let error = outcome.unwrap_err();
            assert!(error.is_not_found() && error.status().is_none(), "{error}");
            assert_eq!(error.operation(), Some("wait_for_peering"));
            let message = error.to_string();
            let subject = format!("wait_for_peering: the peering {id} was ");
            assert!(message.starts_with(&subject), "{message}");
            assert!(message.contains("deleted during the wait"), "{message}");
            let causes = causes(&error);
            assert!(causes[0].contains(", PEER_NOT_FOUND: "), "{causes:?}");
        }
    }
}

type Waits = JoinSet<(PeeringId, Result<PeeringSnapshot, Error>)>;

/// Waits for each peering in a task of its own; also counts the states.
fn wait_for_all(atlas: &Client, project: &ProjectId, ids: &[String]) -> (Waits, Arc<AtomicUsize>) {
    let (mut waits, seen) = (JoinSet::new(), Arc::<AtomicUsize>::default());
    for id in ids {
        let (id, seen): (PeeringId, _) = (id.parse().unwrap(), Arc::clone(&seen));
        let wait = atlas.wait_for_peering(project, &id).poll_interval(POLL);
        let wait = wait.on_change(move |_| {
            seen.fetch_add(1, Ordering::SeqCst);
        });
        waits.spawn(async move { (id, wait.await) });
    }
    (waits, seen)
}

#[tokio::test]
async fn many_waits_on_three_clouds_end_each_with_its_own_peering() {
    let (sandbox, atlas, project) = start().await;
    let mut ids = Vec::new();
    for provider in ["AWS", "AZURE", "GCP"] {
        ids.extend(sandbox.fill(provider, 20).unwrap());
    }
    let (mut waits, seen) = wait_for_all(&atlas, &project, &ids);
    until(|| seen.load(Ordering::SeqCst) >= ids.len()).await;
    sandbox.advance(STEP);
    let mut ended = 0;
    while let Some(wait) = waits.join_next().await {
        let (id, peering) = wait.unwrap();
        assert_eq!(peering.unwrap().id(), &id);
        ended += 1;
    }
    assert_eq!(ended, ids.len());
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_not_polled_delays_no_other() {
    let (sandbox, atlas, project) = start().await;
    let ids = sandbox.fill("AWS", 3).unwrap();
    sandbox.advance(STEP);
    let wait = |id: &String| atlas.wait_for_peering(&project, &id.parse().unwrap());
    // Its first request stays unfinished: it is neither polled nor dropped.
    let mut left_alone = wait(&ids[0]).into_future();
    let begun =
        std::future::poll_fn(|context| Poll::Ready(left_alone.as_mut().poll(context).is_pending()));
    assert!(begun.await);
    for id in &ids {
        wait(id).await.unwrap();
    }
    left_alone.await.unwrap();
}
