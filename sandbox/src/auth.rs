//! Digest authentication as the service asks for it: MD5, `qop="auth"`, nonces that live 60
//! seconds, each count of a nonce taken once.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use axum::http::StatusCode;
use md5::{Digest as _, Md5};
use serde_json::json;

use crate::answer::Answer;

const REALM: &str = "MMS Public API";
const NONCE_LIFE: Duration = Duration::from_secs(60);
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The one key, and the nonces that were given out.
pub(crate) struct Gate {
    /// Its public and its private part.
    key: (String, String),
    nonces: HashMap<String, Nonce>,
}

struct Nonce {
    issued: Duration,
    counts: BTreeSet<u32>,
}

impl Gate {
    pub(crate) fn new(key: (String, String)) -> Self {
        Self {
            key,
            nonces: HashMap::new(),
        }
    }

    pub(crate) fn key(&self) -> &(String, String) {
        &self.key
    }

    /// Lets a request in, or answers it with a challenge.
    pub(crate) fn admit(
        &mut self,
        now: Duration,
        method: &str,
        uri: &str,
        authorization: Option<&str>,
    ) -> Result<(), Answer> {
        match authorization.map(|header| self.check(now, method, uri, header)) {
            Some(Verdict::Admitted) => Ok(()),
            Some(Verdict::Stale) => Err(self.challenge(now, true)),
            Some(Verdict::Refused) | None => Err(self.challenge(now, false)),
        }
    }

    fn check(&mut self, now: Duration, method: &str, uri: &str, header: &str) -> Verdict {
        let Some(parameters) = header.strip_prefix("Digest ").map(parameters) else {
            return Verdict::Refused;
        };
        let get = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
        let Some(nonce) = self.nonces.get_mut(get("nonce")) else {
            return Verdict::Stale;
        };
        let (public, private) = &self.key;
        let secret = hash(&[public, REALM, private]);
        let request = hash(&[method, uri]);
        let parts = [
            &*secret,
            get("nonce"),
            get("nc"),
            get("cnonce"),
            get("qop"),
            &request,
        ];
        let right = get("username") == public
            && get("realm") == REALM
            && get("uri") == uri
            && get("qop") == "auth"
            && !get("cnonce").is_empty()
            && get("response") == hash(&parts);
        let count = u32::from_str_radix(get("nc"), 16).unwrap_or_default();
        if !right || count == 0 || get("nc").len() != 8 {
            Verdict::Refused
        } else if now >= nonce.issued + NONCE_LIFE {
            Verdict::Stale
        } else if nonce.counts.insert(count) {
            Verdict::Admitted
        } else {
            Verdict::Refused
        }
    }

    /// The body is as long as the service's, 142 bytes; its words are our own.
    fn challenge(&mut self, now: Duration, stale: bool) -> Answer {
        self.nonces
            .retain(|_, nonce| now < nonce.issued + 2 * NONCE_LIFE);
        let value: String = random::<32>()
            .iter()
            .map(|byte| char::from(BASE64[usize::from(byte % 64)]))
            .collect();
        let challenge = format!(
            "Digest realm=\"{REALM}\", domain=\"\", nonce=\"{value}\", algorithm=MD5, qop=\"auth\", stale={stale}"
        );
        self.nonces.insert(
            value,
            Nonce {
                issued: now,
                counts: BTreeSet::new(),
            },
        );
        let body = json!({
            "error": 401,
            "reason": "Unauthorized",
            "detail": "The sandbox admits nobody without a digest of its own API key.",
            "errorCode": "UNEXPECTED_ERROR",
        });
        Answer {
            challenge: Some(challenge),
            ..Answer::new(StatusCode::UNAUTHORIZED, body)
        }
    }
}

enum Verdict {
    Admitted,
    /// The digest may be right; the nonce is not known or too old.
    Stale,
    Refused,
}

/// The parameters of an `Authorization` header, quoted or not.
fn parameters(header: &str) -> HashMap<String, String> {
    let mut parameters = HashMap::new();
    let mut rest = header;
    while let Some((name, after)) = rest.split_once('=') {
        let (value, after) = if let Some(quoted) = after.strip_prefix('"') {
            unquote(quoted)
        } else {
            let end = after.find(',').unwrap_or(after.len());
            (after[..end].trim().to_owned(), &after[end..])
        };
        parameters.insert(name.trim().to_ascii_lowercase(), value);
        rest = after.trim_start_matches([',', ' ']);
    }
    parameters
}

/// A quoted string whose first quote was read, and what comes after its last.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            _ => value.push(letter),
        }
    }
    (value, "")
}

fn hash(parts: &[&str]) -> String {
    hex(&Md5::digest(parts.join(":")))
}

/// A private key of the service's form: a UUID.
pub(crate) fn private_key() -> String {
    let digits = hex(&random::<16>());
    format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    )
}

/// Hexadecimal digits of as many random bytes.
pub(crate) fn random_hex<const BYTES: usize>() -> String {
    hex(&random::<BYTES>())
}

fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
