//! Creates a peering on AWS with one call of the service, and waits until its owner can accept it.

mod support;

use std::process::ExitCode;

use atlas_peering::types::NewAwsPeering;
use support::options::{About, required};
use support::{Context, Failure};

const ABOUT: About = About::new(
    "Creates a peering on AWS, and waits until its owner can accept it.",
    &[
        required("vpc", "ID", "the VPC to peer with", "vpc-0123456789abcdef0"),
        required("account", "ID", "the account of the VPC", "123456789012"),
        required("vpc-block", "CIDR", "the VPC's addresses", "192.168.0.0/24"),
    ],
);

#[tokio::main]
async fn main() -> ExitCode {
    support::run(&ABOUT, create).await
}

async fn create(context: Context) -> Result<(), Failure> {
    let (atlas, project) = (&context.atlas, &context.project);
    let request = NewAwsPeering::new(
        context.value("vpc"),
        context.value("account"),
        context.value("vpc-block"),
    );
    // A second run is refused, for there is a peering with this VPC: see ensure_peering.
    let response = atlas.create_peering_connection(project, request).await?;
    let peering = response.into_inner();
    println!("Created:\n{}", serde_json::to_string_pretty(&peering)?);

    let peering = atlas
        .wait_for_peering(project, peering.id())
        .on_change(|peering| println!("{}: {}", peering.id(), peering.state()))
        .await?;
    if let Some(step) = peering.next_step() {
        println!("Next step: {step}");
    }
    Ok(())
}
