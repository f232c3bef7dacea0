//! Keeps the token of a service account in a file that its owner alone can read, and uses it in two
//! runs, against a sandbox.

use std::error::Error;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fs, io};

use atlas_peering::{AccessToken, Client, Credentials, TokenProvider};
use atlas_peering_sandbox::Sandbox;
use tokio::task::spawn_blocking;

/// Tokens of a service account, the last of which is in a file: when it expires in seconds since 1970,
/// a space, and the token.
struct TokenFile {
    account: Client,
    path: PathBuf,
}

impl TokenProvider for TokenFile {
    async fn token(
        &self,
        refused: Option<&AccessToken>,
    ) -> Result<AccessToken, Box<dyn Error + Send + Sync>> {
        // Files block, so they are read and written off the runtime's own threads.
        let path = self.path.clone();
        let kept = spawn_blocking(move || read(&path)).await??;
        let refused = refused.map(AccessToken::expose_secret);
        let in_two_minutes = SystemTime::now() + Duration::from_secs(120);
        if let Some(token) = kept
            && token.expires_at() > Some(in_two_minutes)
            && refused != Some(token.expose_secret())
        {
            return Ok(token);
        }
        let token = self.account.request_token().await?;
        let (path, kept) = (self.path.clone(), token.clone());
        let written = spawn_blocking(move || write(&path, &kept)).await?;
        // A full disk is no reason to stop: there is a token.
        written.unwrap_or_else(|error| eprintln!("the token is not kept: {error}"));
        Ok(token)
    }
}

fn read(path: &Path) -> io::Result<Option<AccessToken>> {
    let text = match fs::read_to_string(path) {
        // No token was kept yet.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    let token = text
        .trim_end()
        .split_once(' ')
        .and_then(|(seconds, value)| {
            let since_1970 = Duration::from_secs(seconds.parse().ok()?);
            let expires_at = SystemTime::UNIX_EPOCH.checked_add(since_1970)?;
            Some(AccessToken::new(value, expires_at))
        });
    Ok(token)
}

fn write(path: &Path, token: &AccessToken) -> io::Result<()> {
    // A file that is there would keep its mode, whatever that is.
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let expires_at = token.expires_at().unwrap_or(SystemTime::UNIX_EPOCH);
    let since_1970 = expires_at.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since_1970.map_err(io::Error::other)?.as_secs();
    writeln!(options.open(path)?, "{seconds} {}", token.expose_secret())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start().await?;
    let path = std::env::temp_dir().join(format!("atlas-peering-token-{}", std::process::id()));
    let project = sandbox.project().parse()?;
    for run in 1..=2 {
        let (id, secret) = sandbox.service_account();
        let client = |credentials| {
            let builder = Client::builder().base_url(sandbox.base_url());
            builder.credentials(credentials).build()
        };
        let account = client(Credentials::service_account(id, secret))?;
        let path = path.clone();
        let atlas = client(Credentials::token_provider(TokenFile { account, path }))?;
        atlas.list_peering_connections(&project).await?;
        let requests = sandbox.requests();
        let tokens = requests
            .iter()
            .filter(|request| request.path == "/api/oauth/token");
        println!("run {run}: {} token requests so far", tokens.count());
    }
    fs::remove_file(path)?;
    Ok(())
}
