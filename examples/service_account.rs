//! Keeps the token of a service account in a file, so that runs share it: an account has at most 100
//! tokens at once, and each takes a request.

mod support;

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use atlas_peering::{AccessToken, Client, Credentials, TokenProvider};
use serde::{Deserialize, Serialize};
use support::options::{About, required};
use support::{Context, Failure};
use tokio::task::spawn_blocking;

const ABOUT: About = About::new(
    "Lists the peerings with a token of a service account that is kept in a file between runs.",
    &[required(
        "token-file",
        "FILE",
        "where the token is kept",
        "",
    )],
)
.with_variables(&["MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"]);

/// A token with less time left is not used: the client renews it a minute before its end.
const MARGIN: Duration = Duration::from_secs(120);

/// The tokens of a service account, the last of which is in a file: one file for each account.
struct TokenFile {
    account: Client,
    path: PathBuf,
}

impl TokenProvider for TokenFile {
    async fn token(
        &self,
        refused: Option<&AccessToken>,
    ) -> Result<AccessToken, Box<dyn Error + Send + Sync>> {
        // Files block: the threads of the runtime have other work.
        let path = self.path.clone();
        let stored = spawn_blocking(move || Stored::read(&path)).await??;
        let refused = refused.map(AccessToken::expose_secret);
        if let Some(stored) = stored
            // A token goes to the service that issued it, and to no other.
            && stored.base_url == self.account.base_url()
            && stored.expires_at() > SystemTime::now() + MARGIN
            && refused != Some(&*stored.token)
        {
            println!("Uses the token of {}.", self.path.display());
            return Ok(AccessToken::new(stored.token.clone(), stored.expires_at()));
        }

        let token = self.account.request_token().await?;
        println!("Requested a token.");
        let (path, stored) = (self.path.clone(), Stored::new(&self.account, &token));
        // A full disk is no reason to stop: there is a token.
        if let Err(error) = spawn_blocking(move || stored.write(&path)).await? {
            eprintln!("The token is not kept: {error}");
        }
        Ok(token)
    }
}

/// What is in the file. It has no `Debug`: that would show the token.
#[derive(Serialize, Deserialize)]
struct Stored {
    base_url: String,
    /// In seconds since 1970.
    expires_at: u64,
    token: String,
}

impl Stored {
    fn new(account: &Client, token: &AccessToken) -> Self {
        // A token without an expiry time is stored as one that has expired.
        let expires_at = token.expires_at().unwrap_or(UNIX_EPOCH);
        let since_1970 = expires_at.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            base_url: account.base_url().to_owned(),
            expires_at: since_1970.as_secs(),
            token: token.expose_secret().to_owned(),
        }
    }

    fn expires_at(&self) -> SystemTime {
        let expires_at = UNIX_EPOCH.checked_add(Duration::from_secs(self.expires_at));
        expires_at.unwrap_or(UNIX_EPOCH)
    }

    /// None where nothing is stored, or something else.
    fn read(path: &Path) -> io::Result<Option<Self>> {
        match fs::read(path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts a new file in the place of the old one, so that a reader sees the whole of either.
    fn write(&self, path: &Path) -> io::Result<()> {
        let new = path.with_extension(format!("{}.new", std::process::id()));
        let written = self.create(&new).and_then(|()| fs::rename(&new, path));
        if written.is_err() {
            // The first error is the one that matters.
            let _ = fs::remove_file(&new);
        }
        written
    }

    /// A file that only its owner can read, from its first byte on.
    fn create(&self, path: &Path) -> io::Result<()> {
        let mut options = OpenOptions::new();
        // One that exists would keep its permissions, or be a link to elsewhere.
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        serde_json::to_writer(&file, self)?;
        file.sync_all()
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    support::run(&ABOUT, list).await
}

async fn list(context: Context) -> Result<(), Failure> {
    let Some(sandbox) = &context.sandbox else {
        let path = PathBuf::from(context.value("token-file"));
        return list_once(&context, context.atlas.clone(), path).await;
    };
    let (id, secret) = sandbox.service_account();
    let name = format!("atlas-peering-token-{}.json", std::process::id());
    let path = std::env::temp_dir().join(name);
    // A client of its own for each run, as programs that run one after the other have.
    let run = async |title| {
        println!("{title}:");
        let credentials = Credentials::service_account(&id, &secret);
        let account = context.client_builder().credentials(credentials).build()?;
        list_once(&context, account, path.clone()).await
    };
    run("The first run").await?;
    run("The second run").await?;
    sandbox.revoke_tokens();
    run("A run after the token was revoked").await?;
    fs::remove_file(&path)?;
    Ok(())
}

/// What each run of a program does.
async fn list_once(context: &Context, account: Client, path: PathBuf) -> Result<(), Failure> {
    let credentials = Credentials::token_provider(TokenFile { account, path });
    let atlas = context.client_builder().credentials(credentials).build()?;
    let peerings = atlas.peerings(&context.project).into_vec().await?;
    println!("Peerings: {}", peerings.len());
    Ok(())
}
