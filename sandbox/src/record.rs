//! What the sandbox saw.

use std::collections::VecDeque;
use std::net::SocketAddr;

use axum::http::HeaderMap;

/// A request as it came over the wire, and the status of its answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Recorded {
    /// The method, such as `POST`.
    pub method: String,
    /// The path as on the wire.
    pub path: String,
    /// The query as on the wire; empty where there is none.
    pub query: String,
    /// All headers, the authorization included.
    pub headers: HeaderMap,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
    /// The client's end of the connection: requests that agree in it shared one.
    pub peer: SocketAddr,
    /// The status that it was answered with; 0 where its connection ended before an answer.
    pub status: u16,
    /// The body of its answer; empty where there was none.
    pub answer: Vec<u8>,
}

/// What a request takes beside its body, its response and its headers, in bytes.
const OVERHEAD: usize = 1024;

/// The last requests, as many as fit into a bound.
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
        let texts = self.path.len() + self.query.len() + self.body.len() + self.answer.len();
        OVERHEAD + texts + headers.sum::<usize>()
    }

    /// A header's text; none where it is absent or no text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The query's parameters, decoded, in the order of the wire.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes())
            .into_owned()
            .collect()
    }
}
