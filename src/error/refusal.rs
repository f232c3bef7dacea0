//! What the service says when it refuses, and what to do about it.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use super::ErrorCode;
use crate::RateLimit;
use crate::types::ApiError;

/// An answer that is no success.
#[derive(Debug)]
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
        let code = self.code.as_ref().map(ErrorCode::as_str);
        match (self.status, code) {
            (
                StatusCode::UNAUTHORIZED,
                Some("NOT_IN_GROUP" | "USER_UNAUTHORIZED" | "USER_CANNOT_ACCESS_GROUP"),
            ) => {
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
            (status, _) if status.is_redirection() => {
                f.write_str("; redirects are never followed: check the base URL")
            }
            _ => Ok(()),
        }
    }
}
