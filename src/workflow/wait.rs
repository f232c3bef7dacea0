//! Waiting for a state: as a future, and as a stream of states.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};

use super::poll::Wait;
use super::{Observer, Opaque};
use crate::error::Kind;
use crate::transport::Backoff;
use crate::transport::spans::Span;
use crate::{Client, Error, PeeringId, PeeringSnapshot, ProjectId};

type Condition = Opaque<Box<dyn Fn(&PeeringSnapshot) -> bool + Send + Sync>>;

impl Client {
    /// Waits until a peering is available, or until its user has to act. [`WaitForPeering`] has the
    /// settings.
    ///
    /// The [crate page](crate#wait) has an example.
    pub fn wait_for_peering(&self, project: &ProjectId, id: &PeeringId) -> WaitForPeering {
        WaitForPeering {
            wait: Wait::new(self, project, id),
            until: None,
        }
    }
}

/// A wait for a peering. Awaiting it returns the [`PeeringSnapshot`] that ended it;
/// [`states`](Self::states) makes it a stream.
///
/// The wait ends when the peering is available, or when its user can act: on AWS the connection has its
/// id, on Google Cloud the container is provisioned.
///
/// It polls at once, then after 2 seconds, and less often up to every 30 seconds. Each change starts
/// again at 2 seconds. It waits longer if the service asks for it. A poll is one request, and a second
/// one for the container while the user's next step lacks values of it.
///
/// The wait continues after failures that pass by themselves, until its timeout: those after which a
/// call that reads is repeated ([`RetryPolicy`](crate::RetryPolicy)). It also continues after these, up to
/// 5 times in a row (by default, within a minute):
///
/// - A response that is not the service's JSON, also with 404 or 5xx: the page of a gateway.
/// - 404 `PEER_NOT_FOUND` before the first successful poll: a node may not know the peering yet.
///
/// Dropping the wait stops it. Several waits share only the client.
///
/// # Errors
///
/// - The peering failed ([`Error::is_peering_failure`]): the message has the cause and the remedy.
/// - The timeout expired, by default after 1 hour ([`Error::is_timeout`]).
/// - The peering does not exist, or was deleted during the wait ([`Error::is_not_found`]).
/// - The service refuses the calls, for a reason that does not pass, such as a wrong key.
#[derive(Debug)]
#[must_use = "a wait does nothing until it is awaited"]
pub struct WaitForPeering {
    wait: Wait,
    until: Option<Condition>,
}

impl WaitForPeering {
    /// Ends the wait only when the condition holds. The condition is checked first, so it may hold for a
    /// failed peering. A failed peering for which it does not hold is an error.
    pub fn until(
        mut self,
        condition: impl Fn(&PeeringSnapshot) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.until = Some(Opaque(Box::new(condition)));
        self
    }

    /// The time between two polls, less up to a random quarter; by default 2 to 30 seconds.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.wait.backoff = Backoff::poll(interval, interval);
        self
    }

    /// The longest time to wait; by default 1 hour.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wait.timeout = timeout;
        self
    }

    /// Sets a function that is called with the first state, and with each change of it.
    pub fn on_change(mut self, act: impl FnMut(&PeeringSnapshot) + Send + 'static) -> Self {
        self.wait.on_change = Some(Observer::new(act));
        self
    }

    /// The states as a stream: the first state, and each change of it. The stream ends after the state or
    /// the error that ends the wait.
    pub fn states(self) -> States {
        let start = (self, Span::workflow(OPERATION));
        let states = stream::unfold(Some(start), |state| async {
            let (mut wait, span) = state?;
            Some(match span.run(wait.next_change()).await {
                Ok((peering, ends)) => (Ok(peering), (!ends).then_some((wait, span))),
                Err(error) => (Err(error.of(OPERATION)), None),
            })
        });
        States(Opaque(states.fuse().boxed()))
    }

    /// Waits for the next change of the state. Returns the peering, and whether it ends the wait.
    async fn next_change(&mut self) -> Result<(PeeringSnapshot, bool), Error> {
        loop {
            let (peering, changed) = self.wait.poll("available").await?;
            let ends = match &self.until {
                Some(Opaque(holds)) => holds(&peering),
                None => peering.state().is_available() || peering.is_users_turn(),
            };
            if !ends && peering.state().is_failed() {
                return Err(Kind::Failed(Box::new(peering)).into());
            }
            if ends || changed {
                return Ok((peering, ends));
            }
        }
    }

    async fn run(mut self) -> Result<PeeringSnapshot, Error> {
        loop {
            let (peering, ends) = self.next_change().await?;
            if ends {
                return Ok(peering);
            }
        }
    }
}

/// The name of the operation in errors.
const OPERATION: &str = "wait_for_peering";

awaited! { WaitForPeering => PeeringSnapshot, |_| OPERATION }

/// The states of a peering until its wait ends; see [`WaitForPeering::states`].
#[derive(Debug)]
#[must_use = "a stream does nothing until it is polled"]
pub struct States(Opaque<BoxStream<'static, Result<PeeringSnapshot, Error>>>);

impl States {
    /// The next state; `None` at the end and after an error.
    ///
    /// # Errors
    ///
    /// - Those of [`WaitForPeering`].
    pub async fn next(&mut self) -> Option<Result<PeeringSnapshot, Error>> {
        StreamExt::next(self).await
    }
}

impl Stream for States {
    type Item = Result<PeeringSnapshot, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.0.as_mut().poll_next(context)
    }
}
