//! What an answer says of authentication: the next nonce, and a proof that the service knows the
//! key (RFC 7616, section 3.5).

use http::{HeaderMap, HeaderName};

use super::syntax::Parameters;

pub(super) const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");

/// The parameters of `Authentication-Info` that matter to a client.
#[derive(Default)]
pub(super) struct Info {
    /// The nonce to use from now on.
    pub(super) next_nonce: Option<Vec<u8>>,
    /// The service's proof.
    pub(super) rspauth: Option<Vec<u8>>,
    /// Whether the proof covers the answer's body; where it is not said, it covers what the
    /// request's did.
    pub(super) qop: Option<String>,
}

impl Info {
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let mut info = Self::default();
        for value in headers.get_all(AUTHENTICATION_INFO) {
            let parameters = Parameters::read(value.as_bytes());
            let get = |name| parameters.get(name).map(<[u8]>::to_vec);
            let next_nonce = get("nextnonce").filter(|nonce| !nonce.is_empty());
            info.next_nonce = info.next_nonce.or(next_nonce);
            info.rspauth = info.rspauth.or_else(|| get("rspauth"));
            let qop = parameters.get("qop").map(String::from_utf8_lossy);
            info.qop = info.qop.or(qop.map(Into::into));
        }
        info
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> (Option<Vec<u8>>, Option<Vec<u8>>, Option<String>) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHENTICATION_INFO, value.parse().unwrap());
        }
        let info = Info::read(&headers);
        (info.next_nonce, info.rspauth, info.qop)
    }

    #[test]
    fn what_matters_is_found_and_what_is_empty_is_no_nonce() {
        assert_eq!(read(&[]), (None, None, None));
        assert_eq!(read(&[r#"nextnonce="", nc=00000001"#]), (None, None, None));
        assert_eq!(
            read(&[r#"rspauth="0a", cnonce="x", qop=auth-int"#, "NextNonce=n"]),
            (
                Some(b"n".to_vec()),
                Some(b"0a".to_vec()),
                Some("auth-int".into())
            )
        );
    }
}
