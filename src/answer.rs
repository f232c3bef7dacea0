//! An answer of the service, read to its end.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use reqwest::{ResponseBuilderExt, Url};

use crate::Error;

/// An answer with its whole body.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The body as it came over the wire.
    pub(crate) wire: Bytes,
    url: Url,
}

impl Answer {
    pub(crate) async fn read(mut response: reqwest::Response) -> Result<Self, Error> {
        let (status, url) = (response.status(), response.url().clone());
        let headers = std::mem::take(response.headers_mut());
        let body = response.bytes().await;
        let_go().await;
        let body = body.map_err(|error| Error::body(status, error))?;
        Ok(Self {
            status,
            headers,
            wire: body.clone(),
            body,
            url,
        })
    }

    /// The answer to a removal that is under way.
    pub(crate) fn accepted(url: Url) -> Self {
        let body = Bytes::from_static(b"{}");
        Self {
            status: StatusCode::ACCEPTED,
            headers: HeaderMap::new(),
            wire: body.clone(),
            body,
            url,
        }
    }

    /// The answer as generated code takes it.
    pub(crate) fn into_response(self) -> Result<reqwest::Response, Error> {
        let builder = http::Response::builder().status(self.status).url(self.url);
        let mut response = builder
            .body(self.body)
            .map_err(|error| Error::setup("an answer could not be put together").because(error))?;
        *response.headers_mut() = self.headers;
        Ok(response.into())
    }
}

/// Lets the task of a connection run whose answer was just read to its end. Else a request that
/// follows at once finds the connection still in use, and opens another. Where tasks run on several
/// threads that may still happen now and then; the other connection is kept and used later.
pub(crate) async fn let_go() {
    tokio::task::yield_now().await;
}
