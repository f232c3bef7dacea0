//! The library's private parsers, compiled from its own files and opened for tests whose tools are
//! too heavy for its development dependencies.

#[allow(dead_code, reason = "the hashes themselves are not of interest here")]
#[path = "../../../src/auth/digest/algorithm.rs"]
mod algorithm;
#[allow(dead_code, reason = "not all that the library asks is asked here")]
#[path = "../../../src/auth/digest/challenge.rs"]
mod challenge;
#[path = "../../../src/auth/digest/info.rs"]
mod info;
#[path = "../../../src/auth/digest/syntax.rs"]
mod syntax;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderName, HeaderValue};

/// A scheme with its parameters.
pub type Offer = (String, Vec<(String, Vec<u8>)>);

/// The challenges of one header.
#[must_use]
pub fn offers(header: &[u8]) -> Vec<Offer> {
    let offers = syntax::offers(header).into_iter();
    offers
        .map(|offer| (offer.scheme, offer.parameters.0))
        .collect()
}

/// A digest challenge that would be answered.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    missing_docs,
    reason = "its fields are the parameters of RFC 7616, section 3.3"
)]
pub struct Chosen {
    pub realm: Vec<u8>,
    pub nonce: Vec<u8>,
    pub opaque: Option<Vec<u8>>,
    pub algorithm: Option<String>,
    pub qop: Option<&'static str>,
    pub userhash: bool,
    pub utf8: bool,
    pub domain: Vec<u8>,
}

/// The challenge of these headers that would be answered.
///
/// # Errors
///
/// None can be; the reason.
pub fn choose(headers: Vec<HeaderValue>) -> Result<Chosen, String> {
    let headers = of(&WWW_AUTHENTICATE, headers);
    let chosen = challenge::Challenge::choose(&headers, |_| Ok(()));
    let challenge = chosen.map_err(|reason| reason.to_string())?;
    Ok(Chosen {
        realm: challenge.realm,
        nonce: challenge.nonce,
        opaque: challenge.opaque,
        algorithm: challenge.algorithm_name,
        qop: challenge.qop.map(challenge::Qop::name),
        userhash: challenge.userhash,
        utf8: challenge.utf8,
        domain: challenge.domain,
    })
}

/// The next nonce, the proof and the quality of `Authentication-Info`.
#[must_use]
pub fn info(headers: Vec<HeaderValue>) -> (Option<Vec<u8>>, Option<Vec<u8>>, Option<String>) {
    let info = info::Info::read(&of(
        &HeaderName::from_static("authentication-info"),
        headers,
    ));
    (info.next_nonce, info.rspauth, info.qop)
}

fn of(name: &HeaderName, values: Vec<HeaderValue>) -> HeaderMap {
    values
        .into_iter()
        .map(|value| (name.clone(), value))
        .collect()
}
