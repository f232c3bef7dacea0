//! The cost of digest authentication: requests, challenges and connections.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use atlas_peering_sandbox::{Canned, Digest, Sandbox};
use serde_json::json;

use super::sandbox;
use crate::support::{client, list, project};

fn challenges(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests();
    requests
        .iter()
        .filter(|request| request.status == 401)
        .count()
}

fn connections(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests().into_iter();
    requests
        .map(|request| request.peer)
        .collect::<BTreeSet<_>>()
        .len()
}

/// Makes calls from several tasks at once.
pub(super) async fn calls_at_once(sandbox: &Sandbox, tasks: usize, calls: usize) {
    let (atlas, project) = (client(sandbox), project(sandbox));
    let left = Arc::new(AtomicUsize::new(calls));
    let tasks = (0..tasks).map(|_| {
        let (atlas, project, left) = (atlas.clone(), project.clone(), Arc::clone(&left));
        tokio::spawn(async move {
            let take = |left: usize| left.checked_sub(1);
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                .is_ok()
            {
                list(&atlas, &project).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no call fails");
    }
}

/// At most 1.01 requests a call over 1,000 calls.
async fn steady(digest: Digest) {
    let sandbox = sandbox(digest.clone()).await;
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    for _ in 0..1000 {
        list(&atlas, &project).await.unwrap();
    }
    let requests = sandbox.requests().len();
    assert!((1001..=1010).contains(&requests), "{requests}, {digest:?}");
}

#[tokio::test]
async fn every_algorithm_costs_one_request_a_call() {
    for hash in ["MD5", "SHA-256", "SHA-512-256"] {
        steady(Digest::default().algorithms([hash])).await;
        steady(Digest::default().algorithms([&*format!("{hash}-sess")])).await;
    }
}

#[tokio::test]
async fn one_time_nonces_cost_one_request_a_call_if_the_next_is_announced() {
    let digest = Digest::default().algorithms(["SHA-256-sess"]);
    steady(digest.budget(1).next_nonces()).await;
    steady(Digest::default().without_qop()).await;
}

/// 32 tasks with 200 calls each: `calls_at_once` fails if one call does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_fails_whatever_the_number_of_uses_of_a_nonce() {
    for budget in [1, 3, 20] {
        let sandbox = sandbox(Digest::default().budget(budget)).await;
        calls_at_once(&sandbox, 32, 32 * 200).await;
        let let_in = sandbox.requests().len() - challenges(&sandbox);
        assert_eq!(let_in, 32 * 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cold_start_costs_one_challenge_for_each_call_in_flight() {
    for digest in [Digest::default(), Digest::default().rising_counts()] {
        let sandbox = sandbox(digest).await;
        calls_at_once(&sandbox, 32, 400).await;
        let challenges = challenges(&sandbox);
        assert!((1..=64).contains(&challenges), "{challenges}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_calls_in_flight_than_usual_reuse_their_nonces_too() {
    let sandbox = sandbox(Digest::default()).await;
    calls_at_once(&sandbox, 128, 1280).await;
    let challenges = challenges(&sandbox);
    assert!(challenges <= 128, "{challenges}");
}

/// Makes 10 calls one after the other, in a task of their own. There, a call may start before the connection
/// of the call before it is free again.
async fn ten_calls(sandbox: &Sandbox) {
    let (atlas, project) = (client(sandbox), project(sandbox));
    let calls = async move {
        for _ in 0..10 {
            list(&atlas, &project).await.unwrap();
        }
    };
    tokio::spawn(calls).await.unwrap();
}

#[tokio::test]
async fn sequential_calls_share_a_connection_whatever_the_size_of_a_challenge() {
    for bytes in [142, 100_000] {
        // A challenge for the first call only, or one for each call.
        for budget in [100, 1] {
            let sandbox = sandbox(Digest::default().challenge_body(bytes).budget(budget)).await;
            ten_calls(&sandbox).await;
            let expected = if budget == 1 { 10 } else { 1 };
            assert_eq!(challenges(&sandbox), expected);
            assert_eq!(connections(&sandbox), 1, "{bytes} bytes");
        }
    }
}

#[tokio::test]
async fn sequential_calls_share_a_connection_whatever_the_size_of_a_body() {
    let sandbox = sandbox(Digest::default()).await;
    for _ in 0..11 {
        let body = json!({"results": [], "padding": " ".repeat(1_000_000)});
        sandbox.queue_response(Canned::json(200, &body));
    }
    ten_calls(&sandbox).await;
    assert_eq!(connections(&sandbox), 1);
}

#[tokio::test]
async fn a_challenge_beyond_the_bound_costs_its_connection_and_nothing_else() {
    let sandbox = sandbox(Digest::default().challenge_body(300 * 1024)).await;
    ten_calls(&sandbox).await;
    assert_eq!((sandbox.requests().len(), connections(&sandbox)), (11, 2));
}

#[tokio::test]
async fn nonces_are_no_longer_reused_after_few_refusals_if_each_is_valid_once() {
    let sandbox = sandbox(Digest::default().budget(1)).await;
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    for _ in 0..10 {
        list(&atlas, &project).await.unwrap();
    }
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 20, "two requests a call");
    let reused = requests
        .iter()
        .filter(|request| request.status == 401 && request.header("authorization").is_some());
    // Three, and perhaps some after less than half of the idle time.
    let reused = reused.count();
    assert!((3..=6).contains(&reused), "{reused}");
}
