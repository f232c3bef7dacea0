//! The one error of this crate: opaque, cheap to clone, asked by predicates.

mod error_response;
mod message;
mod predicates;
mod workflow;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::types::{ApiError, ErrorCode};
use crate::{PeeringId, PeeringSnapshot, RateLimit};
pub(crate) use error_response::ErrorResponse;
#[cfg(any(test, fuzzing))]
pub(crate) use message::LONGEST;

type Source = Arc<dyn StdError + Send + Sync>;

/// Why a call, or the making of a client, failed.
///
/// Its message says what failed and what to do about it; causes are in [`source`], and are not
/// repeated in the message. Neither holds a secret. An error clones cheaply, so that many waiters
/// can share one.
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
/// The page [`guide::troubleshooting`](crate::guide::troubleshooting) leads from a message to its remedy.
///
/// [`source`]: StdError::source
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    operation: Option<&'static str>,
    /// The part of the operation that failed, where it was not its own request.
    step: Option<&'static str>,
    /// How many attempts the call had; 0 where nothing was sent.
    attempts: u32,
    source: Option<Source>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// The client cannot be made of what it was given.
    Setup(String),
    /// A value that the service would surely refuse.
    Input {
        field: &'static str,
        value: String,
        remedy: Cow<'static, str>,
    },
    /// No connection: nothing was sent.
    Connect { origin: String, timed_out: bool },
    /// The server could not prove who it is, or wants other TLS: nothing was carried out.
    Tls { origin: String, reason: String },
    /// The token provider of the program gave no token: nothing was sent.
    Provider,
    /// The request was sent, or a part of it, and no response came.
    NoResponse { timed_out: bool },
    /// The response began and did not end.
    Body { status: StatusCode, timed_out: bool },
    /// The response is not what the specification says.
    Decode { status: StatusCode },
    /// The response has more bytes than are read.
    TooLarge { status: StatusCode, largest: usize },
    /// Whoever responded proved that it does not know the key.
    Unproven { status: StatusCode },
    /// The service, or something on the way, refused.
    Response(Box<ErrorResponse>),
    /// The peering that was waited for failed.
    Failed(Box<PeeringSnapshot>),
    /// What was waited for did not come in time.
    Unfinished(String),
    /// What was waited for was deleted.
    Deleted(PeeringId),
    /// There is one, and it is not the one that was requested.
    Differs(String),
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Arc::new(Inner {
            kind,
            operation: None,
            step: None,
            attempts: 0,
            source: None,
        }))
    }
}

impl Error {
    pub(crate) fn setup(reason: impl Into<String>) -> Self {
        Kind::Setup(reason.into()).into()
    }

    /// `field` is named as the service names it; `value` is shown, so it must be no secret.
    pub(crate) fn input(
        field: &'static str,
        value: &str,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (value, remedy) = (shortened(value), remedy.into());
        Self::from(Kind::Input {
            field,
            value,
            remedy,
        })
    }

    /// A fault of reqwest before the head of a response was there.
    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        let timed_out = error.is_timeout();
        let origin = error.url().map(|url| url.origin().ascii_serialization());
        let origin = origin.unwrap_or_default();
        let kind = if error.is_builder() {
            Kind::Setup("the request or the client could not be made".to_owned())
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
        Arc::make_mut(&mut self.0).step = Some(step);
        self
    }

    /// Adds how many attempts were made.
    pub(crate) fn after(mut self, attempts: u32) -> Self {
        Arc::make_mut(&mut self.0).attempts = attempts;
        self
    }

    /// Whether the service named the failure with one of these codes.
    pub(crate) fn has_code(&self, codes: &[ErrorCode]) -> bool {
        self.error_code().is_some_and(|code| codes.contains(code))
    }

    /// A name for its type that has few values: the status of a refusal, or what failed.
    #[cfg(feature = "tracing")]
    pub(crate) fn type_name(&self) -> String {
        if let Some(status) = self.status().filter(|status| !status.is_success()) {
            return status.as_str().to_owned();
        }
        let name = match &self.0.kind {
            Kind::Setup(_) => "configuration",
            Kind::Input { .. } => "input",
            Kind::Tls { .. } => "tls",
            _ if self.is_timeout() => "timeout",
            Kind::Connect { .. } => "connect",
            Kind::NoResponse { .. } | Kind::Body { .. } => "interrupted",
            Kind::Decode { .. } | Kind::TooLarge { .. } => "decode",
            Kind::Unproven { .. } => "unproven",
            Kind::Failed(_) => "peering_failure",
            Kind::Deleted(_) => "not_found",
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

    /// The method that failed, such as `create_peering_connection`; none where a client, a
    /// credential or an id could not be made.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status of the response, where there was one: also of a response that was broken off
    /// or could not be decoded.
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

    /// What the service says of the failure, whole.
    #[must_use]
    pub fn api_error(&self) -> Option<&ApiError> {
        self.error_response()?.api.as_ref()
    }

    /// The service's name for the failure, such as `PEER_NOT_FOUND`: an open set.
    #[must_use]
    pub fn error_code(&self) -> Option<&ErrorCode> {
        self.api_error()?.error_code.as_ref()
    }

    /// How long the service asks to wait before another attempt.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.error_response()?.retry_after
    }

    /// The period of the rate limit that is used up.
    pub(crate) fn limit_period(&self) -> Option<Duration> {
        self.error_response()?.limit_period
    }

    /// What the response says of the rate limit.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.error_response()?.rate_limit
    }

    /// How many attempts the call had, the first included; 0 where nothing was sent, and where no call
    /// failed but a workflow. A request that a challenge asked for is no attempt of its own.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("operation", &self.0.operation)
            .field("attempts", &self.0.attempts)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.0.source.as_deref()?)
    }
}

/// What is wrong with a certificate, or else with TLS, where a connection failed for that.
fn tls_fault(error: &dyn StdError) -> Option<String> {
    let causes = std::iter::successors(error.source(), |error| StdError::source(*error));
    // Below the first that names it, OpenSSL's lacks the reason.
    let mut texts = causes.map(ToString::to_string);
    texts.find(|text| text.contains("certificate") || text.contains("alert"))
}

/// At most 64 characters of a value: a message is no place for a whole file.
pub(crate) fn shortened(value: &str) -> String {
    match value.char_indices().nth(64) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
