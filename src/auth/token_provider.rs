//! Access tokens, and their providers other than a service account.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret, SecretString};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::client::LONGEST;

type Outcome = Result<AccessToken, Box<dyn StdError + Send + Sync>>;

/// A token that authenticates requests. It is also a [`TokenProvider`], which always returns this token.
/// `Debug` does not show the token.
#[derive(Clone)]
pub struct AccessToken {
    value: SecretString,
    expires_at: Option<SystemTime>,
}

impl AccessToken {
    /// Creates a token from its text and its expiry. With `None`, it is used until the service refuses it.
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

    /// Returns the token, which is a secret.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.value.expose_secret()
    }

    /// Returns when the token expires, or `None` if that is unknown.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// The time until the token expires.
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

/// Provides access tokens from a vault, a metadata service or a file. Pass it to
/// [`Credentials::token_provider`](crate::Credentials::token_provider).
///
/// The client keeps a token until shortly before it expires, and requests the next one while calls still
/// use the first. All calls that wait for a token share one call of the provider.
///
/// ```
/// use std::error::Error;
/// use atlas_peering::{AccessToken, Client, Credentials, TokenProvider};
///
/// /// A file that an agent replaces before its token expires.
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
    /// Returns the token to use from now on. After a 401, `refused` is the token that the service refused:
    /// delete it from the provider's cache. If the provider returns it again, the call fails with the 401.
    ///
    /// The future runs in a task of its own, which continues when calls are dropped. It must not block:
    /// read files with `tokio::fs` or `spawn_blocking`.
    ///
    /// # Errors
    ///
    /// Calls that wait for the token fail, and nothing is sent. The next call asks the provider again.
    ///
    /// - The provider returns an error. It is the [`source`](std::error::Error::source) of the call's error,
    ///   so it must contain no secret.
    /// - The provider panics, or returns no token within 180 seconds.
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

/// [`TokenProvider`] as a trait object. It runs in a task of its own, because it may panic or never end.
pub(crate) trait AnyProvider: Send + Sync {
    fn provide(self: Arc<Self>, refused: Option<AccessToken>) -> JoinHandle<Outcome>;
}

impl<T: TokenProvider> AnyProvider for T {
    fn provide(self: Arc<Self>, refused: Option<AccessToken>) -> JoinHandle<Outcome> {
        tokio::spawn(async move { self.token(refused.as_ref()).await })
    }
}

/// Waits for the token of a provider, for at most `limit`.
pub(super) async fn provided(mut task: JoinHandle<Outcome>, limit: Duration) -> Outcome {
    match timeout(limit, &mut task).await {
        Ok(Ok(outcome)) => outcome,
        // The message omits the panic's own, which may contain a secret.
        Ok(Err(_)) => Err("TokenProvider::token panicked: let it return an error instead".into()),
        Err(_) => {
            task.abort();
            let limit = limit.as_secs();
            Err(format!("TokenProvider::token took over {limit} seconds: limit its time").into())
        }
    }
}
