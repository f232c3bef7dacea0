//! The challenge of a 401 (RFC 7616, section 3.3).

use std::fmt;

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

use super::algorithm::Algorithm;
use super::syntax::{self, Offer, Parameters};

/// A digest challenge that this client supports. Only tests may print it.
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) struct Challenge {
    pub(super) realm: Vec<u8>,
    pub(super) nonce: Vec<u8>,
    pub(super) opaque: Option<Vec<u8>>,
    pub(super) algorithm: Algorithm,
    /// The name of the algorithm in the spelling of the service, for the response. `None` means MD5.
    pub(super) algorithm_name: Option<String>,
    /// The quality of protection. Without it, the response has the form of RFC 2069.
    pub(super) qop: Option<Qop>,
    /// Whether the response contains a hash of the user name.
    pub(super) userhash: bool,
    /// Whether user name and password are encoded in UTF-8.
    pub(super) utf8: bool,
    /// The protection space: URIs separated by spaces. Empty means the whole origin.
    pub(super) domain: Vec<u8>,
}

/// The quality of protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qop {
    /// Protects the method and the URI of the request.
    Auth,
    /// Protects the body too.
    AuthInt,
}

impl Qop {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }

    /// The best of a list: `auth-int` hashes the body, and is used only if the list lacks `auth`.
    pub(super) fn best(names: &[u8]) -> Option<Self> {
        let is_offered = |qop: &Self| {
            let mut names = names.split(|byte| matches!(byte, b',' | b' ' | b'\t'));
            names.any(|name| name.eq_ignore_ascii_case(qop.name().as_bytes()))
        };
        [Self::Auth, Self::AuthInt].into_iter().find(is_offered)
    }
}

/// The remedy if a challenge is not one of Atlas.
const REMEDY: &str = ": check the base URL and any proxy before the service";

/// Why a call ends with a 401. Messages quote names, realms and algorithms of the challenge, shortened,
/// and never its nonce.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unauthorized {
    /// The client sent no response to the challenge, for this reason.
    NoResponse(String),
    /// The service called two fresh nonces stale.
    Stale,
    /// The base URL has this path, which the response covers.
    Path(String),
}

impl fmt::Display for Unauthorized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoResponse(reason) => write!(f, "{reason}{REMEDY}"),
            Self::Stale => f.write_str(
                "two fresh nonces were called stale, as by servers that share none: keep a \
                 connection on one server, or use Credentials::service_account",
            ),
            Self::Path(path) => write!(
                f,
                "the digest covers the path of the base URL, {path}, so no proxy may change it"
            ),
        }
    }
}

impl std::error::Error for Unauthorized {}

impl Challenge {
    /// Chooses the strongest challenge that is supported and that `permit` allows. Of equal ones it chooses
    /// the first. If none qualifies, the error is that of the first digest challenge.
    pub(super) fn choose(
        headers: &HeaderMap,
        permit: impl Fn(&Self) -> Result<(), Unauthorized>,
    ) -> Result<Self, Unauthorized> {
        let (ours, others): (Vec<_>, Vec<_>) = offers(headers).partition(Offer::is_digest);
        let read = |offer: Offer| {
            let challenge = Self::read(&offer.parameters)?;
            permit(&challenge).map(|()| challenge)
        };
        let (found, faults): (Vec<_>, Vec<_>) = ours.into_iter().map(read).partition(Result::is_ok);
        // `max_by_key` returns the last of equal ones.
        let best = found.into_iter().flatten().rev();
        let best = best.max_by_key(|challenge| challenge.algorithm.strength());
        best.ok_or_else(|| {
            let scheme = |offer: &Offer| shortened(offer.scheme.as_bytes());
            let schemes: Vec<_> = others.iter().take(8).map(scheme).collect();
            let reason = if schemes.is_empty() {
                "the 401 has no challenge in WWW-Authenticate".to_owned()
            } else {
                let schemes = schemes.join(", ");
                format!("the 401 has no digest challenge, but challenges of the schemes {schemes}")
            };
            let fault = faults.into_iter().find_map(Result::err);
            fault.unwrap_or(Unauthorized::NoResponse(reason))
        })
    }

    /// Whether the headers contain a digest challenge, supported or not.
    pub(super) fn is_in(headers: &HeaderMap) -> bool {
        offers(headers).any(|offer| offer.is_digest())
    }

    /// Whether a challenge calls the nonce of the request stale.
    pub(super) fn is_stale(headers: &HeaderMap) -> bool {
        offers(headers).any(|offer| offer.is_digest() && offer.parameters.has("stale", "true"))
    }

    fn read(parameters: &Parameters) -> Result<Self, Unauthorized> {
        let unsupported = |reason: String| Unauthorized::NoResponse(format!("the digest {reason}"));
        let required = |name| {
            let value = parameters.get(name);
            value.ok_or_else(|| unsupported(format!("challenge has no {name}")))
        };
        let (realm, nonce) = (required("realm")?.to_vec(), required("nonce")?.to_vec());
        let algorithm_name = parameters.get("algorithm").map(String::from_utf8_lossy);
        let name = algorithm_name.as_deref().unwrap_or("MD5");
        let algorithm = Algorithm::named(name).ok_or_else(|| {
            let name = shortened(name.as_bytes());
            unsupported(format!("algorithm {name:?} is not supported"))
        })?;
        let qop = match parameters.get("qop").map(<[u8]>::trim_ascii) {
            // An empty `qop` means the same as none.
            None | Some([]) => None,
            Some(names) => Some(Qop::best(names).ok_or_else(|| {
                unsupported(format!("qop {:?} is not supported", shortened(names)))
            })?),
        };
        if algorithm.session && qop.is_none() {
            // The response needs the client's nonce, which it cannot contain without `qop`.
            let reason = "challenge has a session algorithm and no qop";
            return Err(unsupported(reason.to_owned()));
        }
        Ok(Self {
            realm,
            nonce,
            opaque: parameters.get("opaque").map(<[u8]>::to_vec),
            algorithm,
            algorithm_name: algorithm_name.map(Into::into),
            qop,
            userhash: parameters.has("userhash", "true"),
            utf8: parameters.has("charset", "UTF-8"),
            domain: parameters.get("domain").unwrap_or_default().to_vec(),
        })
    }
}

fn offers(headers: &HeaderMap) -> impl Iterator<Item = Offer> {
    let values = headers.get_all(WWW_AUTHENTICATE).into_iter();
    values.flat_map(syntax::offers)
}

/// Text of the service, shortened for a message.
pub(super) fn shortened(text: &[u8]) -> String {
    crate::error::shortened(&String::from_utf8_lossy(text))
}

#[cfg(test)]
mod tests;
