//! The record of requests.

use std::collections::VecDeque;
use std::net::SocketAddr;

use axum::http::HeaderMap;

/// A request as it arrived on the wire, and its response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recorded {
    /// The method, such as `POST`.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query, still percent-encoded, without `?`; empty if the URL has none.
    pub query: String,
    /// All headers, including `Authorization`.
    pub headers: HeaderMap,
    /// The body; empty if the request has none.
    pub body: Vec<u8>,
    /// The client's address and port. Requests with the same one used the same connection.
    pub peer: SocketAddr,
    /// The status of the response; 0 if a fault ended the connection before one.
    pub status: u16,
    /// The body of the response; empty if it had none, or if a fault replaced the response.
    pub response_body: Vec<u8>,
}

/// What a record takes beside its texts, bodies and headers, in bytes.
const OVERHEAD: usize = 1024;

/// The latest requests, as many as fit into `max_bytes`.
#[derive(Debug)]
pub(crate) struct Record {
    all: VecDeque<Recorded>,
    bytes: usize,
    max_bytes: usize,
}

impl Record {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            all: VecDeque::new(),
            bytes: 0,
            max_bytes,
        }
    }

    pub(crate) fn keeps_none(&self) -> bool {
        self.max_bytes == 0
    }

    pub(crate) fn push(&mut self, request: Recorded) {
        self.bytes += request.bytes();
        self.all.push_back(request);
        while self.bytes > self.max_bytes {
            let Some(oldest) = self.all.pop_front() else {
                return;
            };
            self.bytes -= oldest.bytes();
        }
    }

    pub(crate) fn all(&self) -> Vec<Recorded> {
        self.all.iter().cloned().collect()
    }
}

impl Recorded {
    fn bytes(&self) -> usize {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| name.as_str().len() + value.len());
        let bodies = self.body.len() + self.response_body.len();
        OVERHEAD + self.path.len() + self.query.len() + bodies + headers.sum::<usize>()
    }

    /// Returns the first header with this name, in any case; `None` if it is missing or not visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the decoded query parameters, in their order in the URL.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes())
            .into_owned()
            .collect()
    }
}
