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
    /// Waits until a peering is available or it is its user's turn; see [`WaitForPeering`] for its
    /// settings.
    ///
    /// ```no_run
    /// # async fn wait(atlas: atlas_peering::Client) -> Result<(), atlas_peering::Error> {
    /// # let (project, id) = ("5356823b3794dee37132bb7b".parse()?, "1112222b3bf99403840e8934".parse()?);
    /// let peering = atlas.wait_for_peering(&project, &id).await?;
    /// match peering.next_step() {
    ///     Some(step) => println!("{step}"), // accept pcx-… in us-east-1, …
    ///     None => println!("{id} is available"),
    /// }
    /// let wait = atlas.wait_for_peering(&project, &id);
    /// wait.until(|peering| peering.state().is_available()).await?; // whoever's turn it is
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_for_peering(&self, project: &ProjectId, id: &PeeringId) -> WaitForPeering {
        WaitForPeering {
            wait: Wait::new(self, project, id),
            until: None,
        }
    }
}

/// A wait for a peering: awaited it is a future of the [`PeeringSnapshot`] that ended it, with
/// [`states`](Self::states) a stream.
///
/// It ends at a peering that is available, or when it is its user's turn: on AWS the connection has
/// its id, on Google Cloud the container is provisioned. It polls at once, then every 2 seconds,
/// slowing to 30, and again from 2 seconds after each change, and waits as long as the service asks.
/// A poll is one request, and one more for the container until that tells what the user's next step
/// needs.
///
/// It goes on through failures that pass by themselves: as a call that reads does
/// ([`RetryPolicy`](crate::RetryPolicy)), until its time runs out; and 5 times in a row at most:
///
/// - A response that is not the service's JSON, also with 404 or 5xx: a page of a gateway.
/// - 404 `PEER_NOT_FOUND` before the peering was seen: a node that lags behind may not know it yet.
///
/// It may be dropped at any time and leaves nothing running. Several waits share nothing but the
/// client.
///
/// # Errors
///
/// - The peering failed ([`Error::is_peering_failure`]): its cause, and what helps.
/// - It did not come that far in time ([`Error::is_timeout`]): by default an hour.
/// - There is no such peering, or it was deleted meanwhile ([`Error::is_not_found`]).
/// - The service refuses the calls, and that will not pass: a wrong key, say.
#[derive(Debug)]
#[must_use = "a wait does nothing until it is awaited"]
pub struct WaitForPeering {
    wait: Wait,
    until: Option<Condition>,
}

impl WaitForPeering {
    /// Ends the wait where the condition holds, and only there. It is checked before anything
    /// else, so that it may hold for a peering that failed; a failed peering for which it does not
    /// hold is an error all the same.
    pub fn until(
        mut self,
        condition: impl Fn(&PeeringSnapshot) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.until = Some(Opaque(Box::new(condition)));
        self
    }

    /// The time between two polls, less a random quarter at most, in place of slowing down.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.wait.backoff = Backoff::poll(interval, interval);
        self
    }

    /// How long to wait at most, by default an hour.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wait.timeout = timeout;
        self
    }

    /// Is called with the first state that is seen, and with each that differs from the one before.
    pub fn on_change(mut self, act: impl FnMut(&PeeringSnapshot) + Send + 'static) -> Self {
        self.wait.on_change = Some(Observer::new(act));
        self
    }

    /// The states as a stream: the first that is seen, and each that differs from the one before.
    /// It ends after the one that ends the wait, or with the error that does.
    pub fn states(self) -> States {
        let start = (self, Span::workflow(OPERATION));
        let states = stream::unfold(Some(start), |state| async {
            let (mut wait, span) = state?;
            Some(match span.run(wait.next_change()).await {
                Ok((peering, ends)) => (Ok(peering), (!ends).then_some((wait, span))),
                Err(error) => (Err(error.of(OPERATION)), None),
            })
        });
        States(Opaque(states.boxed()))
    }

    /// Waits for the next change of the state; the peering, and whether it ends the wait.
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

/// The name of the wait in its errors.
const OPERATION: &str = "wait_for_peering";

awaited! { WaitForPeering => PeeringSnapshot, |_| OPERATION }

/// The states of a peering, until its wait ends: see [`WaitForPeering::states`].
#[derive(Debug)]
#[must_use = "a stream does nothing until it is polled"]
pub struct States(Opaque<BoxStream<'static, Result<PeeringSnapshot, Error>>>);

impl States {
    /// The next state; `None` at the end and after an error.
    ///
    /// # Errors
    ///
    /// As those of [`WaitForPeering`].
    pub async fn next(&mut self) -> Option<Result<PeeringSnapshot, Error>> {
        self.0.0.next().await
    }
}

impl Stream for States {
    type Item = Result<PeeringSnapshot, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.0.as_mut().poll_next(context)
    }
}
