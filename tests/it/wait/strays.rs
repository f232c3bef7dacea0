//! Unexpected responses to a poll, such as a gateway's page: a wait continues after a few in a row.

use atlas_peering::{Error, PeeringState};
use atlas_peering_sandbox::{Canned, Sandbox};
use serde_json::json;

use super::{POLL, STEP, count, is_documented, peering, requested};
use crate::support::code;

/// The maximum number in a row that a wait continues after.
const FEW: usize = 5;

fn not_found() -> Canned {
    Canned::json(404, &json!({"error": 404, "errorCode": "PEER_NOT_FOUND"}))
}

/// Responses that are not the service's: pages of a gateway, and JSON of another program.
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

/// Queues a response several times.
fn queue(sandbox: &Sandbox, times: usize, response: &Canned) {
    for _ in 0..times {
        sandbox.queue_response(response.clone());
    }
}

#[tokio::test]
async fn a_wait_continues_after_a_few_pages_in_place_of_json() {
    for page in pages() {
        let (sandbox, atlas, project, id) = peering().await;
        queue(&sandbox, FEW, &page);
        let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
        let waiting = tokio::spawn(wait.into_future());
        requested(&sandbox, FEW + 2).await;
        assert!(is_documented(&format!(
            "up to {FEW} times in a row (by default, within a minute):"
        )));
        // The same number again: only responses in a row count.
        queue(&sandbox, FEW, &page);
        requested(&sandbox, FEW + 2).await;
        sandbox.advance(STEP);
        let turn = waiting.await.unwrap().unwrap();
        assert_eq!(turn.state(), PeeringState::PendingAcceptance);
        // A wait for a deletion takes none of them for the deletion.
        queue(&sandbox, FEW, &page);
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
async fn more_than_a_few_pages_end_a_wait_with_their_error() {
    for page in pages() {
        let (sandbox, atlas, project, id) = peering().await;
        let before = count(&sandbox);
        queue(&sandbox, 2 * FEW, &page);
        let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
        let error = wait.await.unwrap_err();
        let code = error.error_code().map_or("", |code| code.as_str());
        assert!(["", "Not Found"].contains(&code), "{error}");
        assert!(!error.is_timeout(), "{error}");
        assert_eq!(count(&sandbox) - before, FEW + 1);
    }
}

#[tokio::test]
async fn a_wait_continues_after_a_few_404_before_it_has_seen_the_peering() {
    let (sandbox, atlas, project, id) = peering().await;
    queue(&sandbox, FEW, &not_found());
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    let waiting = tokio::spawn(wait.into_future());
    requested(&sandbox, FEW + 2).await;
    // After the peering was seen, a 404 means that it is deleted.
    queue(&sandbox, 1, &not_found());
    let error = waiting.await.unwrap().unwrap_err();
    assert!(error.is_not_found() && error.status().is_none(), "{error}");

    let before = count(&sandbox);
    queue(&sandbox, 2 * FEW, &not_found());
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    assert_eq!(code(wait.await), "404 PEER_NOT_FOUND");
    assert_eq!(count(&sandbox) - before, FEW + 1);
}

#[tokio::test]
async fn a_wait_for_a_deletion_ends_at_the_first_404() {
    let (sandbox, atlas, project, id) = peering().await;
    let before = count(&sandbox);
    queue(&sandbox, 1, &not_found());
    let wait = atlas
        .wait_for_peering_deleted(&project, &id)
        .poll_interval(POLL);
    wait.await.unwrap();
    assert_eq!(count(&sandbox) - before, 1);
}

#[tokio::test]
async fn a_refusal_of_the_service_ends_a_wait_at_once() {
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
        queue(&sandbox, 1, &Canned::json(status, &body));
        let before = count(&sandbox);
        let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
        let ended: Result<_, Error> = wait.await;
        assert_eq!(code(ended), expected);
        assert!(count(&sandbox) - before <= 1);
    }
    queue(&sandbox, 1, &Canned::new(403, "text/html", "<html>"));
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    assert!(wait.await.unwrap_err().is_forbidden());
}

#[tokio::test]
async fn a_failure_of_the_service_in_between_restarts_the_count() {
    let (sandbox, atlas, project, id) = peering().await;
    for _ in 0..2 * FEW {
        sandbox.queue_response(Canned::new(200, "text/html", "<html>"));
        sandbox.queue_response(Canned::new(503, "text/plain", ""));
    }
    let wait = atlas.wait_for_peering(&project, &id).poll_interval(POLL);
    let waiting = tokio::spawn(wait.into_future());
    requested(&sandbox, 4 * FEW + 2).await;
    sandbox.advance(STEP);
    waiting.await.unwrap().unwrap();
}
