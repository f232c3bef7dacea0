//! The one error of this crate: opaque, cheap to clone, with a predicate for each decision of a caller.

mod error_response;
mod message;
mod predicates;
mod workflow;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::model::one_line;
use crate::types::{ApiError, ErrorCode};
use crate::{PeeringId, PeeringSnapshot, RateLimit};
pub(crate) use error_response::ErrorResponse;
#[cfg(any(test, fuzzing))]
pub(crate) use message::LONGEST;

const REFUSED: &str = "reqwest refused its settings or the request: check ClientBuilder::configure, and the source of this error";

type Source = Arc<dyn StdError + Send + Sync>;

/// Why a call, or the construction of a client, a credential or an id, failed.
///
/// `Display` is one line: what failed, why, and what to do. It does not repeat the cause, which is in
/// [`source`]. Neither contains a secret. Cloning is cheap: clones share one allocation.
///
/// ```
/// # async fn on(error: atlas_peering::Error) {
/// use atlas_peering::ErrorCode;
///
/// if error.error_code() == Some(&ErrorCode::PeerAlreadyExists) {
///     // The network is peered with this project already.
/// } else if let Some(api) = error.api_error() {
///     eprintln!("{error} ({:?})", api.parameters);
/// }
/// # }
/// ```
///
/// [`guide::troubleshooting`](crate::guide::troubleshooting) lists the messages and their remedies.
///
/// [`source`]: StdError::source
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: Kind,
    operation: Option<&'static str>,
    /// The part of the operation that failed, if it was not the operation's own request.
    step: Option<&'static str>,
    /// The number of attempts; 0 if nothing was sent.
    attempts: u32,
    /// Whether an earlier attempt may have taken effect.
    effect_unknown: bool,
    source: Option<Source>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A setting of the client is missing or invalid.
    Setup(String),
    /// A value that the service would certainly refuse.
    Input(String),
    /// No connection was made; nothing was sent.
    Connect { origin: String, timed_out: bool },
    /// The TLS handshake failed; nothing was carried out.
    Tls { origin: String, reason: String },
    /// The program's token provider failed; nothing was sent.
    Provider,
    /// The request was sent, at least in part, and no response arrived.
    NoResponse { timed_out: bool },
    /// The response began and is incomplete.
    Body { status: StatusCode, timed_out: bool },
    /// The response does not match the specification.
    Decode { status: StatusCode },
    /// The response has more bytes than the client reads.
    TooLarge { status: StatusCode, largest: usize },
    /// The server sent a proof (`rspauth`) that does not match the key.
    Unproven { status: StatusCode },
    /// The service, or a gateway before it, refused.
    Response(Box<ErrorResponse>),
    /// The peering failed during a wait or an `ensure`.
    Failed(Box<PeeringSnapshot>),
    /// A wait ran out of time.
    Unfinished(String),
    /// The peering was deleted during a wait.
    Deleted(PeeringId),
    /// The resource exists and differs from the request.
    Differs(String),
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Arc::new(Inner {
            kind,
            operation: None,
            step: None,
            attempts: 0,
            effect_unknown: false,
            source: None,
        }))
    }
}

impl Error {
    pub(crate) fn setup(reason: impl Into<String>) -> Self {
        Kind::Setup(reason.into()).into()
    }

    /// A setting of the client is invalid. The message shows `value`, which must be no secret.
    pub(crate) fn setting(name: &str, value: &str, remedy: &str) -> Self {
        Kind::Setup(invalid(name, value, remedy)).into()
    }

    /// `field` is the service's name. The message shows `value`, which must be no secret.
    pub(crate) fn input(field: &str, value: &str, remedy: impl fmt::Display) -> Self {
        Kind::Input(invalid(field, value, remedy)).into()
    }

