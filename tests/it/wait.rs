//! Waiting: how it ends, what it goes through, and what it costs.

mod containers;
mod deletion;
mod several;
mod strays;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use atlas_peering::{Client, Credentials, Error, PeeringId, PeeringState, ProjectId};
use atlas_peering_sandbox::{Canned, Fault, Sandbox};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{aws, client_at, code, created, start, until};

const STEP: Duration = Duration::from_secs(5);
/// Real time between two polls; the states move with the sandbox's clock alone.
const POLL: Duration = Duration::from_millis(2);
const GET: &str = "getPeeringConnection";

/// Whether the documentation of waits or deletions has these words.
fn is_documented(words: &str) -> bool {
    let wait = include_str!("../../src/workflow/wait.rs");
    let deletion = include_str!("../../src/workflow/delete.rs");
    let docs = [wait, deletion].concat().replace("///", "");
    let docs: Vec<_> = docs.split_whitespace().collect();
    docs.join(" ").contains(words)
}

/// A sandbox, a client of it, its project, and a peering in it.
async fn peering() -> (Sandbox, Client, ProjectId, PeeringId) {
    let (sandbox, atlas, project) = start().await;
    let id = created(&atlas, &project).await.id().clone();
    (sandbox, atlas, project, id)
}

/// Lets the other tasks run until so many more requests were let in.
async fn requested(sandbox: &Sandbox, more: usize) {
    let before = count(sandbox);
    until(|| count(sandbox) >= before + more).await;
}

/// Requests that were let in.
fn count(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests().into_iter();
    requests.filter(|request| request.status != 401).count()
}

