//! Creates a peering on AWS, and waits until its owner has to accept it.
//!
//! Without arguments it runs against a sandbox of its own. With all four it runs against the
//! service, with the API key that the environment holds (see `Credentials::from_env`).

mod support;

use std::process::ExitCode;

use atlas_peering::types::NewAwsPeering;
use support::{Failure, World};

const USAGE: &str = "create_peering [PROJECT VPC ACCOUNT BLOCK]";

#[tokio::main]
async fn main() -> ExitCode {
    support::run(USAGE, 4, create).await
}

async fn create(world: World) -> Result<(), Failure> {
    let (atlas, project) = (&world.atlas, &world.project);
    let [vpc, account, block] =
        world.arguments(["vpc-0123456789abcdef0", "123456789012", "192.168.0.0/24"]);
    let request = NewAwsPeering::new(vpc, account, block);
    let peering = atlas.create_peering_connection(project, request).await?;
    let peering = peering.into_inner();
    println!(
        "The service answered:\n{}",
        serde_json::to_string_pretty(&peering)?
    );
    let wait = atlas.wait_for_peering(project, peering.id());
    let wait = wait.on_change(|peering| println!("{}: {}", peering.id(), peering.state()));
    if let Some(step) = wait.await?.next_step() {
        println!("Now {step}");
    }
    Ok(())
}
