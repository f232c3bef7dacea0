//! The builder of a client: base URL, credentials, limits, and settings of the connection.

pub(crate) mod base_url;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::{AccessToken, Authentication};
use crate::generated::PUBLIC_CLOUD;
use crate::transport::http_client::{HttpClient, Limits};
use crate::transport::{Form, Transport};
use crate::{ApiVersion, Client, Credentials, Error, RetryPolicy};

const USER_AGENT: &str = concat!("atlas-peering/", env!("CARGO_PKG_VERSION"));
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(60);
const WRITE_TIMEOUT: Duration = Duration::from_secs(180);
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// The longest time limit, a year. A longer one counts as a year.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// 32 MiB. A page of 500 peerings has half a megabyte.
const MAX_RESPONSE_BYTES: usize = 32 * 1024 * 1024;
const NO_ACCOUNT: &str = "the client has no service account, which a token request needs: \
     pass Credentials::service_account to ClientBuilder::credentials";

impl Client {
    /// Creates a client with default settings: see [`ClientBuilder`].
    ///
    /// # Errors
    ///
    /// - [`is_configuration`](Error::is_configuration): a part of the credentials is empty or invalid.
    pub fn new(credentials: Credentials) -> Result<Self, Error> {
        Self::builder().credentials(credentials).build()
    }

    /// Returns a builder for a client with other settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Returns the URL below which all calls go: the base URL and the path of the API version.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.baseurl.as_str()
    }

    /// Requests a new token for the service account. The client uses it from then on.
    ///
    /// Use it in a [`TokenProvider`](crate::TokenProvider) that keeps tokens between runs, as
    /// `examples/service_account.rs` does: a service account has at most 100 tokens at once.
    ///
    /// # Errors
    ///
    /// - [`is_configuration`](Error::is_configuration): the client has no service account.
    /// - The service refuses the request, or no response arrives.
    pub async fn request_token(&self) -> Result<AccessToken, Error> {
        let token = match self.inner.authentication.tokens() {
            Some(tokens) => tokens.request_new().await,
            None => Ok(None),
        };
        let token = token.and_then(|token| token.ok_or_else(|| Error::setup(NO_ACCOUNT)));
        token.map_err(|error| error.of("request_token"))
    }

    /// Revokes the token of the service account, which has at most 100 at once. The next call requests
    /// a new token. With other credentials, nothing happens: their tokens do not belong to the client.
    ///
    /// # Errors
    ///
    /// - The service refuses the request, or no response arrives.
    pub async fn revoke_token(&self) -> Result<(), Error> {
        match self.inner.authentication.tokens() {
            Some(tokens) => tokens.revoke().await,
            None => Ok(()),
        }
        .map_err(|error| error.of("revoke_token"))
    }

    /// Returns a clone that requests each response in an envelope, for networks whose gateways change
    /// the status of responses. The status in the envelope counts. The results of calls are the same.
    #[must_use]
    pub fn enveloped(&self) -> Self {
        let mut client = self.clone();
        client.inner.http.form.enveloped = true;
        client
    }

    /// Returns a clone with this time limit for a request and its response, in every call. It replaces
    /// [`ClientBuilder::timeout`]. Requests for a token keep the limit of the original client.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        let mut client = self.clone();
        let (limits, timeout) = (&mut client.inner.http.limits, timeout.min(LONGEST));
        (limits.read, limits.write) = (Some(timeout), timeout);
        client
    }

    /// Returns a clone that requests [bodies](crate::Response::body) with line breaks and indentation. The
    /// results of calls are the same.
    #[must_use]
    pub fn pretty(&self) -> Self {
        let mut client = self.clone();
        client.inner.http.form.pretty = true;
        client
    }
}

/// Omits the connections: their `Debug` prints headers and proxies.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url())
            .field("credentials", &self.inner.authentication.credentials)
            .finish_non_exhaustive()
    }
}

type Configure = Box<dyn FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send>;

/// A builder with the settings of a [`Client`]. Only the credentials are required.
///
/// ```
/// use std::time::Duration;
/// use atlas_peering::{Client, Credentials, RetryPolicy};
///
/// let atlas = Client::builder()
///     .credentials(Credentials::api_key("abcdefgh", "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11"))
///     .base_url("https://cloud.mongodbgov.com")
///     .timeout(Duration::from_secs(30))
///     .retry(RetryPolicy::default().max_attempts(6).deadline(Duration::from_secs(300)))
///     .configure(|reqwest| reqwest.no_proxy())
///     .build()?;
/// assert_eq!(atlas.base_url(), "https://cloud.mongodbgov.com/api/atlas/v1.0");
/// # Ok::<(), atlas_peering::Error>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct ClientBuilder {
    credentials: Option<Credentials>,
    base_url: Option<String>,
    version: ApiVersion,
    retry: RetryPolicy,
    plain_http: bool,
    realm: Option<String>,
    connect_timeout: Option<Duration>,
    timeout: Option<Duration>,
    read_timeout: Option<Duration>,
    max_response_bytes: Option<usize>,
    product: Option<String>,
    configure: Option<Configure>,
}

