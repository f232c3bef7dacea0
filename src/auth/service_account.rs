//! Requests for the tokens of a service account (OAuth 2.0 client credentials, RFC 6749, section 4.4).

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

/// The lifetime of a token without `expires_in`, which RFC 6749, section 5.1, only recommends. The
/// service documents one hour.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// A service account of the service below `root`. The secret is sent only there.
pub(super) struct ServiceAccount {
    pub(super) credentials: Credentials,
    pub(super) root: Url,
    pub(super) retry: RetryPolicy,
    pub(super) http: HttpClient,
}

/// The response of the token endpoint (RFC 6749, section 5.1).
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
            // The source of the decode error may quote the token.
            let granted = response.json::<Granted>();
            Ok(granted.map_err(|_| Kind::Decode { status })?.into_inner())
        });
        let granted = granted.map_err(|error| error.in_step("token request"))?;
        let lifetime = granted.expires_in.map_or(LIFETIME, Duration::from_secs);
        let expires_at = SystemTime::now() + lifetime.min(LONGEST);
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

    /// Posts a form to an OAuth endpoint. The policy may repeat the request: a token whose response was
    /// lost does no harm, and a second revocation changes nothing.
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
