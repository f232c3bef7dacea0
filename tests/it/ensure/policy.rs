//! How long `ensure_*` repeats its requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use atlas_peering::RetryPolicy;
use atlas_peering_sandbox::Fault;
use serde_json::json;

use super::{CREATE, sent};
use crate::support::{api_key, aws, builder, json_response, serve, some_key, some_project, start};

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_policy_ends_it_and_its_error_counts_the_attempts() {
    let (sandbox, _, project) = start().await;
    let seconds = Duration::from_secs;
    let policy = RetryPolicy::default()
        .max_attempts(u32::MAX)
        .deadline(seconds(60));
    let atlas = builder(sandbox.base_url(), api_key(&sandbox))
        .retry(policy.backoff(seconds(20), seconds(20)))
        .build()
        .unwrap();
    sandbox
        .inject(CREATE, Fault::fail_before(503).times(1000))
        .unwrap();
    let begun = tokio::time::Instant::now();
    let error = atlas.ensure_peering(&project, aws()).await.unwrap_err();
    assert!(error.is_server_error(), "{error}");
    assert!(begun.elapsed() <= seconds(60), "{:?}", begun.elapsed());
    let posts = sent(&sandbox, "POST");
    assert!(posts > 1 && posts == usize::try_from(error.attempts()).unwrap());
    assert!(
        error
            .to_string()
            .ends_with(&format!("(after {posts} attempts)"))
    );
    // Attempts without a connection count too.
    drop(sandbox);
    let error = atlas.ensure_peering(&project, aws()).await.unwrap_err();
    assert!(error.is_connect() && error.attempts() > 1, "{error}");
}

#[tokio::test]
async fn a_list_that_still_has_a_deleted_peering_does_not_reset_the_policy() {
    let posts = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&posts);
    let peering = json!({
        "id": "1112222b3bf99403840e8934", "providerName": "AWS", "statusName": "TERMINATING",
        "vpcId": "vpc-0123456789abcdef0", "awsAccountId": "123456789012",
    });
    let base_url = serve(true, move |head| {
        if head.starts_with("POST") {
            count.fetch_add(1, Ordering::SeqCst);
            json_response(
                409,
                &json!({"error": 409, "errorCode": "PEER_ALREADY_EXISTS"}),
            )
        } else if head.contains("1112222b3bf99403840e8934") {
            json_response(404, &json!({"error": 404, "errorCode": "PEER_NOT_FOUND"}))
        } else {
            json_response(200, &json!({"results": [peering], "totalCount": 1}))
        }
    });
    let policy = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    let atlas = builder(&base_url, some_key())
        .retry(policy)
        .build()
        .unwrap();
    let error = atlas.ensure_peering(&some_project(), aws()).await;
    assert!(error.unwrap_err().is_conflict());
    assert_eq!(posts.load(Ordering::SeqCst), 4);
}
