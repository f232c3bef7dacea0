//! Lists all containers and all peerings of a project, on every cloud.

mod support;

use std::process::ExitCode;
use std::time::Duration;

use atlas_peering::PeeringSnapshot;
use support::options::About;
use support::{Context, Failure};

const ABOUT: About = About::new(
    "Lists all containers and all peerings of a project, on every cloud.",
    &[],
);

#[tokio::main]
async fn main() -> ExitCode {
    support::run(&ABOUT, list).await
}

async fn list(context: Context) -> Result<(), Failure> {
    let (atlas, project) = (&context.atlas, &context.project);
    if let Some(sandbox) = &context.sandbox {
        for (provider, count) in [("AWS", 3), ("AZURE", 2), ("GCP", 1)] {
            sandbox.fill(provider, count)?;
        }
        // By then it is their owners' turn.
        sandbox.advance(Duration::from_secs(5));
    }

    // The service lists one cloud at a time and in pages; these streams go through all of them.
    let containers = atlas.containers(project).into_vec().await?;
    for container in &containers {
        let (id, provider) = (container.id(), container.provider());
        let region = container.region().unwrap_or("all regions");
        let block = container.atlas_cidr_block().unwrap_or("no block yet");
        println!("container {id} {provider:<6} {region:<14} {block}");
    }

    let (mut peerings, mut count) = (atlas.peerings(project), 0);
    while let Some(peering) = peerings.next().await {
        let peering = peering?;
        let (id, provider, state) = (peering.id(), peering.provider(), peering.state());
        println!("peering   {id} {provider:<6} {state}");
        // The container tells what the instruction for its owner needs.
        let mut containers = containers.iter();
        let container = containers.find(|of| Some(of.id()) == peering.container_id());
        let snapshot = PeeringSnapshot::new(peering, container.cloned());
        if let Some(step) = snapshot.next_step() {
            println!("          next step: {step}");
        }
        count += 1;
    }
    println!("{count} peerings");
    Ok(())
}
