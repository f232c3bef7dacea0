//! The settings of a sandbox, and its start.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fmt, io};

use tokio::net::TcpListener;

use crate::auth::{self, Gate};
use crate::clock::Clock;
use crate::peers::Rules;
use crate::project::Project;
use crate::record::Record;
use crate::reply::Envelope;
use crate::server::{self, Service};
use crate::tokens::Tokens;
use crate::{Digest, EnvelopedErrors, Sandbox, attributes};

/// The default project: that of the service's oldest example.
const PROJECT: &str = "5356823b3794dee37132bb7b";

/// The settings of a [`Sandbox`]; [`Sandbox::builder`] gives the defaults.
///
/// All durations here are of the sandbox's own clock, not of real time.
///
/// ```
/// use std::time::Duration;
///
/// use atlas_peering_sandbox::Sandbox;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sandbox = Sandbox::builder()
///     .api_key("public", "private")
///     .clock_speed(100)
///     .play_user(Duration::from_secs(10))
///     .start()
///     .await?;
/// assert_eq!(sandbox.api_key().0, "public");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `start` is called"]
pub struct Builder {
    port: u16,
    key: (String, String),
    account: (String, String),
    token_lifetime: Duration,
    project: String,
    rules: Rules,
    provisioning: Duration,
    deletable_after: Duration,
    clock: Clock,
    digest: Digest,
    envelope: Envelope,
    record_bytes: usize,
}

/// Shows no secret: the private key may be a user's real one.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("port", &self.port)
            .field("public_key", &self.key.0)
            .field("project", &self.project)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            port: 0,
            key: ("sandboxx".to_owned(), auth::hash::private_key()),
            account: (
                format!("mdb_sa_id_{}", auth::hash::random_hex::<12>()),
                format!("mdb_sa_sk_{}", auth::hash::random_hex::<20>()),
            ),
            token_lifetime: Duration::from_secs(3600),
            project: PROJECT.to_owned(),
            rules: Rules::default(),
            provisioning: Duration::from_secs(5),
            deletable_after: Duration::ZERO,
            clock: Clock::new(0),
            digest: Digest::default(),
            envelope: Envelope {
                key: "content",
                errors: EnvelopedErrors::default(),
            },
            record_bytes: 256 * 1024 * 1024,
        }
    }

    /// Sets the port on 127.0.0.1. Default: a free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the public and the private part of the one API key that the sandbox admits. Default: a
    /// random private part; [`Sandbox::api_key`] returns both.
    pub fn api_key(mut self, public: impl Into<String>, private: impl Into<String>) -> Self {
        self.key = (public.into(), private.into());
        self
    }

    /// Sets the id and the secret of the one service account that the sandbox admits. Default: random
    /// ones; [`Sandbox::service_account`] returns both.
    pub fn service_account(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.account = (id.into(), secret.into());
        self
    }

    /// Sets how long a token of the service account is valid. Default: 1 hour.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Sets the id of the one project: 24 lowercase hexadecimal digits. Default:
    /// `5356823b3794dee37132bb7b`.
    pub fn project(mut self, id: impl Into<String>) -> Self {
        self.project = id.into();
        self
    }

    /// Sets how many peerings the project may have, and how many of these may be pending. Default: 50
    /// and 25.
    pub fn limits(mut self, peerings: usize, pending: usize) -> Self {
        self.rules.peerings = peerings;
        self.rules.pending = pending;
        self
    }

    /// Plays the user: a peering that has waited for its user for `delay` is accepted on AWS, and
    /// peered back on Google Cloud. Default: it waits for [`Sandbox::accept`].
    pub fn play_user(mut self, delay: Duration) -> Self {
        self.rules.play_user = Some(delay);
        self
    }

    /// Allows one peering for each container with the same AWS network. Default: a second peering with
    /// the network is refused with `PEER_ALREADY_EXISTS`, whatever its container. Nothing is published
    /// about which of the two the service does.
    pub fn peering_for_each_container(mut self) -> Self {
        self.rules.for_each_container = true;
        self
    }

    /// Sets how long the sandbox takes to provision a container, from its first use. Default: 5
    /// seconds.
    pub fn provisioning(mut self, time: Duration) -> Self {
        self.provisioning = time;
        self
    }

    /// Sets the minimum age of a container that can be deleted; a younger one is refused with
    /// `CANNOT_DELETE_RECENTLY_CREATED_CONTAINER`. Default: 0 seconds.
    pub fn deletable_after(mut self, age: Duration) -> Self {
        self.deletable_after = age;
        self
    }

    /// Sets the form of digest authentication. Default: the service's, [`Digest::default`].
    pub fn digest(mut self, digest: Digest) -> Self {
        self.digest = digest;
        self
    }

    /// Sets the form of errors when a request has `envelope=true`. Default:
    /// [`EnvelopedErrors::Bare`].
    pub fn enveloped_errors(mut self, errors: EnvelopedErrors) -> Self {
        self.envelope.errors = errors;
        self
    }

    /// Names the field of an envelope that holds a single object `envelope`, as an older page of the
    /// documentation does. Default: `content`.
    pub fn older_envelope(mut self) -> Self {
        self.envelope.key = "envelope";
        self
    }

    /// Makes the clock run by itself, `times` as fast as real time. Default: 0, the clock stands still
    /// until [`Sandbox::advance`] moves it.
    ///
    /// A person at a terminal expects 1. 100 suits a test that creates and waits in one
    /// call. Nonces and tokens expire by this clock too.
    pub fn clock_speed(mut self, times: u32) -> Self {
        self.clock = Clock::new(times);
        self
    }

    /// Sets how many bytes of requests and responses [`Sandbox::requests`] keeps; the oldest are
    /// dropped first. Default: 256 MiB, which holds over 100,000 calls. 0 keeps none.
    pub fn record_bytes(mut self, bytes: usize) -> Self {
        self.record_bytes = bytes;
        self
    }

    /// Starts the sandbox on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// - [`io::ErrorKind::InvalidInput`]: the project id is invalid, or a digest algorithm is missing or
    ///   unknown.
    /// - The error of the operating system when it cannot bind the port, such as
    ///   [`io::ErrorKind::AddrInUse`].
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    pub async fn start(self) -> io::Result<Sandbox> {
        let id = attributes::is_id(&self.project);
        let no_id = || {
            format!(
                "invalid project {:?}: an id is 24 lowercase hexadecimal digits",
                self.project
            )
        };
        if let Some(fault) = (!id).then(no_id).or_else(|| self.digest.fault()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, fault));
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listener = TcpListener::bind(address).await.map_err(|error| {
            let message = format!("cannot listen on {address}: {error}; choose another port");
            io::Error::new(error.kind(), message)
        })?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let service = Service::new(
            base_url.clone(),
            Gate::new(self.key, self.digest),
            Tokens::new(self.account, self.token_lifetime),
            Project::new(
                self.project,
                self.rules,
                self.provisioning,
                self.deletable_after,
            ),
            self.clock,
            self.envelope,
            Record::new(self.record_bytes),
        );
        let service = Arc::new(Mutex::new(service));
        let task = tokio::spawn(server::serve(listener, Arc::clone(&service)));
        Ok(Sandbox {
            base_url,
            service,
            task,
        })
    }
}
