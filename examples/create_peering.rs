//! Creates a peering on AWS, and watches it until its owner has to accept it.
//!
//! Without arguments it runs against a sandbox of its own. With all four it runs against the
//! service, with the API key that the environment holds (see `Credentials::from_env`).

use std::process::ExitCode;
use std::time::{Duration, Instant};

use atlas_peering::types::NewAwsPeering;
use atlas_peering::{Client, Credentials, Error, PeeringState, ProjectId};
use atlas_peering_sandbox::Sandbox;

const USAGE: &str = "usage: create_peering [--project ID --vpc ID --account ID --cidr BLOCK]";

/// AWS takes seconds to tell the connection's owner; a minute without it is worth a look.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = if arguments.is_empty() {
        on_a_sandbox().await
    } else {
        match parse(&arguments) {
            Ok((project, request)) => on_the_service(&project, request).await,
            Err(fault) => {
                eprintln!("{fault}\n{USAGE}");
                return ExitCode::from(2);
            }
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  caused by: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn std::error::Error>;

async fn on_a_sandbox() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().running_clock().start().await?;
    println!("A sandbox answers at {}.", sandbox.base_url());
    let (public, private) = sandbox.api_key();
    let atlas = Client::builder()
        .base_url(sandbox.base_url())
        .credentials(Credentials::api_key(public, private))
        .build()?;
    let request = NewAwsPeering {
        vpc_id: "vpc-0123456789abcdef0".into(),
        aws_account_id: "123456789012".into(),
        route_table_cidr_block: "192.168.0.0/24".into(),
        container_id: None,
        accepter_region_name: None,
    };
    create_and_watch(&atlas, &sandbox.project().parse()?, request).await
}

async fn on_the_service(project: &ProjectId, request: NewAwsPeering) -> Result<(), Failure> {
    let atlas = Client::new(Credentials::from_env()?)?;
    create_and_watch(&atlas, project, request).await
}

async fn create_and_watch(
    atlas: &Client,
    project: &ProjectId,
    request: NewAwsPeering,
) -> Result<(), Failure> {
    let mut peering = atlas
        .create_peering_connection(project, &request.into())
        .await?
        .into_inner();
    println!(
        "The service answered:\n{}",
        serde_json::to_string_pretty(&peering)?
    );

    let started = Instant::now();
    println!("{}: {}", peering.id(), peering.state());
    while peering.state() == PeeringState::Initiating {
        if started.elapsed() > PATIENCE {
            return Err(format!("{} is {} for a minute now", peering.id(), peering.state()).into());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        peering = atlas
            .get_peering_connection(project, peering.id())
            .await?
            .into_inner();
    }
    println!("{}: {}", peering.id(), peering.state());
    match peering.cause() {
        Some(cause) => Err(format!("{} failed: {cause}", peering.id()).into()),
        None => Ok(()),
    }
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
    let request = NewAwsPeering {
        vpc_id: value("--vpc")?,
        aws_account_id: value("--account")?,
        route_table_cidr_block: value("--cidr")?,
        container_id: None,
        accepter_region_name: None,
    };
    if arguments.len() > 2 * known.len() {
        return Err("an argument is given twice".to_owned());
    }
    Ok((project, request))
}
