//! The challenge of a 401 (RFC 7616, section 3.3; its syntax RFC 9110, section 11.6.1).

use std::fmt;

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// A challenge that this client can answer.
#[derive(Debug, PartialEq)]
pub(super) struct Challenge {
    pub(super) realm: String,
    pub(super) nonce: String,
    pub(super) opaque: Option<String>,
    /// Whether `qop=auth` is offered; without it the response is that of RFC 2069.
    pub(super) qop_auth: bool,
    /// As the service wrote it; absent means MD5.
    pub(super) algorithm: Option<String>,
}

/// Why a 401 was not answered. It quotes nothing but the names of algorithms and qualities.
#[derive(Debug, PartialEq)]
pub(crate) enum Unanswered {
    /// No challenge is one of digest.
    NoDigest,
    /// A digest challenge lacks its realm or its nonce.
    Incomplete,
    /// The algorithm is not known here.
    Algorithm(String),
    /// No quality of protection that is offered is known here.
    Quality(String),
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDigest => f.write_str("the answer holds no digest challenge"),
            Self::Incomplete => f.write_str("the digest challenge lacks its realm or its nonce"),
            Self::Algorithm(name) => write!(f, "the digest algorithm {name:?} is not supported"),
            Self::Quality(names) => write!(f, "the digest qop {names:?} is not supported"),
        }
    }
}

impl std::error::Error for Unanswered {}

impl Challenge {
    /// The first challenge that can be answered, of all that the headers hold.
    pub(super) fn find(headers: &HeaderMap) -> Result<Self, Unanswered> {
        let mut fault = Unanswered::NoDigest;
        for value in headers.get_all(WWW_AUTHENTICATE) {
            for offer in offers(value.as_bytes()) {
                if !offer.scheme.eq_ignore_ascii_case("Digest") {
                    continue;
                }
                match offer.challenge() {
                    Ok(challenge) => return Ok(challenge),
                    Err(reason) => fault = reason,
                }
            }
        }
        Err(fault)
    }
}

/// One challenge of a header, of any scheme.
#[derive(Default)]
struct Offer {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Offer {
    fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.parameters.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    fn challenge(&self) -> Result<Challenge, Unanswered> {
        let (Some(realm), Some(nonce)) = (self.get("realm"), self.get("nonce")) else {
            return Err(Unanswered::Incomplete);
        };
        let algorithm = self.get("algorithm");
        if !algorithm.unwrap_or("MD5").eq_ignore_ascii_case("MD5") {
            return Err(Unanswered::Algorithm(
                algorithm.unwrap_or_default().to_owned(),
            ));
        }
        let offered = self.get("qop");
        let mut qualities = offered.unwrap_or_default().split(',').map(str::trim);
        let qop_auth = qualities.any(|quality| quality.eq_ignore_ascii_case("auth"));
        match offered {
            Some(names) if !qop_auth => Err(Unanswered::Quality(names.to_owned())),
            _ => Ok(Challenge {
                realm: realm.to_owned(),
                nonce: nonce.to_owned(),
                opaque: self.get("opaque").map(str::to_owned),
                qop_auth,
                algorithm: algorithm.map(str::to_owned),
            }),
        }
    }
}

/// The challenges of one header. What is not of their syntax is passed over, byte by byte, so that
/// no header stops the scan and each byte is looked at once.
fn offers(header: &[u8]) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    let mut rest = Scanner(header);
    while let Some(&byte) = rest.0.first() {
        if !is_token(byte) {
            rest.skip();
            continue;
        }
        let name = rest.token();
        rest.white_space();
        if rest.0.first() != Some(&b'=') {
            offers.push(Offer {
                scheme: name,
                parameters: Vec::new(),
            });
            continue;
        }
        rest.skip();
        rest.white_space();
        let value = if rest.0.first() == Some(&b'"') {
            rest.quoted()
        } else {
            rest.token()
        };
        if let Some(offer) = offers.last_mut() {
            offer.parameters.push((name, value));
        }
    }
    offers
}

