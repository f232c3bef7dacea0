//! The request's way to the service and the answer's way back.
//!
//! Generated methods build the request and decode the answer; everything between is here.

mod envelope;
pub(crate) mod http_client;
mod outcome;
pub(crate) mod rate_limit;
pub(crate) mod raw_response;
mod response;
pub(crate) mod retry;
mod version;

use std::sync::Arc;

use http::{Method, StatusCode};
use tokio::time::Instant;

use crate::Error;
use crate::auth::{Authentication, Sent};
use crate::error::{ErrorCode, Refusal};
use crate::transport::http_client::Connection;
use crate::transport::raw_response::Answer;
pub(crate) use envelope::Form;
use outcome::Aside;
pub(crate) use outcome::{decode, empty, finish};
pub use rate_limit::RateLimit;
pub use response::Response;
pub use retry::RetryPolicy;
pub use version::ApiVersion;

/// How a client's calls are sent. Clones share their authentication.
#[derive(Clone)]
pub(crate) struct Transport {
    authentication: Arc<Authentication>,
    retry: RetryPolicy,
    version: ApiVersion,
    form: Form,
    /// How many bytes the body of an answer may have.
    largest: usize,
}

impl Transport {
    pub(crate) fn new(
        authentication: Authentication,
        retry: RetryPolicy,
        version: ApiVersion,
        largest: usize,
    ) -> Self {
        Self {
            authentication: Arc::new(authentication),
            retry,
            version,
            form: Form::default(),
            largest,
        }
    }

    pub(crate) fn retry(&self) -> &RetryPolicy {
        &self.retry
    }

    pub(crate) fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// The connections of a client, bounded.
    pub(crate) fn connection(&self, http: &reqwest::Client) -> Connection {
        Connection::new(http.clone(), self.largest)
    }

    pub(crate) fn form_mut(&mut self) -> &mut Form {
        &mut self.form
    }

    /// Sends a request with its authentication, and again where the policy allows it. What comes
    /// back is a success with its whole body, or carries the failure to [`finish`].
    pub(crate) async fn exchange(
        &self,
        http: &reqwest::Client,
        request: reqwest::Request,
    ) -> reqwest::Response {
        let answered =
            self.repeat(&self.connection(http), request)
                .await
                .and_then(|(answer, tries)| {
                    let wire = answer.wire.clone();
                    let mut response = answer.into_response()?;
                    response.extensions_mut().insert(Aside { wire, tries });
                    Ok(response)
                });
        answered.unwrap_or_else(outcome::carry)
    }

    /// The answer, and the tries that it took.
    async fn repeat(
        &self,
        http: &Connection,
        mut request: reqwest::Request,
    ) -> Result<(Answer, u32), Error> {
        // The generator's own header: the service tells its versions by path and media type.
        request.headers_mut().remove("api-version");
        self.version.mark(&mut request);
        self.form.ask(request.url_mut());
        let (start, method, url) = (
            Instant::now(),
            request.method().clone(),
            request.url().clone(),
        );
        let (mut tries, mut may_have_acted) = (0, false);
        loop {
            tries += 1;
            let again = request.try_clone();
            let outcome = self.send(http, request, again.as_ref()).await;
            let wait = outcome
                .as_ref()
                .err()
                .and_then(|error| self.retry.wait(&method, error, tries, start.elapsed()));
            #[cfg(feature = "tracing")]
            report(&method, url.path(), tries, &outcome, wait);
            let error = match outcome {
                Ok(answer) => return Ok((answer, tries)),
                Err(error) => error,
            };
            if method == Method::DELETE && may_have_acted && is_second_removal(&error) {
                return Ok((Answer::accepted(url), tries));
            }
            may_have_acted |= retry::may_have_acted(&error);
            let (Some(wait), Some(again)) = (wait, again) else {
                return Err(error.after(tries));
            };
            tokio::time::sleep(wait).await;
            request = again;
        }
    }

    /// Sends a request once, challenges aside; `again` is a copy of it.
    async fn send(
        &self,
        http: &Connection,
        request: reqwest::Request,
        again: Option<&reqwest::Request>,
    ) -> Result<Answer, Error> {
        let Sent { answer, unanswered } = self.authentication.send(http, request, again).await?;
        let answer = self.form.unwrap(answer);
        if answer.status.is_success() {
            return Ok(answer);
        }
        let error = Refusal::read(&answer, self.authentication.name(), unanswered.is_some());
        Err(match unanswered {
            Some(reason) => error.because(reason),
            None => error,
        })
    }
}

/// Tells of a try, at the level of debugging: no header, no query and no body.
#[cfg(feature = "tracing")]
fn report(
    method: &Method,
    path: &str,
    tries: u32,
    outcome: &Result<Answer, Error>,
    wait: Option<std::time::Duration>,
) {
    let status = match outcome {
        Ok(answer) => Some(answer.status),
        Err(error) => error.status(),
    };
    tracing::debug!(
        %method,
        path,
        status = status.map(|status| status.as_u16()),
        attempt = tries,
        wait_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        "a call was tried"
    );
}

/// Whether a removal is refused because an earlier one is under way.
fn is_second_removal(error: &Error) -> bool {
    error.status() == Some(StatusCode::CONFLICT)
        && error.error_code() == Some(&ErrorCode::PEER_ALREADY_REQUESTED_DELETION)
}
