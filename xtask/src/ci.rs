//! `cargo xtask ci`: the steps that decide whether a change lands.

use std::process::Command;
use std::time::Instant;

use crate::{Outcome, in_project, read};

enum Step {
    Cargo(&'static [&'static str]),
    /// Runs the test command of the README.
    Tests,
    /// Compares the fragment with the published documents.
    Compare,
    /// Checks the published crates with `rust-version`, if that toolchain is installed.
    OldestRust,
}

const STEPS: [Step; 12] = [
    Step::Cargo(&["fmt", "--all", "--check"]),
    Step::Cargo(&[
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--features",
        "atlas-peering/schemars,atlas-peering/tracing",
        "--",
        "-D",
        "warnings",
    ]),
    Step::Tests,
    // With the root package's own features, and not those that the workspace adds to them.
    Step::Cargo(&["run", "--locked", "--quiet", "--example", "create_peering"]),
    Step::Cargo(&["build", "--locked", "--examples", "--features", "tracing"]),
    Step::Cargo(&[
        "test",
        "--locked",
        "--features",
        "tracing",
        "--test",
        "it",
        "--test",
        "examples",
        "--",
        "tracing::",
    ]),
    Step::Cargo(&["xtask", "codegen", "--check"]),
    Step::Cargo(&["doc", "--locked", "--workspace", "--no-deps"]),
    Step::Cargo(&["check", "--locked", "--no-default-features"]),
    Step::Cargo(&[
        "package",
        "--locked",
        "--package=atlas-peering",
        "--package=atlas-peering-sandbox",
    ]),
    Step::OldestRust,
    Step::Compare,
];

/// Runs all steps; `published` are the files that the fragment is compared with.
pub(crate) fn run(published: &[&str]) -> Outcome {
    let started = Instant::now();
    for step in STEPS {
        let passed = match step {
            Step::Cargo(arguments) => cargo(arguments)?,
            Step::Tests => cargo(&test_command()?)?,
            Step::Compare => compare(published)?,
            Step::OldestRust => oldest_rust()?,
        };
        if !passed {
            println!("== this step failed; the ones after it did not run");
            return Ok(false);
        }
    }
    println!("== all steps passed in {} s", started.elapsed().as_secs());
    Ok(true)
}

/// The first `cargo test` line of the README, so that CI runs what readers run.
fn test_command() -> Result<Vec<String>, String> {
    let readme = read("README.md")?;
    let mut lines = readme
        .lines()
        .filter_map(|line| line.strip_prefix("cargo test "));
    let line = lines
        .next()
        .ok_or("README.md: missing a line that starts with `cargo test`")?;
    let command = line.split('#').next().unwrap_or_default();
    let arguments = command.split_whitespace().map(str::to_owned);
    Ok(std::iter::once("test".to_owned())
        .chain(arguments)
        .collect())
}

fn compare(published: &[&str]) -> Result<bool, String> {
    if published.is_empty() {
        println!("== skipped spec compare: no published document was given as FILE");
        return Ok(true);
    }
    cargo(&[&["xtask", "spec", "compare"], published].concat())
}

/// Checks the published crates with the `rust-version` of the manifest.
fn oldest_rust() -> Result<bool, String> {
    let manifest = read("Cargo.toml")?;
    let mut lines = manifest.lines();
    let version = lines.find_map(|line| line.strip_prefix("rust-version = "));
    let version = version.ok_or("Cargo.toml: missing `rust-version`")?;
    let version = version.trim_matches('"');
    let cargo = ["run", version, "cargo"];
    let probe = Command::new("rustup").args(cargo).arg("--version").output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!(
            "== skipped the check with Rust {version}: run `rustup toolchain install {version}` to have it"
        );
        return Ok(true);
    }
    let target = format!("target/rust-{version}");
    let check = ["check", "--locked", "--target-dir", &target];
    let published = ["--package=atlas-peering", "--package=atlas-peering-sandbox"];
    let arguments = [&cargo[..], &check, &published].concat();
    Ok(timed("rustup", &arguments)? == Some(0))
}

fn cargo(arguments: &[impl AsRef<str>]) -> Result<bool, String> {
    Ok(timed("cargo", arguments)? == Some(0))
}

/// Runs a program, prints its duration, and returns its exit code.
fn timed(program: &str, arguments: &[impl AsRef<str>]) -> Result<Option<i32>, String> {
    let arguments: Vec<_> = arguments.iter().map(AsRef::as_ref).collect();
    println!("== {program} {}", arguments.join(" "));
    let started = Instant::now();
    let own = (program == "cargo").then(|| std::env::var_os("CARGO"));
    let found = own.flatten().unwrap_or(program.into());
    let status = Command::new(found)
        .args(&arguments)
        .current_dir(in_project("."))
        .status();
    let status = status.map_err(|error| format!("cannot run {program}: {error}"))?;
    println!("== took {} s", started.elapsed().as_secs());
    Ok(status.code())
}