struct Scanner<'a>(&'a [u8]);

impl Scanner<'_> {
    fn skip(&mut self) {
        self.0 = self.0.get(1..).unwrap_or_default();
    }

    fn white_space(&mut self) {
        while matches!(self.0.first(), Some(b' ' | b'\t')) {
            self.skip();
        }
    }

    fn token(&mut self) -> String {
        let end = self
            .0
            .iter()
            .position(|byte| !is_token(*byte))
            .unwrap_or(self.0.len());
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        String::from_utf8_lossy(token).into_owned()
    }

    /// A quoted string without its quotes and escapes; an open one ends with the header.
    fn quoted(&mut self) -> String {
        let mut value = Vec::new();
        self.skip();
        while let Some(&byte) = self.0.first() {
            self.skip();
            match byte {
                b'"' => break,
                b'\\' => {
                    value.extend(self.0.first());
                    self.skip();
                }
                _ => value.push(byte),
            }
        }
        String::from_utf8_lossy(&value).into_owned()
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(headers: &[&str]) -> Result<Challenge, Unanswered> {
        let mut map = HeaderMap::new();
        for header in headers {
            map.append(WWW_AUTHENTICATE, header.parse().unwrap());
        }
        Challenge::find(&map)
    }

    #[test]
    fn the_services_own_challenge_is_read() {
        let challenge = find(&[
            r#"Digest realm="MMS Public API", domain="", nonce="abcdefghijklmnopqrstuvwxyz012345", algorithm=MD5, qop="auth", stale=false"#,
        ])
        .unwrap();
        assert_eq!(challenge.realm, "MMS Public API");
        assert_eq!(challenge.nonce, "abcdefghijklmnopqrstuvwxyz012345");
        assert_eq!(challenge.algorithm.as_deref(), Some("MD5"));
        assert!(challenge.qop_auth && challenge.opaque.is_none());
    }

    #[test]
    fn the_digest_challenge_is_found_among_others_and_without_white_space() {
        for headers in [
            &[r#"Basic realm="x", dIgEsT REALM="r",nonce="n",qop="auth-int,auth""#][..],
            &[
                "Bearer",
                r#"Digest realm = r , nonce = n,,QOP="AUTH",unknown="a\"b""#,
            ],
            &[
                r#"Digest realm="r", nonce="m", algorithm=SHA-256"#,
                r#"Digest realm="r", nonce="n", qop=auth"#,
            ],
        ] {
            let challenge = find(headers).unwrap();
            assert_eq!((&*challenge.realm, &*challenge.nonce), ("r", "n"));
            assert!(challenge.qop_auth);
        }
    }

    #[test]
    fn the_old_documentations_misprint_of_qop_is_an_unknown_parameter() {
        let challenge = find(&[r#"Digest realm="r", nonce="n", op="auth""#]).unwrap();
        assert!(!challenge.qop_auth);
    }

    #[test]
    fn what_cannot_be_answered_is_told() {
        for (header, fault) in [
            ("Negotiate abc==", Unanswered::NoDigest),
            ("", Unanswered::NoDigest),
            (r#"Digest realm="r""#, Unanswered::Incomplete),
            (
                r#"Digest realm="r", nonce="n", algorithm=SHA-256"#,
                Unanswered::Algorithm("SHA-256".into()),
            ),
            (
                r#"Digest realm="r", nonce="n", qop="auth-int""#,
                Unanswered::Quality("auth-int".into()),
            ),
            (
                r#"Digest realm="r", nonce="never closed"#,
                Unanswered::NoDigest,
            ),
        ] {
            match find(&[header]) {
                Err(found) => assert_eq!(found, fault, "{header}"),
                // An open string ends with its header and is taken for what it says.
                Ok(challenge) => assert_eq!(challenge.nonce, "never closed"),
            }
        }
    }
}
