//! Tests a function of one's own against the sandbox, with injected faults. In a crate each of the
//! tests is a `#[tokio::test]`.

mod support;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use atlas_peering::types::NewAwsPeering;
use atlas_peering::{Client, Credentials, Error, PeeringSnapshot, ProjectId, RetryPolicy};
use atlas_peering_sandbox::{Canned, Fault, Sandbox};
use support::Failure;
use support::options::About;

const ABOUT: About =
    About::in_sandboxes("Tests a function of one's own against the sandbox, with injected faults.");

#[tokio::main]
async fn main() -> ExitCode {
    support::run_in_sandboxes(&ABOUT, test).await
}

/// The function under test. How often it polls is a setting, so that a test need not wait.
async fn connect(
    atlas: &Client,
    project: &ProjectId,
    poll_interval: Duration,
) -> Result<PeeringSnapshot, Error> {
    let request = NewAwsPeering::new("vpc-0123456789abcdef0", "123456789012", "192.168.0.0/24");
    let peering = atlas.ensure_peering(project, request).await?;
    let wait = atlas.wait_for_peering(project, peering.id());
    wait.poll_interval(poll_interval).await
}

const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// A sandbox of its own for each test, whose clock runs a hundred times as fast as the world's, and a
/// client of it that makes its attempts at once.
async fn start() -> Result<(Sandbox, Client, ProjectId), Failure> {
    let sandbox = Sandbox::builder().clock_speed(100).start().await?;
    let (public, private) = sandbox.api_key();
    let atlas = Client::builder()
        .base_url(sandbox.base_url())
        .credentials(Credentials::api_key(public, private))
        .retry(RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO))
        .build()?;
    let project = sandbox.project().parse()?;
    Ok((sandbox, atlas, project))
}

async fn test() -> Result<(), Failure> {
    a_lost_response_leaves_one_peering().await?;
    println!("ok: a lost response leaves one peering");
    a_rate_limit_is_respected().await?;
    println!("ok: a rate limit is respected");
    an_outage_is_an_error_and_creates_nothing().await?;
    println!("ok: an outage is an error, and creates nothing");
    a_rejected_connection_is_reported_with_its_remedy().await?;
    println!("ok: a rejected connection is an error with its remedy");
    Ok(())
}

async fn a_lost_response_leaves_one_peering() -> Result<(), Failure> {
    let (sandbox, atlas, project) = start().await?;
    // The creation takes effect, and its response never arrives.
    sandbox.inject("createPeeringConnection", Fault::drop_after())?;

    let peering = connect(&atlas, &project, POLL_INTERVAL).await?;

    assert!(peering.is_users_turn());
    assert_eq!(sandbox.peerings().len(), 1);
    Ok(())
}

async fn a_rate_limit_is_respected() -> Result<(), Failure> {
    let (sandbox, atlas, project) = start().await?;
    let too_many = Canned::new(429, "application/json", "{}").header("Retry-After", "1");
    sandbox.queue_response(too_many);

    let begun = Instant::now();
    connect(&atlas, &project, POLL_INTERVAL).await?;

    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(sandbox.peerings().len(), 1);
    Ok(())
}

async fn an_outage_is_an_error_and_creates_nothing() -> Result<(), Failure> {
    let (sandbox, atlas, project) = start().await?;
    let outage = Fault::fail_before(503).times(usize::MAX);
    sandbox.inject("createPeeringConnection", outage)?;

    let outcome = connect(&atlas, &project, POLL_INTERVAL).await;

    assert!(outcome.is_err_and(|error| error.is_server_error()));
    assert!(sandbox.peerings().is_empty());
    Ok(())
}

async fn a_rejected_connection_is_reported_with_its_remedy() -> Result<(), Failure> {
    let (sandbox, atlas, project) = start().await?;
    let peering = connect(&atlas, &project, POLL_INTERVAL).await?;
    sandbox.reject(peering.id().as_str())?;

    let error = connect(&atlas, &project, POLL_INTERVAL).await.unwrap_err();

    let failed = error.failed_peering().expect("a peering that failed");
    assert!(failed.next_step().is_some());
    Ok(())
}
