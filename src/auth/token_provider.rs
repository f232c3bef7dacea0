//! Access tokens, and where they come from if not from a service account.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::client::LONGEST;

type Outcome = Result<AccessToken, Box<dyn StdError + Send + Sync>>;

/// A token that authenticates requests, and a [`TokenProvider`] that has no other. Its `Debug` does not
/// show it.
#[derive(Clone)]
pub struct AccessToken {
    value: SecretString,
    expires_at: Option<SystemTime>,
}

impl AccessToken {
    /// A token, and when it expires. Without that it is used until the service refuses it.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use atlas_peering::AccessToken;
    ///
    /// let token = AccessToken::new("eyJhbGciOi", SystemTime::now() + Duration::from_secs(3600));
    /// assert!(!format!("{token:?}").contains("eyJ"));
    /// assert_eq!(AccessToken::new("eyJhbGciOi", None).expires_at(), None);
    /// ```
    pub fn new(value: impl Into<String>, expires_at: impl Into<Option<SystemTime>>) -> Self {
        Self {
            value: value.into().into(),
            expires_at: expires_at.into(),
        }
    }

    /// The token itself: a secret.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.value.expose_secret()
    }

    /// When it expires, where that is known.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// How long it may be used yet.
    pub(super) fn left(&self) -> Duration {
        let left = |at: SystemTime| at.duration_since(SystemTime::now());
        let left = self.expires_at.map(|at| left(at).unwrap_or_default());
        left.unwrap_or(LONGEST).min(LONGEST)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("value", &"[REDACTED]")
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

/// Provides access tokens from a vault, a metadata service, a file:
/// [`Credentials::token_provider`](crate::Credentials::token_provider) takes one.
///
/// The client keeps a token until shortly before it expires, and requests the next beside the calls
/// that use it. However many calls wait for a token, the provider is asked once.
///
/// ```
/// use std::error::Error;
/// use atlas_peering::{AccessToken, Client, Credentials, TokenProvider};
///
/// /// A file that an agent writes anew before its token expires.
/// struct TokenFile(std::path::PathBuf);
///
/// impl TokenProvider for TokenFile {
///     async fn token(
///         &self,
///         _refused: Option<&AccessToken>,
///     ) -> Result<AccessToken, Box<dyn Error + Send + Sync>> {
///         let path = self.0.clone();
///         let text = tokio::task::spawn_blocking(|| std::fs::read_to_string(path)).await??;
///         Ok(AccessToken::new(text.trim(), None))
///     }
/// }
///
/// let file = TokenFile("/run/secrets/atlas-token".into());
/// let atlas = Client::new(Credentials::token_provider(file))?;
/// # Ok::<(), atlas_peering::Error>(())
/// ```
pub trait TokenProvider: Send + Sync + 'static {
    /// A token to use from now on. After a 401, `refused` is the token that the service refused: a
    /// provider that caches tokens drops that one. Where it provides the same again, the 401 is the
    /// error of the call.
    ///
    /// It runs in a task of its own, which goes on when calls are dropped, and must not block: leave
    /// files to `tokio::fs` or `spawn_blocking`.
    ///
    /// # Errors
    ///
    /// Whatever the provider says, and then nothing is sent: it is the
    /// [`source`](std::error::Error::source) of the call's error, so it must hold no secret. The client
    /// does not ask again before the next call. A panic, or no token within 180 seconds, is an error too.
    fn token(
        &self,
        refused: Option<&AccessToken>,
    ) -> impl Future<Output = Result<AccessToken, Box<dyn StdError + Send + Sync>>> + Send;
}

impl TokenProvider for AccessToken {
    async fn token(&self, _: Option<&AccessToken>) -> Outcome {
        Ok(self.clone())
    }
}

/// Any provider: [`TokenProvider`] as an object. It runs in a task of its own, for it may panic or
/// never end.
pub(crate) trait AnyProvider: Send + Sync {
    fn provide(self: Arc<Self>, refused: Option<AccessToken>) -> JoinHandle<Outcome>;
}

impl<T: TokenProvider> AnyProvider for T {
    fn provide(self: Arc<Self>, refused: Option<AccessToken>) -> JoinHandle<Outcome> {
        tokio::spawn(async move { self.token(refused.as_ref()).await })
    }
}

/// What a provider provides within a limit.
pub(super) async fn provided(mut task: JoinHandle<Outcome>, limit: Duration) -> Outcome {
    match timeout(limit, &mut task).await {
        Ok(Ok(outcome)) => outcome,
        // What it panicked with may be a secret.
        Ok(Err(_)) => Err("it panicked".into()),
        Err(_) => {
            task.abort();
            Err(format!("it did not end within {} seconds", limit.as_secs()).into())
        }
    }
}
