//! Peers with a network on Google Cloud: waits until its user can peer back, says how, and waits
//! until traffic can flow.
//!
//! Without arguments it runs against a sandbox of its own.

mod support;

use std::process::ExitCode;

use atlas_peering::types::{NewGcpContainer, NewGcpPeering};
use support::{Failure, World};

const USAGE: &str = "gcp_peering [PROJECT BLOCK NETWORK_LINK]";

#[tokio::main]
async fn main() -> ExitCode {
    support::run(USAGE, 3, peer).await
}

async fn peer(world: World) -> Result<(), Failure> {
    let (atlas, project) = (&world.atlas, &world.project);
    let [block, network] = world.arguments([
        "10.128.0.0/18",
        "projects/my-project-1/global/networks/default",
    ]);
    let container = atlas
        .ensure_container(project, NewGcpContainer::new(block))
        .await?;
    let request = NewGcpPeering::from_self_link(container.id().clone(), network)?;
    let peering = atlas.ensure_peering(project, request).await?;
    println!("{}: {}", peering.id(), peering.state());

    // Google Cloud wants to be told from both sides, and Atlas's side is known by now.
    let peering = atlas.wait_for_peering(project, peering.id()).await?;
    println!("{}: {}", peering.id(), peering.state());
    if let Some(step) = peering.next_step() {
        println!("Now {step}");
    }
    if let Some(sandbox) = &world.sandbox {
        sandbox.accept(peering.id().as_str())?;
    }
    let wait = atlas.wait_for_peering(project, peering.id());
    let peering = wait.until(|peering| peering.state().is_available()).await?;
    println!("{}: {}", peering.id(), peering.state());
    Ok(())
}
