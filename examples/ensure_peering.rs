//! Ensures a container and a peering with a VPC, and waits with a live line until the connection is up.
//! Interrupt it and run it again: there is one peering.

mod support;

use std::io::{IsTerminal as _, Write as _, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use atlas_peering::types::{AwsRegion, NewAwsContainer, NewAwsPeering};
use atlas_peering::{PeeringState, States};
use atlas_peering_sandbox::Sandbox;
use support::options::{About, required};
use support::{Context, Failure};

const ABOUT: About = About::new(
    "Ensures a container and a peering on AWS, and waits with a live line until the connection is up.",
    &[
        required("region", "NAME", "Atlas's region", "US_EAST_1"),
        required("block", "CIDR", "Atlas's addresses", "10.8.0.0/21"),
        required(
            "vpc-arn",
            "ARN",
            "the VPC to peer with",
            "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-0123456789abcdef0",
        ),
        required("vpc-block", "CIDR", "the VPC's addresses", "10.0.0.0/24"),
    ],
);

#[tokio::main]
async fn main() -> ExitCode {
    support::run(&ABOUT, ensure).await
}

async fn ensure(context: Context) -> Result<(), Failure> {
    let (atlas, project) = (&context.atlas, &context.project);
    // An invalid ARN is an error before anything is created.
    let request = NewAwsPeering::from_arn(context.value("vpc-arn"), context.value("vpc-block"))?;
    let region = AwsRegion::from(context.value("region"));
    let container = NewAwsContainer::new(region).atlas_cidr_block(context.value("block"));
    let container = atlas.ensure_container(project, container).await?;
    println!(
        "Container {}: {}",
        container.id(),
        origin(container.is_created())
    );

    let request = request.container_id(container.id().clone());
    let peering = atlas.ensure_peering(project, request).await;
    let peering = peering.inspect_err(|_| {
        let id = container.id();
        eprintln!("Container {id} was kept: the next run uses it.");
    })?;
    println!("Peering {}: {}", peering.id(), origin(peering.is_created()));

    // Without a condition the wait ends when it is the owner's turn.
    let wait = atlas
        .wait_for_peering(project, peering.id())
        .until(|peering| peering.state().is_available());
    watch(wait.states(), context.sandbox.as_ref()).await?;
    println!(
        "The connection is up. Traffic also needs a route to {} in the VPC, a security group rule, and \
         an entry in the project's IP access list.",
        context.value("block")
    );
    Ok(())
}

fn origin(is_created: bool) -> &'static str {
    if is_created { "created" } else { "existing" }
}

/// Shows the state until the wait ends.
async fn watch(mut states: States, sandbox: Option<&Sandbox>) -> Result<(), Failure> {
    let mut line = LiveLine::new();
    let mut ticks = tokio::time::interval(Duration::from_millis(250));
    loop {
        // The stream keeps its place when a tick comes first.
        let peering = tokio::select! {
            next = states.next() => match next {
                Some(peering) => peering?,
                None => return Ok(()),
            },
            _ = ticks.tick() => {
                line.redraw();
                continue;
            }
        };
        line.show(&peering.state());
        if let Some(step) = peering.next_step() {
            line.end();
            println!("Next step: {step}");
            if let Some(sandbox) = sandbox {
                sandbox.accept(peering.id().as_str())?;
                println!("(sandbox: accepted for you)");
            }
        }
    }
}

/// The state and the seconds so far: one line that is redrawn on a terminal, and one line for each
/// state in a file or a pipe.
struct LiveLine {
    is_terminal: bool,
    begun: Instant,
    state: String,
    /// Whether the cursor stands at its end.
    is_open: bool,
}

impl LiveLine {
    fn new() -> Self {
        Self {
            is_terminal: stdout().is_terminal(),
            begun: Instant::now(),
            state: String::new(),
            is_open: false,
        }
    }

    fn show(&mut self, state: &PeeringState) {
        self.state = state.to_string();
        if self.is_terminal {
            self.redraw();
        } else {
            println!("{self}");
        }
    }

    fn redraw(&mut self) {
        if self.is_terminal {
            print!("\r{self}");
            // A terminal shows a line at its end, or after a flush. Progress that cannot be
            // shown is no reason to stop.
            let _ = stdout().flush();
            self.is_open = true;
        }
    }

    /// Leaves the line as it is: what is printed next begins below it.
    fn end(&mut self) {
        if std::mem::take(&mut self.is_open) {
            println!();
        }
    }
}

impl std::fmt::Display for LiveLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.begun.elapsed().as_secs();
        write!(f, "{seconds:>4} s  {:<20}", self.state)
    }
}

impl Drop for LiveLine {
    fn drop(&mut self) {
        self.end();
    }
}
