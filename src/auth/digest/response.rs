//! The `Authorization` header that answers a challenge (RFC 7616, section 3.4).

use std::fmt::Write as _;

use http::HeaderValue;
use md5::{Digest as _, Md5};
use secrecy::{ExposeSecret, SecretString};

use super::nonces::Nonce;
use crate::{Credentials, Error};

/// Answers a challenge for a request, and counts the use of its nonce.
pub(super) fn authorization(
    nonce: &mut Nonce,
    credentials: &Credentials,
    request: &reqwest::Request,
) -> Result<HeaderValue, Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| Error::setup("the operating system gives no randomness").because(error))?;
    nonce.uses += 1;
    let url = request.url();
    let answer = Answer {
        nonce,
        user: credentials.public(),
        password: credentials.private(),
        method: request.method().as_str(),
        uri: match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        },
        cnonce: hex(&random),
    };
    let mut header = HeaderValue::from_bytes(answer.header().as_bytes()).map_err(|error| {
        Error::setup("the digest challenge holds control characters").because(error)
    })?;
    header.set_sensitive(true);
    Ok(header)
}

/// All that goes into a response.
struct Answer<'a> {
    nonce: &'a Nonce,
    user: &'a str,
    password: &'a SecretString,
    method: &'a str,
    /// Path and query as on the wire.
    uri: String,
    cnonce: String,
}

impl Answer<'_> {
    fn header(&self) -> String {
        let challenge = &self.nonce.challenge;
        let mut parameters = vec![
            format!("username={}", quoted(self.user)),
            format!("realm={}", quoted(&challenge.realm)),
            format!("nonce={}", quoted(&challenge.nonce)),
            format!("uri={}", quoted(&self.uri)),
            format!("response=\"{}\"", self.response()),
        ];
        if let Some(algorithm) = &challenge.algorithm {
            parameters.push(format!("algorithm={algorithm}"));
        }
        if challenge.qop_auth {
            parameters.push("qop=auth".to_owned());
            parameters.push(format!("nc={}", self.count()));
            parameters.push(format!("cnonce=\"{}\"", self.cnonce));
        }
        if let Some(opaque) = &challenge.opaque {
            parameters.push(format!("opaque={}", quoted(opaque)));
        }
        format!("Digest {}", parameters.join(", "))
    }

    /// RFC 7616, section 3.4.1; without `qop` RFC 2617, section 3.2.2.1.
    fn response(&self) -> String {
        let challenge = &self.nonce.challenge;
        let secret = SecretString::from(md5(&[
            self.user,
            &challenge.realm,
            self.password.expose_secret(),
        ]));
        let secret = secret.expose_secret();
        let request = md5(&[self.method, &self.uri]);
        if challenge.qop_auth {
            md5(&[
                secret,
                &challenge.nonce,
                &self.count(),
                &self.cnonce,
                "auth",
                &request,
            ])
        } else {
            md5(&[secret, &challenge.nonce, &request])
        }
    }

    fn count(&self) -> String {
        format!("{:08x}", self.nonce.uses)
    }
}

/// The hash of the parts, joined by colons.
fn md5(parts: &[&str]) -> String {
    let mut hash = Md5::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            hash.update(":");
        }
        hash.update(part);
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// RFC 9110, section 5.6.4.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::super::challenge::Challenge;
    use super::*;

    /// The example of RFC 7616, section 3.9.1, with its client nonce.
    fn example(qop_auth: bool) -> String {
        let challenge = Challenge {
            realm: "http-auth@example.org".into(),
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v".into(),
            opaque: Some("FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS".into()),
            qop_auth,
            algorithm: Some("MD5".into()),
        };
        let answer = Answer {
            nonce: &Nonce { challenge, uses: 1 },
            user: "Mufasa",
            password: &"Circle of Life".into(),
            method: "GET",
            uri: "/dir/index.html".into(),
            cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ".into(),
        };
        answer.header()
    }

    #[test]
    fn the_example_of_the_rfc_is_answered_to_the_letter() {
        let header = example(true);
        for part in [
            "response=\"8ca523f5e9506fed4657c9700eebdbec\"",
            "username=\"Mufasa\"",
            "realm=\"http-auth@example.org\"",
            "uri=\"/dir/index.html\"",
            "qop=auth",
            "nc=00000001",
            "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
        ] {
            assert!(header.contains(part), "{part} is not in {header}");
        }
    }

    #[test]
    fn without_a_quality_there_is_no_count() {
        let header = example(false);
        assert!(
            !header.contains("nc=") && !header.contains("cnonce="),
            "{header}"
        );
    }

    #[test]
    fn quotes_are_escaped() {
        assert_eq!(quoted(r#"a"b\c"#), r#""a\"b\\c""#);
    }
}
