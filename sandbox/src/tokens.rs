//! The service account and its tokens (OAuth 2.0 client credentials).

use std::time::Duration;

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::auth::Attempt;
use crate::auth::authorization::credentials;
use crate::auth::hash::{BASE64, random_hex};
use crate::reply::Reply;

/// The maximum of valid tokens at once.
const MAX_LIVE: usize = 100;

/// The maximum of tokens issued in a minute.
const MAX_PER_MINUTE: usize = 10;

const MINUTE: Duration = Duration::from_secs(60);

/// The one service account and its tokens.
pub(crate) struct Tokens {
    /// Id and secret.
    account: (String, String),
    lifetime: Duration,
    live: Vec<Token>,
    /// When tokens were issued, in the last minute.
    issued: Vec<Duration>,
}

struct Token {
    value: String,
    issued: Duration,
}

impl Tokens {
    pub(crate) fn new(account: (String, String), lifetime: Duration) -> Self {
        Self {
            account,
            lifetime,
            live: Vec::new(),
            issued: Vec::new(),
        }
    }

    pub(crate) fn account(&self) -> &(String, String) {
        &self.account
    }

    /// Ends the validity of all tokens.
    pub(crate) fn revoke_all(&mut self) {
        self.live.clear();
    }

    /// Admits a request with a valid token.
    pub(crate) fn admit(&mut self, now: Duration, value: &str) -> Result<(), Reply> {
        self.drop_expired(now);
        if self.live.iter().any(|token| token.value == value) {
            return Ok(());
        }
        let body = json!({
            "error": 401,
            "reason": "Unauthorized",
            "detail": "The token is not one of the sandbox's, or no longer.",
            "errorCode": "UNEXPECTED_ERROR",
        });
        let refused = Reply::new(StatusCode::UNAUTHORIZED, body);
        let challenge = "Bearer realm=\"MMS Public API\", error=\"invalid_token\"";
        Err(refused.with_header(header::WWW_AUTHENTICATE, challenge))
    }

    /// Carries out a request below `/api/oauth/`.
    pub(crate) fn handle(&mut self, now: Duration, path: &str, attempt: &Attempt<'_>) -> Reply {
        if !matches!(path, "token" | "revoke") {
            let description = "There is nothing at this path.";
            return refusal(StatusCode::NOT_FOUND, "invalid_request", description);
        }
        if attempt.method != "POST" {
            let description = "The resource takes POST alone.";
            let status = StatusCode::METHOD_NOT_ALLOWED;
            let refused = refusal(status, "invalid_request", description);
            return refused.with_header(header::ALLOW, "POST");
        }
        let (id, secret) = &self.account;
        let right = base64(format!("{id}:{secret}").as_bytes());
        let sent = attempt.authorization.unwrap_or_default();
        if credentials(sent, "Basic") != Some(&*right) {
            let description = "The id or the secret is wrong.";
            let refused = refusal(StatusCode::UNAUTHORIZED, "invalid_client", description);
            return refused.with_header(header::WWW_AUTHENTICATE, "Basic realm=\"MMS Public API\"");
        }
        let form: Vec<_> = form_urlencoded::parse(attempt.body).into_owned().collect();
        let get = |name: &str| {
            let field = form.iter().find(|(key, _)| key == name);
            field.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        match path {
            "token" if get("grant_type") == "client_credentials" => self.issue(now),
            "token" => refusal(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "It is not known.",
            ),
            _ => {
                self.live.retain(|token| token.value != get("token"));
                Reply::ok(serde_json::Value::Null)
            }
        }
    }

    fn issue(&mut self, now: Duration) -> Reply {
        self.drop_expired(now);
        self.issued.retain(|issued| now < *issued + MINUTE);
        if self.issued.len() == MAX_PER_MINUTE {
            // The resource, the limit, and the minutes that the limit is for.
            let parameters = json!(["/api/oauth/token", MAX_PER_MINUTE, 1]);
            let detail = "Too many tokens were asked for.";
            return Reply::error(
                StatusCode::TOO_MANY_REQUESTS,
                "RATE_LIMITED",
                detail,
                &parameters,
            );
        }
        if self.live.len() == MAX_LIVE {
            return refusal(
                StatusCode::FORBIDDEN,
                "access_denied",
                "Too many tokens are alive.",
            );
        }
        self.issued.push(now);
        let value = random_hex::<32>();
        self.live.push(Token {
            value: value.clone(),
            issued: now,
        });
        Reply::ok(json!({
            "access_token": value,
            "expires_in": self.lifetime.as_secs(),
            "token_type": "Bearer",
        }))
    }

    fn drop_expired(&mut self, now: Duration) {
        let lifetime = self.lifetime;
        self.live.retain(|token| now < token.issued + lifetime);
    }
}

/// An error of OAuth (RFC 6749, section 5.2), which has another form than the API's.
fn refusal(status: StatusCode, error: &str, description: &str) -> Reply {
    let body = json!({"error": error, "error_description": description});
    Reply::new(status, body)
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0_u32, |group, byte| group << 8 | u32::from(*byte));
        let group = group << (8 * (3 - chunk.len()));
        for (digit, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let index = (group >> shift & 63) as usize;
            text.push(if digit > chunk.len() {
                '='
            } else {
                char::from(BASE64[index])
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(tokens: &mut Tokens, now: u64) -> Reply {
        let attempt = Attempt {
            method: "POST",
            uri: "/api/oauth/token",
            body: b"grant_type=client_credentials",
            authorization: Some("Basic aWQ6c2VjcmV0"),
        };
        tokens.handle(Duration::from_secs(now), "token", &attempt)
    }

    fn tokens(lifetime: u64) -> Tokens {
        let account = ("id".to_owned(), "secret".to_owned());
        Tokens::new(account, Duration::from_secs(lifetime))
    }

    #[test]
    fn a_token_is_valid_for_its_lifetime_and_no_longer() {
        let mut tokens = tokens(3600);
        let token = ask(&mut tokens, 0).body["access_token"].clone();
        let token = token.as_str().unwrap();
        assert!(tokens.admit(Duration::from_secs(3599), token).is_ok());
        assert!(tokens.admit(Duration::from_secs(3599), "another").is_err());
        assert!(tokens.admit(Duration::from_secs(3600), token).is_err());
    }

    #[test]
    fn at_most_10_tokens_are_issued_in_a_minute_and_100_are_valid_at_once() {
        let mut tokens = tokens(36_000);
        for _ in 0..10 {
            assert_eq!(ask(&mut tokens, 0).status, StatusCode::OK);
        }
        let limited = ask(&mut tokens, 20);
        assert_eq!(limited.body["errorCode"], "RATE_LIMITED");
        assert_eq!(
            limited.body["parameters"],
            json!(["/api/oauth/token", 10, 1])
        );
        for minute in 1..10 {
            for _ in 0..10 {
                assert_eq!(ask(&mut tokens, 60 * minute).status, StatusCode::OK);
            }
        }
        assert_eq!(ask(&mut tokens, 600).body["error"], "access_denied");
    }

    #[test]
    fn a_wrong_secret_is_refused_with_an_error_of_oauth() {
        let attempt = Attempt {
            method: "POST",
            uri: "/api/oauth/token",
            body: b"",
            authorization: Some("Basic aWQ6eA=="),
        };
        let refused = tokens(1).handle(Duration::ZERO, "token", &attempt);
        assert_eq!(refused.body["error"], "invalid_client");
    }

    #[test]
    fn base64_encodes_the_examples_of_the_rfc() {
        let encoded = ["", "f", "fo", "foo", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(encoded, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYmFy"]);
    }
}
