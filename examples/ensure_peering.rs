//! Ensures a container and a peering with a VPC, and waits with a live line of progress until
//! traffic can flow. Run it again, or interrupt it and run it again: there is one peering.
//!
//! Without arguments it runs against a sandbox of its own, where it accepts the connection itself.

mod support;

use std::io::{Write as _, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use atlas_peering::types::{AwsRegion, NewAwsContainer, NewAwsPeering};
use atlas_peering::{NextStep, PeeringSnapshot, States};
use atlas_peering_sandbox::Sandbox;
use support::{Failure, World};

const USAGE: &str = "ensure_peering [PROJECT REGION BLOCK VPC_ARN VPC_BLOCK]";

/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(250);

#[tokio::main]
async fn main() -> ExitCode {
    support::run(USAGE, 5, ensure).await
}

async fn ensure(world: World) -> Result<(), Failure> {
    let (atlas, project) = (&world.atlas, &world.project);
    let [region, block, arn, vpc_block] = world.arguments([
        "US_EAST_1",
        "10.8.0.0/21",
        "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-0123456789abcdef0",
        "10.0.0.0/24",
    ]);
    let container = NewAwsContainer::new(AwsRegion::from(region)).atlas_cidr_block(block);
    let container = atlas.ensure_container(project, container).await?;
    println!(
        "container {}, {}",
        container.id(),
        made(container.is_created())
    );
    let request = NewAwsPeering::from_arn(arn, vpc_block)?.container_id(container.id().clone());
    let peering = atlas.ensure_peering(project, request).await?;
    println!("peering {}, {}", peering.id(), made(peering.is_created()));

    let wait = atlas.wait_for_peering(project, peering.id());
    let states = wait
        .until(|peering| peering.state().is_available())
        .states();
    watch(states, world.sandbox.as_ref()).await
}

fn made(created: bool) -> &'static str {
    if created { "created" } else { "already there" }
}

/// Draws a line with the state and the time until the wait ends.
async fn watch(mut states: States, sandbox: Option<&Sandbox>) -> Result<(), Failure> {
    let begun = Instant::now();
    let mut last = None;
    loop {
        // A tick is no reason to begin anew: the stream keeps its place.
        match tokio::time::timeout(TICK, states.next()).await {
            Ok(Some(seen)) => {
                let seen = seen?;
                if let Some(step @ NextStep::Accept { .. }) = seen.next_step() {
                    println!("\nNow {step}");
                    if let Some(sandbox) = sandbox {
                        sandbox.accept(seen.id().as_str())?;
                    }
                }
                last = Some(seen);
            }
            Ok(None) => break,
            Err(_) => {}
        }
        let state = last
            .as_ref()
            .map(|seen: &PeeringSnapshot| seen.state().to_string());
        let state = state.unwrap_or_default();
        print!("\r{state:<20} {:>4} s", begun.elapsed().as_secs());
        stdout().flush()?;
    }
    println!();
    Ok(())
}
