//! How the sandbox asks for digest authentication.

use std::time::Duration;

use crate::auth::hash::Algorithm;

/// The service's own way: MD5, `qop="auth"`, nonces that live 60 seconds, each count taken once and
/// in any order.
///
/// What the service does is partly a guess, and other servers do more; each setting is one way that
/// a server may differ.
///
/// ```
/// use atlas_peering_sandbox::{Digest, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let one_time = Digest::default().algorithms(["MD5", "SHA-256"]).budget(1).next_nonces();
/// let sandbox = Sandbox::builder().digest(one_time).start().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a way of its own that a server may differ in"
)]
pub struct Digest {
    pub(crate) algorithms: Vec<String>,
    pub(crate) realm: String,
    pub(crate) domain: String,
    pub(crate) qop: Option<String>,
    pub(crate) userhash: bool,
    pub(crate) utf8: bool,
    pub(crate) one_header: bool,
    pub(crate) lifetime: Duration,
    pub(crate) budget: Option<usize>,
    pub(crate) rising: bool,
    pub(crate) next_nonces: bool,
    pub(crate) rspauth: Option<Rspauth>,
    pub(crate) body: usize,
}

/// What the sandbox proves itself with, in `Authentication-Info`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rspauth {
    /// What follows from the key.
    Right,
    /// Something else, as from a server that does not know the key.
    Wrong,
}

impl Default for Digest {
    fn default() -> Self {
        Self {
            algorithms: vec!["MD5".to_owned()],
            realm: "MMS Public API".to_owned(),
            domain: String::new(),
            qop: Some("auth".to_owned()),
            userhash: false,
            utf8: false,
            one_header: false,
            lifetime: Duration::from_secs(60),
            budget: None,
            rising: false,
            next_nonces: false,
            rspauth: None,
            body: 142,
        }
    }
}

impl Digest {
    /// The algorithms that are offered, one challenge for each, in this order and spelling: `MD5`,
    /// `SHA-256`, `SHA-512-256`, each also with `-sess`.
    pub fn algorithms<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.algorithms = names.into_iter().map(str::to_owned).collect();
        self
    }

    /// The realm; `MMS Public API` where not set.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = realm.into();
        self
    }

    /// The `domain`; empty where not set.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = domain.into();
        self
    }

    /// The list of qualities; `auth` where not set.
    pub fn qop(mut self, qop: impl Into<String>) -> Self {
        self.qop = Some(qop.into());
        self
    }

    /// No quality, as servers of RFC 2069 ask.
    pub fn without_qop(mut self) -> Self {
        self.qop = None;
        self
    }

    /// Asks for the hash of the user's name, and takes nothing else.
    pub fn userhash(mut self) -> Self {
        self.userhash = true;
        self
    }

    /// Asks for UTF-8, and takes a name beyond ASCII in `username*` alone.
    pub fn utf8(mut self) -> Self {
        self.utf8 = true;
        self
    }

    /// All challenges in one header, in place of a header for each.
    pub fn one_header(mut self) -> Self {
        self.one_header = true;
        self
    }

    /// How long a nonce lives; 60 seconds where not set.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// How often a nonce is taken; without end where not set.
    pub fn budget(mut self, uses: usize) -> Self {
        self.budget = Some(uses);
        self
    }

    /// Refuses a count that is not above all that the nonce was used with before.
    pub fn rising_counts(mut self) -> Self {
        self.rising = true;
        self
    }

    /// Announces a new nonce with every answer.
    pub fn next_nonces(mut self) -> Self {
        self.next_nonces = true;
        self
    }

    /// Proves itself with every answer, rightly or not.
    pub fn rspauth(mut self, rspauth: Rspauth) -> Self {
        self.rspauth = Some(rspauth);
        self
    }

    /// The length of a challenge's body in bytes, 142 where not set: it is padded, never cut.
    pub fn challenge_body(mut self, bytes: usize) -> Self {
        self.body = bytes;
        self
    }

    /// What is wrong with the settings.
    pub(crate) fn fault(&self) -> Option<String> {
        let unknown = |name: &&String| Algorithm::named(name).is_none();
        match self.algorithms.iter().find(unknown) {
            Some(name) => Some(format!("the digest algorithm {name:?} is not known")),
            None if self.algorithms.is_empty() => Some("no digest algorithm is offered".to_owned()),
            None => None,
        }
    }
}
