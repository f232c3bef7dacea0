//! A response that is no success: what the service says of the failure.

use std::time::Duration;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::json;

use super::{Error, Kind};
use crate::transport::rate_limit::{self, RateLimit};
use crate::transport::raw_response::RawResponse;
use crate::types::{ApiError, ErrorCode};

/// A response that is no success.
#[derive(Clone, Debug)]
pub(crate) struct ErrorResponse {
    pub(crate) status: StatusCode,
    pub(crate) api: Option<ApiError>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) media_type: Option<String>,
    /// What the request was authenticated with, such as ``the API key `abcdefgh` ``.
    pub(crate) credential: String,
    /// Whether its challenge could not be answered; the reason is the error's cause.
    pub(crate) unanswered: bool,
}

/// An error of OAuth, as the token endpoint answers (RFC 6749, section 5.2).
#[derive(Deserialize)]
struct OAuthError {
    error: String,
    error_description: Option<String>,
}

impl ErrorResponse {
    /// Reads a response that is no success. The error has a source where the body is no error of the
    /// API.
    pub(crate) fn read(response: &RawResponse, credential: String) -> Error {
        let (api, fault) = match read(&response.body) {
            Ok(api) => (Some(api), None),
            Err(fault) => (None, Some(fault)),
        };
        let media_type = response.headers.get(CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let error = Self {
            status: response.status,
            retry_after: rate_limit::retry_after(response, api.as_ref()),
            rate_limit: RateLimit::of(&response.headers),
            api,
            media_type: media_type.map(str::to_owned),
            credential,
            unanswered: response.unanswered.is_some(),
        };
        let error = Error::from(Kind::Response(Box::new(error)));
        match (&response.unanswered, fault) {
            (Some(reason), _) => error.because(reason.clone()),
            (None, Some(fault)) => error.because(fault),
            (None, None) => error,
        }
    }
}

/// An error in either of its two shapes.
fn read(body: &[u8]) -> Result<ApiError, serde_json::Error> {
    serde_json::from_slice(body).or_else(|fault| {
        let Ok(oauth) = serde_json::from_slice::<OAuthError>(body) else {
            return Err(fault);
        };
        let fields = json!({"errorCode": oauth.error, "detail": oauth.error_description});
        serde_json::from_value(fields)
    })
}

impl ErrorCode {
    /// Whether it is that of a 401 for a caller who lacks a role.
    pub(crate) fn is_of_a_role(&self) -> bool {
        matches!(
            self,
            Self::NotInGroup | Self::UserUnauthorized | Self::UserCannotAccessGroup
        )
    }
}
