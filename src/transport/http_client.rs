//! The way to the service, with a bound on what comes back.

use reqwest::{Method, Url};

use crate::Error;
use crate::transport::raw_response::Answer;

/// The connections of a client. It clones cheaply: clones share them.
#[derive(Clone)]
pub(crate) struct Connection {
    http: reqwest::Client,
    /// How many bytes the body of an answer may have.
    largest: usize,
}

impl Connection {
    pub(crate) fn new(http: reqwest::Client, largest: usize) -> Self {
        Self { http, largest }
    }

    /// A request to be sent with [`execute`](Self::execute).
    pub(crate) fn request(&self, method: Method, url: Url) -> reqwest::RequestBuilder {
        self.http.request(method, url)
    }

    /// Sends a request; the head of its answer.
    pub(crate) async fn execute(
        &self,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, Error> {
        let answered = self.http.execute(request).await;
        answered.map_err(Error::from_reqwest)
    }

    /// Reads an answer to its end.
    pub(crate) async fn read(&self, response: reqwest::Response) -> Result<Answer, Error> {
        Answer::read(response, self.largest).await
    }
}
