//! One call: from the request to the decoded response.
//!
//! A generated method builds the request and passes it to [`Transport::call`]. The transport adds the
//! query parameters of the response's form, authenticates and sends the request, repeats it if that is
//! safe, and decodes the response.

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

/// What a client sends its calls with. Clones share the connections and the authentication.
#[derive(Clone)]
pub(crate) struct Transport {
    pub(crate) http: HttpClient,
    pub(crate) authentication: Arc<Authentication>,
    pub(crate) retry: RetryPolicy,
    pub(crate) version: ApiVersion,
}

/// The properties of an operation in the fragment, from its generated method.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The name of the method.
    pub(crate) name: &'static str,
    /// The path below that of the API version, with parameter names in braces.
    #[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "spans show it"))]
    pub(crate) path: &'static str,
    pub(crate) effect: Effect,
}

/// The effect of an operation, which decides when a call may be repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effect {
    /// Reads, and changes nothing.
    Read,
    /// Creates or updates: a second request may have a second effect.
    Write,
    /// Deletes: the service refuses a second request with one of these codes, and it has no effect.
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
            read(response).map_err(|error| error.after(attempts, false))
        }));
        called.await.map_err(|error| error.of(operation.name))
    }

    /// Sends a request as often as the policy allows. Returns the response and the number of attempts.
    async fn exchange(
        &self,
        operation: &Operation,
        request: reqwest::RequestBuilder,
    ) -> Result<(RawResponse, u32), Error> {
        let effect = operation.effect;
        let mut request = request.build().map_err(Error::from_reqwest)?;
        let HttpClient { limits, form, .. } = self.http;
        form.add_to(request.url_mut());
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

    /// Makes one attempt. Authentication may send the request more than once.
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
            // An earlier attempt deleted it, and its response was lost.
            return Ok(response);
        }
        Err(error)
    }
}
