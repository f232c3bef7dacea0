//! The settings of digest authentication.

use std::time::Duration;

use crate::auth::hash::Algorithm;

/// How the sandbox asks for digest authentication (RFC 7616). [`Digest::default`] is the service's form:
///
/// - the algorithm MD5 and `qop="auth"`,
/// - the realm `MMS Public API` and an empty `domain`,
/// - nonces that are valid for 60 seconds, for any number of requests,
/// - each nonce count (`nc`) accepted once, in any order.
///
/// Not all of this is published, and other servers differ. Each setting is one way to differ.
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
    reason = "each is one way that a server may differ in"
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

/// The proof (`rspauth`) that the server sends in `Authentication-Info`, for [`Digest::rspauth`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rspauth {
    /// The proof of a server that knows the key.
    Right,
    /// The proof of a server that does not know the key.
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
    /// Sets the offered algorithms: one challenge for each, in this order and spelling. Default: `MD5`.
    ///
    /// The sandbox knows `MD5`, `SHA-256` and `SHA-512-256`, each also with `-sess`.
    /// [`Builder::start`](crate::Builder::start) fails for any other, and for none.
    pub fn algorithms<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.algorithms = names.into_iter().map(str::to_owned).collect();
        self
    }

    /// Sets the realm. Default: `MMS Public API`.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = realm.into();
        self
    }

    /// Sets the `domain` of the challenges. Default: empty.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = domain.into();
        self
    }

    /// Sets the offered qualities of protection, such as `auth,auth-int`. Default: `auth`.
    pub fn qop(mut self, qop: impl Into<String>) -> Self {
        self.qop = Some(qop.into());
        self
    }

    /// Offers no quality of protection, as servers of RFC 2069.
    pub fn without_qop(mut self) -> Self {
        self.qop = None;
        self
    }

    /// Asks for the hashed user name (`userhash`), and refuses a plain one. Default: a plain one.
    pub fn userhash(mut self) -> Self {
        self.userhash = true;
        self
    }

    /// Asks for `charset=UTF-8`, and accepts a user name beyond ASCII in `username*` only.
    pub fn utf8(mut self) -> Self {
        self.utf8 = true;
        self
    }

    /// Sends all challenges in one header. Default: a header for each.
    pub fn one_header(mut self) -> Self {
        self.one_header = true;
        self
    }

    /// Sets how long a nonce is valid, by the sandbox's clock. Default: 60 seconds.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets how many requests a nonce is valid for. Default: any number.
    pub fn budget(mut self, uses: usize) -> Self {
        self.budget = Some(uses);
        self
    }

    /// Refuses a nonce count that is not greater than all before it. Default: any order.
    pub fn rising_counts(mut self) -> Self {
        self.rising = true;
        self
    }

    /// Announces a new nonce (`nextnonce`) with each response. Default: never.
    pub fn next_nonces(mut self) -> Self {
        self.next_nonces = true;
        self
    }

    /// Sends a proof (`rspauth`) with each response. Default: none.
    pub fn rspauth(mut self, rspauth: Rspauth) -> Self {
        self.rspauth = Some(rspauth);
        self
    }

    /// Sets the length of a challenge's body in bytes, which is padded but never cut. Default: 142.
    pub fn challenge_body(mut self, bytes: usize) -> Self {
        self.body = bytes;
        self
    }

    /// Why the settings are invalid.
    pub(crate) fn fault(&self) -> Option<String> {
        let unknown = |name: &&String| Algorithm::named(name).is_none();
        match self.algorithms.iter().find(unknown) {
            Some(name) => Some(format!(
                "unknown digest algorithm {name:?}: use MD5, SHA-256 or SHA-512-256, or one of these with -sess"
            )),
            None if self.algorithms.is_empty() => {
                Some("missing digest algorithm: offer one at least".to_owned())
            }
            None => None,
        }
    }
}
