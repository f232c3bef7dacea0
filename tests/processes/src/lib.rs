//! What the programs of this member and their tests share.

use std::process::Command;

/// A program's own failure, in words.
pub type Failure = Box<dyn std::error::Error>;

/// Runs a program of this member to its end; what it printed.
///
/// # Panics
///
/// It failed: with what it said of that.
#[must_use]
pub fn run(program: &str, arguments: &[String]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
