//! Runs a sandbox until it is interrupted.

use std::process::ExitCode;

use atlas_peering_sandbox::{Builder, Sandbox};

const USAGE: &str =
    "usage: atlas-peering-sandbox [--port N] [--api-key PUBLIC:PRIVATE] [--project ID]";

#[tokio::main]
async fn main() -> ExitCode {
    let builder = match parse(std::env::args().skip(1)) {
        Ok(Some(builder)) => builder,
        Ok(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(fault) => {
            eprintln!("{fault}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let sandbox = match builder.clock_speed(1).start().await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("the sandbox does not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let (public, private) = sandbox.api_key();
    println!("{}", sandbox.base_url());
    println!(
        "curl --digest --user '{public}:{private}' '{}/api/atlas/v1.0/groups/{}/peers?pretty=true'",
        sandbox.base_url(),
        sandbox.project(),
    );
    match tokio::signal::ctrl_c().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the sandbox cannot wait for an interrupt: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The settings that the arguments ask for; none where they ask for help.
fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Builder>, String> {
    let mut builder = Sandbox::builder();
    while let Some(argument) = arguments.next() {
        if argument == "--help" {
            return Ok(None);
        }
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        builder = match argument.as_str() {
            "--port" => {
                let port = value()?;
                builder.port(
                    port.parse()
                        .map_err(|_| format!("--port {port} is no port"))?,
                )
            }
            "--api-key" => {
                let key = value()?;
                let (public, private) = key.split_once(':').ok_or("--api-key is PUBLIC:PRIVATE")?;
                builder.api_key(public, private)
            }
            "--project" => builder.project(value()?),
            _ => return Err(format!("{argument} is not known")),
        };
    }
    Ok(Some(builder))
}
