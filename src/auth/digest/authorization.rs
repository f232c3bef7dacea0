//! The response to a challenge (RFC 7616, section 3.4), and the proof of the service (section 3.5).

use std::borrow::Cow;
use std::fmt::Write as _;

use icu_normalizer::ComposingNormalizerBorrowed;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::algorithm::{Algorithm, hex};
use super::challenge::{Challenge, Qop};
use super::nonces::Nonce;
use super::syntax::Parameters;
use crate::Credentials;

/// The parts of a request that the digest covers.
pub(super) struct Message<'a> {
    pub(super) method: &'a str,
    /// The path and the query, as sent.
    pub(super) uri: String,
    /// Empty if the request has no body.
    pub(super) body: &'a [u8],
}

impl<'a> Message<'a> {
    pub(super) fn of(request: &'a reqwest::Request) -> Self {
        let url = request.url();
        let body = request.body().and_then(reqwest::Body::as_bytes);
        Self {
            method: request.method().as_str(),
            uri: match url.query() {
                Some(query) => format!("{}?{query}", url.path()),
                None => url.path().to_owned(),
            },
            body: body.unwrap_or_default(),
        }
    }
}

/// The hash of user name, realm and password. A session algorithm hashes both nonces too. The key is a
/// secret: it replaces the password for this realm.
pub(super) fn key(
    challenge: &Challenge,
    credentials: &Credentials,
    cnonce: &[u8],
) -> Zeroizing<Vec<u8>> {
    let Algorithm { hash, session } = challenge.algorithm;
    let name = encoded(&credentials.public, challenge.utf8);
    let password = encoded(credentials.private.expose_secret(), challenge.utf8);
    let parts = [name.as_bytes(), &challenge.realm, password.as_bytes()];
    let plain = Zeroizing::new(hash.hex(&parts));
    if let Cow::Owned(password) = password {
        drop(Zeroizing::new(password));
    }
    if session {
        Zeroizing::new(hash.hex(&[&plain, &challenge.nonce, cnonce]))
    } else {
        plain
    }
}

/// Counts a use of the nonce, signs a request with it, and returns the value of `Authorization`. The
/// parameters have the order of the examples in RFC 7616, section 3.9.
pub(super) fn sign(nonce: &mut Nonce, credentials: &Credentials, message: &Message<'_>) -> Vec<u8> {
    nonce.uses = nonce.uses.saturating_add(1);
    let Message { method, uri, body } = message;
    let challenge = &nonce.challenge;
    let response = response(nonce, method, uri, body, challenge.qop);
    let name = encoded(&credentials.public, challenge.utf8);
    let mut header = Vec::with_capacity(512);
    header.extend(b"Digest ");
    if challenge.userhash {
        let hash = challenge.algorithm.hash;
        let hashed = hash.hex(&[name.as_bytes(), &challenge.realm]);
        quoted(&mut header, "username", &hashed);
    } else if challenge.utf8 && !name.is_ascii() {
        token(&mut header, "username*", extended(&name).as_bytes());
    } else {
        quoted(&mut header, "username", name.as_bytes());
    }
    quoted(&mut header, "realm", &challenge.realm);
    quoted(&mut header, "uri", uri.as_bytes());
    if let Some(name) = &challenge.algorithm_name {
        token(&mut header, "algorithm", name.as_bytes());
    }
    quoted(&mut header, "nonce", &challenge.nonce);
    if let Some(qop) = challenge.qop {
        token(&mut header, "nc", &count(nonce));
        quoted(&mut header, "cnonce", &nonce.cnonce);
        token(&mut header, "qop", qop.name().as_bytes());
    }
    quoted(&mut header, "response", &response);
    if let Some(opaque) = &challenge.opaque {
        quoted(&mut header, "opaque", opaque);
    }
    if challenge.userhash {
        token(&mut header, "userhash", b"true");
    }
    header.truncate(header.len() - 2);
    header
}

/// The parameter `response` (RFC 7616, section 3.4.1; without `qop`, RFC 2617, section 3.2.2.1).
fn response(nonce: &Nonce, method: &str, uri: &str, body: &[u8], qop: Option<Qop>) -> Vec<u8> {
    let hash = nonce.challenge.algorithm.hash;
    let (key, challenged) = (&nonce.key, &nonce.challenge.nonce);
    let (method, uri) = (method.as_bytes(), uri.as_bytes());
    let message = match qop {
        Some(Qop::AuthInt) => hash.hex(&[method, uri, &hash.hex(&[body])]),
        Some(Qop::Auth) | None => hash.hex(&[method, uri]),
    };
    let Some(qop) = qop else {
        return hash.hex(&[key, challenged, &message]);
    };
    let (count, qop) = (count(nonce), qop.name().as_bytes());
    hash.hex(&[key, challenged, &count, &nonce.cnonce, qop, &message])
}

/// The parameter `nc`: eight hexadecimal digits.
fn count(nonce: &Nonce) -> Vec<u8> {
    hex(&nonce.uses.to_be_bytes())
}

/// Whether the proof (`rspauth`) in a response is valid. A response without proof is accepted.
///
/// `info` and `body` are from the response to the last request signed with the nonce. The proof has an empty
/// method and the body of the response. Its `qop` is that of the request, unless `info` has another.
pub(super) fn is_proven(nonce: &Nonce, uri: &str, info: &Parameters, body: &[u8]) -> bool {
    let Some(rspauth) = info.get("rspauth") else {
        return true;
    };
    let qop = match info.get("qop") {
        None => nonce.challenge.qop,
        Some(names) => match Qop::best(names) {
            None => return false,
            supported => supported,
        },
    };
    rspauth.eq_ignore_ascii_case(&response(nonce, "", uri, body, qop))
}

/// Normalizes a text to form C if it is encoded in UTF-8 (RFC 7616, section 4).
fn encoded(text: &str, utf8: bool) -> Cow<'_, str> {
    if utf8 && !text.is_ascii() {
        ComposingNormalizerBorrowed::new_nfc().normalize(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// Appends a parameter with a quoted string (RFC 9110, section 5.6.4).
fn quoted(header: &mut Vec<u8>, name: &str, value: &[u8]) {
    header.extend(name.as_bytes());
    header.extend(b"=\"");
    // Most values have nothing to escape, and are copied at once.
    if value.contains(&b'"') || value.contains(&b'\\') {
        for byte in value {
            header.extend(matches!(byte, b'"' | b'\\').then_some(b'\\'));
            header.push(*byte);
        }
    } else {
        header.extend(value);
    }
    header.extend(b"\", ");
}

fn token(header: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b"=", value, b", "] {
        header.extend(part);
    }
}

/// Encodes a parameter value beyond ASCII (RFC 8187, section 3.2.1).
fn extended(text: &str) -> String {
    let mut value = "UTF-8''".to_owned();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(value, "%{byte:02X}");
        }
    }
    value
}

#[cfg(test)]
mod tests;
