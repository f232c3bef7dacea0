//! Peers with a virtual network on Azure, and waits until traffic can flow.
//!
//! Without arguments it runs against a sandbox of its own. On Azure, the service principal of Atlas
//! and its role on the network have to be there first: where one is missing, the error says which.

mod support;

use std::process::ExitCode;

use atlas_peering::types::{AzureRegion, NewAzureContainer, NewAzurePeering};
use support::{Failure, World};

const USAGE: &str = "azure_peering [PROJECT REGION BLOCK DIRECTORY VNET_RESOURCE_ID]";

#[tokio::main]
async fn main() -> ExitCode {
    support::run(USAGE, 5, peer).await
}

async fn peer(world: World) -> Result<(), Failure> {
    let (atlas, project) = (&world.atlas, &world.project);
    let [region, block, directory, vnet] = world.arguments([
        "EUROPE_WEST",
        "10.8.0.0/21",
        "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
        "/subscriptions/0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02/resourceGroups/network-rg\
         /providers/Microsoft.Network/virtualNetworks/app-vnet",
    ]);
    let container = NewAzureContainer::new(AzureRegion::from(region), block);
    let container = atlas.ensure_container(project, container).await?;
    let request = NewAzurePeering::from_resource_id(container.id().clone(), directory, vnet)?;
    let peering = atlas.ensure_peering(project, request).await?;
    println!("{}: {}", peering.id(), peering.state());

    let peering = atlas.wait_for_peering(project, peering.id()).await?;
    println!("{}: {}", peering.id(), peering.state());
    Ok(())
}
