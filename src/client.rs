//! The client's making: address, credentials, time limits, and the connection's own settings.

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
/// As much of a longer time limit as counts: a year.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// 32 MiB: 500 peerings have half a megabyte.
const MAX_RESPONSE_BYTES: usize = 32 * 1024 * 1024;

impl Client {
    /// A client of the public cloud, or of the address that the credentials were found with.
    ///
    /// # Errors
    ///
    /// The credentials cannot be right: a part is empty, or no header can carry it.
    pub fn new(credentials: Credentials) -> Result<Self, Error> {
        Self::builder().credentials(credentials).build()
    }

    /// A client with other settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The address that all calls go to, with the path of the API's version.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.baseurl.as_str()
    }

    /// Requests a new token of the service account, which the client uses from then on. It is for a
    /// [`TokenProvider`](crate::TokenProvider) that keeps tokens between runs, as
    /// `examples/service_account.rs` does in a file: an account has at most 100 at once.
    ///
    /// ```
    /// # async fn run(account: atlas_peering::Client) -> Result<(), atlas_peering::Error> {
    /// let token = account.request_token().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The client has no service account, the service refused, or no response came.
    pub async fn request_token(&self) -> Result<AccessToken, Error> {
        let requested = self.inner.authentication.request_token().await;
        requested.map_err(|error| error.of("request_token"))
    }

    /// Revokes the token of a service account, which has at most 100 at once; the next call asks for
    /// a new one. Other credentials have no token that is the client's to revoke: nothing happens.
    ///
    /// # Errors
    ///
    /// The service did not answer, or refused.
    pub async fn revoke_token(&self) -> Result<(), Error> {
        let revoked = self.inner.authentication.revoke_token().await;
        revoked.map_err(|error| error.of("revoke_token"))
    }

    /// A clone that asks for every answer in an envelope, for networks whose gateways change the
    /// status of answers: the status in the envelope is the one that counts. What calls give back
    /// is the same.
    #[must_use]
    pub fn enveloped(&self) -> Self {
        let mut client = self.clone();
        client.inner.http.form.enveloped = true;
        client
    }

    /// A clone whose calls, reads and writes alike, have this time limit for one request and its
    /// response, in place of [`ClientBuilder::timeout`]. Requests for a token keep the client's own.
    ///
    /// ```
    /// # async fn run(atlas: atlas_peering::Client) -> Result<(), atlas_peering::Error> {
    /// # let project = "5356823b3794dee37132bb7b".parse()?;
    /// let quick = atlas.with_timeout(std::time::Duration::from_secs(5));
    /// let peerings = quick.peerings(&project).into_vec().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        let mut client = self.clone();
        let (limits, timeout) = (&mut client.inner.http.limits, timeout.min(LONGEST));
        (limits.read, limits.write) = (Some(timeout), timeout);
        client
    }

    /// A clone that asks for answers that are easy to read. What calls give back is the same.
    #[must_use]
    pub fn pretty(&self) -> Self {
        let mut client = self.clone();
        client.inner.http.form.pretty = true;
        client
    }
}

/// Without the connections: their `Debug` prints headers and proxies.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url())
            .field("credentials", &self.inner.authentication.credentials)
            .finish_non_exhaustive()
    }
}

type Configure = Box<dyn FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send>;

/// The settings of a [`Client`].
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
#[must_use]
pub struct ClientBuilder {
    credentials: Option<Credentials>,
    base_url: Option<String>,
    version: ApiVersion,
    retry: RetryPolicy,
    plain_http: bool,
    realm: Option<String>,
    connect_timeout: Duration,
    /// Of a call that reads or deletes.
    timeout: Duration,
    limits: Limits,
    product: Option<String>,
    configure: Option<Configure>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            credentials: None,
            base_url: None,
            version: ApiVersion::default(),
            retry: RetryPolicy::default(),
            plain_http: false,
            realm: None,
            connect_timeout: CONNECT_TIMEOUT,
            timeout: TIMEOUT,
            limits: Limits {
                bytes: MAX_RESPONSE_BYTES,
                // Reqwest's own covers the time before an answer begins as well.
                pause: READ_TIMEOUT,
                read: None,
                write: WRITE_TIMEOUT,
            },
            product: None,
            configure: None,
        }
    }
}