impl ClientBuilder {
    /// Sets the credentials. Required.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Sets the base URL: the root of the service, such as `https://cloud.mongodbgov.com`. Default: the
    /// base URL of the credentials ([`Credentials::from_env`]), or `https://cloud.mongodb.com`.
    ///
    /// The URL may have a path, for a proxy that serves Atlas below it. With an API key, the proxy must not
    /// change the path and the query, which the digest covers, nor the headers `Authorization` and
    /// `WWW-Authenticate`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Sets the version of the API. Default: 1.0. The methods and types are the same for each version.
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.version = version;
        self
    }

    /// Sets how calls are repeated. Default: 4 attempts within 2 minutes.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Allows `http://` for any host. Default: only for a loopback address, for tests. On a network, any
    /// machine on the way could respond in place of the service.
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Sets the one realm whose digest challenges are accepted, such as `MMS Public API`. Default: any.
    /// The client responds only to challenges from the scheme, host and port of the base URL.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// Sets the time limit for making a connection. Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Sets the time limit for a request and its response. Default: 60 seconds, and 180 seconds for a call
    /// that creates or updates: Atlas needs two minutes to report that it cannot reach a network on Azure.
    ///
    /// A call that needs a challenge sends two requests. [`Client::with_timeout`] sets another limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout.min(LONGEST));
        self
    }

    /// Sets how long the body of a response may pause. Default: 30 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = Some(timeout);
        self
    }

    /// Sets how many bytes the body of a response may have. Default: 32 MiB. A larger body is an error
    /// before it is in memory.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    /// Sets a product in front of this crate's own in the `User-Agent` (RFC 9110, section 10.1.5).
    /// Default: none. `my-operator/1.2` makes it `my-operator/1.2 atlas-peering/0.1.0`.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.product = Some(product.into());
        self
    }

    /// Sets proxies, root certificates, a resolver and other options of `reqwest`'s builder. Default:
    /// none. [`build`](Self::build) calls the function once. It cannot change these:
    ///
    /// - Redirects, reqwest's own retries and its log of every byte are off.
    /// - A call that creates or updates has the time limit of [`timeout`](Self::timeout).
    pub fn configure(
        mut self,
        configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + 'static,
    ) -> Self {
        self.configure = Some(Box::new(configure));
        self
    }

    /// Creates the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// - [`is_configuration`](Error::is_configuration): the credentials are missing or invalid; the base
    ///   URL or the user agent is invalid; or `reqwest` refuses its settings.
    pub fn build(self) -> Result<Client, Error> {
        let credentials = self.credentials.ok_or_else(|| {
            Error::setup("a client needs credentials: pass them to ClientBuilder::credentials")
        })?;
        credentials.check()?;
        let given = self.base_url.as_deref().or(credentials.base_url.as_deref());
        let root = base_url::root(given.unwrap_or(PUBLIC_CLOUD), self.plain_http)?;
        let mut user_agent = USER_AGENT.to_owned();
        if let Some(product) = &self.product {
            let is_visible = |of: char| matches!(of, ' '..='~');
            if product.trim().is_empty() || !product.chars().all(is_visible) {
                let remedy = "set ClientBuilder::user_agent to visible ASCII: my-operator/1.2";
                return Err(Error::setting("user agent", product, remedy));
            }
            user_agent = format!("{product} {USER_AGENT}");
        }

        let mut connection = reqwest::Client::builder()
            .connect_timeout(self.connect_timeout.unwrap_or(CONNECT_TIMEOUT).min(LONGEST))
            .timeout(self.timeout.unwrap_or(TIMEOUT))
            .user_agent(user_agent);
        if base_url::is_loopback(&root) {
            // A proxy from the environment would send plain HTTP to another machine.
            connection = connection.no_proxy();
        }
        if let Some(configure) = self.configure {
            connection = configure(connection);
        }
        let client = connection
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // It would log every byte, including `Authorization`.
            .connection_verbose(false)
            .build()
            .map_err(Error::from_reqwest)?;
        let api = base_url::below(&root, self.version.path());
        let http = HttpClient {
            connections: client.clone(),
            limits: Limits {
                bytes: self.max_response_bytes.unwrap_or(MAX_RESPONSE_BYTES),
                // reqwest's own `read_timeout` also limits the time before the response.
                pause: self.read_timeout.unwrap_or(READ_TIMEOUT),
                read: None,
                write: self.timeout.unwrap_or(WRITE_TIMEOUT),
            },
            form: Form::default(),
        };
        let authentication = Authentication::new(
            credentials,
            root,
            self.realm,
            self.retry.clone(),
            http.clone(),
        );
        Ok(Client {
            baseurl: api,
            client,
            inner: Transport {
                http,
                authentication: Arc::new(authentication),
                retry: self.retry,
                version: self.version,
            },
        })
    }
}

/// `Debug` of the credentials redacts them.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.credentials)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let docs = include_str!("client.rs").replace("///", "");
        let docs = docs.split_whitespace().collect::<Vec<_>>().join(" ");
        let seconds = |time: Duration| time.as_secs();
        let (read, write) = (seconds(TIMEOUT), seconds(WRITE_TIMEOUT));
        for text in [
            format!(
                "a connection. Default: {} seconds.",
                seconds(CONNECT_TIMEOUT)
            ),
            format!("Default: {read} seconds, and {write} seconds for a call that creates"),
            format!("may pause. Default: {} seconds.", seconds(READ_TIMEOUT)),
            format!("may have. Default: {} MiB.", MAX_RESPONSE_BYTES >> 20),
        ] {
            assert!(docs.contains(&text), "{text}");
        }
    }
}
