//! The answer to a challenge (RFC 7616, section 3.4), and the service's own proof (section 3.5).

use std::borrow::Cow;
use std::fmt::Write as _;

use icu_normalizer::ComposingNormalizerBorrowed;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::algorithm::Hash;
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

/// A response: the value of the `Authorization` header, and what the service can prove itself with.
pub(super) struct Signature {
    pub(super) header: Vec<u8>,
    pub(super) proof: Proof,
}

/// What a service that knows the key can make its proof of.
pub(super) struct Proof {
    keyed: Keyed,
    uri: String,
}

/// All that the hashes of a request and of its answer have in common.
struct Keyed {
    hash: Hash,
    /// The hash of name, realm and password: as good as the password, for this realm.
    key: Zeroizing<String>,
    nonce: Vec<u8>,
    count: String,
    cnonce: String,
    qop: Option<Qop>,
}

/// Signs a request with a nonce, and counts its use.
pub(super) fn sign(
    nonce: &mut Nonce,
    credentials: &Credentials,
    message: &Message<'_>,
) -> Signature {
    nonce.uses = nonce.uses.saturating_add(1);
    let Challenge {
        algorithm, utf8, ..
    } = nonce.challenge;
    let hash = algorithm.hash;
    let name = encoded(credentials.public(), utf8);
    let password = encoded(credentials.private().expose_secret(), utf8);
    let realm = nonce.challenge.realm.as_slice();
    let plain = Zeroizing::new(hash.hex(&[name.as_bytes(), realm, password.as_bytes()]));
    if let Cow::Owned(password) = password {
        drop(Zeroizing::new(password));
    }
    let key = if algorithm.session {
        let first = || nonce.challenge.nonce.clone();
        let first = nonce.session.get_or_insert_with(first);
        let parts = [plain.as_bytes(), first, nonce.cnonce.as_bytes()];
        Zeroizing::new(hash.hex(&parts))
    } else {
        plain
    };
    let keyed = Keyed {
        hash,
        key,
        nonce: nonce.challenge.nonce.clone(),
        count: format!("{:08x}", nonce.uses),
        cnonce: nonce.cnonce.clone(),
        qop: nonce.challenge.qop,
    };
    let response = keyed.response(message.method, &message.uri, message.body, keyed.qop);
    Signature {
        header: header(&nonce.challenge, &name, &keyed, &message.uri, &response),
        proof: Proof {
            keyed,
            uri: message.uri.clone(),
        },
    }
}

/// The header's parameters in the order of the examples of RFC 7616, section 3.9.
fn header(challenge: &Challenge, name: &str, keyed: &Keyed, uri: &str, response: &str) -> Vec<u8> {
    let mut header = Vec::with_capacity(512);
    header.extend(b"Digest ");
    if challenge.userhash {
        let hashed = keyed.hash.hex(&[name.as_bytes(), &challenge.realm]);
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
        token(&mut header, "nc", &keyed.count);
        quoted(&mut header, "cnonce", keyed.cnonce.as_bytes());
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

impl Keyed {
    /// RFC 7616, section 3.4.1; without `qop` RFC 2617, section 3.2.2.1.
    fn response(&self, method: &str, uri: &str, body: &[u8], qop: Option<Qop>) -> String {
        let (method, uri, key) = (method.as_bytes(), uri.as_bytes(), self.key.as_bytes());
        let message = match qop {
            Some(Qop::AuthInt) => {
                let body = self.hash.hex(&[body]);
                self.hash.hex(&[method, uri, body.as_bytes()])
            }
            Some(Qop::Auth) | None => self.hash.hex(&[method, uri]),
        };
        match qop {
            Some(qop) => self.hash.hex(&[
                key,
                &self.nonce,
                self.count.as_bytes(),
                self.cnonce.as_bytes(),
                qop.name().as_bytes(),
                message.as_bytes(),
            ]),
            None => self.hash.hex(&[key, &self.nonce, message.as_bytes()]),
        }
    }
}

impl Proof {
    /// Whether the service knows the key, where it says that it does. In its proof the method is
    /// empty, and the body is the answer's.
    pub(super) fn is_given(&self, info: &Info, body: &[u8]) -> bool {
        let Some(rspauth) = &info.rspauth else {
            return true;
        };
        let qop = match info.qop.as_deref() {
            None => self.keyed.qop,
            Some(said) => {
                let known = [Qop::Auth, Qop::AuthInt].into_iter();
                let mut known = known.filter(|qop| said.eq_ignore_ascii_case(qop.name()));
                match known.next() {
                    Some(qop) => Some(qop),
                    None => return false,
                }
            }
        };
        let expected = self.keyed.response("", &self.uri, body, qop);
        rspauth.eq_ignore_ascii_case(expected.as_bytes())
    }
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
