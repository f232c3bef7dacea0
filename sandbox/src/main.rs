//! Runs a sandbox until it is interrupted.

use std::process::ExitCode;
use std::time::Duration;

use atlas_peering_sandbox::{Builder, Sandbox};
use lexopt::{Arg, Parser, ValueExt};

const HELP: &str = "\
usage: atlas-peering-sandbox [OPTION…]

Serves MongoDB Atlas network peering from memory on 127.0.0.1 until it is interrupted. The first line
that it prints is its base URL.

  --port N                    The port; a free one by default.
  --api-key PUBLIC:PRIVATE    The API key that is admitted; a random one by default.
  --service-account ID:SECRET The service account that is admitted; a random one by default.
  --project ID                The project, 24 hexadecimal digits; 5356823b3794dee37132bb7b by default.
  --clock-speed N             How many times as fast as the world's the clock runs; 1 by default. Nonces
                              and tokens expire by it too. With 0 it stands still until it is advanced.
  --play-user SECONDS         Plays the user: a peering that has waited so many seconds of the clock is
                              accepted on AWS, and peered back on Google Cloud. By default it waits.
  --help                      Prints this.

A control endpoint, outside the API's paths and without authentication, acts for users and the clock:

  POST /sandbox/peers/ID/accept    Accepts on AWS, peers back on Google Cloud.
  POST /sandbox/peers/ID/reject    Refuses an AWS connection.
  POST /sandbox/clock              Advances the clock: {\"seconds\": 60}.
";

fn main() -> ExitCode {
    match parse(Parser::from_env()) {
        Ok(Some(builder)) => run(builder),
        Ok(None) => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprint!("error: {reason}\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

#[tokio::main]
async fn run(builder: Builder) -> ExitCode {
    // Nobody reads the record of a program that may run for days.
    let sandbox = match builder.record_bytes(0).start().await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("the sandbox does not start: {error}");
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
            eprintln!("the sandbox cannot wait for an interrupt: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Both parts of a pair as one word of a shell.
fn quoted((name, secret): &(String, String)) -> String {
    format!("'{}'", format!("{name}:{secret}").replace('\'', r"'\''"))
}

/// The settings that the arguments ask for; none where they ask for help.
fn parse(mut arguments: Parser) -> Result<Option<Builder>, lexopt::Error> {
    let mut builder = Sandbox::builder().clock_speed(1);
    while let Some(argument) = arguments.next()? {
        builder = match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            Arg::Long("port") => builder.port(number(&mut arguments, "--port")?),
            Arg::Long("project") => builder.project(arguments.value()?.string()?),
            Arg::Long("api-key") => {
                let (public, private) = pair(&mut arguments, "--api-key is PUBLIC:PRIVATE")?;
                builder.api_key(public, private)
            }
            Arg::Long("service-account") => {
                let (id, secret) = pair(&mut arguments, "--service-account is ID:SECRET")?;
                builder.service_account(id, secret)
            }
            Arg::Long("clock-speed") => {
                builder.clock_speed(number(&mut arguments, "--clock-speed")?)
            }
            Arg::Long("play-user") => {
                let seconds: u32 = number(&mut arguments, "--play-user")?;
                builder.play_user(Duration::from_secs(seconds.into()))
            }
            other => return Err(other.unexpected()),
        };
    }
    Ok(Some(builder))
}

fn number<T: TryFrom<u32>>(arguments: &mut Parser, option: &str) -> Result<T, lexopt::Error> {
    let text = arguments.value()?.string()?;
    let number = text
        .parse()
        .ok()
        .and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| format!("{option} {text} is not a number that it takes").into())
}

fn pair(arguments: &mut Parser, form: &str) -> Result<(String, String), lexopt::Error> {
    let text = arguments.value()?.string()?;
    match text.split_once(':') {
        Some((name, secret)) if !name.is_empty() => Ok((name.to_owned(), secret.to_owned())),
        _ => Err(form.into()),
    }
}
