//! Failures of a poll that say nothing of passing, and pass by themselves: a few in a row.

use atlas_peering::{Error, PeeringState};
use atlas_peering_sandbox::{Canned, Sandbox};
use serde_json::json;

use super::{POLL, STEP, count, is_documented, peering, requested};
use crate::support::code;

/// As many as a wait goes on through, one after the other.
const FEW: usize = 5;

fn not_found() -> Canned {
    Canned::json(404, &json!({"error": 404, "errorCode": "PEER_NOT_FOUND"}))
}

/// What is not the service's: pages of a gateway, and JSON that is of something else.
fn pages() -> Vec<Canned> {
    let page = |status, body: &str| Canned::new(status, "text/html", body);
    vec![
        page(200, "<html>"),
        page(404, "<html>no such host</html>"),
        page(521, "<html>the web server is down</html>"),
        Canned::json(
            404,
            &json!({"status": 404, "error": "Not Found", "path": "/"}),
        ),
        Canned::json(404, &json!({"detail": "Not Found"})),
        Canned::json(200, &json!({"id": 7})),
        Canned::json(200, &json!([])),
    ]
}

fn answer(sandbox: &Sandbox, times: usize, answer: &Canned) {
    for _ in 0..times {
        sandbox.answer_next(answer.clone());
    }
}

#[tokio::test]
async fn a_few_pages_in_place_of_json_are_waited_through() {
    for page in pages() {
        let (sandbox, atlas, project, id) = peering().await;
        answer(&sandbox, FEW, &page);
        let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
        let waiting = tokio::spawn(wait.into_future());
        requested(&sandbox, FEW + 2).await;
        assert!(is_documented(&format!("up to {FEW} times in a row:")));
        // As many again: only those in a row count.
        answer(&sandbox, FEW, &page);
        requested(&sandbox, FEW + 2).await;
        sandbox.advance(STEP);
        let turn = waiting.await.unwrap().unwrap();
        assert_eq!(turn.state(), PeeringState::PendingAcceptance);
        // Neither is one of them a deletion.
        answer(&sandbox, FEW, &page);
        let wait = atlas
            .wait_for_peering_deleted(&project, &id)
            .poll_interval(POLL);
        let waiting = tokio::spawn(wait.into_future());
        requested(&sandbox, FEW + 2).await;
        assert!(!waiting.is_finished());
        sandbox.forget_peerings();
        waiting.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn more_pages_than_a_few_end_it_with_what_they_are() {
    for page in pages() {
        let (sandbox, atlas, project, id) = peering().await;
        let before = count(&sandbox);
        answer(&sandbox, 2 * FEW, &page);
        let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
        let error = wait.await.unwrap_err();
        let code = error.error_code().map_or("", |code| code.as_str());
        assert!(["", "Not Found"].contains(&code), "{error}");
        assert!(!error.is_timeout(), "{error}");
        assert_eq!(count(&sandbox) - before, FEW + 1);
    }
}

#[tokio::test]
async fn a_peering_that_was_never_seen_may_be_too_new_for_a_node() {
    let (sandbox, atlas, project, id) = peering().await;
    answer(&sandbox, FEW, &not_found());
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    let waiting = tokio::spawn(wait.into_future());
    requested(&sandbox, FEW + 2).await;
    // Once it was seen, it is deleted.
    answer(&sandbox, 1, &not_found());
    let error = waiting.await.unwrap().unwrap_err();
    assert!(error.is_not_found() && error.status().is_none(), "{error}");

    let before = count(&sandbox);
    answer(&sandbox, 2 * FEW, &not_found());
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    assert_eq!(code(wait.await), "404 PEER_NOT_FOUND");
    assert_eq!(count(&sandbox) - before, FEW + 1);
}

#[tokio::test]
async fn a_wait_for_a_deletion_takes_the_first_such_response_for_it() {
    let (sandbox, atlas, project, id) = peering().await;
    let before = count(&sandbox);
    answer(&sandbox, 1, &not_found());
    let wait = atlas
        .wait_for_peering_deleted(&project, &id)
        .poll_interval(POLL);
    wait.await.unwrap();
    assert_eq!(count(&sandbox) - before, 1);
}

#[tokio::test]
async fn what_the_service_means_ends_it_at_once() {
    let (sandbox, atlas, project, id) = peering().await;
    for expected in [
        "400 VALIDATION_ERROR",
        "401 NOT_IN_GROUP",
        "402 NO_PAYMENT_INFORMATION_FOUND",
        "403 ACCESS_FORBIDDEN",
        "404 INVALID_PEER_ID",
        "404 GROUP_NOT_FOUND",
        "404 RESOURCE_NOT_FOUND",
    ] {
        let (status, name) = expected.split_once(' ').unwrap();
        let status = status.parse().unwrap();
        let body = json!({"error": status, "errorCode": name});
        answer(&sandbox, 1, &Canned::json(status, &body));
        let before = count(&sandbox);
        let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
        let ended: Result<_, Error> = wait.await;
        assert_eq!(code(ended), expected);
        assert!(count(&sandbox) - before <= 1);
    }
    answer(&sandbox, 1, &Canned::new(403, "text/html", "<html>"));
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    assert!(wait.await.unwrap_err().is_forbidden());
}

#[tokio::test]
async fn a_failure_of_the_service_between_two_of_them_ends_their_row() {
    let (sandbox, atlas, project, id) = peering().await;
    for _ in 0..2 * FEW {
        sandbox.answer_next(Canned::new(200, "text/html", "<html>"));
        sandbox.answer_next(Canned::new(503, "text/plain", ""));
    }
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    let waiting = tokio::spawn(wait.into_future());
    requested(&sandbox, 4 * FEW + 2).await;
    sandbox.advance(STEP);
    waiting.await.unwrap().unwrap();
}
