//! Shared parts of the programs of this crate and their tests.

use std::process::Command;

/// The error of a program.
pub type Failure = Box<dyn std::error::Error>;

/// Runs a program of this crate to its end, and returns what it printed.
///
/// # Panics
///
/// Panics with the program's error output if it fails.
#[must_use]
pub fn run(program: &str, arguments: &[String]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
