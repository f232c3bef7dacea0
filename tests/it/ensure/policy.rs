//! How long `ensure_*` goes on.

use std::time::Duration;

use atlas_peering::{Client, Credentials, RetryPolicy};
use atlas_peering_sandbox::{Fault, Sandbox};

use super::{CREATE, sent};
use crate::support::{aws, project};

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_policy_ends_it_and_its_error_counts_the_attempts() {
    let sandbox = Sandbox::start().await.unwrap();
    let (project, seconds) = (project(&sandbox), Duration::from_secs);
    let (public, private) = sandbox.api_key();
    let policy = RetryPolicy::default().tries(u32::MAX).deadline(seconds(60));
    let atlas = Client::builder()
        .base_url(sandbox.base_url())
        .credentials(Credentials::api_key(public, private))
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
