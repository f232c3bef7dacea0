//! One call: the request's way to the service, and its response's way back.
//!
//! A generated method builds the request and hands it to [`Transport::call`]. The transport adds the
//! form of the response that the client asks for, sends the request with its authentication, repeats
//! it where that is safe, and decodes the response.

mod backoff;
mod envelope;
pub(crate) mod http_client;
pub(crate) mod rate_limit;
pub(crate) mod raw_response;
mod response;
pub(crate) mod retry;
pub(crate) mod spans;

use std::sync::Arc;

use futures_util::FutureExt as _;

use crate::auth::Authentication;
use crate::error::ErrorResponse;
use crate::{ApiVersion, Error, ErrorCode};
pub(crate) use backoff::Backoff;
pub(crate) use envelope::Form;
use http_client::HttpClient;
pub use rate_limit::RateLimit;
pub(crate) use raw_response::RawResponse;
pub use response::Response;
use retry::Attempt;
pub use retry::RetryPolicy;
use spans::Span;

/// How a client sends its calls. Clones share the connections and the authentication.
#[derive(Clone)]
pub(crate) struct Transport {
    pub(crate) http: HttpClient,
    pub(crate) authentication: Arc<Authentication>,
    pub(crate) retry: RetryPolicy,
    pub(crate) version: ApiVersion,
}

/// What the fragment says of an operation, as generated methods pass it on.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The name of its method.
    pub(crate) name: &'static str,
    /// Its path below the version's, with the names of its parameters in braces.
    #[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "spans show it"))]
    pub(crate) path: &'static str,
    pub(crate) effect: Effect,
}

/// What an operation does to the service, which decides when it may be repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effect {
    /// Changes nothing.
    Read,
    /// Creates or changes: a second call may have a second effect.
    Write,
    /// Deletes: a second call finds nothing left to do, and is refused with one of these codes.
    Delete(&'static [ErrorCode]),
}

impl Transport {
    /// Sends the request of an operation, and reads its response.
    pub(crate) async fn call<T>(
        &self,
        operation: &'static Operation,
        request: reqwest::RequestBuilder,
        read: fn(RawResponse) -> Result<Response<T>, Error>,
    ) -> Result<Response<T>, Error> {
        let exchange = self.exchange(operation, request);
        let called = Span::call(operation).run(exchange.map(|exchanged| {
            let (response, attempts) = exchanged?;
            read(response).map_err(|error| error.after(attempts))
        }));
        called.await.map_err(|error| error.of(operation.name))
    }

    /// Sends a request as often as the policy allows. Returns the response, and after how many
    /// attempts it came.
    async fn exchange(
        &self,
        operation: &Operation,
        request: reqwest::RequestBuilder,
    ) -> Result<(RawResponse, u32), Error> {
        let effect = operation.effect;
        let mut request = request.build().map_err(Error::from_reqwest)?;
        let HttpClient { limits, form, .. } = self.http;
        form.ask(request.url_mut());
        let (timeout, may_repeat): (_, fn(&Error) -> bool) = match effect {
            Effect::Read | Effect::Delete(_) => (limits.read, retry::if_idempotent),
            Effect::Write => (Some(limits.write), retry::if_not_sent),
        };
        *request.timeout_mut() = timeout;
        let request = &request;
        let attempt = |attempt: Attempt| async move {
            let span = Span::attempt(operation, request, attempt.number);
            let response = span.run(self.attempt(effect, request, attempt)).await?;
            span.responded(response.status);
            Ok((response, attempt.number))
        };
        retry::run(&self.retry, may_repeat, |_| (), attempt).await
    }

    /// Sends a request once, challenges aside.
    async fn attempt(
        &self,
        effect: Effect,
        request: &reqwest::Request,
        attempt: Attempt,
    ) -> Result<RawResponse, Error> {
        let response = self.authentication.send(&self.http, request).await?;
        if response.status.is_success() {
            return Ok(response);
        }
        let error = ErrorResponse::read(&response, self.authentication.credentials.name());
        if let Effect::Delete(deleted) = effect
            && attempt.may_have_taken_effect
            && error.has_code(deleted)
        {
            // An earlier attempt, whose response was lost, deleted it.
            return Ok(response);
        }
        Err(error)
    }
}
