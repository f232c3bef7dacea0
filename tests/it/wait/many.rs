//! Many waits of one project share their looks.

use std::task::Poll;
use std::time::Duration;

use atlas_peering::{Client, PeeringId, ProjectId};
use atlas_peering_sandbox::{Fault, Recorded, Sandbox};
use serde_json::json;
use tokio::task::JoinSet;

use super::{LOOK, STEP, count};
use crate::support::{client, project};

/// Waits for each of the peerings, in a task of its own.
fn wait_for_all(
    atlas: &Client,
    project: &ProjectId,
    ids: &[String],
    every: Duration,
) -> JoinSet<PeeringId> {
    let mut waits = JoinSet::new();
    for id in ids {
        let id: PeeringId = id.parse().unwrap();
        let wait = atlas.wait_for_peering(project, &id).every(every);
        waits.spawn(async move {
            wait.await.unwrap();
            id
        });
    }
    waits
}

fn since(sandbox: &Sandbox, start: usize) -> Vec<Recorded> {
    let mut requests = sandbox.requests().split_off(start);
    requests.retain(|request| request.status != 401);
    requests
}

/// How many looks the requests are of: each begins with the first page of the first list.
fn looks(requests: &[Recorded]) -> usize {
    let first = |request: &&Recorded| {
        let query = request.parameters();
        let has =
            |name: &str, value: &str| query.iter().any(|(key, of)| key == name && of == value);
        request.path.ends_with("/peers") && has("pageNum", "1") && has("providerName", "AWS")
    };
    requests.iter().filter(first).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_waits_cost_ten_requests_a_look_at_the_most() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let ids = sandbox.fill("AWS", 1000).unwrap();
    let every = Duration::from_millis(100);
    let start = sandbox.requests().len();
    let mut waits = wait_for_all(&atlas, &project, &ids, every);
    // A look by the first who comes, one through all clouds, and then of one cloud alone.
    while looks(&since(&sandbox, start)) < 6 {
        tokio::task::yield_now().await;
    }
    let requests = since(&sandbox, start);
    let (sent, looks_before) = (requests.len(), looks(&requests));
    assert!(
        sent <= 10 * looks_before,
        "{sent} requests for {looks_before} looks"
    );
    let alone = requests
        .iter()
        .filter(|of| of.path.contains("/peers/"))
        .count();
    assert!(alone <= 10, "{alone} peerings were asked for alone");

    // All learn of a change with the look that is under way, or the next.
    let start = sandbox.requests().len();
    sandbox.advance(STEP);
    while waits.join_next().await.transpose().unwrap().is_some() {}
    let requests = since(&sandbox, start);
    let (sent, looks) = (requests.len(), looks(&requests));
    assert!(looks <= 1, "{looks} looks were begun");
    assert!(sent <= 2 * 10, "{sent} requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_that_go_are_seen_to_be_gone_by_lists_alone() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let ids = sandbox.fill("AWS", 1000).unwrap();
    let mut waits = JoinSet::new();
    for id in &ids {
        let id: PeeringId = id.parse().unwrap();
        let wait = atlas.wait_for_removal(&project, &id);
        waits.spawn(wait.every(Duration::from_millis(100)).into_future());
    }
    let start = sandbox.requests().len();
    while looks(&since(&sandbox, start)) < 3 {
        tokio::task::yield_now().await;
    }
    let start = sandbox.requests().len();
    sandbox.forget_peerings();
    while let Some(gone) = waits.join_next().await {
        gone.unwrap().unwrap();
    }
    let requests = since(&sandbox, start);
    assert!(requests.len() <= 20, "{} requests", requests.len());
}

#[tokio::test]
async fn waits_on_three_clouds_and_beyond_share_a_look() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let mut ids = Vec::new();
    for provider in ["AWS", "AZURE", "GCP"] {
        ids.extend(sandbox.fill(provider, 3).unwrap());
    }
    // One that no list has: its cloud is not known.
    let mut waits = wait_for_all(&atlas, &project, &ids, LOOK);
    sandbox.advance(STEP);
    for _ in 0..9 {
        waits.join_next().await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn one_that_no_list_has_is_looked_at_alone() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let ids = sandbox.fill("AWS", 3).unwrap();
    sandbox.hide_from_lists(&ids[0]).unwrap();
    sandbox
        .set(&ids[0], "providerName", json!("ORACLE"))
        .unwrap();
    let mut waits = wait_for_all(&atlas, &project, &ids, LOOK);
    while count(&sandbox) < 20 {
        tokio::task::yield_now().await;
    }
    sandbox.advance(STEP);
    for _ in 0..3 {
        waits.join_next().await.unwrap().unwrap();
    }
    let nobody = "111111111111111111111111".parse().unwrap();
    let other = ids[0].parse().unwrap();
    let (found, missing) = tokio::join!(
        atlas.wait_for_peering(&project, &other).into_future(),
        atlas.wait_for_peering(&project, &nobody).into_future(),
    );
    assert!(found.is_ok());
    assert!(missing.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_failure_that_passes_is_shared_as_well() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let ids = sandbox.fill("AWS", 100).unwrap();
    let mut waits = wait_for_all(&atlas, &project, &ids, Duration::from_millis(40));
    while count(&sandbox) < 5 {
        tokio::task::yield_now().await;
    }
    let fault = Fault::fail_before(503).times(3);
    sandbox.inject("listPeeringConnections", fault).unwrap();
    let start = sandbox.requests().len();
    while since(&sandbox, start)
        .iter()
        .filter(|of| of.status == 503)
        .count()
        < 3
    {
        tokio::task::yield_now().await;
    }
    // Not one for each of the hundred: three looks failed, with a wait between them.
    assert!(since(&sandbox, start).len() <= 5);
    sandbox.advance(STEP);
    while waits.join_next().await.transpose().unwrap().is_some() {}
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_nobody_polls_holds_up_no_other() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let ids = sandbox.fill("AWS", 3).unwrap();
    sandbox.advance(STEP);
    let wait = |id: &String| atlas.wait_for_peering(&project, &id.parse().unwrap());
    // It begins to look, and is left alone in the middle of it, neither polled nor dropped.
    let mut left_alone = wait(&ids[0]).into_future();
    let begun =
        std::future::poll_fn(|context| Poll::Ready(left_alone.as_mut().poll(context).is_pending()));
    assert!(begun.await);
    for id in &ids {
        wait(id).await.unwrap();
    }
    left_alone.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_list_of_one_page_is_believed_at_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let ids = sandbox.fill("AWS", 3).unwrap();
    let mut waits = JoinSet::new();
    for id in &ids {
        waits.spawn(
            atlas
                .wait_for_removal(&project, &id.parse().unwrap())
                .into_future(),
        );
    }
    tokio::time::sleep(Duration::from_secs(600)).await;
    let start = sandbox.requests().len();
    sandbox.forget_peerings();
    while let Some(gone) = waits.join_next().await {
        gone.unwrap().unwrap();
    }
    assert_eq!(since(&sandbox, start).len(), 1);
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_looked_for() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let ids = sandbox.fill("AWS", 3).unwrap();
    let mut waits = wait_for_all(&atlas, &project, &ids[1..], LOOK);
    let left = wait_for_all(&atlas, &project, &ids[..1], LOOK);
    while looks(&since(&sandbox, 0)) < 3 {
        tokio::task::yield_now().await;
    }
    waits.shutdown().await;
    // One look may be under way; the next ones are of the one that is left, by itself.
    let start = sandbox.requests().len();
    while since(&sandbox, start).len() < 10 {
        tokio::task::yield_now().await;
    }
    let requests = since(&sandbox, start);
    let alone = format!("/peers/{}", ids[0]);
    assert!(
        requests[4..].iter().all(|of| of.path.ends_with(&alone)),
        "{requests:?}"
    );
    drop(left);
}
