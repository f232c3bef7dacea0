//! The service account and its tokens (OAuth 2.0 client credentials).

use std::time::Duration;

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::answer::Answer;
use crate::auth::Attempt;
use crate::auth::authorization::credentials;
use crate::auth::hash::{BASE64, random_hex};

/// At most so many live at once.
const LIVE: usize = 100;

/// At most so many are given out in a minute.
const A_MINUTE: usize = 10;

const MINUTE: Duration = Duration::from_secs(60);

/// The one service account, and the tokens that it was given.
pub(crate) struct Tokens {
    /// Its id and its secret.
    account: (String, String),
    lifetime: Duration,
    live: Vec<Token>,
    /// When tokens were asked for with the right secret.
    given: Vec<Duration>,
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
            given: Vec::new(),
        }
    }

    pub(crate) fn account(&self) -> &(String, String) {
        &self.account
    }

    /// Ends the life of all tokens at once.
    pub(crate) fn revoke_all(&mut self) {
        self.live.clear();
    }

    /// Whether a bearer of this token is let in.
    pub(crate) fn admit(&mut self, now: Duration, value: &str) -> Result<(), Answer> {
        self.bury(now);
        if self.live.iter().any(|token| token.value == value) {
            return Ok(());
        }
        let body = json!({
            "error": 401,
            "reason": "Unauthorized",
            "detail": "The token is not one of the sandbox's, or no longer.",
            "errorCode": "UNEXPECTED_ERROR",
        });
        let refused = Answer::new(StatusCode::UNAUTHORIZED, body);
        let challenge = "Bearer realm=\"MMS Public API\", error=\"invalid_token\"";
        Err(refused.with_header(header::WWW_AUTHENTICATE, challenge))
    }

    /// Carries out a request below `/api/oauth/`.
    pub(crate) fn answer(&mut self, now: Duration, path: &str, attempt: &Attempt<'_>) -> Answer {
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
                Answer::ok(serde_json::Value::Null)
            }
        }
    }

    fn issue(&mut self, now: Duration) -> Answer {
        self.bury(now);
        self.given.retain(|given| now < *given + MINUTE);
        if self.given.len() == A_MINUTE {
            // The resource, how many requests it takes, and in how many minutes.
            let parameters = json!(["/api/oauth/token", A_MINUTE, 1]);
            let detail = "Too many tokens were asked for.";
            return Answer::error(
                StatusCode::TOO_MANY_REQUESTS,
                "RATE_LIMITED",
                detail,
                &parameters,
            );
        }
        if self.live.len() == LIVE {
            return refusal(
                StatusCode::FORBIDDEN,
                "access_denied",
                "Too many tokens are alive.",
            );
        }
        self.given.push(now);
        let value = random_hex::<32>();
        self.live.push(Token {
            value: value.clone(),
            issued: now,
        });
        Answer::ok(json!({
            "access_token": value,
            "expires_in": self.lifetime.as_secs(),
            "token_type": "Bearer",
        }))
    }

    fn bury(&mut self, now: Duration) {
        let lifetime = self.lifetime;
        self.live.retain(|token| now < token.issued + lifetime);
    }
}

/// The error of OAuth, which is not that of the API.
fn refusal(status: StatusCode, error: &str, description: &str) -> Answer {
    let body = json!({"error": error, "error_description": description});
    Answer::new(status, body)
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

    fn ask(tokens: &mut Tokens, now: u64) -> Answer {
        let attempt = Attempt {
            method: "POST",
            uri: "/api/oauth/token",
            body: b"grant_type=client_credentials",
            authorization: Some("Basic aWQ6c2VjcmV0"),
        };
        tokens.answer(Duration::from_secs(now), "token", &attempt)
    }

    fn tokens(lifetime: u64) -> Tokens {
        let account = ("id".to_owned(), "secret".to_owned());
        Tokens::new(account, Duration::from_secs(lifetime))
    }

    #[test]
    fn a_token_lives_its_life_and_no_longer() {
        let mut tokens = tokens(3600);
        let token = ask(&mut tokens, 0).body["access_token"].clone();
        let token = token.as_str().unwrap();
        assert!(tokens.admit(Duration::from_secs(3599), token).is_ok());
        assert!(tokens.admit(Duration::from_secs(3599), "another").is_err());
        assert!(tokens.admit(Duration::from_secs(3600), token).is_err());
    }

    #[test]
    fn ten_a_minute_and_a_hundred_at_once() {
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
    fn a_wrong_secret_is_refused_in_the_words_of_oauth() {
        let attempt = Attempt {
            method: "POST",
            uri: "/api/oauth/token",
            body: b"",
            authorization: Some("Basic aWQ6eA=="),
        };
        let refused = tokens(1).answer(Duration::ZERO, "token", &attempt);
        assert_eq!(refused.body["error"], "invalid_client");
    }

    #[test]
    fn base64_is_that_of_the_rfc() {
        let encoded = ["", "f", "fo", "foo", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(encoded, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYmFy"]);
    }
}
