//! The message of every error, on one line: what failed, why, and what to do.

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

/// The advice where a call may have taken effect.
const CHECK: &str = "whether the service acted is unknown: repeat a call that reads, deletes or ensures, and check before you create or change again";

/// One line of a log, whatever text of the service it contains.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(Message(self)))
    }
}

/// The message before its line breaks and control characters are replaced.
struct Message<'a>(&'a Error);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        if let Some(operation) = error.0.operation {
            write!(f, "{operation}: ")?;
        }
        if let Some(step) = error.0.step {
            write!(f, "{step}: ")?;
        }
        match &error.0.kind {
            Kind::Setup(text)
            | Kind::Input(text)
            | Kind::Unfinished(text)
            | Kind::Differs(text) => f.write_str(text),
            Kind::Connect { origin, timed_out } => {
                let late = if *timed_out { " in time" } else { "" };
                write!(
                    f,
                    "no connection to {origin}{late}; nothing was sent: check the network, the proxy and the base URL"
                )
            }
            Kind::Tls { origin, reason } => write!(
                f,
                "no trusted connection to {origin} ({reason}); nothing was sent: check the certificate, the base URL and the clock, and trust the root certificate of a company's proxy with SSL_CERT_FILE or ClientBuilder::configure"
            ),
            Kind::Provider => f.write_str(
                "the token provider failed; nothing was sent: check the source of this error",
            ),
            Kind::NoResponse { timed_out: true } => write!(f, "no response in time; {CHECK}"),
            Kind::NoResponse { timed_out: false } => {
                write!(f, "the connection broke before a response; {CHECK}")
            }
            Kind::Body { status, timed_out } => {
                let how = ["was broken off", "did not end in time"][usize::from(*timed_out)];
                write!(f, "the response {status} {how}; {CHECK}")
            }
            Kind::Decode { status } => write!(
                f,
                "the response {status} does not match the specification: check what responds at the base URL, update this crate, and check before you create or change again"
            ),
            Kind::TooLarge { status, largest } => write!(
                f,
                "the response {status} has over {largest} bytes, and was not read: check the proxies on the way, or raise ClientBuilder::max_response_bytes"
            ),
            Kind::Unproven { status } => write!(
                f,
                "the response {status} comes from a server that does not know the key (its rspauth is wrong): check the base URL, and the proxies on the way"
            ),
            Kind::Response(response) => response.fmt(f),
            Kind::Failed(peering) => write_failure(peering, f),
            Kind::Deleted(id) => write!(
                f,
                "the peering {id} was deleted during the wait: create it again, if it is still needed"
            ),
        }?;
        if error.0.effect_unknown && !error.last_attempt_may_have_taken_effect() {
            f.write_str("; an earlier attempt may have taken effect: check before you create or change again")?;
        }
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
            return write!(f, "; {}", self.advice());
        };
        write!(f, "the service refused with {status}")?;
        if let Some(code) = &api.error_code {
            write!(f, ", {code}")?;
        }
        if let Some(text) = api.detail.as_ref().or(api.reason.as_ref()) {
            write!(f, ": {}", text.trim_end_matches('.'))?;
        }
        if [StatusCode::CONFLICT, StatusCode::NOT_FOUND].contains(&self.status) {
            write_parameters(api, f)?;
        }
        let detail = api.bad_request_detail.as_ref();
        let fields = detail.and_then(|detail| detail.fields.as_ref());
        for violation in fields.into_iter().flatten() {
            let texts = [violation.field.as_deref(), violation.description.as_deref()];
            let texts: Vec<_> = texts.into_iter().flatten().collect();
            write!(f, "; {}", texts.join(": ").trim_end_matches('.'))?;
        }
        write!(f, "; {}", self.advice())
    }
}

