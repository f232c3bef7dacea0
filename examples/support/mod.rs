//! What the examples share: without arguments each runs against a sandbox of its own, with them
//! against the service, with the credentials that the environment holds.

#![allow(dead_code, reason = "each example uses a part of it")]

use std::process::ExitCode;

use atlas_peering::{Client, Credentials, ProjectId};
use atlas_peering_sandbox::Sandbox;

pub(crate) type Failure = Box<dyn std::error::Error>;

/// Where an example runs.
pub(crate) struct World {
    pub(crate) atlas: Client,
    pub(crate) project: ProjectId,
    /// The sandbox, in which the example plays the user's part as well.
    pub(crate) sandbox: Option<Sandbox>,
    /// What was given beside the project.
    arguments: Vec<String>,
}

impl World {
    /// What was given beside the project; these in a sandbox.
    pub(crate) fn arguments<'a, const N: usize>(
        &'a self,
        in_a_sandbox: [&'a str; N],
    ) -> [&'a str; N] {
        let mut given = self.arguments.iter();
        in_a_sandbox.map(|default| given.next().map_or(default, String::as_str))
    }
}

/// Runs an example that takes so many arguments, or none, and tells why it failed.
pub(crate) async fn run<F: Future<Output = Result<(), Failure>>>(
    usage: &str,
    count: usize,
    example: impl FnOnce(World) -> F,
) -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if ![0, count].contains(&arguments.len()) {
        eprintln!("usage: {usage}");
        return ExitCode::from(2);
    }
    let outcome = match world(arguments).await {
        Ok(world) => example(world).await,
        Err(failure) => Err(failure),
    };
    let Err(error) = outcome else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  caused by: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

async fn world(mut arguments: Vec<String>) -> Result<World, Failure> {
    if arguments.is_empty() {
        return sandbox().await;
    }
    Ok(World {
        atlas: Client::new(Credentials::from_env()?)?,
        project: arguments.remove(0).parse()?,
        sandbox: None,
        arguments,
    })
}

/// A sandbox whose clock runs, and a client for it.
async fn sandbox() -> Result<World, Failure> {
    let sandbox = Sandbox::builder().clock_speed(1).start().await?;
    println!("A sandbox answers at {}.", sandbox.base_url());
    let (public, private) = sandbox.api_key();
    let atlas = Client::builder()
        .base_url(sandbox.base_url())
        .credentials(Credentials::api_key(public, private))
        .build()?;
    Ok(World {
        atlas,
        project: sandbox.project().parse()?,
        sandbox: Some(sandbox),
        arguments: Vec::new(),
    })
}