#[tokio::test]
async fn a_wait_without_an_end_runs_out_of_time_and_says_where_it_stands() {
    let (sandbox, atlas, project, id) = peering().await;
    let brief = Duration::from_millis(20);
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    let error = wait.timeout(brief).await.unwrap_err();
    assert!(error.is_timeout() && error.status().is_none(), "{error}");
    let words =
        format!("wait_for_peering: the peering {id} is not available after 20ms; it is INITIATING");
    assert!(error.to_string().starts_with(&words), "{error}");

    sandbox.advance(STEP);
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    let wait = wait.until(|peering| peering.state().is_available());
    let error = wait.timeout(brief).await.unwrap_err();
    let words = "it is PENDING_ACCEPTANCE: accept pcx-";
    assert!(error.to_string().contains(words), "{error}");

    let wait = atlas
        .wait_for_peering_deleted(&project, &id)
        .poll_interval(POLL);
    let error = wait.timeout(brief).await.unwrap_err();
    let words = "is not deleted after 20ms";
    assert!(
        error.is_timeout() && error.to_string().contains(words),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_set_it_lasts_an_hour_and_slows_down() {
    let (sandbox, atlas, project, id) = peering().await;
    let (before, begun) = (count(&sandbox), Instant::now());
    let error = atlas.wait_for_peering(&project, &id).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(begun.elapsed().as_secs(), 3600);
    assert!(is_documented(
        "The longest time to wait; by default 1 hour."
    ));
    let polls = count(&sandbox) - before;
    // One in 22.5 to 30 seconds, and a few more at the start.
    assert!((120..=170).contains(&polls), "{polls}");
    assert!(is_documented(
        "then after 2 seconds, and less often up to every 30 seconds."
    ));
}

#[tokio::test(start_paused = true)]
async fn the_service_is_asked_no_sooner_than_it_wants() {
    let (sandbox, atlas, project, id) = peering().await;
    sandbox.advance(STEP);
    let body = json!({"error": 429, "errorCode": "RATE_LIMITED"});
    let busy = Canned::json(429, &body).header("Retry-After", "100");
    sandbox.answer_next(busy);
    let begun = Instant::now();
    atlas.wait_for_peering(&project, &id).await.unwrap();
    let waited = begun.elapsed().as_secs();
    assert!((100..110).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn each_change_is_told_once_and_after_it_polls_come_sooner() {
    let (sandbox, atlas, project, id) = peering().await;
    let (sandbox, seen) = (Arc::new(sandbox), Arc::new(Mutex::new(Vec::new())));
    let wait = atlas.wait_for_peering(&project, &id);
    let wait = wait.until(|peering| peering.state().is_available());
    let wait = wait.on_change({
        let (sandbox, seen) = (Arc::clone(&sandbox), Arc::clone(&seen));
        move |peering| {
            let state = peering.state();
            seen.lock()
                .unwrap()
                .push((state.to_string(), Instant::now()));
            match state {
                PeeringState::PendingAcceptance => sandbox.accept(peering.id().as_str()).unwrap(),
                PeeringState::Finalizing => sandbox.advance(STEP),
                _ => {}
            }
        }
    });
    let (waited, ()) = tokio::join!(wait.into_future(), async {
        // By then a poll comes every 30 seconds.
        tokio::time::sleep(Duration::from_secs(600)).await;
        sandbox.advance(STEP);
    });
    waited.unwrap();
    let (states, times): (Vec<_>, Vec<_>) = seen.lock().unwrap().drain(..).unzip();
    let expected = [
        "INITIATING",
        "PENDING_ACCEPTANCE",
        "FINALIZING",
        "AVAILABLE",
    ];
    assert_eq!(states, expected);
    for next in times[1..].windows(2) {
        assert!(next[1] - next[0] <= Duration::from_secs(2), "{next:?}");
    }
}

#[tokio::test]
async fn a_turn_without_its_values_is_waited_through() {
    let (sandbox, atlas, project, id) = peering().await;
    sandbox.advance(STEP);
    sandbox
        .set(id.as_str(), "connectionId", json!(null))
        .unwrap();
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    let waiting = tokio::spawn(wait.into_future());
    requested(&sandbox, 5).await;
    assert!(!waiting.is_finished(), "there is nothing to accept yet");
    sandbox
        .set(id.as_str(), "connectionId", json!("pcx-1"))
        .unwrap();
    let turn = waiting.await.unwrap().unwrap();
    assert!(
        turn.next_step()
            .unwrap()
            .to_string()
            .starts_with("accept pcx-1 ")
    );
}

#[tokio::test]
async fn failures_that_pass_are_waited_through() {
    let (sandbox, atlas, project, id) = peering().await;
    for fault in [
        Fault::drop_before(),
        Fault::cut_answer(),
        Fault::fail_before(500),
        Fault::fail_before(502),
        Fault::fail_before(503),
        Fault::fail_before(504),
    ] {
        sandbox.inject(GET, fault.times(3)).unwrap();
    }
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    let waiting = tokio::spawn(wait.into_future());
    requested(&sandbox, 18).await;
    sandbox.advance(STEP);
    let turn = waiting.await.unwrap().unwrap();
    assert_eq!(turn.state(), PeeringState::PendingAcceptance);

    // One that does not pass in time is the cause of the error.
    sandbox
        .inject(GET, Fault::fail_before(503).times(9999))
        .unwrap();
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    let error = wait.timeout(Duration::from_millis(500)).await.unwrap_err();
    assert!(
        error.to_string().contains("its state could not be read"),
        "{error}"
    );
    let cause = std::error::Error::source(&error).unwrap();
    assert!(cause.to_string().contains("503"), "{cause}");
}

#[tokio::test]
async fn failures_that_stay_end_it_at_once() {
    let (sandbox, atlas, project, id) = peering().await;
    let stranger = client_at(
        sandbox.base_url(),
        Credentials::api_key("abcdefgh", "wrong"),
    );
    let error = stranger.wait_for_peering(&project, &id).await.unwrap_err();
    assert!(error.is_unauthorized(), "{error}");
    let nowhere = "111111111111111111111111".parse().unwrap();
    let error = atlas.wait_for_peering(&nowhere, &id).await;
    assert_eq!(code(error), "404 GROUP_NOT_FOUND");
    sandbox.allow_address(false);
    let error = atlas.wait_for_peering(&project, &id).await;
    assert_eq!(code(error), "403 IP_ADDRESS_NOT_ON_ACCESS_LIST");
    sandbox.allow_address(true);
    let nobody = "111111111111111111111111".parse().unwrap();
    atlas
        .wait_for_peering_deleted(&project, &nobody)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_peering_that_is_deleted_meanwhile_is_not_found() {
    let (sandbox, atlas, project, id) = peering().await;
    let mut states = atlas
        .wait_for_peering(&project, &id)
        .poll_interval(POLL)
        .states();
    states.next().await.unwrap().unwrap();
    atlas.ensure_peering_deleted(&project, &id).await.unwrap();
    let going = states.next().await.unwrap().unwrap();
    assert!(going.state().is_deleting());
    sandbox.advance(STEP);
    let error = states.next().await.unwrap().unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.operation(), Some("wait_for_peering"));
    assert!(states.next().await.is_none());
}

#[tokio::test]
async fn a_condition_comes_before_everything_else() {
    let (sandbox, atlas, project, id) = peering().await;
    sandbox.fail(id.as_str(), "REJECTED").unwrap();
    let wait = atlas.wait_for_peering(&project, &id);
    let failed = wait.until(|peering| peering.state().is_failed()).await;
    assert_eq!(failed.unwrap().state(), PeeringState::Failed);
    let wait = atlas.wait_for_peering(&project, &id);
    let error = wait.until(|peering| peering.state().is_available()).await;
    assert!(error.unwrap_err().is_peering_failure());
}

#[tokio::test]
async fn settings_that_cannot_be_meant_do_no_harm() {
    let (sandbox, atlas, project, id) = peering().await;
    sandbox.advance(STEP);
    let wait = atlas.wait_for_peering(&project, &id);
    let wait = wait.poll_interval(Duration::MAX).timeout(Duration::MAX);
    wait.await.unwrap();
    let wait = atlas.wait_for_peering(&project, &id);
    let wait = wait.poll_interval(Duration::ZERO).timeout(Duration::ZERO);
    assert!(wait.await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn a_container_in_use_is_requested_again_within_a_bound() {
    let (sandbox, atlas, project) = start().await;
    let cluster = sandbox.make_cluster("AWS", "US_EAST_1").unwrap();
    let id = cluster.parse().unwrap();
    let deletion = || {
        atlas
            .ensure_container_deleted(&project, &id)
            .poll_interval(POLL)
    };
    let refused: Result<(), Error> = deletion().timeout(Duration::from_millis(20)).await;
    assert_eq!(code(refused), "409 CONTAINERS_IN_USE");
    let deleting = tokio::spawn(deletion().into_future());
    requested(&sandbox, 3).await;
    sandbox.remove_cluster(&cluster).unwrap();
    deleting.await.unwrap().unwrap();
    assert!(sandbox.containers().is_empty());
    deletion().await.unwrap();
}

#[tokio::test]
async fn a_deletion_whose_response_is_lost_is_a_deletion() {
    let (sandbox, atlas, project, id) = peering().await;
    for _ in 0..2 {
        // Requested twice, for the first response may have been lost on a client that crashed.
        atlas.ensure_peering_deleted(&project, &id).await.unwrap();
    }
    sandbox.advance(STEP);
    atlas.ensure_peering_deleted(&project, &id).await.unwrap();
    sandbox.allow_writes(false);
    let refused = atlas.ensure_peering_deleted(&project, &id).await;
    assert_eq!(code(refused), "405 WRITES_NOT_ALLOWED_DURING_APP_UPGRADES");
    let again = atlas.ensure_peering(&project, aws()).await;
    assert_eq!(code(again), "405 WRITES_NOT_ALLOWED_DURING_APP_UPGRADES");
}
