//! The connections to the service, with bounds on the size of a response and on its pauses.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use super::Form;
use super::raw_response::RawResponse;
use crate::Error;

/// How much of a 401's body is read: 256 KiB. What a challenge says beside its header does not
/// matter, and a connection with an unread body cannot be used again.
const CHALLENGE: usize = 256 * 1024;

/// The connections of a client. Clones share them.
#[derive(Clone)]
pub(crate) struct HttpClient {
    pub(crate) connections: reqwest::Client,
    pub(crate) limits: Limits,
    pub(crate) form: Form,
}

/// How much a request and its response may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many bytes the body of the response may have.
    pub(crate) bytes: usize,
    /// How long its body may pause.
    pub(crate) pause: Duration,
    /// How long a request that reads or deletes may take; where none, what the connections allow.
    pub(crate) read: Option<Duration>,
    /// How long a request that creates or changes may take.
    pub(crate) write: Duration,
}

impl HttpClient {
    /// Sends a copy of a request, and reads the response to its end.
    pub(crate) async fn send(
        &self,
        request: &reqwest::Request,
        authorization: Option<HeaderValue>,
    ) -> Result<RawResponse, Error> {
        let mut copy = request
            .try_clone()
            .ok_or_else(|| Error::setup("a request whose body is a stream cannot be sent"))?;
        if let Some(authorization) = authorization {
            copy.headers_mut().insert(AUTHORIZATION, authorization);
        }
        let response = self
            .connections
            .execute(copy)
            .await
            .map_err(Error::from_reqwest)?;
        let (status, mut limits) = (response.status(), self.limits);
        let headers = (status == StatusCode::UNAUTHORIZED).then(|| response.headers().clone());
        if headers.is_some() {
            limits.bytes = limits.bytes.min(CHALLENGE);
        }
        let response = match (RawResponse::read(response, limits).await, headers) {
            // A challenge counts all the same.
            (Err(error), Some(headers))
                if error.is_decode() || headers.contains_key(WWW_AUTHENTICATE) =>
            {
                let empty = RawResponse::of(status, Bytes::new());
                RawResponse { headers, ..empty }
            }
            (read, _) => read?,
        };
        Ok(self.form.unwrap(response))
    }
}
