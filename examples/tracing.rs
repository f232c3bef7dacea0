//! Shows the spans of the feature `tracing`, in a span of one's own: of a call, and of each attempt.

mod support;

use std::process::ExitCode;

use atlas_peering_sandbox::Fault;
use support::options::About;
use support::{Context, Failure};
use tracing::{Instrument as _, Level, info_span};
use tracing_subscriber::fmt::format::FmtSpan;

const ABOUT: About = About::new(
    "Lists the peerings of a project, and shows on stderr the spans of all calls and attempts.",
    &[],
);

#[tokio::main]
async fn main() -> ExitCode {
    // A span prints its fields and its time when it ends. To send spans elsewhere, add the layer of
    // tracing-opentelemetry: their fields have the names that it expects.
    tracing_subscriber::fmt()
        .with_span_events(FmtSpan::CLOSE)
        .with_max_level(Level::INFO)
        .with_writer(std::io::stderr)
        .init();
    support::run(&ABOUT, list).await
}

async fn list(context: Context) -> Result<(), Failure> {
    if let Some(sandbox) = &context.sandbox {
        sandbox.fill("AWS", 2)?;
        // A failure that passes by itself: the spans show two attempts.
        sandbox.inject("listPeeringConnections", Fault::fail_before(503))?;
        println!("(sandbox: the first attempt is made to fail, with 503)");
    }
    let list = context.atlas.peerings(&context.project).into_vec();
    let peerings = list.instrument(info_span!("inventory")).await?;
    println!("Peerings: {}", peerings.len());
    Ok(())
}
