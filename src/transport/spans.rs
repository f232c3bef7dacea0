//! The spans of the feature `tracing`, for workflows, calls and attempts. Their fields have the names of
//! OpenTelemetry's conventions for HTTP clients, and contain no header and no body. Without the feature,
//! [`Span`] is empty.

#![cfg_attr(
    not(feature = "tracing"),
    expect(unused_variables, clippy::unused_self, reason = "only spans use them")
)]

use http::StatusCode;

use super::Operation;
use crate::Error;

#[derive(Clone, Debug)]
pub(crate) struct Span(#[cfg(feature = "tracing")] tracing::Span);

macro_rules! span {
    ($kind:literal, $name:expr, $($fields:tt)*) => {
        Self(
            #[cfg(feature = "tracing")]
            tracing::info_span!(
                target: "atlas_peering",
                $kind,
                otel.name = $name,
                otel.status_code = tracing::field::Empty,
                "error.type" = tracing::field::Empty,
                $($fields)*
            ),
        )
    };
}

impl Span {
    /// The span of a workflow, such as a wait with its polls.
    pub(crate) fn workflow(operation: &'static str) -> Self {
        span!("workflow", operation, atlas.operation = operation)
    }

    /// The span of a call, with all its attempts.
    pub(crate) fn call(operation: &Operation) -> Self {
        span!("call", operation.name, atlas.operation = operation.name)
    }

    /// The span of an attempt, counted from 1. It includes authentication: the wait for a token, and the
    /// second request after a challenge.
    pub(crate) fn attempt(operation: &Operation, request: &reqwest::Request, number: u32) -> Self {
        let (method, url) = (request.method().as_str(), request.url());
        span!(
            "attempt",
            tracing::field::display(format_args!("{method} {}", operation.path)),
            otel.kind = "client",
            http.request.method = method,
            http.request.resend_count = (number > 1).then(|| i64::from(number) - 1),
            url.full = url.as_str(),
            url.template = operation.path,
            server.address = url.host_str(),
            server.port = url.port_or_known_default().map(i64::from),
            http.response.status_code = tracing::field::Empty,
        )
    }

    /// Runs a future inside the span, and records its failure. An `async` block around the future would
    /// double its size.
    pub(crate) fn run<T, F: Future<Output = Result<T, Error>>>(
        &self,
        future: F,
    ) -> impl Future<Output = F::Output> + use<T, F> {
        #[cfg(feature = "tracing")]
        let future = {
            let span = self.clone();
            let future = tracing::Instrument::instrument(future, self.0.clone());
            futures_util::FutureExt::inspect(future, move |outcome| match outcome {
                Err(error) if !span.0.is_disabled() => span.failed(error),
                _ => {}
            })
        };
        future
    }

    #[cfg(feature = "tracing")]
    fn failed(&self, error: &Error) {
        error.status().inspect(|status| self.responded(*status));
        self.0.record("error.type", error.type_name());
        self.0.record("otel.status_code", "ERROR");
    }

    /// Records the status of the response: that inside its envelope, if it has one.
    pub(crate) fn responded(&self, status: StatusCode) {
        #[cfg(feature = "tracing")]
        self.0
            .record("http.response.status_code", i64::from(status.as_u16()));
    }
}

/// Runs a future for another task in the current span.
pub(crate) fn spawned<F: Future>(future: F) -> impl Future<Output = F::Output> {
    #[cfg(feature = "tracing")]
    let future = tracing::Instrument::in_current_span(future);
    future
}