impl ClientBuilder {
    /// Who calls. There is no client without.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// The root of the service, such as `https://cloud.mongodbgov.com`; what is given here comes
    /// before the address that the credentials were found with. A path is kept, for a proxy that
    /// serves Atlas under one. With an API key, such a proxy must pass on the path and the query as
    /// they came, for the digest covers them, and the headers `Authorization` and `WWW-Authenticate`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// The version of the API; 1.0 where not set. Nothing else changes for the program.
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.version = version;
        self
    }

    /// How often a call is tried; 4 times within 2 minutes where not set.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Allows `http://` to any host. Without it only a loopback address is called in plain, for
    /// tests: on a network, anybody could answer in the service's place.
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// The one realm whose challenges are answered, such as `MMS Public API`; any where not set.
    ///
    /// Challenges are answered for the base URL's own scheme, host and port alone in any case.
    pub fn realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = Some(realm.into());
        self
    }

    /// How long making a connection may take; 10 seconds where not set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long a request and its answer may take; where not set, 60 seconds, and 180 for a call that
    /// creates or changes: the service takes two minutes to find out that it cannot reach a network on
    /// Azure. A call that has to ask for a challenge first sends two requests.
    /// [`Client::with_timeout`] sets it for single calls.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.min(LONGEST);
        self.limits.write = self.timeout;
        self
    }

    /// How long a server may say nothing in the middle of its answer; 30 seconds where not set.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.limits.pause = timeout;
        self
    }

    /// How many bytes the body of an answer may have; 32 MiB where not set. A larger one is an error
    /// before it is in memory.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// A product in front of this crate's own in the `User-Agent` (RFC 9110, section 10.1.5): with
    /// `my-operator/1.2`, the service sees `my-operator/1.2 atlas-peering/0.1.0`.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.product = Some(product.into());
        self
    }

    /// Sets what only `reqwest` can: proxies, root certificates, a resolver. It is called once, by
    /// [`build`](Self::build). Redirects, reqwest's own retries and its log of every byte stay off,
    /// whatever it sets, and a call that creates or changes has the time limit of
    /// [`timeout`](Self::timeout).
    pub fn configure(
        mut self,
        configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + 'static,
    ) -> Self {
        self.configure = Some(Box::new(configure));
        self
    }

    /// Makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// There are no credentials, or they cannot be right; the base URL is none, holds a password,
    /// or is plain `http` to another machine; the user agent is empty or no header value; `reqwest` refuses
    /// its settings.
    pub fn build(self) -> Result<Client, Error> {
        let credentials = self.credentials.ok_or_else(|| {
            Error::setup("a client needs credentials: give them to ClientBuilder::credentials")
        })?;
        credentials.check()?;
        let given = self.base_url.as_deref().or(credentials.base_url.as_deref());
        let root = base_url::root(given.unwrap_or(PUBLIC_CLOUD), self.plain_http)?;
        let mut user_agent = USER_AGENT.to_owned();
        if let Some(product) = &self.product {
            if product.trim().is_empty() || http::HeaderValue::from_str(product).is_err() {
                let remedy = "it is a product such as my-operator/1.2, in visible ASCII characters and spaces";
                return Err(Error::input("user agent", product, remedy));
            }
            user_agent = format!("{product} {USER_AGENT}");
        }

        let mut connection = reqwest::Client::builder()
            .connect_timeout(self.connect_timeout.min(LONGEST))
            .timeout(self.timeout)
            .user_agent(user_agent);
        if base_url::is_loopback(&root) {
            // A proxy of the environment would take the request off this machine, in plain.
            connection = connection.no_proxy();
        }
        if let Some(configure) = self.configure {
            connection = configure(connection);
        }
        let client = connection
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // It would log every byte, the authorization included.
            .connection_verbose(false)
            .build()
            .map_err(Error::from_reqwest)?;
        let api = base_url::below(&root, self.version.path());
        let http = HttpClient {
            connections: client.clone(),
            limits: self.limits,
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

/// Credentials are redacted by their own `Debug`.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.credentials)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_that_the_documentation_says() {
        let docs = include_str!("client.rs").replace("///", "");
        let docs = docs.split_whitespace().collect::<Vec<_>>().join(" ");
        let seconds = |time: Duration| time.as_secs();
        let (read, write) = (seconds(TIMEOUT), seconds(WRITE_TIMEOUT));
        for words in [
            format!("may take; {} seconds where", seconds(CONNECT_TIMEOUT)),
            format!("not set, {read} seconds, and {write} for a call that creates"),
            format!("of its answer; {} seconds where", seconds(READ_TIMEOUT)),
            format!("may have; {} MiB where", MAX_RESPONSE_BYTES >> 20),
        ] {
            assert!(docs.contains(&words), "{words}");
        }
    }
}
