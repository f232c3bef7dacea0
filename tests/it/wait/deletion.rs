//! Deletions: which requests are repeated, and what is reported on the way.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use atlas_peering::ErrorCode;
use atlas_peering_sandbox::Canned;
use serde_json::json;
use tokio::time::Instant;

use super::{POLL, STEP, count, is_documented, peering, requested};
use crate::support::{code, gcp, made, start, until};

const TOO_NEW: &str = "CANNOT_DELETE_RECENTLY_CREATED_CONTAINER";

#[tokio::test]
async fn the_deletion_of_a_new_container_is_repeated() {
    let (sandbox, atlas, project) = start().await;
    let id = sandbox.make_cluster("AWS", "US_EAST_1").unwrap();
    sandbox.delete_cluster(&id).unwrap();
    let id = id.parse().unwrap();
    let refused = json!({"error": 409, "errorCode": TOO_NEW});
    sandbox.queue_response(Canned::json(409, &refused));
    let deletion = atlas
        .ensure_container_deleted(&project, &id)
        .poll_interval(POLL);
    deletion.await.unwrap();
    assert_eq!(count(&sandbox), 2);
    assert!(sandbox.containers().is_empty());

    for _ in 0..100 {
        sandbox.queue_response(Canned::json(409, &refused));
    }
    let deletion = atlas
        .ensure_container_deleted(&project, &id)
        .poll_interval(POLL);
    let error = deletion.timeout(4 * POLL).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("delete what uses the container first"),
        "{error}"
    );
    assert_eq!(code(Err::<(), _>(error)), format!("409 {TOO_NEW}"));
}

#[tokio::test]
async fn on_retry_reports_each_refusal_before_the_next_request() {
    let (sandbox, atlas, project) = start().await;
    let cluster = sandbox.make_cluster("AWS", "US_EAST_1").unwrap();
    let id = cluster.parse().unwrap();
    let reported = Arc::new(Mutex::new(Vec::new()));
    let deletion = || {
        let reported = Arc::clone(&reported);
        let deletion = atlas
            .ensure_container_deleted(&project, &id)
            .poll_interval(POLL);
        deletion.on_retry(move |error| reported.lock().unwrap().push(error.error_code().cloned()))
    };
    let deleting = tokio::spawn(deletion().into_future());
    requested(&sandbox, 3).await;
    sandbox.delete_cluster(&cluster).unwrap();
    deleting.await.unwrap().unwrap();
    let refused = reported.lock().unwrap().split_off(0);
    // All but the last request were refused.
    assert_eq!(refused.len(), count(&sandbox) - 1);
    let in_use = Some(ErrorCode::ContainersInUse);
    assert!(refused.iter().all(|code| *code == in_use), "{refused:?}");

    // The refusal that is returned is not reported: no request follows it.
    sandbox.make_cluster("AWS", "EU_WEST_1").unwrap();
    let id = sandbox.containers()[0]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let reported = Arc::new(Mutex::new(0));
    let deletion = atlas
        .ensure_container_deleted(&project, &id)
        .poll_interval(POLL)
        .on_retry({
            let reported = Arc::clone(&reported);
            move |_| *reported.lock().unwrap() += 1
        });
    deletion.timeout(Duration::ZERO).await.unwrap_err();
    assert_eq!(*reported.lock().unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn on_retry_reports_a_refusal_before_the_pause_for_ten_minutes() {
    let (sandbox, atlas, project) = start().await;
    let id = sandbox.make_cluster("AWS", "US_EAST_1").unwrap();
    let id = id.parse().unwrap();
    let (begun, reported) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
    let deletion = atlas.ensure_container_deleted(&project, &id).on_retry({
        let reported = Arc::clone(&reported);
        move |_| reported.lock().unwrap().push(begun.elapsed().as_secs())
    });
    deletion.await.unwrap_err();
    let reported = reported.lock().unwrap();
    assert_eq!(reported[0], 0, "before the first pause");
    let last = begun.elapsed().as_secs();
    assert!((500..600).contains(&last), "{last}");
    assert!(
        reported.last().unwrap() < &last,
        "the last refusal is the error"
    );
    assert!(is_documented(
        "requests the deletion again; by default 10 minutes."
    ));
}

#[tokio::test]
async fn on_change_reports_each_state_once_until_a_peering_is_deleted() {
    let (sandbox, atlas, project, id) = peering().await;
    let reported = Arc::new(Mutex::new(Vec::new()));
    let wait = atlas
        .wait_for_peering_deleted(&project, &id)
        .poll_interval(POLL)
        .on_change({
            let reported = Arc::clone(&reported);
            move |peering| reported.lock().unwrap().push(peering.state().to_string())
        });
    let waiting = tokio::spawn(wait.into_future());
    requested(&sandbox, 3).await;
    atlas.ensure_peering_deleted(&project, &id).await.unwrap();
    until(|| reported.lock().unwrap().len() == 2).await;
    requested(&sandbox, 3).await;
    sandbox.advance(STEP);
    waiting.await.unwrap().unwrap();
    assert_eq!(*reported.lock().unwrap(), ["INITIATING", "TERMINATING"]);
}

#[tokio::test]
async fn a_deletion_requests_no_container() {
    let (sandbox, atlas, project) = start().await;
    let id = made(&atlas, &project, gcp(&sandbox)).await.id().clone();
    sandbox
        .set(id.as_str(), "status", "WAITING_FOR_USER".into())
        .unwrap();
    let wait = atlas
        .wait_for_peering_deleted(&project, &id)
        .poll_interval(POLL);
    let waiting = tokio::spawn(wait.into_future());
    requested(&sandbox, 3).await;
    atlas.ensure_peering_deleted(&project, &id).await.unwrap();
    sandbox.advance(STEP);
    waiting.await.unwrap().unwrap();
    let requests = sandbox.requests();
    assert!(!requests.iter().any(|of| of.path.contains("/containers/")));
}

#[tokio::test(start_paused = true)]
async fn a_deletion_waits_if_any_setting_of_a_wait_is_set_in_any_order() {
    let second = Duration::from_secs(1);
    let (sandbox, atlas, project, id) = peering().await;
    let deletion = || atlas.ensure_peering_deleted(&project, &id);
    deletion().await.unwrap();
    assert_eq!(
        sandbox.peerings().len(),
        1,
        "the request alone does not wait"
    );
    for waiting in [
        deletion().and_wait().timeout(second),
        deletion().timeout(second).and_wait(),
        deletion().timeout(second),
        deletion().timeout(second).poll_interval(second),
        deletion().on_change(|_| ()).timeout(second),
        atlas
            .wait_for_peering_deleted(&project, &id)
            .timeout(second),
    ] {
        let begun = Instant::now();
        let error = waiting.await.unwrap_err();
        assert!(error.is_timeout() && begun.elapsed() >= second, "{error}");
    }
    for waiting in [
        deletion().and_wait(),
        deletion().poll_interval(second),
        deletion().on_change(|_| ()),
        atlas.wait_for_peering_deleted(&project, &id),
    ] {
        let waited = tokio::time::timeout(10 * second, waiting.into_future());
        waited.await.expect_err("it waits for an hour");
    }
}
