//! What the programs of this member share: a client that is made of the arguments.

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
