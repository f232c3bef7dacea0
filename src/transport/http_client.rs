//! The connections to the service, with a bound on the size of a response.

use http::HeaderValue;
use http::header::AUTHORIZATION;

use super::raw_response::RawResponse;
use crate::Error;

/// The connections of a client. Clones share them.
#[derive(Clone)]
pub(crate) struct HttpClient {
    http: reqwest::Client,
    /// How many bytes the body of a response may have.
    max_bytes: usize,
}

impl HttpClient {
    pub(crate) fn new(http: reqwest::Client, max_bytes: usize) -> Self {
        Self { http, max_bytes }
    }

    pub(crate) fn post(&self, url: reqwest::Url) -> reqwest::RequestBuilder {
        self.http.post(url)
    }

    /// Sends a copy of a request, and returns the head of its response.
    pub(crate) async fn execute(
        &self,
        request: &reqwest::Request,
        authorization: Option<HeaderValue>,
    ) -> Result<reqwest::Response, Error> {
        let mut copy = request
            .try_clone()
            .ok_or_else(|| Error::setup("a request whose body is a stream cannot be sent"))?;
        if let Some(authorization) = authorization {
            copy.headers_mut().insert(AUTHORIZATION, authorization);
        }
        self.http.execute(copy).await.map_err(Error::from_reqwest)
    }

    /// Reads a response to its end.
    pub(crate) async fn read(&self, response: reqwest::Response) -> Result<RawResponse, Error> {
        RawResponse::read(response, self.max_bytes).await
    }
}
