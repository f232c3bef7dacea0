//! Lists everything: all containers and all peerings of a project, on every cloud.
//!
//! Without arguments it runs against a sandbox of its own, with a few of each.

mod support;

use std::process::ExitCode;

use support::{Failure, World};

const USAGE: &str = "list_peerings [PROJECT]";

#[tokio::main]
async fn main() -> ExitCode {
    support::run(USAGE, 1, list).await
}

async fn list(world: World) -> Result<(), Failure> {
    let (atlas, project) = (&world.atlas, &world.project);
    if let Some(sandbox) = &world.sandbox {
        for (provider, count) in [("AWS", 3), ("AZURE", 2), ("GCP", 1)] {
            sandbox.fill(provider, count)?;
        }
    }
    let mut containers = atlas.containers(project);
    while let Some(container) = containers.next().await {
        let container = container?;
        let provider = container.provider();
        let place = container.region().unwrap_or("all regions");
        let block = container.atlas_cidr_block().unwrap_or_default();
        println!(
            "container {} {provider:<6} {place:<14} {block}",
            container.id()
        );
    }
    let mut peerings = atlas.peerings(project);
    while let Some(peering) = peerings.next().await {
        let peering = peering?;
        let (provider, state) = (peering.provider(), peering.state());
        println!("peering   {} {provider:<6} {state}", peering.id());
        if let Some(step) = peering.next_step() {
            println!("          {step}");
        }
    }
    Ok(())
}
