//! Peers with a virtual network on Azure, and prints what to do if Atlas lacks a role on it.

mod support;

use std::process::ExitCode;

use atlas_peering::PeeringSnapshot;
use atlas_peering::types::{AzureRegion, NewAzureContainer, NewAzurePeering};
use support::options::{About, required};
use support::{Context, Failure};

const ABOUT: About = About::new(
    "Peers with a virtual network on Azure, and prints what to do if Atlas lacks a role on it.",
    &[
        required("region", "NAME", "Atlas's region", "EUROPE_WEST"),
        required("block", "CIDR", "Atlas's addresses", "10.8.0.0/21"),
        required(
            "directory",
            "UUID",
            "the Microsoft Entra directory",
            "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
        ),
        required(
            "vnet",
            "RESOURCE_ID",
            "the virtual network",
            "/subscriptions/0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02/resourceGroups/network-rg\
             /providers/Microsoft.Network/virtualNetworks/app-vnet",
        ),
    ],
);

#[tokio::main]
async fn main() -> ExitCode {
    support::run(&ABOUT, peer).await
}

async fn peer(context: Context) -> Result<(), Failure> {
    let (atlas, project) = (&context.atlas, &context.project);
    let region = AzureRegion::from(context.value("region"));
    let container = NewAzureContainer::new(region, context.value("block"));
    let container = atlas.ensure_container(project, container).await?;
    println!("Container {}", container.id());
    let request = NewAzurePeering::from_resource_id(
        container.id().clone(),
        context.value("directory"),
        context.value("vnet"),
    )?;
    let peering = atlas.ensure_peering(project, request.clone()).await?;
    println!("{}: {}", peering.id(), peering.state());
    if let Some(sandbox) = &context.sandbox {
        // What a first peering meets in many a directory.
        let cause = "The service principal lacks a role on the virtual network.";
        sandbox.fail(peering.id().as_str(), cause)?;
        println!("(sandbox: this failure is injected)");
    }

    let error = match atlas.wait_for_peering(project, peering.id()).await {
        Ok(peering) => {
            show_available(&peering);
            return Ok(());
        }
        Err(error) => error,
    };
    if let Some(peering) = error.failed_peering() {
        println!("{}: {}", peering.id(), peering.state());
        if let Some(step) = peering.next_step() {
            println!("Next step: {step}");
        }
    }
    if context.sandbox.is_none() {
        return Err(error.into());
    }

    // Once Atlas has its role, a new peering takes the place of the failed one.
    println!("(sandbox: the role is assigned for you)");
    let deleted = atlas.ensure_peering_deleted(project, peering.id());
    deleted.and_wait().await?;
    let peering = atlas.ensure_peering(project, request).await?;
    let peering = atlas.wait_for_peering(project, peering.id()).await?;
    show_available(&peering);
    Ok(())
}

fn show_available(peering: &PeeringSnapshot) {
    println!("{}: {}", peering.id(), peering.state());
    println!("Traffic also needs an entry in the project's IP access list.");
}
