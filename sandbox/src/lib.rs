#![doc = include_str!("../README.md")]
//!
//! # Moving the clock
//!
//! The sandbox measures all its time with one clock: the steps of a peering, provisioning, nonces,
//! tokens and rate limits. The clock starts at 0 and stands still. [`Sandbox::advance`] moves it, and
//! [`Builder::clock_speed`] makes it run by itself. Only the delays of [`Fault::delay_response`] and
//! [`Fault::delay_effect`] are real time.
//!
//! ```
//! use std::time::Duration;
//!
//! use atlas_peering_sandbox::Sandbox;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start().await?;
//! let ids = sandbox.fill("AWS", 1)?;
//! assert_eq!(sandbox.peerings()[0]["statusName"], "INITIATING");
//!
//! sandbox.advance(Duration::from_secs(5));
//! assert_eq!(sandbox.peerings()[0]["statusName"], "PENDING_ACCEPTANCE");
//!
//! sandbox.accept(&ids[0])?;
//! sandbox.advance(Duration::from_secs(5));
//! assert_eq!(sandbox.peerings()[0]["statusName"], "AVAILABLE");
//! # Ok(())
//! # }
//! ```
//!
//! Each step of the service takes 5 seconds:
//!
//! | cloud | after creation | then | after [`Sandbox::accept`] | after deletion |
//! |---|---|---|---|---|
//! | AWS | `INITIATING` | `PENDING_ACCEPTANCE`, for 7 days at most | `FINALIZING`, then `AVAILABLE` | `TERMINATING`, then 404 |
//! | Azure | `ADDING_PEER` | `AVAILABLE` | | `DELETING`, then 404 |
//! | Google Cloud | `ADDING_PEER` | `WAITING_FOR_USER`, without end | `AVAILABLE` | `DELETING`, then 404 |
//!
//! # Faults
//!
//! [`Sandbox::inject`] makes the next call of an operation meet a fault. [`Fault::skip`] spares calls
//! before it, and [`Fault::times`] repeats it.
//!
//! | fault | effect of the call | what the client sees |
//! |---|---|---|
//! | [`Fault::drop_before`] | none | the connection ends without a response |
//! | [`Fault::drop_after`] | at once | the connection ends without a response |
//! | [`Fault::cut_response`] | at once | the connection ends in the middle of the body |
//! | [`Fault::fail_before`] | none | the given status, with a body in HTML |
//! | [`Fault::fail_after`] | at once | the given status, with a body in HTML |
//! | [`Fault::delay_response`] | at once | the response, after the given real time |
//! | [`Fault::delay_effect`] | after the given real time, even if the client disconnects | the response after that |
//! | [`Fault::unreachable_network`] | none | after the given time of the clock, 404 `AZURE_CUSTOMER_NETWORK_UNREACHABLE` |
//!
//! Other ways to make calls fail:
//!
//! - [`Sandbox::queue_response`] sends any response in place of the service's own.
//! - [`Sandbox::fail`], [`Sandbox::reject`], [`Sandbox::expire`] and [`Sandbox::fail_deletion`] put a
//!   peering into a failed state.
//! - [`Sandbox::allow_address`], [`Sandbox::allow_writes`] and [`Sandbox::revoke_tokens`] refuse the
//!   caller.
//! - [`Sandbox::set`] changes a field of a peering, for example to a state that no client knows.

mod attributes;
mod auth;
mod blocks;
mod body;
mod builder;
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
mod reply;
mod routes;
mod server;
mod tokens;
mod version;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use std::{fmt, io};

use tokio::task::JoinHandle;

pub use builder::Builder;
pub use controls::ControlError;
pub use digest::{Digest, Rspauth};
pub use fault::Fault;
pub use record::Recorded;
pub use reply::{Canned, EnvelopedErrors};
use server::Service;

/// A running sandbox. It stops when it is dropped.
///
/// Its methods act on the service directly, without a request: they need no credentials, meet no fault,
/// and leave no trace in [`Sandbox::requests`].
pub struct Sandbox {
    base_url: String,
    service: Arc<Mutex<Service>>,
    task: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox with the default settings: a free port, a random API key and service account,
    /// and a clock that stands still.
    ///
    /// # Errors
    ///
    /// The error of the operating system when no port on 127.0.0.1 is free.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns the default settings, to change them before [`Builder::start`].
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Returns the base URL, such as `http://127.0.0.1:40123`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the public and the private part of the API key that the sandbox admits.
    #[must_use]
    pub fn api_key(&self) -> (String, String) {
        self.service().key().clone()
    }

    /// Returns the id and the secret of the service account that the sandbox admits.
    #[must_use]
    pub fn service_account(&self) -> (String, String) {
        self.service().tokens_mut().account().clone()
    }

    /// Revokes all tokens of the service account, as an administrator may.
    pub fn revoke_tokens(&self) {
        self.service().tokens_mut().revoke_all();
    }

    /// Returns the id of the project.
    #[must_use]
    pub fn project(&self) -> String {
        self.service().project().id.clone()
    }

    /// Advances the clock by `by`: peerings change state, and nonces and tokens expire.
    pub fn advance(&self, by: Duration) {
        self.service().clock_mut().advance(by);
    }

    /// Returns the requests so far in the order of arrival, including those that were not admitted.
    /// [`Builder::record_bytes`] bounds how many are kept.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.service().requests()
    }

    /// Sends `response` to the next admitted request, which then has no effect. Several queued
    /// responses are sent in the order of their calls.
    pub fn queue_response(&self, response: Canned) {
        self.service().queue_response(response);
    }

    /// Sets whether the caller's address is on the key's access list; otherwise each call is refused
    /// with 403 `IP_ADDRESS_NOT_ON_ACCESS_LIST`. Default: true.
    pub fn allow_address(&self, allowed: bool) {
        self.service().allow_address(allowed);
    }

    /// Sets whether the service takes writes; otherwise each call but `GET` is refused with 405
    /// `WRITES_NOT_ALLOWED_DURING_APP_UPGRADES`. Default: true.
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