impl ErrorResponse {
    /// What to do about the refusal.
    fn advice(&self) -> String {
        use ErrorCode as Code;
        let credential = &self.credential;
        let code = self.api.as_ref().and_then(|api| api.error_code.as_ref());
        let advice = match (self.status, code) {
            (StatusCode::UNAUTHORIZED, code) if code.is_some_and(Code::is_of_a_role) => {
                return format!("{credential} lacks a role in this project: grant it one");
            }
            (StatusCode::UNAUTHORIZED, _) => return self.advice_on_credentials(),
            (_, Some(Code::IpAddressNotOnAccessList)) => {
                return format!("add this machine's address to the access list of {credential}");
            }
            (_, Some(Code::AzureCustomerNetworkValidationFailed)) => {
                "first create the service principal of Atlas, and its role on the virtual network"
            }
            (_, Some(Code::AzureCustomerNetworkUnreachable)) => {
                "Atlas cannot reach the subscription: check azureDirectoryId and azureSubscriptionId, and that the service principal of Atlas is in that directory"
            }
            (_, Some(Code::ContainersInUse | Code::CannotDeleteRecentlyCreatedContainer)) => {
                "delete what uses the container first: its peerings, or the clusters of its cloud and region; repeat the call later if the container is new"
            }
            (_, Some(Code::PeerInvalidState | Code::PeerAlreadyRequestedDeletion)) => {
                "wait until the state of the peering changes"
            }
            (_, Some(Code::NoCapacity)) => "choose another region, or repeat the call later",
            (status, _) if status.is_redirection() => {
                "redirects are never followed: check the base URL"
            }
            (status, _) if status.is_server_error() => CHECK,
            (StatusCode::TOO_MANY_REQUESTS, _) => match self.retry_after {
                Some(wait) => return format!("repeat the call in {wait:?}"),
                None => "repeat the call later",
            },
            _ if self.api.is_none() => "check the base URL, and the proxies on the way",
            (StatusCode::PAYMENT_REQUIRED, _) => "check the billing of the organization in Atlas",
            (StatusCode::FORBIDDEN, Some(code)) if code.as_str() == "access_denied" => {
                "revoke tokens that are not in use, and keep tokens between runs"
            }
            (StatusCode::FORBIDDEN, _) => {
                return format!("check the roles and the access list of {credential}");
            }
            (StatusCode::NOT_FOUND, _) => "check the ids and the base URL",
            (StatusCode::METHOD_NOT_ALLOWED, _) => "repeat the call later",
            (StatusCode::CONFLICT, _) => "use, change or delete what exists, or change the request",
            _ => "correct the request",
        };
        advice.to_owned()
    }

    fn advice_on_credentials(&self) -> String {
        let check = match &self.unauthorized {
            Some(reason @ Unauthorized::Stale) => return reason.to_string(),
            Some(Unauthorized::NoResponse(_)) => {
                return "no credentials were sent for its challenge: check the source of this error".into();
            }
            None if self.credential == ACCESS_TOKEN => "that it has not expired or been revoked",
            _ => "both its parts, that it was not deleted",
        };
        let path = self.unauthorized.as_ref();
        let path = path.map_or(String::new(), |path| format!("; {path}"));
        let credential = &self.credential;
        format!("{credential} was refused: check {check}, and the base URL{path}")
    }
}

/// The parameters of a refusal that its detail does not name, such as an id.
fn write_parameters(api: &ApiError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let detail = api.detail.as_deref().unwrap_or_default();
    let values = api.parameters.iter().flatten();
    let texts = values.filter_map(|value| value.as_str());
    let missing: Vec<_> = texts.filter(|text| !detail.contains(text)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    write!(f, " ({})", missing.join(", "))
}

/// A failed peering: its cause, and the remedy.
fn write_failure(peering: &PeeringSnapshot, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "the peering {} is {}", peering.id(), peering.state())?;
    if let Some(cause) = peering.peering.cause() {
        write!(f, " ({})", cause.trim_end_matches('.'))?;
    }
    match peering.next_step() {
        Some(step) => write!(f, ": {step}"),
        None => Ok(()),
    }
}
