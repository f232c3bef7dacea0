//! Authentication of requests: digest, or access tokens.

mod digest;
mod service_account;
mod token_provider;
mod tokens;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::HeaderValue;
use http::header::InvalidHeaderValue;
use reqwest::Url;

use crate::Error;
use crate::credentials::{Credentials, Kind as Of};
use crate::transport::http_client::HttpClient;
use crate::transport::raw_response::RawResponse;
use crate::transport::retry::RetryPolicy;
use digest::Digest;
pub(crate) use digest::Unauthorized;
#[cfg(any(test, fuzzing))]
pub(crate) use digest::fuzzing;
use secrecy::ExposeSecret;
use service_account::ServiceAccount;
pub(crate) use token_provider::AnyProvider;
pub use token_provider::{AccessToken, TokenProvider};
use tokens::Source;
pub(crate) use tokens::Tokens;

/// The authentication of a client and its clones.
pub(crate) struct Authentication {
    pub(crate) credentials: Credentials,
    kind: Kind,
}

enum Kind {
    Digest(Box<Digest>),
    Tokens(Arc<Tokens>),
}

impl Authentication {
    /// Authenticates at the service below `root`. With a `realm`, it accepts no other digest challenges.
    pub(crate) fn new(
        credentials: Credentials,
        root: Url,
        realm: Option<String>,
        retry: RetryPolicy,
        http: HttpClient,
    ) -> Self {
        let source = match &credentials.kind {
            Of::ApiKey => None,
            Of::ServiceAccount => {
                let account = ServiceAccount {
                    credentials: credentials.clone(),
                    root: root.clone(),
                    retry,
                    http,
                };
                Some(Source::Account(Box::new(account)))
            }
            Of::AccessToken => {
                let token = AccessToken::new(credentials.private.expose_secret(), None);
                Some(Source::Provider(Arc::new(token)))
            }
            Of::Provider(provider) => Some(Source::Provider(Arc::clone(provider))),
        };
        let kind = match source {
            None => Kind::Digest(Box::new(Digest::new(credentials.clone(), root, realm))),
            Some(source) => Kind::Tokens(Arc::new(Tokens::new(source, root))),
        };
        Self { credentials, kind }
    }

    /// Sends a request, and again if the service refuses a nonce or token from an earlier call. The future
    /// is boxed: each of the futures around it would move its kilobytes.
    pub(crate) fn send<'a>(
        &'a self,
        http: &'a HttpClient,
        request: &'a reqwest::Request,
    ) -> BoxFuture<'a, Result<RawResponse, Error>> {
        match &self.kind {
            Kind::Digest(digest) => Box::pin(digest.send(http, request)),
            Kind::Tokens(tokens) => Box::pin(tokens.send(http, request)),
        }
    }

    /// The tokens, unless the credentials are an API key.
    pub(crate) fn tokens(&self) -> Option<&Tokens> {
        match &self.kind {
            Kind::Digest(_) => None,
            Kind::Tokens(tokens) => Some(tokens),
        }
    }
}

/// Whether two URLs have the same origin (RFC 6454, section 5). It allocates nothing.
fn is_same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// A header value that `Debug` does not show.
fn sensitive(value: Vec<u8>) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut header = HeaderValue::from_maybe_shared(Bytes::from(value))?;
    header.set_sensitive(true);
    Ok(header)
}
