//! Peers with a network on Google Cloud: waits until its owner can peer back, prints the command for it, and
//! waits until the connection is up.

mod support;

use std::process::ExitCode;

use atlas_peering::types::{NewGcpContainer, NewGcpPeering};
use support::options::{About, required};
use support::{Context, Failure};

const ABOUT: About = About::new(
    "Peers with a network on Google Cloud, prints how to peer back, and waits until it is up.",
    &[
        required("block", "CIDR", "Atlas's addresses", "10.128.0.0/18"),
        required(
            "network",
            "SELF_LINK",
            "the network to peer with",
            "projects/my-project-1/global/networks/default",
        ),
    ],
);

#[tokio::main]
async fn main() -> ExitCode {
    support::run(&ABOUT, peer).await
}

async fn peer(context: Context) -> Result<(), Failure> {
    let (atlas, project) = (&context.atlas, &context.project);
    let container = NewGcpContainer::new(context.value("block"));
    let container = atlas.ensure_container(project, container).await?;
    println!("Container {}", container.id());
    let network = context.value("network");
    let request = NewGcpPeering::from_self_link(container.id().clone(), network)?;
    let peering = atlas.ensure_peering(project, request).await?;
    println!("{}: {}", peering.id(), peering.state());

    // Google Cloud connects two networks when each side has a peering. What to peer back to is known
    // once the container is provisioned, and this wait ends there.
    let peering = atlas.wait_for_peering(project, peering.id()).await?;
    println!("{}: {}", peering.id(), peering.state());
    if let Some(step) = peering.next_step() {
        println!("Next step: {step}");
        if let Some(sandbox) = &context.sandbox {
            sandbox.accept(peering.id().as_str())?;
            println!("(sandbox: peered back for you)");
        }
    }

    let peering = atlas
        .wait_for_peering(project, peering.id())
        .until(|peering| peering.state().is_available())
        .await?;
    println!("{}: {}", peering.id(), peering.state());
    println!("Traffic also needs an entry in the project's IP access list.");
    Ok(())
}
