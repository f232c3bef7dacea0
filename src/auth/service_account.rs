//! The requests of a service account for its tokens (OAuth 2.0 client credentials, RFC 6749,
//! section 4.4).

use std::time::{Duration, SystemTime};

use reqwest::Url;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::token_provider::AccessToken;
use crate::client::{LONGEST, base_url};
use crate::error::{ErrorResponse, Kind};
use crate::transport::http_client::HttpClient;
use crate::transport::raw_response::RawResponse;
use crate::transport::retry::{self, RetryPolicy};
use crate::{Credentials, Error};

/// The life of a token that does not tell it: RFC 6749, section 5.1, only recommends to, and the
/// service documents an hour.
const LIFE: Duration = Duration::from_secs(60 * 60);

/// A service account at the root of a service; the secret goes nowhere else.
pub(super) struct ServiceAccount {
    pub(super) credentials: Credentials,
    pub(super) root: Url,
    pub(super) retry: RetryPolicy,
    pub(super) http: HttpClient,
}

/// What the token endpoint sends (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// Seconds.
    expires_in: Option<u64>,
}

impl ServiceAccount {
    /// Requests a token.
    pub(super) async fn token(&self) -> Result<AccessToken, Error> {
        let form = [("grant_type", "client_credentials")];
        let granted = self.post("token", &form).await.and_then(|response| {
            let status = response.status;
            // The cause may quote the token.
            let granted = response.json::<Granted>();
            Ok(granted.map_err(|_| Kind::Decode { status })?.into_inner())
        });
        let granted = granted.map_err(|error| error.in_step("token request"))?;
        let life = granted.expires_in.map_or(LIFE, Duration::from_secs);
        let expires_at = SystemTime::now() + life.min(LONGEST);
        Ok(AccessToken::new(granted.access_token, expires_at))
    }

    /// Revokes a token.
    pub(super) async fn revoke(&self, token: &AccessToken) -> Result<(), Error> {
        let form = [
            ("token", token.expose_secret()),
            ("token_type_hint", "access_token"),
        ];
        self.post("revoke", &form).await.map(|_| ())
    }

    /// Posts a form to an endpoint of OAuth, again where the policy allows it: a token that got lost
    /// on its way harms nobody, and a token is revoked once.
    async fn post(&self, endpoint: &str, form: &[(&str, &str)]) -> Result<RawResponse, Error> {
        let url = base_url::below(&self.root, &format!("/api/oauth/{endpoint}"));
        let secret = self.credentials.private.expose_secret();
        let request = self.http.connections.post(url);
        let request = request
            .basic_auth(&self.credentials.public, Some(secret))
            .form(form)
            .build()
            .map_err(Error::from_reqwest)?;
        let request = &request;
        let attempt = |_| async move {
            let response = self.http.send(request, None).await?;
            if response.status.is_success() {
                return Ok(response);
            }
            Err(ErrorResponse::read(&response, self.credentials.name()))
        };
        retry::run(&self.retry, retry::if_idempotent, |_| (), attempt).await
    }
}
