//! Properties of authentication that hold for any bytes from a server: see `crate::fuzzing`.

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};

use super::authorization::{self, Message};
use super::challenge::Challenge;
use super::nonces::Nonce;
use super::syntax::{self, Parameters};
use super::{AUTHENTICATION_INFO, sensitive};
use crate::Credentials;
use crate::fuzzing::headers;

const URI: &str = "/api/atlas/v1.0/groups/5356823b3794dee37132bb7b/peers?pageNum=2";

/// Reads the challenges of a 401, one header on each line. The chosen challenge was offered, and the
/// authorization for it is valid.
///
/// # Panics
///
/// Panics if this does not hold.
pub fn challenge(data: &[u8]) {
    let headers = headers(&WWW_AUTHENTICATE, data);
    let Ok(challenge) = Challenge::choose(&headers, |_| Ok(())) else {
        return;
    };
    assert!(Challenge::is_in(&headers));
    let offered = headers.values().flat_map(syntax::offers).any(|offer| {
        let get = |name| offer.parameters.get(name).unwrap_or_default();
        offer.is_digest() && get("realm") == challenge.realm && get("nonce") == challenge.nonce
    });
    assert!(offered);
    check_authorization(&mut nonce(challenge), 1);
}

/// Reads `Authentication-Info`, one header on each line. No proof is accepted unchecked, and the next
/// nonce is used.
///
/// # Panics
///
/// Panics if this does not hold.
pub fn authentication_info(data: &[u8]) {
    let headers = headers(&AUTHENTICATION_INFO, data);
    let info = Parameters::read(headers.values());
    let begun = b"Digest realm=\"MMS Public API\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256";
    let mut nonce = challenged(begun).unwrap();
    authorization::sign(&mut nonce, &credentials(), &message());
    let proven = authorization::is_proven(&nonce, URI, &info, b"{}");
    assert_eq!(proven, info.get("rspauth").is_none());
    if let Some(next) = info.get("nextnonce") {
        let same = next.is_empty() || next == nonce.challenge.nonce;
        nonce.turn_into(next);
        check_authorization(&mut nonce, if same { 2 } else { 1 });
    }
}

/// Returns a function that makes an authorization for a challenge and returns its length in bytes, for
/// the benchmarks.
#[must_use]
pub fn signer(challenge: &[u8]) -> Option<impl FnMut() -> usize + use<>> {
    let (mut nonce, credentials) = (challenged(challenge)?, credentials());
    Some(move || authorization::sign(&mut nonce, &credentials, &message()).len())
}

fn challenged(header: &[u8]) -> Option<Nonce> {
    let headers = headers(&WWW_AUTHENTICATE, header);
    Challenge::choose(&headers, |_| Ok(())).ok().map(nonce)
}

fn nonce(challenge: Challenge) -> Nonce {
    let origin = "https://cloud.example".parse().unwrap();
    let own = "0a4f113b4b5c6d7e8f90a1b2c3d4e5f6";
    let key = authorization::key(&challenge, &credentials(), own.as_bytes());
    Nonce::new(challenge, &origin, own.into(), key)
}

fn credentials() -> Credentials {
    Credentials::api_key("abcdefgh", "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11")
}

fn message() -> Message<'static> {
    Message {
        method: "GET",
        uri: URI.into(),
        body: b"",
    }
}

/// Signs with a nonce, reads the header back, and checks it.
fn check_authorization(nonce: &mut Nonce, count: u32) {
    let header = authorization::sign(nonce, &credentials(), &message());
    // A value that no header can carry is an error, and is not sent.
    let Ok(value) = sensitive(header) else {
        return;
    };
    let headers = http::HeaderMap::from_iter([(AUTHORIZATION, value)]);
    let offers = syntax::offers(&headers[AUTHORIZATION]);
    let [offer] = &offers[..] else {
        panic!("one authorization reads as {}", offers.len());
    };
    let get = |name| offer.parameters.get(name);
    let challenge = &nonce.challenge;
    assert!(offer.is_digest());
    assert_eq!(get("realm"), Some(&*challenge.realm));
    assert_eq!(get("nonce"), Some(&*challenge.nonce));
    assert_eq!(get("opaque"), challenge.opaque.as_deref());
    assert_eq!(get("uri"), Some(URI.as_bytes()));
    let counted = format!("{count:08x}");
    assert_eq!(get("nc"), challenge.qop.map(|_| counted.as_bytes()));
    assert_eq!(
        get("response").map(<[u8]>::len),
        Some(match challenge.algorithm.hash {
            super::algorithm::Hash::Md5 => 32,
            _ => 64,
        })
    );
}
