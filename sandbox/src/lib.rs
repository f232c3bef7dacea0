#![doc = include_str!("../README.md")]

mod answer;
mod attributes;
mod auth;
mod blocks;
mod body;
mod clock;
mod cloud;
mod container;
mod containers;
mod controls;
mod digest;
mod endpoint;
mod fault;
mod page;
mod peer;
mod peers;
mod project;
mod record;
mod routes;
mod server;
mod tokens;
mod version;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use std::{fmt, io};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use answer::Envelope;
pub use answer::{Canned, EnvelopedErrors};
use auth::Gate;
use clock::Clock;
pub use controls::ControlError;
pub use digest::{Digest, Rspauth};
pub use fault::Fault;
use peers::Rules;
use project::Project;
use record::Record;
pub use record::Recorded;
use server::Service;
use tokens::Tokens;

/// The project that a sandbox has where none is named: that of the service's oldest example.
const PROJECT: &str = "5356823b3794dee37132bb7b";

/// A running sandbox. It stops when it is dropped.
pub struct Sandbox {
    base_url: String,
    service: Arc<Mutex<Service>>,
    task: JoinHandle<()>,
}

/// The settings of a [`Sandbox`].
#[derive(Clone)]
#[must_use]
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

/// Without the private part of the key: it may be somebody's own.
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
    /// The loopback port to listen on; a free one where not set.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The public and the private part of the one key that is let in.
    pub fn api_key(mut self, public: impl Into<String>, private: impl Into<String>) -> Self {
        self.key = (public.into(), private.into());
        self
    }

    /// The id and the secret of the one service account that is let in.
    pub fn service_account(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.account = (id.into(), secret.into());
        self
    }

    /// How long a token of the service account lives; 1 hour where not set.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// The id of the one project: 24 hexadecimal digits.
    pub fn project(mut self, id: impl Into<String>) -> Self {
        self.project = id.into();
        self
    }

    /// How many peerings the project may have, and how many of them pending; 50 and 25 where not
    /// set.
    pub fn limits(mut self, peerings: usize, pending: usize) -> Self {
        self.rules.peerings = peerings;
        self.rules.pending = pending;
        self
    }

    /// Plays the user: a peering that has waited so long is accepted on AWS, and peered back on
    /// Google Cloud. Where not set it waits for [`Sandbox::accept`].
    pub fn play_user(mut self, delay: Duration) -> Self {
        self.rules.play_user = Some(delay);
        self
    }

    /// Takes a peering for each container with one network on AWS. Where not set a second one is
    /// refused with `PEER_ALREADY_EXISTS` whatever its container; which of them the service does is
    /// not known.
    pub fn peering_for_each_container(mut self) -> Self {
        self.rules.for_each_container = true;
        self
    }

    /// How long it takes to make the network of a container, from its first use on; 5 seconds where
    /// not set.
    pub fn provisioning(mut self, time: Duration) -> Self {
        self.provisioning = time;
        self
    }

    /// How old a container is before it can be deleted; until then the service says
    /// `CANNOT_DELETE_RECENTLY_CREATED_CONTAINER`. 0 seconds where not set.
    pub fn deletable_after(mut self, age: Duration) -> Self {
        self.deletable_after = age;
        self
    }

    /// How it asks for digest authentication; as the service does where not set.
    pub fn digest(mut self, digest: Digest) -> Self {
        self.digest = digest;
        self
    }

    /// How errors look where an envelope is asked for; bare where not set.
    pub fn enveloped_errors(mut self, errors: EnvelopedErrors) -> Self {
        self.envelope.errors = errors;
        self
    }

    /// Puts one object under `envelope`, as an older page of the documentation says, in place of
    /// `content`.
    pub fn older_envelope(mut self) -> Self {
        self.envelope.key = "envelope";
        self
    }

    /// Lets the clock run by itself, so many times as fast as the world's; it stands still where not
    /// set. 1 is what a person who tries it out expects, and 100 what a test wants whose code creates
    /// and waits in one go. Nonces and tokens grow old as fast.
    pub fn clock_speed(mut self, times: u32) -> Self {
        self.clock = Clock::new(times);
        self
    }

    /// How much is kept of the requests and their responses, in bytes: the oldest are forgotten
    /// first. 256 MiB where not set, which is over 100,000 calls; 0 keeps none.
    pub fn record_bytes(mut self, bytes: usize) -> Self {
        self.record_bytes = bytes;
        self
    }

    /// Starts the sandbox on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// The project's id is none, a digest algorithm is not known, or the port is taken.
    pub async fn start(self) -> io::Result<Sandbox> {
        let id = attributes::is_id(&self.project);
        let no_id = || {
            format!(
                "the project {:?} is not 24 hexadecimal digits",
                self.project
            )
        };
        if let Some(fault) = (!id).then(no_id).or_else(|| self.digest.fault()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, fault));
        }
        let listener =
            TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let gate = Gate::new(self.key, self.digest);
        let tokens = Tokens::new(self.account, self.token_lifetime);
        let service = Service::new(
            base_url.clone(),
            gate,
            tokens,
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

impl Sandbox {
    /// Starts a sandbox on a free port, with a key of its own and a clock that stands still.
    ///
    /// # Errors
    ///
    /// The machine has no free loopback port.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// A sandbox with other settings.
    pub fn builder() -> Builder {
        Builder {
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

    /// The address to call, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The public and the private part of the key that is let in.
    #[must_use]
    pub fn api_key(&self) -> (String, String) {
        self.service().key().clone()
    }

    /// The id and the secret of the service account that is let in.
    #[must_use]
    pub fn service_account(&self) -> (String, String) {
        self.service().tokens_mut().account().clone()
    }

    /// Ends the life of all tokens at once, as an administrator may.
    pub fn revoke_tokens(&self) {
        self.service().tokens_mut().revoke_all();
    }

    /// The id of the project.
    #[must_use]
    pub fn project(&self) -> String {
        self.service().project().id.clone()
    }

    /// Moves the clock on: peerings change their state and nonces grow old.
    pub fn advance(&self, by: Duration) {
        self.service().clock_mut().advance(by);
    }

    /// Every request so far, in the order of arrival, those without authentication included, as
    /// far as [`Builder::record_bytes`] keeps them.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.service().requests()
    }

    /// Answers the next request that is let in with this in place of its effect.
    pub fn answer_next(&self, answer: Canned) {
        self.service().answer_next(answer);
    }

    /// Whether the caller's address is on the key's access list; it is at the start.
    pub fn allow_address(&self, allowed: bool) {
        self.service().allow_address(allowed);
    }

    /// Whether the service takes writes; it does at the start.
    pub fn allow_writes(&self, allowed: bool) {
        self.service().allow_writes(allowed);
    }

    fn service(&self) -> MutexGuard<'_, Service> {
        server::lock(&self.service)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}
