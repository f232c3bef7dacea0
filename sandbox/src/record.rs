//! What the sandbox saw.

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

impl Recorded {
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
