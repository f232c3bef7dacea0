//! What a call gives back when it succeeds.

use std::ops::Deref;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::RateLimit;

/// A decoded response with its status and headers. It dereferences to the decoded body.
#[derive(Clone)]
pub struct Response<T> {
    pub(super) inner: T,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) wire: Bytes,
}

impl<T> Response<T> {
    /// The decoded body alone.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The HTTP status: a success, or the 404 or 409 of a repeated deletion that found nothing left to
    /// delete.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the response.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it came over the wire, for people who want to show it: in its envelope where the
    /// client asked for one, and with the service's own formatting (see [`Client::pretty`]).
    ///
    /// [`Client::pretty`]: crate::Client::pretty
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.wire
    }

    /// What the response says of the rate limit.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        RateLimit::of(&self.headers)
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

/// Without the headers: what a gateway puts there is not known to be fit for a log.
impl<T: std::fmt::Debug> std::fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("inner", &self.inner)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
