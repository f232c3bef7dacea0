//! How long `ensure_*` goes on.

use std::time::Duration;

use atlas_peering::RetryPolicy;
use atlas_peering_sandbox::Fault;

use super::{CREATE, sent};
use crate::support::{api_key, aws, builder, start};

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_policy_ends_it_and_its_error_counts_the_attempts() {
    let (sandbox, _, project) = start().await;
    let seconds = Duration::from_secs;
    let policy = RetryPolicy::default().tries(u32::MAX).deadline(seconds(60));
    let atlas = builder(sandbox.base_url(), api_key(&sandbox))
        .retry(policy.waits(seconds(20), seconds(20)))
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
            .ends_with(&format!("(after {posts} tries)"))
    );
    // Attempts for which there was no connection count too.
    drop(sandbox);
    let error = atlas.ensure_peering(&project, aws()).await.unwrap_err();
    assert!(error.is_connect() && error.attempts() > 1, "{error}");
}
