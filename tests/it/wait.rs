//! Waits: how they end, which failures they survive, and how often they poll.

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
/// Real time between two polls; the states depend on the sandbox's clock only.
const POLL: Duration = Duration::from_millis(2);
const GET: &str = "getPeeringConnection";

/// Whether the documentation of waits or deletions has this phrase.
fn is_documented(phrase: &str) -> bool {
    let wait = include_str!("../../src/workflow/wait.rs");
    let deletion = include_str!("../../src/workflow/delete.rs");
    let docs = [wait, deletion].concat().replace("///", "");
    let docs: Vec<_> = docs.split_whitespace().collect();
    docs.join(" ").contains(phrase)
}

/// A sandbox, a client of it, its project, and a peering in it.
async fn peering() -> (Sandbox, Client, ProjectId, PeeringId) {
    let (sandbox, atlas, project) = start().await;
    let id = created(&atlas, &project).await.id().clone();
    (sandbox, atlas, project, id)
}

/// Lets the other tasks run until `more` further requests were admitted.
async fn requested(sandbox: &Sandbox, more: usize) {
    let before = count(sandbox);
    until(|| count(sandbox) >= before + more).await;
}

/// The number of admitted requests.
fn count(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests().into_iter();
    requests.filter(|request| request.status != 401).count()
}

#[tokio::test]
async fn a_wait_that_times_out_names_the_present_state() {
    let (sandbox, atlas, project, id) = peering().await;
    let brief = Duration::from_millis(20);
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    let error = wait.timeout(brief).await.unwrap_err();
    assert!(error.is_timeout() && error.status().is_none(), "{error}");
    let phrase =
        format!("wait_for_peering: the peering {id} is not available after 20ms; it is INITIATING");
    assert!(error.to_string().starts_with(&phrase), "{error}");

    sandbox.advance(STEP);
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    let wait = wait.until(|peering| peering.state().is_available());
    let error = wait.timeout(brief).await.unwrap_err();
    let phrase = "it is PENDING_ACCEPTANCE: accept pcx-";
    assert!(error.to_string().contains(phrase), "{error}");

    let wait = atlas
        .wait_for_peering_deleted(&project, &id)
        .poll_interval(POLL);
    let error = wait.timeout(brief).await.unwrap_err();
    let phrase = "is not deleted after 20ms";
    assert!(
        error.is_timeout() && error.to_string().contains(phrase),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn by_default_a_wait_lasts_an_hour_and_polls_ever_less_often() {
    let (sandbox, atlas, project, id) = peering().await;
    let (before, begun) = (count(&sandbox), Instant::now());
    let error = atlas.wait_for_peering(&project, &id).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(begun.elapsed().as_secs(), 3600);
    assert!(is_documented(
        "The longest time to wait; by default 1 hour."
    ));
    let polls = count(&sandbox) - before;
    // A poll in 22.5 to 30 seconds, and a few more at the start.
    assert!((120..=170).contains(&polls), "{polls}");
    assert!(is_documented(
        "then after 2 seconds, and less often up to every 30 seconds."
    ));
}

#[tokio::test(start_paused = true)]
async fn a_poll_follows_no_sooner_than_retry_after() {
    let (sandbox, atlas, project, id) = peering().await;
    sandbox.advance(STEP);
    let body = json!({"error": 429, "errorCode": "RATE_LIMITED"});
    let busy = Canned::json(429, &body).header("Retry-After", "100");
    sandbox.queue_response(busy);
    let begun = Instant::now();
    atlas.wait_for_peering(&project, &id).await.unwrap();
    let waited = begun.elapsed().as_secs();
    assert!((100..110).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn each_change_is_reported_once_and_polls_are_more_frequent_after_it() {
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
        // The poll interval is 30 seconds by then.
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
async fn a_wait_continues_until_the_next_step_has_its_values() {
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
async fn a_wait_continues_through_temporary_failures() {
    let (sandbox, atlas, project, id) = peering().await;
    for fault in [
        Fault::drop_before(),
        Fault::cut_response(),
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

    // A failure that lasts until the timeout is the cause of the error.
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
async fn a_permanent_failure_ends_a_wait_at_once() {
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
    let unknown = "111111111111111111111111".parse().unwrap();
    atlas
        .wait_for_peering_deleted(&project, &unknown)
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
    let deleting = states.next().await.unwrap().unwrap();
    assert!(deleting.state().is_deleting());
    sandbox.advance(STEP);
    let error = states.next().await.unwrap().unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.operation(), Some("wait_for_peering"));
    assert!(states.next().await.is_none());
}

#[tokio::test]
async fn a_condition_is_checked_before_everything_else() {
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
async fn extreme_settings_do_no_harm() {
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
    sandbox.delete_cluster(&cluster).unwrap();
    deleting.await.unwrap().unwrap();
    assert!(sandbox.containers().is_empty());
    deletion().await.unwrap();
}

#[tokio::test]
async fn a_deletion_with_a_lost_response_succeeds() {
    let (sandbox, atlas, project, id) = peering().await;
    for _ in 0..2 {
        // Requested twice: the first response may have been lost with a client that crashed.
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
