//! The connections to the service, with limits on the size of a response and on its pauses.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use super::Form;
use super::raw_response::RawResponse;
use crate::Error;

/// The most that is read of the body of a 401: 256 KiB. Only its header counts, but a connection with an
/// unread body cannot be used again.
const MAX_CHALLENGE_BYTES: usize = 256 * 1024;

/// The connections of a client. Clones share them.
#[derive(Clone)]
pub(crate) struct HttpClient {
    pub(crate) connections: reqwest::Client,
    pub(crate) limits: Limits,
    pub(crate) form: Form,
}

/// The limits of a request and its response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The size limit of the response body, in bytes.
    pub(crate) bytes: usize,
    /// How long the response body may pause.
    pub(crate) pause: Duration,
    /// The time limit of a request that reads or deletes. `None` means the limit of the connections.
    pub(crate) read: Option<Duration>,
    /// The time limit of a request that creates or updates.
    pub(crate) write: Duration,
}

impl HttpClient {
    /// Sends a copy of a request, and reads the whole response.
    pub(crate) async fn send(
        &self,
        request: &reqwest::Request,
        authorization: Option<HeaderValue>,
    ) -> Result<RawResponse, Error> {
        let mut copy = request.try_clone().ok_or_else(|| {
            Error::setup("the body of the request is a stream, which cannot be copied: use bytes")
        })?;
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
            limits.bytes = limits.bytes.min(MAX_CHALLENGE_BYTES);
        }
        let response = match (RawResponse::read(response, limits).await, headers) {
            // Its challenge is valid without its body.
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
