//! Tokens that outlive a program.

use std::fmt;
use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};

/// Keeps the token of a service account between runs of a program: an account has at most 100
/// tokens alive, and gets at most 10 a minute.
///
/// Both methods are called rarely, and from within calls: they are to be quick. A store that cannot
/// read or write does without, for the call can; it tells so in its own way. The token is a secret.
/// A store that writes a file readable by its owner alone is in the crate's examples.
pub trait TokenStore: Send + Sync + 'static {
    /// The token that was kept, if there is one. Called once, before a client asks for its first.
    fn load(&self) -> Option<StoredToken>;

    /// Keeps a new token in place of the last; with none, forgets the last.
    fn save(&self, token: Option<&StoredToken>);
}

/// A token to be kept. Its `Debug` does not show it.
#[derive(Clone)]
pub struct StoredToken {
    value: SecretString,
    ends: SystemTime,
}

impl StoredToken {
    /// A token that was kept, with the end of its life.
    pub fn new(value: impl Into<String>, ends: SystemTime) -> Self {
        Self {
            value: value.into().into(),
            ends,
        }
    }

    /// The token itself: a secret.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        self.value.expose_secret()
    }

    /// When its life ends.
    #[must_use]
    pub fn ends(&self) -> SystemTime {
        self.ends
    }
}

impl fmt::Debug for StoredToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredToken")
            .field("value", &"[REDACTED]")
            .field("ends", &self.ends)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_kept_shows_when_it_ends_and_not_itself() {
        let token = StoredToken::new("a-secret", SystemTime::UNIX_EPOCH);
        let printed = format!("{token:?}");
        assert!(printed.contains("[REDACTED]"), "{printed}");
        assert!(printed.contains("ends: SystemTime"), "{printed}");
    }
}
