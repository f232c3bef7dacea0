//! The message of every error: what failed and what to do, on one line.

use std::fmt;

use http::StatusCode;

use super::{Error, ErrorResponse, Kind};
use crate::PeeringSnapshot;
use crate::auth::Unauthorized;
use crate::credentials::ACCESS_TOKEN;
#[cfg(any(test, fuzzing))]
pub(crate) use crate::model::LONGEST;
use crate::model::one_line;
use crate::types::{ApiError, ErrorCode};

/// What the service said is part of many messages, and a message is one line of a log.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(Words(self)))
    }
}

/// The words of an error as its parts have them.
struct Words<'a>(&'a Error);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        if let Some(operation) = error.0.operation {
            write!(f, "{operation}: ")?;
        }
        if let Some(step) = error.0.step {
            write!(f, "{step}: ")?;
        }
        match &error.0.kind {
            Kind::Setup(words) | Kind::Unfinished(words) | Kind::Differs(words) => {
                f.write_str(words)
            }
            Kind::Input {
                field,
                value,
                remedy,
            } => {
                write!(f, "the {field} {value:?} is not valid: {remedy}")
            }
            Kind::Connect { origin, timed_out } => {
                let late = if *timed_out { " in time" } else { "" };
                write!(
                    f,
                    "no connection to {origin}{late}; nothing was sent: check the network, the proxy and the base URL"
                )
            }
            Kind::Tls { origin, reason } => write!(
                f,
                "no trusted connection to {origin} ({reason}); nothing was sent: check the certificate, the base URL and the clock, and trust the root of a company's proxy by SSL_CERT_FILE or ClientBuilder::configure"
            ),
            Kind::Provider => f.write_str(
                "the token provider failed, and nothing was sent: the source of this error says why",
            ),
            Kind::NoResponse { timed_out: true } => {
                f.write_str("no response in time; whether the service acted is unknown: check before you repeat the call")
            }
            Kind::NoResponse { timed_out: false } => {
                f.write_str("the connection broke before a response; whether the service acted is unknown: check before you repeat the call")
            }
            Kind::Body { status, timed_out } => {
                let how = if *timed_out {
                    "did not end in time"
                } else {
                    "was broken off"
                };
                write!(f, "the response {status} {how}")
            }
            Kind::Decode { status } => {
                write!(f, "the response {status} is not what the specification says")
            }
            Kind::TooLarge { status, largest } => write!(
                f,
                "the response {status} has over {largest} bytes, and was not read: check what stands on the way, or set ClientBuilder::max_response_bytes"
            ),
            Kind::Unproven { status } => write!(
                f,
                "the response {status} is of a server that does not know the key (its rspauth is wrong): check the base URL and what stands on the way"
            ),
            Kind::Response(response) => response.fmt(f),
            Kind::Failed(status) => write_failure(status, f),
            Kind::Deleted(id) => write!(f, "the peering {id} was deleted during the wait"),
        }?;
        if error.0.attempts > 1 {
            write!(f, " (after {} attempts)", error.0.attempts)?;
        }
        Ok(())
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status;
        let Some(api) = &self.api else {
            let media_type = self.media_type.as_deref().unwrap_or("no media type");
            write!(
                f,
                "the response {status} with {media_type} is not an error of the API, but perhaps of a gateway on the way"
            )?;
            if !self.text.is_empty() {
                write!(f, ": {}", self.text)?;
            }
            return self.write_advice(f);
        };
        write!(f, "the service refused with {status}")?;
        if let Some(code) = &api.error_code {
            write!(f, ", {code}")?;
        }
        if let Some(words) = api.detail.as_ref().or(api.reason.as_ref()) {
            write!(f, ": {}", words.trim_end_matches('.'))?;
        }
        if self.status == StatusCode::CONFLICT {
            write_parameters(api, f)?;
        }
        let detail = api.bad_request_detail.as_ref();
        let fields = detail.and_then(|detail| detail.fields.as_ref());
        for violation in fields.into_iter().flatten() {
            let texts = [violation.field.as_deref(), violation.description.as_deref()];
            let texts: Vec<_> = texts.into_iter().flatten().collect();
            write!(f, "; {}", texts.join(": "))?;
        }
        self.write_advice(f)
    }
}

impl ErrorResponse {
    fn write_advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credential = &self.credential;
        let code = self.api.as_ref().and_then(|api| api.error_code.as_ref());
        let of_a_role = code.is_some_and(ErrorCode::is_of_a_role);
        match (self.status, code) {
            (StatusCode::UNAUTHORIZED, _) if of_a_role => {
                write!(f, "; {credential} lacks a role in this project")
            }
            (StatusCode::UNAUTHORIZED, _) => match &self.unauthorized {
                Some(Unauthorized::Stale) => write!(f, "; {}", Unauthorized::Stale),
                Some(reason) if reason.is_unanswered() => {
                    f.write_str("; no credentials were sent for its challenge")
                }
                None if credential == ACCESS_TOKEN => write!(
                    f,
                    "; {credential} was refused: check that it has not expired or been revoked, and that the base URL is its cloud's"
                ),
                reason => {
                    write!(
                        f,
                        "; {credential} was refused: check both its parts, that it was not deleted, and that the base URL is its cloud's"
                    )?;
                    reason.as_ref().map_or(Ok(()), |path| write!(f, "; {path}"))
                }
            },
            (_, Some(ErrorCode::IpAddressNotOnAccessList)) => {
                write!(
                    f,
                    "; add this machine's address to the access list of {credential}"
                )
            }
            (_, Some(ErrorCode::AzureCustomerNetworkValidationFailed)) => f.write_str(
                "; the service principal of Atlas and its role on the virtual network have to be there first",
            ),
            (_, Some(ErrorCode::AzureCustomerNetworkUnreachable)) => f.write_str(
                "; Atlas cannot reach the subscription: check azureDirectoryId and azureSubscriptionId, and that the service principal of Atlas is in that directory",
            ),
            (
                _,
                Some(ErrorCode::ContainersInUse | ErrorCode::CannotDeleteRecentlyCreatedContainer),
            ) => f.write_str(
                "; delete what uses the container first: its peerings, or the clusters of its cloud and region; one that was just created can be deleted a little later",
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
    let values = api.parameters.iter().flatten();
    let texts = values.filter_map(|value| value.as_str());
    let unsaid: Vec<_> = texts.filter(|text| !words.contains(text)).collect();
    if unsaid.is_empty() {
        return Ok(());
    }
    write!(f, " ({})", unsaid.join(", "))
}

/// A peering that failed: its cause, and what helps.
fn write_failure(status: &PeeringSnapshot, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "the peering {} is {}", status.id(), status.state())?;
    if let Some(cause) = status.peering.cause() {
        write!(f, " ({})", cause.trim_end_matches('.'))?;
    }
    match status.next_step() {
        Some(step) => write!(f, ": {step}"),
        None => Ok(()),
    }
}
