//! Keeps the token of a service account in a file that its owner alone can read, and uses it in two
//! runs, against a sandbox.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use atlas_peering::{Client, Credentials, StoredToken, TokenStore};
use atlas_peering_sandbox::Sandbox;

/// A token in a file: the end of its life in seconds since 1970, a space, and the token.
struct TokenFile(PathBuf);

impl TokenFile {
    fn read(&self) -> io::Result<Option<StoredToken>> {
        let mut text = String::new();
        fs::File::open(&self.0)?.read_to_string(&mut text)?;
        let token = text.trim_end().split_once(' ').and_then(|(ends, value)| {
            let ends =
                SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(ends.parse().ok()?))?;
            Some(StoredToken::new(value, ends))
        });
        Ok(token)
    }

    fn write(&self, token: &StoredToken) -> io::Result<()> {
        // A file that is there would keep its mode, whatever that is.
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let ends = token.ends().duration_since(SystemTime::UNIX_EPOCH);
        let ends = ends.map_err(io::Error::other)?.as_secs();
        writeln!(options.open(&self.0)?, "{ends} {}", token.expose_secret())
    }
}

impl TokenStore for TokenFile {
    fn load(&self) -> Option<StoredToken> {
        // Without a file there is no token yet.
        self.read().ok().flatten()
    }

    fn save(&self, token: Option<&StoredToken>) {
        let saved = match token {
            Some(token) => self.write(token),
            None => fs::remove_file(&self.0),
        };
        if let Err(error) = saved {
            eprintln!("the token is not kept: {error}");
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let path = std::env::temp_dir().join(format!("atlas-peering-token-{}", std::process::id()));
    let project = sandbox.project().parse()?;
    for run in 1..=2 {
        let (id, secret) = sandbox.service_account();
        let atlas = Client::builder()
            .base_url(sandbox.base_url())
            .credentials(Credentials::service_account(id, secret))
            .token_store(TokenFile(path.clone()))
            .build()?;
        atlas.list_peering_connections(&project).await?;
        let requests = sandbox.requests();
        let tokens = requests
            .iter()
            .filter(|request| request.path == "/api/oauth/token");
        println!("run {run}: {} token requests so far", tokens.count());
        if run == 2 {
            atlas.revoke_token().await?;
        }
    }
    Ok(())
}
