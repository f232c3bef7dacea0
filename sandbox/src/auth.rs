//! Digest authentication (RFC 7616), in the form that the settings ask for.

pub(crate) mod authorization;
pub(crate) mod hash;
mod nonces;

use std::time::Duration;

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::digest::{Digest, Rspauth};
use crate::reply::Reply;
use authorization::Authorization;
use hash::Algorithm;
use nonces::Nonces;

/// The one API key, and its nonces.
pub(crate) struct Gate {
    /// Public and private part.
    key: (String, String),
    digest: Digest,
    nonces: Nonces,
}

/// The parts of a request that authentication depends on.
pub(crate) struct Attempt<'a> {
    pub(crate) method: &'a str,
    /// Path and query as on the wire.
    pub(crate) uri: &'a str,
    pub(crate) body: &'a [u8],
    pub(crate) authorization: Option<&'a str>,
}

/// What the `Authentication-Info` of the response needs of an admitted request.
pub(crate) struct Admitted {
    algorithm: Algorithm,
    /// The hash of user name, realm and password, or the session key made of it.
    secret: String,
    authorization: Authorization,
    /// The `nonce` and `cnonce` of the first request of its session.
    session: (String, String),
}

enum Verdict {
    Admitted(Admitted),
    /// The nonce is unknown, expired or used up; the digest may be right.
    Stale,
    Refused,
}

impl Gate {
    pub(crate) fn new(key: (String, String), digest: Digest) -> Self {
        Self {
            key,
            digest,
            nonces: Nonces::default(),
        }
    }

    pub(crate) fn key(&self) -> &(String, String) {
        &self.key
    }

    /// Admits a request, or gives a challenge.
    pub(crate) fn admit(
        &mut self,
        now: Duration,
        attempt: &Attempt<'_>,
    ) -> Result<Admitted, Reply> {
        self.nonces.expire(now, self.digest.lifetime);
        let authorization = attempt.authorization.and_then(Authorization::read);
        match authorization.map(|authorization| self.check(attempt, authorization)) {
            Some(Verdict::Admitted(admitted)) => Ok(admitted),
            Some(Verdict::Stale) => Err(self.challenge(now, true)),
            Some(Verdict::Refused) | None => Err(self.challenge(now, false)),
        }
    }

    fn check(&mut self, attempt: &Attempt<'_>, authorization: Authorization) -> Verdict {
        let get = |name| authorization.get(name);
        let Some(algorithm) = self.algorithm(get("algorithm")) else {
            return Verdict::Refused;
        };
        let Some(nonce) = self.nonces.get_mut(get("nonce")) else {
            return Verdict::Stale;
        };
        let (public, private) = &self.key;
        let this = || (get("nonce").to_owned(), get("cnonce").to_owned());
        let session = nonce.session.clone().unwrap_or_else(this);
        let mut secret = algorithm.hash(&[public, &self.digest.realm, private]);
        if algorithm.session {
            secret = algorithm.hash(&[&secret, &session.0, &session.1]);
        }
        let admitted = Admitted {
            algorithm,
            secret,
            authorization,
            session,
        };
        let response = admitted.response(attempt.method, attempt.body);
        let get = |name| admitted.authorization.get(name);
        let count = count(get("nc")).filter(|_| !get("cnonce").is_empty());
        let known = match &self.digest.qop {
            Some(offered) => {
                count.is_some() && offered.split(',').any(|qop| qop.trim() == get("qop"))
            }
            None => get("qop").is_empty() && get("nc").is_empty(),
        };
        if !known
            || get("uri") != attempt.uri
            || get("realm") != self.digest.realm
            || get("response") != response
            || !is_named(&self.digest, public, algorithm, &admitted.authorization)
        {
            return Verdict::Refused;
        }
        if count.is_some_and(|count| !nonce.counts.take(count, self.digest.rising)) {
            return Verdict::Refused;
        }
        nonce.session.get_or_insert(admitted.session.clone());
        nonce.uses += 1;
        if Some(nonce.uses) == self.digest.budget {
            self.nonces.remove(admitted.authorization.get("nonce"));
        }
        Verdict::Admitted(admitted)
    }

    /// An offered algorithm; an empty name means MD5.
    fn algorithm(&self, name: &str) -> Option<Algorithm> {
        let name = if name.is_empty() { "MD5" } else { name };
        let mut offered = self.digest.algorithms.iter();
        let offered = offered.find(|offered| offered.eq_ignore_ascii_case(name))?;
        Algorithm::named(offered)
    }

