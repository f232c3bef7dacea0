//! The challenge of a 401 (RFC 7616, section 3.3).

use std::fmt;

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

use super::algorithm::Algorithm;
use super::syntax::{self, Offer, Parameters};

/// A challenge that this client can answer. Only tests may print it.
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) struct Challenge {
    pub(super) realm: Vec<u8>,
    pub(super) nonce: Vec<u8>,
    pub(super) opaque: Option<Vec<u8>>,
    pub(super) algorithm: Algorithm,
    /// The algorithm's name as the service wrote it, to be repeated; absent means MD5.
    pub(super) algorithm_name: Option<String>,
    /// What is protected; without it the response is that of RFC 2069.
    pub(super) qop: Option<Qop>,
    /// Whether the user's name is to be hashed.
    pub(super) userhash: bool,
    /// Whether name and password are to be encoded in UTF-8.
    pub(super) utf8: bool,
    /// Where the answer may go, in URIs with spaces between; empty means everywhere.
    pub(super) domain: Vec<u8>,
}

/// The quality of protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qop {
    /// Of the request's method and URI.
    Auth,
    /// Of its body as well.
    AuthInt,
}

impl Qop {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }

    /// The better of a list: the body is hashed only where nothing else is offered.
    pub(super) fn best(names: &[u8]) -> Option<Self> {
        let is_offered = |qop: &Self| {
            let mut names = names.split(|byte| matches!(byte, b',' | b' ' | b'\t'));
            names.any(|name| name.eq_ignore_ascii_case(qop.name().as_bytes()))
        };
        [Self::Auth, Self::AuthInt].into_iter().find(is_offered)
    }
}

/// Why a 401 stands: its challenge was not answered, or in vain. It quotes what the service wrote of
/// names, realms and algorithms, shortened; never a nonce.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unauthorized {
    /// No challenge is one of digest; the schemes that are offered.
    NoDigest(Vec<String>),
    /// A digest challenge lacks this parameter.
    Lacks(&'static str),
    /// The algorithm is not known here.
    Algorithm(String),
    /// No quality of protection that is offered is known here.
    Quality(String),
    /// A session's key is made of the client's nonce, which only `qop` allows to send.
    SessionWithoutQop,
    /// The realm is not the one that the client was told to answer.
    Realm(String),
    /// The challenge is not for the URI that was asked for.
    Domain(String),
    /// The request goes to another origin than the client's own.
    Origin,
    /// Two fresh nonces were called stale.
    Stale,
    /// The base URL has this path, which the answer covers.
    Path(String),
}

impl Unauthorized {
    /// Whether nothing was sent to answer the challenge.
    pub(crate) fn is_unanswered(&self) -> bool {
        !matches!(self, Self::Stale | Self::Path(_))
    }
}

impl fmt::Display for Unauthorized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDigest(schemes) if schemes.is_empty() => {
                f.write_str("the answer holds no challenge")
            }
            Self::NoDigest(schemes) => write!(
                f,
                "the answer holds no digest challenge, but one of {}",
                schemes.join(", ")
            ),
            Self::Lacks(name) => write!(f, "the digest challenge lacks its {name}"),
            Self::Algorithm(name) => write!(f, "the digest algorithm {name:?} is not supported"),
            Self::Quality(names) => write!(f, "the digest qop {names:?} is not supported"),
            Self::SessionWithoutQop => {
                f.write_str("the digest challenge has a session algorithm and lacks its qop")
            }
            Self::Realm(found) => {
                write!(
                    f,
                    "the digest realm {found:?} is not the one to be answered"
                )
            }
            Self::Domain(found) => write!(
                f,
                "the digest challenge is for {found:?} alone, which the request is not in"
            ),
            Self::Origin => f.write_str("the request goes to another origin than the client's"),
            Self::Stale => f.write_str(
                "two fresh nonces were called stale: servers behind one address may not share them",
            ),
            Self::Path(path) => write!(
                f,
                "the digest covers the path of the base URL, {path}, which nothing on the way may change"
            ),
        }
    }
}

impl std::error::Error for Unauthorized {}

impl Challenge {
    /// The strongest challenge that can be answered, of all that the headers hold; of equal ones the
    /// first. Where there is none, the reason is that of the first digest challenge.
    ///
    /// `permit` says whether a challenge may be answered at all.
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
        // Of equal ones this takes the last.
        let best = found.into_iter().flatten().rev();
        let best = best.max_by_key(|challenge| challenge.algorithm.strength());
        best.ok_or_else(|| {
            let scheme = |offer: &Offer| shortened(offer.scheme.as_bytes());
            let schemes = others.iter().take(8).map(scheme).collect();
            let fault = faults.into_iter().find_map(Result::err);
            fault.unwrap_or(Unauthorized::NoDigest(schemes))
        })
    }

    /// Whether the headers hold a digest challenge, be it answerable or not.
    pub(super) fn is_in(headers: &HeaderMap) -> bool {
        offers(headers).any(|offer| offer.is_digest())
    }

    /// Whether one calls the nonce stale that the request came with.
    pub(super) fn is_stale(headers: &HeaderMap) -> bool {
        offers(headers).any(|offer| offer.is_digest() && offer.parameters.says("stale", "true"))
    }

    fn read(parameters: &Parameters) -> Result<Self, Unauthorized> {
        let required = |name| parameters.get(name).ok_or(Unauthorized::Lacks(name));
        let (realm, nonce) = (required("realm")?.to_vec(), required("nonce")?.to_vec());
        let algorithm_name = parameters.get("algorithm").map(String::from_utf8_lossy);
        let name = algorithm_name.as_deref().unwrap_or("MD5");
        let algorithm = Algorithm::named(name)
            .ok_or_else(|| Unauthorized::Algorithm(shortened(name.as_bytes())))?;
        let qop = match parameters.get("qop").map(<[u8]>::trim_ascii) {
            // The offer of nothing is none.
            None | Some([]) => None,
            Some(names) => {
                Some(Qop::best(names).ok_or_else(|| Unauthorized::Quality(shortened(names)))?)
            }
        };
        if algorithm.session && qop.is_none() {
            return Err(Unauthorized::SessionWithoutQop);
        }
        Ok(Self {
            realm,
            nonce,
            opaque: parameters.get("opaque").map(<[u8]>::to_vec),
            algorithm,
            algorithm_name: algorithm_name.map(Into::into),
            qop,
            userhash: parameters.says("userhash", "true"),
            utf8: parameters.says("charset", "UTF-8"),
            domain: parameters.get("domain").unwrap_or_default().to_vec(),
        })
    }
}

fn offers(headers: &HeaderMap) -> impl Iterator<Item = Offer> {
    let values = headers.get_all(WWW_AUTHENTICATE).into_iter();
    values.flat_map(syntax::offers)
}

/// What the service wrote, as a message may show it.
pub(super) fn shortened(text: &[u8]) -> String {
    crate::error::shortened(&String::from_utf8_lossy(text))
}

#[cfg(test)]
mod tests;
