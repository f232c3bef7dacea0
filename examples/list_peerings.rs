//! Lists all containers and all peerings of a project, on every cloud.

mod support;

use std::process::ExitCode;
use std::time::Duration;

use atlas_peering::PeeringSnapshot;
use atlas_peering::types::Peering;
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
        let failed = sandbox.fill("AWS", 3)?.remove(0);
        sandbox.fail(&failed, "INVALID_ARGUMENT")?;
        sandbox.fill("AZURE", 2)?;
        sandbox.fill("GCP", 1)?;
        println!("(sandbox: 6 peerings were created, and the first is made to fail)");
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
        println!("          {}", network(&peering));
        if let Some(container) = peering.container_id() {
            println!("          container {container}");
        }
        if let Some(cause) = peering.cause() {
            // Free text of the cloud: its control characters are escaped.
            println!("          cause: {cause:?}");
        }
        // The instruction for the owner needs values of the container.
        let mut containers = containers.iter();
        let container = containers.find(|of| Some(of.id()) == peering.container_id());
        let snapshot = PeeringSnapshot::new(peering, container.cloned());
        if let Some(step) = snapshot.next_step() {
            println!("          next step: {step}");
        }
        count += 1;
    }
    println!("Peerings: {count}");
    Ok(())
}

/// The user's network, with what its cloud needs to identify it.
fn network(peering: &Peering) -> String {
    let or_unknown = |part: &Option<String>| part.clone().unwrap_or_else(|| "(unknown)".to_owned());
    match peering {
        Peering::Aws(aws) => {
            let parts = [
                &aws.vpc_id,
                &aws.aws_account_id,
                &aws.route_table_cidr_block,
            ];
            let [vpc, account, block] = parts.map(or_unknown);
            format!("{vpc} of account {account}, block {block}")
        }
        Peering::Azure(azure) => {
            let parts = [&azure.vnet_name, &azure.resource_group_name];
            let [vnet, group] = parts.map(or_unknown);
            format!("{vnet} of resource group {group}")
        }
        Peering::Gcp(gcp) => {
            let [network, project] = [&gcp.network_name, &gcp.gcp_project_id].map(or_unknown);
            format!("{network} of project {project}")
        }
        _ => "a network of another cloud".to_owned(),
    }
}