    /// The 401 response. The service's body has 142 bytes; ours has as many, with a text of its own.
    fn challenge(&mut self, now: Duration, stale: bool) -> Reply {
        let value = self.nonces.issue(now, None);
        let digest = &self.digest;
        let challenges = digest.algorithms.iter().map(|algorithm| {
            let qop = digest.qop.as_ref();
            let parts = [
                format!("Digest realm=\"{}\"", digest.realm),
                format!("domain=\"{}\"", digest.domain),
                format!("nonce=\"{value}\""),
                format!("algorithm={algorithm}"),
                qop.map_or(String::new(), |qop| format!("qop=\"{qop}\"")),
                format!("stale={stale}"),
                String::from(if digest.utf8 { "charset=UTF-8" } else { "" }),
                String::from(if digest.userhash { "userhash=true" } else { "" }),
            ];
            let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            parts.join(", ")
        });
        let mut challenges: Vec<String> = challenges.collect();
        if digest.one_header {
            challenges = vec![challenges.join(", ")];
        }
        let detail = "The sandbox admits nobody without a digest of its own API key.";
        let mut body = json!({
            "error": 401,
            "reason": "Unauthorized",
            "detail": detail,
            "errorCode": "UNEXPECTED_ERROR",
        });
        let padding = digest.body.saturating_sub(body.to_string().len());
        body["detail"] = format!("{detail}{}", " ".repeat(padding)).into();
        let refused = Reply::new(StatusCode::UNAUTHORIZED, body);
        challenges.into_iter().fold(refused, |refused, challenge| {
            refused.with_header(header::WWW_AUTHENTICATE, challenge)
        })
    }

    /// The `Authentication-Info` of a response, if the settings ask for one.
    pub(crate) fn info(
        &mut self,
        now: Duration,
        admitted: &Admitted,
        body: &[u8],
    ) -> Option<String> {
        let get = |name| admitted.authorization.get(name);
        let mut parts = Vec::new();
        if self.digest.next_nonces {
            let next = self.nonces.issue(now, Some(admitted.session.clone()));
            parts.push(format!("nextnonce=\"{next}\""));
        }
        if let Some(rspauth) = self.digest.rspauth {
            let proof = match rspauth {
                Rspauth::Right => admitted.response("", body),
                Rspauth::Wrong => admitted.response("wrong", body),
            };
            parts.push(format!("rspauth=\"{proof}\""));
            if self.digest.qop.is_some() {
                let [qop, cnonce, nc] = ["qop", "cnonce", "nc"].map(get);
                parts.push(format!("qop={qop}, cnonce=\"{cnonce}\", nc={nc}"));
            }
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

impl Admitted {
    /// The digest of a request, or of a response if `method` is empty (RFC 7616, section 3.5).
    fn response(&self, method: &str, body: &[u8]) -> String {
        let (algorithm, get) = (self.algorithm, |name| self.authorization.get(name));
        let message = match get("qop") {
            "auth-int" => algorithm.hash(&[method, get("uri"), &algorithm.of(body)]),
            _ => algorithm.hash(&[method, get("uri")]),
        };
        let parts = [
            &self.secret,
            get("nonce"),
            get("nc"),
            get("cnonce"),
            get("qop"),
            &message,
        ];
        match get("qop") {
            "" => algorithm.hash(&[&self.secret, get("nonce"), &message]),
            _ => algorithm.hash(&parts),
        }
    }
}

/// The nonce count of a request: 8 hexadecimal digits. Some clients start with 1, others with 0.
fn count(text: &str) -> Option<u32> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| u32::from_str_radix(text, 16).ok())?
}

/// Whether the user name is the public key, in the form that the settings ask for.
fn is_named(
    digest: &Digest,
    public: &str,
    algorithm: Algorithm,
    authorization: &Authorization,
) -> bool {
    let Some(username) = authorization.username() else {
        return false;
    };
    if digest.userhash {
        let hashed = algorithm.hash(&[public, &digest.realm]);
        return username == hashed && authorization.get("userhash").eq_ignore_ascii_case("true");
    }
    let extended = !authorization.get("username*").is_empty();
    username == public && extended == (digest.utf8 && !public.is_ascii())
}

#[cfg(test)]
mod tests;
