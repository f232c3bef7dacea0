//! Runs a sandbox until it is interrupted.

use std::process::ExitCode;
use std::time::Duration;

use atlas_peering_sandbox::{Builder, Sandbox};
use lexopt::{Arg, Parser, ValueExt};

const HELP: &str = "\
Serves MongoDB Atlas network peering from memory on 127.0.0.1, until an interrupt (Ctrl-C) stops it.
Prints its base URL on the first line, and then a curl line for each kind of credential.

usage: atlas-peering-sandbox [OPTION…]

options:
  --port N                     Port. Default: a free one.
  --api-key PUBLIC:PRIVATE     API key that is admitted. Default: a random one.
  --service-account ID:SECRET  Service account that is admitted. Default: a random one.
  --project ID                 Project id, 24 lowercase hexadecimal digits.
                               Default: 5356823b3794dee37132bb7b.
  --clock-speed N              Speed of the clock, as a multiple of real time. Peerings, nonces, tokens
                               and rate limits follow this clock. With 0 it stands still until a
                               control request advances it. Default: 1.
  --play-user SECONDS          Accepts each peering in its user's place, on AWS and Google Cloud, after
                               it has waited for SECONDS of the clock. Default: it waits for a control
                               request.
  -h, --help                   Prints this help.

control requests, outside the API's paths and without authentication:
  POST /sandbox/peers/ID/accept  Accepts a connection on AWS, or peers back on Google Cloud.
  POST /sandbox/peers/ID/reject  Rejects a peering: it becomes FAILED.
  POST /sandbox/clock            Advances the clock: {\"seconds\": 60}.
";

fn main() -> ExitCode {
    match parse(Parser::from_env()) {
        Ok(Some(builder)) => run(builder),
        Ok(None) => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("error: {reason}; atlas-peering-sandbox --help lists the options");
            ExitCode::from(2)
        }
    }
}

#[tokio::main]
async fn run(builder: Builder) -> ExitCode {
    // No caller reads the record, and the program may run for days.
    let sandbox = match builder.record_bytes(0).start().await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("error: the sandbox cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let base_url = sandbox.base_url();
    println!("{base_url}");
    println!(
        "curl --digest --user {} '{base_url}/api/atlas/v1.0/groups/{}/peers?pretty=true'",
        quoted(&sandbox.api_key()),
        sandbox.project(),
    );
    println!(
        "curl --user {} --data grant_type=client_credentials '{base_url}/api/oauth/token'",
        quoted(&sandbox.service_account()),
    );
    match tokio::signal::ctrl_c().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the sandbox cannot wait for an interrupt: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Both parts of a pair as one argument of a shell.
fn quoted((name, secret): &(String, String)) -> String {
    format!("'{}'", format!("{name}:{secret}").replace('\'', r"'\''"))
}

/// The settings that the arguments ask for; `None` if they ask for help.
fn parse(mut arguments: Parser) -> Result<Option<Builder>, lexopt::Error> {
    let mut builder = Sandbox::builder().clock_speed(1);
    while let Some(argument) = arguments.next()? {
        builder = match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            Arg::Long("port") => builder.port(number(&mut arguments, "--port", u16::MAX.into())?),
            Arg::Long("project") => builder.project(arguments.value()?.string()?),
            Arg::Long("api-key") => {
                let (public, private) = pair(&mut arguments, "--api-key", "PUBLIC:PRIVATE")?;
                builder.api_key(public, private)
            }
            Arg::Long("service-account") => {
                let (id, secret) = pair(&mut arguments, "--service-account", "ID:SECRET")?;
                builder.service_account(id, secret)
            }
            Arg::Long("clock-speed") => {
                builder.clock_speed(number(&mut arguments, "--clock-speed", u32::MAX)?)
            }
            Arg::Long("play-user") => {
                let seconds: u32 = number(&mut arguments, "--play-user", u32::MAX)?;
                builder.play_user(Duration::from_secs(seconds.into()))
            }
            other => return Err(other.unexpected()),
        };
    }
    Ok(Some(builder))
}

fn number<T: TryFrom<u32>>(
    arguments: &mut Parser,
    option: &str,
    max: u32,
) -> Result<T, lexopt::Error> {
    let text = arguments.value()?.string()?;
    let number = text
        .parse()
        .ok()
        .and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| {
        format!("invalid {option} {text:?}: use a whole number from 0 to {max}").into()
    })
}

/// Both parts of a credential. The error does not show the value: it may be a real secret.
fn pair(
    arguments: &mut Parser,
    option: &str,
    form: &str,
) -> Result<(String, String), lexopt::Error> {
    let text = arguments.value()?.string()?;
    match text.split_once(':') {
        Some((name, secret)) if !name.is_empty() => Ok((name.to_owned(), secret.to_owned())),
        _ => Err(format!("invalid {option}: use {form}").into()),
    }
}
