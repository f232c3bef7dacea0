//! What the programs of this member share: a client that is made of the arguments.

use std::process::Command;

use atlas_peering::{Client, Credentials, ProjectId};

/// A program's own failure, in words.
pub type Failure = Box<dyn std::error::Error>;

/// The client and the project of the arguments: the base URL, the parts of a key, and the project.
///
/// # Errors
///
/// An argument is missing, or is none of what it is to be.
pub fn client() -> Result<(Client, ProjectId), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [base_url, public, private, project] = &arguments[..] else {
        return Err("usage: BASE_URL PUBLIC PRIVATE PROJECT".into());
    };
    let atlas = Client::builder()
        .base_url(base_url)
        .credentials(Credentials::api_key(public, private))
        .build()?;
    Ok((atlas, project.parse()?))
}

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
