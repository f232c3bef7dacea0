//! `cargo xtask ci`: what decides whether a change lands.

use std::process::Command;
use std::time::Instant;

use crate::{Outcome, in_project, read};

enum Step {
    Cargo(&'static [&'static str]),
    /// The command of the README.
    Tests,
    /// Holds the fragment against the published documents.
    Compare,
    /// Checks what is published with the oldest Rust that it promises, where that is installed.
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

/// Runs all steps; they compare the fragment with the documents of `published`.
pub(crate) fn run(published: &[&str]) -> Outcome {
    let begun = Instant::now();
    for step in STEPS {
        let passed = match step {
            Step::Cargo(words) => cargo(words)?,
            Step::Tests => cargo(&test_command()?)?,
            Step::Compare => compare(published)?,
            Step::OldestRust => oldest_rust()?,
        };
        if !passed {
            return Ok(false);
        }
    }
    println!("== all steps passed, in {} s", begun.elapsed().as_secs());
    Ok(true)
}

/// The README's own: its line is run as it stands.
fn test_command() -> Result<Vec<String>, String> {
    let readme = read("README.md")?;
    let mut lines = readme
        .lines()
        .filter_map(|line| line.strip_prefix("cargo test "));
    let line = lines.next().ok_or("README.md: it names no test command")?;
    let command = line.split('#').next().unwrap_or_default();
    let words = command.split_whitespace().map(str::to_owned);
    Ok(std::iter::once("test".to_owned()).chain(words).collect())
}

fn compare(published: &[&str]) -> Result<bool, String> {
    if published.is_empty() {
        println!("== the published documents are not here: spec compare is left out");
        return Ok(true);
    }
    cargo(&[&["xtask", "spec", "compare"], published].concat())
}

/// The promise is `rust-version` in the manifest.
fn oldest_rust() -> Result<bool, String> {
    let manifest = read("Cargo.toml")?;
    let mut lines = manifest.lines();
    let version = lines.find_map(|line| line.strip_prefix("rust-version = "));
    let version = version.ok_or("Cargo.toml: it has no rust-version")?;
    let version = version.trim_matches('"');
    let cargo = ["run", version, "cargo"];
    let probe = Command::new("rustup").args(cargo).arg("--version").output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("== Rust {version} is not here: the check with it is left out");
        return Ok(true);
    }
    let target = format!("target/rust-{version}");
    let check = ["check", "--locked", "--target-dir", &target];
    let published = ["--package=atlas-peering", "--package=atlas-peering-sandbox"];
    let words = [&cargo[..], &check, &published].concat();
    Ok(timed("rustup", &words)? == Some(0))
}

fn cargo(words: &[impl AsRef<str>]) -> Result<bool, String> {
    Ok(timed("cargo", words)? == Some(0))
}

/// Runs a program; its exit code.
fn timed(program: &str, words: &[impl AsRef<str>]) -> Result<Option<i32>, String> {
    let words: Vec<_> = words.iter().map(AsRef::as_ref).collect();
    println!("== {program} {}", words.join(" "));
    let begun = Instant::now();
    let own = (program == "cargo").then(|| std::env::var_os("CARGO"));
    let found = own.flatten().unwrap_or(program.into());
    let status = Command::new(found)
        .args(&words)
        .current_dir(in_project("."))
        .status();
    let status = status.map_err(|error| format!("{program}: {error}"))?;
    println!("== took {} s", begun.elapsed().as_secs());
    Ok(status.code())
}
