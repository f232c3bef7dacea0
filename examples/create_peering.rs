//! Creates a peering on AWS, and waits until its owner has to accept it.
//!
//! Without arguments it runs against a sandbox of its own. With all four it runs against the
//! service, with the API key that the environment holds (see `Credentials::from_env`).

mod support;

use std::process::ExitCode;

use atlas_peering::types::NewAwsPeering;
use atlas_peering::{Client, Credentials, Error, ProjectId};
use support::Failure;

const USAGE: &str = "usage: create_peering [--project ID --vpc ID --account ID --cidr BLOCK]";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() {
        return support::end(on_a_sandbox().await);
    }
    match parse(&arguments) {
        Ok((project, request)) => support::end(on_the_service(&project, request).await),
        Err(fault) => {
            eprintln!("{fault}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

async fn on_a_sandbox() -> Result<(), Failure> {
    let world = support::sandbox().await?;
    let request = NewAwsPeering::new("vpc-0123456789abcdef0", "123456789012", "192.168.0.0/24");
    create_and_wait(&world.atlas, &world.project, request).await
}

async fn on_the_service(project: &ProjectId, request: NewAwsPeering) -> Result<(), Failure> {
    let atlas = Client::new(Credentials::from_env()?)?;
    create_and_wait(&atlas, project, request).await
}

async fn create_and_wait(
    atlas: &Client,
    project: &ProjectId,
    request: NewAwsPeering,
) -> Result<(), Failure> {
    let peering = atlas
        .create_peering_connection(project, &request.into())
        .await?
        .into_inner();
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

/// The project and the request that the arguments name.
fn parse(arguments: &[String]) -> Result<(ProjectId, NewAwsPeering), String> {
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name);
        let value = at
            .and_then(|at| arguments.get(at + 1))
            .filter(|value| !value.starts_with("--"));
        value
            .cloned()
            .ok_or(format!("{name} is missing or has no value"))
    };
    let mut names = arguments.iter().step_by(2);
    let known = ["--project", "--vpc", "--account", "--cidr"];
    if let Some(name) = names.find(|name| !known.contains(&name.as_str())) {
        return Err(format!("{name} is not known"));
    }
    let project = value("--project")?
        .parse()
        .map_err(|error: Error| error.to_string())?;
    let request = NewAwsPeering::new(value("--vpc")?, value("--account")?, value("--cidr")?);
    if arguments.len() > 2 * known.len() {
        return Err("an argument is given twice".to_owned());
    }
    Ok((project, request))
}
