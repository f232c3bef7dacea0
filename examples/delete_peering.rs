//! Deletes a peering, waits until it is deleted, and deletes its container too if you name it.

mod support;

use std::process::ExitCode;

use atlas_peering::{ContainerId, Error, PeeringId};
use support::options::{About, optional, required};
use support::{Context, Failure};

const ABOUT: About = About::new(
    "Deletes a peering, waits until it is deleted, and deletes a container too if you name it.",
    &[
        required("peering", "ID", "the peering to delete", ""),
        optional("container", "ID", "the container to delete after it"),
    ],
);

#[tokio::main]
async fn main() -> ExitCode {
    support::run(&ABOUT, delete).await
}

async fn delete(context: Context) -> Result<(), Failure> {
    let (atlas, project) = (&context.atlas, &context.project);
    let (peering, container) = what(&context).await?;

    // A deletion succeeds whether or not there is a peering. The lookup finds a wrong id.
    let found = atlas.get_peering_connection(project, &peering).await;
    atlas
        .ensure_peering_deleted(project, &peering)
        .and_wait()
        .on_change(|peering| println!("{}: {}", peering.id(), peering.state()))
        .await?;
    println!("Peering {peering} {}.", outcome(found));

    if let Some(container) = container {
        let found = atlas.get_peering_container(project, &container).await;
        // The service refuses while anything uses the container, so the deletion is requested again.
        atlas
            .ensure_container_deleted(project, &container)
            .on_retry(|error| println!("not yet: {error}"))
            .await?;
        println!("Container {container} {}.", outcome(found));
    }
    Ok(())
}

/// How a deletion ended, by what was found before it.
fn outcome<T>(found: Result<T, Error>) -> &'static str {
    if found.is_err_and(|error| error.is_not_found()) {
        "does not exist (any more)"
    } else {
        "is deleted"
    }
}

/// What to delete: what the command names, or a new peering and its container in a sandbox.
async fn what(context: &Context) -> Result<(PeeringId, Option<ContainerId>), Failure> {
    let Some(sandbox) = &context.sandbox else {
        let container = context.optional("container").map(str::parse).transpose()?;
        return Ok((context.value("peering").parse()?, container));
    };
    let container = sandbox.make_cluster("AWS", "US_EAST_1")?;
    sandbox.delete_cluster(&container)?;
    let id = sandbox.fill("AWS", 1)?[0].parse()?;
    let peering = context
        .atlas
        .get_peering_connection(&context.project, &id)
        .await?;
    println!("(sandbox: peering {id} was created, to be deleted)");
    Ok((id, peering.container_id().cloned()))
}
