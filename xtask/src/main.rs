//! The project's own tools: `cargo xtask --help` lists them.

#[path = "../../build/mod.rs"]
mod build;
mod ci;
mod codegen;
mod spec;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lexopt::{Arg, Parser, ValueExt};

const HELP: &str = "\
The tools of this project.

cargo xtask ci [FILE…]
    Runs the steps that decide whether a change lands, and stops at the first that fails. FILE is a
    document that MongoDB publishes; without one, the step `spec compare` is skipped. `.ci/run` installs
    what the steps need and calls this command.

cargo xtask codegen [--check]
    Generates the code of spec/peering.json and writes it to tests/snapshots/codegen.txt, for reviewers.
    With --check it writes nothing, and fails if the file is out of date.

cargo xtask spec compare FILE…
    Compares spec/peering.json with documents that MongoDB publishes, and prints the differences that
    spec/differences.toml does not list. FILE is JSON or YAML, version 1.0 or 2, the whole API or a part
    of it. The comparison covers each operation of ours and each one with the tag Network Peering, and
    all that they refer to.
    Example: cargo xtask spec compare openapi-v2.yaml

Exit codes:
    0  success
    1  a step failed, a file is out of date, or a difference is not listed
    2  an argument or a file is invalid
";

const SEE_HELP: &str = "`cargo xtask --help` lists the commands";

/// Whether the command succeeded, or the line of an invalid argument or file.
type Outcome = Result<bool, String>;

fn main() -> ExitCode {
    match run(Parser::from_env()) {
        Ok(success) => ExitCode::from(u8::from(!success)),
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::from(2)
        }
    }
}

fn run(mut arguments: Parser) -> Outcome {
    let (mut command, mut check) = (Vec::new(), false);
    let usage = |error: lexopt::Error| format!("{error}; {SEE_HELP}");
    while let Some(argument) = arguments.next().map_err(usage)? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => {
                print!("{HELP}");
                return Ok(true);
            }
            Arg::Long("check") => check = true,
            Arg::Value(value) => command.push(value.string().map_err(usage)?),
            other => return Err(usage(other.unexpected())),
        }
    }
    let command: Vec<_> = command.iter().map(String::as_str).collect();
    match (&command[..], check) {
        (["ci", published @ ..], false) => ci::run(published),
        (["codegen"], _) => codegen::run(check),
        (["spec", "compare", files @ ..], false) if !files.is_empty() => spec::compare::run(files),
        _ => Err(format!("unknown or incomplete command; {SEE_HELP}")),
    }
}

/// Reads a file of the project.
fn read(file: &str) -> Result<String, String> {
    std::fs::read_to_string(in_project(file)).map_err(|error| format!("{file}: {error}"))
}

/// A path relative to the root of the project.
fn in_project(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
