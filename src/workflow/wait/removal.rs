//! Waiting until a peering is gone.

use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use super::Wait;
use super::pace::Pace;
use super::watch::Found;
use crate::{Error, PeeringState};

/// The name of the wait in its errors.
const OPERATION: &str = "wait_for_removal";

/// A wait until a peering is gone; see [`Client::wait_for_removal`](crate::Client::wait_for_removal).
///
/// A peering that is not there at the start is gone as well. It looks as
/// [`WaitForPeering`](crate::WaitForPeering) does.
///
/// # Errors
///
/// - The removal failed ([`Error::is_peering_failure`]), as it may on Azure.
/// - It took too long ([`Error::is_timeout`]): over an hour, where not set.
/// - The service refuses the calls, and that will not pass.
#[derive(Debug)]
#[must_use = "a wait does nothing until it is awaited"]
pub struct WaitForRemoval(Wait);

impl WaitForRemoval {
    pub(super) fn new(wait: Wait) -> Self {
        Self(wait)
    }

    /// Looks this often, less a random quarter at the most, in place of slowing down.
    pub fn every(mut self, interval: Duration) -> Self {
        self.0.pace = Pace::every(interval);
        self
    }

    /// How long to wait at the most; an hour where not set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout = timeout;
        self
    }

    async fn run(mut self) -> Result<(), Error> {
        loop {
            match self.0.look("gone").await? {
                (Found::Gone(_), _) => return Ok(()),
                (Found::There(status), _) if status.state() == PeeringState::DeletionFailed => {
                    return Err(Error::failed(*status));
                }
                (Found::There(_), _) => {}
            }
        }
    }
}

impl IntoFuture for WaitForRemoval {
    type Output = Result<(), Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { self.run().await.map_err(|error| error.of(OPERATION)) })
    }
}