    /// An error of reqwest from before the head of a response arrived.
    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        let timed_out = error.is_timeout();
        let origin = error.url().map(|url| url.origin().ascii_serialization());
        let origin = origin.unwrap_or_default();
        let kind = if error.is_builder() {
            Kind::Setup(REFUSED.to_owned())
        } else if let Some(reason) = tls_fault(&error) {
            Kind::Tls { origin, reason }
        } else if error.is_connect() {
            Kind::Connect { origin, timed_out }
        } else {
            Kind::NoResponse { timed_out }
        };
        Self::from(kind).because(error.without_url())
    }

    /// Adds the cause.
    pub(crate) fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Arc::make_mut(&mut self.0).source = Some(source.into().into());
        self
    }

    /// Adds the operation that failed.
    pub(crate) fn of(mut self, operation: &'static str) -> Self {
        Arc::make_mut(&mut self.0).operation = Some(operation);
        self
    }

    /// Adds the part of the operation that failed.
    pub(crate) fn in_step(mut self, step: &'static str) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        // It precedes the operation's own request.
        (inner.step, inner.effect_unknown) = (Some(step), false);
        self
    }

    /// Adds the number of attempts, and whether an earlier one may have taken effect.
    pub(crate) fn after(mut self, attempts: u32, effect_unknown: bool) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        inner.attempts = attempts;
        inner.effect_unknown |= effect_unknown;
        self
    }

    /// Whether the service responded with one of these codes.
    pub(crate) fn has_code(&self, codes: &[ErrorCode]) -> bool {
        self.error_code().is_some_and(|code| codes.contains(code))
    }

    /// A type of low cardinality: the status of a refusal, or the name of the failure.
    #[cfg(feature = "tracing")]
    pub(crate) fn type_name(&self) -> String {
        if let Some(status) = self.status().filter(|status| !status.is_success()) {
            return status.as_str().to_owned();
        }
        let name = match &self.0.kind {
            Kind::Setup(_) => "configuration",
            Kind::Input(_) => "input",
            Kind::Tls { .. } => "tls",
            _ if self.is_timeout() => "timeout",
            Kind::Connect { .. } => "connect",
            Kind::NoResponse { .. } | Kind::Body { .. } => "interrupted",
            Kind::Decode { .. } | Kind::TooLarge { .. } => "decode",
            Kind::Unproven { .. } => "unproven",
            Kind::Failed(_) => "peering_failure",
            Kind::Deleted(_) => "not_found",
            Kind::Provider => "token_provider",
            _ => "conflict",
        };
        name.to_owned()
    }

    #[cfg(test)]
    pub(crate) fn interrupted() -> Self {
        Kind::NoResponse { timed_out: false }.into()
    }

    fn error_response(&self) -> Option<&ErrorResponse> {
        match &self.0.kind {
            Kind::Response(response) => Some(response),
            _ => None,
        }
    }

    /// The name of the method that failed, such as `create_peering_connection`. `None` if the
    /// construction of a client, a credential or an id failed.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status of the response. `None` if no response arrived. A response that was broken off
    /// or could not be decoded has a status too.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match &self.0.kind {
            Kind::Body { status, .. }
            | Kind::Decode { status }
            | Kind::TooLarge { status, .. }
            | Kind::Unproven { status } => Some(*status),
            Kind::Response(response) => Some(response.status),
            _ => None,
        }
    }

    /// The whole error body of the service. `None` if the service sent none.
    #[must_use]
    pub fn api_error(&self) -> Option<&ApiError> {
        self.error_response()?.api.as_ref()
    }

    /// The service's code for the failure, such as `PEER_NOT_FOUND`: an open set.
    #[must_use]
    pub fn error_code(&self) -> Option<&ErrorCode> {
        self.api_error()?.error_code.as_ref()
    }

    /// How long the service asks to wait before the next attempt. `None` if it does not ask.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.error_response()?.retry_after
    }

    /// The period of the exceeded rate limit.
    pub(crate) fn limit_period(&self) -> Option<Duration> {
        self.error_response()?.limit_period
    }

    /// The rate limit in the headers of the response. `None` if they contain none.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.error_response()?.rate_limit
    }

    /// The number of attempts of the call, the first included. 0 if nothing was sent, or if a workflow
    /// failed and none of its calls. The second request after a challenge is part of the same attempt.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }
}

/// The message and those of the sources, for a `main` that returns the error. `{:#?}` is the structure.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return self.0.fmt(f);
        }
        write!(f, "{self}")?;
        let mut causes = std::iter::successors(self.source(), |cause| StdError::source(*cause));
        causes.try_for_each(|cause| write!(f, ": {}", one_line(cause)))
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.0.source.as_deref()?)
    }
}

/// The text of the certificate's or TLS fault, if that made the connection fail.
fn tls_fault(error: &reqwest::Error) -> Option<String> {
    let causes = std::iter::successors(error.source(), |error| StdError::source(*error));
    // The first match: the causes below it lack the reason in OpenSSL.
    let mut texts = causes.map(ToString::to_string);
    let text = texts.find(|text| text.contains("certificate") || text.contains("alert"));
    // Servers may refuse a client's certificate after the handshake. Any other alert then ends a
    // connection whose request may have been carried out.
    text.filter(|text| error.is_connect() || text.to_lowercase().contains("certificate"))
}

fn invalid(name: &str, value: &str, remedy: impl fmt::Display) -> String {
    format!("the {name} {:?} is invalid: {remedy}", shortened(value))
}

/// At most 64 characters of a value, which keeps a message short.
pub(crate) fn shortened(value: &str) -> String {
    match value.char_indices().nth(64) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
