//! What the service says when it refuses, and what to do about it.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::json;

use super::{Error, ErrorCode};
use crate::transport::rate_limit::{self, RateLimit};
use crate::transport::raw_response::Answer;
use crate::types::ApiError;

/// An answer that is no success.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) api: Option<ApiError>,
    pub(crate) code: Option<ErrorCode>,
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

impl Refusal {
    /// Reads an answer that is no success. The error's cause is that of a body that is no error.
    pub(crate) fn read(answer: &Answer, credential: String, unanswered: bool) -> Error {
        let (api, fault) = match read(&answer.body) {
            Ok(api) => (Some(api), None),
            Err(fault) => (None, Some(fault)),
        };
        let media_type = answer.headers.get(CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let error = Error::refused(Self {
            status: answer.status,
            code: api
                .as_ref()
                .and_then(|api| api.error_code.clone())
                .map(ErrorCode::from),
            retry_after: rate_limit::retry_after(answer, api.as_ref()),
            rate_limit: RateLimit::of(&answer.headers),
            api,
            media_type: media_type.map(str::to_owned),
            credential,
            unanswered,
        });
        match fault {
            Some(fault) => error.because(fault),
            None => error,
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

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status;
        let Some(api) = &self.api else {
            let media_type = self.media_type.as_deref().unwrap_or("no media type");
            write!(
                f,
                "answered {status} with {media_type}, not with an error of the API"
            )?;
            return self.write_advice(f);
        };
        write!(f, "the service refused with {status}")?;
        if let Some(code) = &self.code {
            write!(f, ", {code}")?;
        }
        if let Some(words) = api.detail.as_ref().or(api.reason.as_ref()) {
            write!(f, ": {}", words.trim_end_matches('.'))?;
        }
        if self.status == StatusCode::CONFLICT {
            write_parameters(api, f)?;
        }
        let fields = api
            .bad_request_detail
            .iter()
            .filter_map(|detail| detail.fields.as_ref());
        for violation in fields.flatten() {
            let texts = [violation.field.as_deref(), violation.description.as_deref()];
            write!(
                f,
                "; {}",
                texts.into_iter().flatten().collect::<Vec<_>>().join(": ")
            )?;
        }
        self.write_advice(f)
    }
}

impl Refusal {
    fn write_advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credential = &self.credential;
        let of_a_role = self.code.as_ref().is_some_and(ErrorCode::is_of_a_role);
        let code = self.code.as_ref().map(ErrorCode::as_str);
        match (self.status, code) {
            (StatusCode::UNAUTHORIZED, _) if of_a_role => {
                write!(f, "; {credential} lacks a role in this project")
            }
            _ if self.unanswered => f.write_str("; its challenge could not be answered"),
            (StatusCode::UNAUTHORIZED, _) => write!(
                f,
                "; {credential} was refused: check both its parts, that it was not deleted, and that the base URL is its cloud's"
            ),
            (_, Some("IP_ADDRESS_NOT_ON_ACCESS_LIST")) => {
                write!(
                    f,
                    "; add this machine's address to the access list of {credential}"
                )
            }
            (_, Some("AZURE_CUSTOMER_NETWORK_VALIDATION_FAILED")) => f.write_str(
                "; the service principal of Atlas and its role on the virtual network have to be there first",
            ),
            (status, _) if status.is_redirection() => {
                f.write_str("; redirects are never followed: check the base URL")
            }
            _ => Ok(()),
        }
    }
}

/// What a conflict is with, where the words do not say it.
fn write_parameters(api: &ApiError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let words = api.detail.as_deref().unwrap_or_default();
    let texts = api
        .parameters
        .iter()
        .flatten()
        .filter_map(|value| value.as_str());
    let unsaid: Vec<_> = texts.filter(|text| !words.contains(text)).collect();
    if unsaid.is_empty() {
        return Ok(());
    }
    write!(f, " ({})", unsaid.join(", "))
}
