//! Waiting until a peering is deleted.

use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use super::poll::Wait;
use crate::transport::Backoff;
use crate::{Error, PeeringState};

/// The name of the wait in its errors.
const OPERATION: &str = "wait_for_removal";

/// A wait until a peering is deleted; see
/// [`Client::wait_for_removal`](crate::Client::wait_for_removal).
///
/// It ends when the service says of this peering that there is none, also at the first poll. It
/// polls as [`WaitForPeering`](crate::WaitForPeering) does.
///
/// # Errors
///
/// - The deletion failed ([`Error::is_peering_failure`]), as it may on Azure.
/// - It took too long ([`Error::is_timeout`]): by default over an hour.
/// - The service refuses the calls, and that will not pass.
#[derive(Debug)]
#[must_use = "a wait does nothing until it is awaited"]
pub struct WaitForRemoval(Wait);

impl WaitForRemoval {
    pub(super) fn new(wait: Wait) -> Self {
        Self(wait)
    }

    /// The time between two polls, less a random quarter at most, in place of slowing down.
    pub fn every(mut self, interval: Duration) -> Self {
        self.0.backoff = Backoff::poll(interval, interval);
        self
    }

    /// How long to wait at most, by default an hour.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout = timeout;
        self
    }

    async fn run(mut self) -> Result<(), Error> {
        loop {
            match self.0.poll("gone").await {
                Err(_) if self.0.is_deleted => return Ok(()),
                Ok((peering, _)) if peering.state() == PeeringState::DeletionFailed => {
                    return Err(Error::failed(peering));
                }
                Err(error) => return Err(error),
                Ok(_) => {}
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
