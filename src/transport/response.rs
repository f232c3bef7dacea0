//! The result of a call that succeeds.

use std::ops::Deref;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::RateLimit;

/// A response with its status, its headers and its decoded body. It dereferences to the decoded body.
#[derive(Clone)]
pub struct Response<T> {
    pub(super) inner: T,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) wire: Bytes,
}

impl<T> Response<T> {
    /// Returns the decoded body.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// Returns the HTTP status: a success, or the 404 or 409 of a repeated deletion whose first response was
    /// lost.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the body as sent by the service: with its envelope ([`Client::enveloped`]), and in the
    /// service's own formatting ([`Client::pretty`]).
    ///
    /// [`Client::enveloped`]: crate::Client::enveloped
    /// [`Client::pretty`]: crate::Client::pretty
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.wire
    }

    /// Returns the rate limit from the headers, or `None` if they contain none.
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

/// Omits the headers: those of a gateway may not be fit for a log.
impl<T: std::fmt::Debug> std::fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("inner", &self.inner)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
