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
cargo xtask ci [FILE…]
    Runs each step that decides whether a change lands, and stops at the first that fails. `.ci/run`
    installs what the steps need, and calls this. FILE is a document that MongoDB publishes; without
    one, the comparison is left out.

cargo xtask codegen [--check]
    Writes the code that the build generates of spec/peering.json to tests/snapshots/codegen.txt,
    where a review reads it. With --check it writes nothing, and fails if the file is out of date.

cargo xtask spec compare FILE…
    Compares spec/peering.json with documents that MongoDB publishes: JSON or YAML, the whole API or a
    slice of it, of version 1.0 or 2. Every operation of ours, and every one with the tag Network
    Peering, is compared with all that it refers to. spec/differences.toml lists the differences that
    are meant.
    For example: cargo xtask spec compare openapi-v2.yaml

Exit codes: 0, all is well; 1, a step failed, a file is out of date, or a difference is not listed;
2, a command or a file cannot be used.
";

/// Whether all is well; an error is one line for the user.
type Outcome = Result<bool, String>;

fn main() -> ExitCode {
    match run(Parser::from_env()) {
        Ok(well) => ExitCode::from(u8::from(!well)),
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::from(2)
        }
    }
}

fn run(mut arguments: Parser) -> Outcome {
    let (mut words, mut check) = (Vec::new(), false);
    let told = |error: lexopt::Error| format!("{error}; `cargo xtask --help` shows the commands");
    while let Some(argument) = arguments.next().map_err(told)? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => {
                print!("{HELP}");
                return Ok(true);
            }
            Arg::Long("check") => check = true,
            Arg::Value(word) => words.push(word.string().map_err(told)?),
            other => return Err(told(other.unexpected())),
        }
    }
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match (&words[..], check) {
        (["ci", published @ ..], false) => ci::run(published),
        (["codegen"], _) => codegen::run(check),
        (["spec", "compare", files @ ..], false) if !files.is_empty() => spec::compare::run(files),
        _ => Err("no such command; `cargo xtask --help` shows the commands".to_owned()),
    }
}

/// Reads a file of the project.
fn read(file: &str) -> Result<String, String> {
    std::fs::read_to_string(in_project(file)).map_err(|error| format!("{file}: {error}"))
}

/// A path that is seen from the root of the project.
fn in_project(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
