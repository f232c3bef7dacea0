//! The answer to a challenge (RFC 7616, section 3.4), and the service's own proof (section 3.5).

use std::borrow::Cow;
use std::fmt::Write as _;

use icu_normalizer::ComposingNormalizerBorrowed;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::algorithm::Algorithm;
use super::challenge::{Challenge, Qop};
use super::info::Info;
use super::nonces::Nonce;
use crate::Credentials;

/// What of a request goes into its response.
pub(super) struct Message<'a> {
    pub(super) method: &'a str,
    /// Path and query as on the wire.
    pub(super) uri: String,
    /// Empty where there is none.
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

/// The hash of name, realm and password, in a session with both nonces too: as good as the
/// password, for this realm.
pub(super) fn key(
    challenge: &Challenge,
    credentials: &Credentials,
    cnonce: &str,
) -> Zeroizing<String> {
    let Algorithm { hash, session } = challenge.algorithm;
    let name = encoded(credentials.public(), challenge.utf8);
    let password = encoded(credentials.private().expose_secret(), challenge.utf8);
    let parts = [name.as_bytes(), &challenge.realm, password.as_bytes()];
    let plain = Zeroizing::new(hash.hex(&parts));
    if let Cow::Owned(password) = password {
        drop(Zeroizing::new(password));
    }
    if session {
        let parts = [plain.as_bytes(), &challenge.nonce, cnonce.as_bytes()];
        Zeroizing::new(hash.hex(&parts))
    } else {
        plain
    }
}

/// Counts a use of the nonce, and signs a request with it: the value of its `Authorization`
/// header.
pub(super) fn sign(nonce: &mut Nonce, credentials: &Credentials, message: &Message<'_>) -> Vec<u8> {
    nonce.uses = nonce.uses.saturating_add(1);
    let Message { method, uri, body } = message;
    let response = response(nonce, method, uri, body, nonce.challenge.qop);
    let name = encoded(credentials.public(), nonce.challenge.utf8);
    header(nonce, &name, uri, &response)
}

/// The header's parameters in the order of the examples of RFC 7616, section 3.9.
fn header(nonce: &Nonce, name: &str, uri: &str, response: &str) -> Vec<u8> {
    let challenge = &nonce.challenge;
    let mut header = Vec::with_capacity(512);
    header.extend(b"Digest ");
    if challenge.userhash {
        let hashed = challenge
            .algorithm
            .hash
            .hex(&[name.as_bytes(), &challenge.realm]);
        quoted(&mut header, "username", hashed.as_bytes());
    } else if challenge.utf8 && !name.is_ascii() {
        token(&mut header, "username*", &extended(name));
    } else {
        quoted(&mut header, "username", name.as_bytes());
    }
    quoted(&mut header, "realm", &challenge.realm);
    quoted(&mut header, "uri", uri.as_bytes());
    if let Some(name) = &challenge.algorithm_name {
        token(&mut header, "algorithm", name);
    }
    quoted(&mut header, "nonce", &challenge.nonce);
    if let Some(qop) = challenge.qop {
        token(&mut header, "nc", &count(nonce));
        quoted(&mut header, "cnonce", nonce.cnonce.as_bytes());
        token(&mut header, "qop", qop.name());
    }
    quoted(&mut header, "response", response.as_bytes());
    if let Some(opaque) = &challenge.opaque {
        quoted(&mut header, "opaque", opaque);
    }
    if challenge.userhash {
        token(&mut header, "userhash", "true");
    }
    header.truncate(header.len() - 2);
    header
}

/// RFC 7616, section 3.4.1; without `qop` RFC 2617, section 3.2.2.1.
fn response(nonce: &Nonce, method: &str, uri: &str, body: &[u8], qop: Option<Qop>) -> String {
    let hash = nonce.challenge.algorithm.hash;
    let (method, uri, key) = (method.as_bytes(), uri.as_bytes(), nonce.key.as_bytes());
    let message = match qop {
        Some(Qop::AuthInt) => {
            let body = hash.hex(&[body]);
            hash.hex(&[method, uri, body.as_bytes()])
        }
        Some(Qop::Auth) | None => hash.hex(&[method, uri]),
    };
    match qop {
        Some(qop) => hash.hex(&[
            key,
            &nonce.challenge.nonce,
            count(nonce).as_bytes(),
            nonce.cnonce.as_bytes(),
            qop.name().as_bytes(),
            message.as_bytes(),
        ]),
        None => hash.hex(&[key, &nonce.challenge.nonce, message.as_bytes()]),
    }
}

fn count(nonce: &Nonce) -> String {
    format!("{:08x}", nonce.uses)
}

/// Whether the service knows the key, where it says that it does, in its answer to the last request
/// that was signed with the nonce. In its proof the method is empty, and the body is the answer's.
pub(super) fn is_proven(nonce: &Nonce, uri: &str, info: &Info, body: &[u8]) -> bool {
    let Some(rspauth) = &info.rspauth else {
        return true;
    };
    let qop = match info.qop.as_deref() {
        None => nonce.challenge.qop,
        Some(said) => {
            let known = [Qop::Auth, Qop::AuthInt].into_iter();
            let mut known = known.filter(|qop| said.eq_ignore_ascii_case(qop.name()));
            match known.next() {
                Some(qop) => Some(qop),
                None => return false,
            }
        }
    };
    let expected = response(nonce, "", uri, body, qop);
    rspauth.eq_ignore_ascii_case(expected.as_bytes())
}

/// In UTF-8 as RFC 7616, section 4 wants it, in normalization form C; else as it was given.
fn encoded(text: &str, utf8: bool) -> Cow<'_, str> {
    if utf8 && !text.is_ascii() {
        ComposingNormalizerBorrowed::new_nfc().normalize(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// A parameter with a quoted string (RFC 9110, section 5.6.4).
fn quoted(header: &mut Vec<u8>, name: &str, value: &[u8]) {
    header.extend(name.as_bytes());
    header.extend(b"=\"");
    for part in value.split_inclusive(|byte| matches!(byte, b'"' | b'\\')) {
        match part {
            [plain @ .., special @ (b'"' | b'\\')] => {
                header.extend(plain);
                header.extend([b'\\', *special]);
            }
            plain => header.extend(plain),
        }
    }
    header.extend(b"\", ");
}

fn token(header: &mut Vec<u8>, name: &str, value: &str) {
    for part in [name, "=", value, ", "] {
        header.extend(part.as_bytes());
    }
}

/// RFC 8187, section 3.2.1.
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
