//! Waiting for a state: as a future, and as a stream of states.

mod pace;
mod removal;
mod states;
mod watch;

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Unfinished;
use crate::transport::retry;
use crate::{Client, Error, PeeringId, PeeringSnapshot, PeeringState, ProjectId};
pub(crate) use pace::Pace;
pub use removal::WaitForRemoval;
pub use states::States;
pub(crate) use watch::Watches;
use watch::{Found, Watcher};

/// How long a wait lasts at the most, where nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(60 * 60);

type Condition = Box<dyn Fn(&PeeringSnapshot) -> bool + Send + Sync>;
type OnChange = Box<dyn FnMut(&PeeringSnapshot) + Send>;

impl Client {
    /// Waits until a peering is available or it is its user's turn; see [`WaitForPeering`] for its
    /// settings.
    ///
    /// ```no_run
    /// # async fn wait(
    /// #     atlas: atlas_peering::Client,
    /// #     project: atlas_peering::ProjectId,
    /// #     id: atlas_peering::PeeringId,
    /// # ) -> Result<(), atlas_peering::Error> {
    /// let peering = atlas.wait_for_peering(&project, &id).await?;
    /// match peering.next_step() {
    ///     Some(step) => println!("{step}"), // accept pcx-… in us-east-1, …
    ///     None => println!("{id} is available"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_for_peering(&self, project: &ProjectId, id: &PeeringId) -> WaitForPeering {
        WaitForPeering {
            wait: Wait::new(self, project, id),
            until: None,
            on_change: None,
        }
    }

    /// Waits until a peering is gone: after its removal was asked for.
    pub fn wait_for_removal(&self, project: &ProjectId, id: &PeeringId) -> WaitForRemoval {
        WaitForRemoval::new(Wait::new(self, project, id))
    }
}

/// A wait for a peering: awaited it is a future of the [`PeeringSnapshot`] that ended it, with
/// [`states`](Self::states) a stream.
///
/// It ends at a peering that is available, or when it is its user's turn: on AWS the connection has
/// its id, on Google Cloud the container is provisioned. It looks at once, then every 2 seconds,
/// slowing to 30; it goes on through failures that pass, and waits as long as the service asks. All
/// waits of a project that one client and its clones have share their looks, so that many cost a
/// call for each cloud and not for each peering.
///
/// It may be dropped at any time, leaves nothing running, and can be begun anew.
///
/// # Errors
///
/// - The peering failed ([`Error::is_peering_failure`]): its cause, and what helps.
/// - It did not come that far in time ([`Error::is_timeout`]): an hour, where not set.
/// - It is not there, or not any more ([`Error::is_not_found`]).
/// - The service refuses the calls, and that will not pass: a wrong key, say.
#[must_use = "a wait does nothing until it is awaited"]
pub struct WaitForPeering {
    wait: Wait,
    until: Option<Condition>,
    on_change: Option<OnChange>,
}

impl WaitForPeering {
    /// Ends the wait where the condition holds, and only there. It is looked at before anything
    /// else, so that it may hold for a peering that failed; a failed peering for which it does not
    /// hold is an error all the same.
    ///
    /// ```no_run
    /// # async fn wait(
    /// #     atlas: atlas_peering::Client,
    /// #     project: atlas_peering::ProjectId,
    /// #     id: atlas_peering::PeeringId,
    /// # ) -> Result<(), atlas_peering::Error> {
    /// let wait = atlas.wait_for_peering(&project, &id);
    /// let peering = wait.until(|peering| peering.state().is_available()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn until(
        mut self,
        condition: impl Fn(&PeeringSnapshot) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.until = Some(Box::new(condition));
        self
    }

    /// Looks this often, less a random quarter at the most, in place of slowing down.
    pub fn every(mut self, interval: Duration) -> Self {
        self.wait.pace = Pace::every(interval);
        self
    }

    /// How long to wait at the most; an hour where not set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wait.timeout = timeout;
        self
    }

    /// Is called with the first state that is seen, and with each that differs from the one before.
    pub fn on_change(mut self, act: impl FnMut(&PeeringSnapshot) + Send + 'static) -> Self {
        self.on_change = Some(Box::new(act));
        self
    }

    /// The states as a stream: the first that is seen, and each that differs from the one before.
    /// It ends after the one that ends the wait, or with the error that does.
    pub fn states(self) -> States {
        States::new(self)
    }

    /// Waits for the next change of the state; the status, and whether it ends the wait.
    async fn next_change(&mut self) -> Result<(PeeringSnapshot, bool), Error> {
        loop {
            let (found, changed) = self.wait.look("available").await?;
            let status = match found {
                Found::There(status) => *status,
                Found::Gone(error) => return Err(error),
            };
            if let Some(act) = self.on_change.as_mut().filter(|_| changed) {
                act(&status);
            }
            let ends = match &self.until {
                Some(condition) => condition(&status),
                None => status.state().is_available() || status.is_users_turn(),
            };
            if !ends && status.state().is_failed() {
                return Err(Error::failed(status));
            }
            if ends || changed {
                return Ok((status, ends));
            }
        }
    }

    async fn run(mut self) -> Result<PeeringSnapshot, Error> {
        loop {
            match self.next_change().await {
                Ok((status, true)) => return Ok(status),
                Ok((_, false)) => {}
                Err(error) => return Err(error.of(OPERATION)),
            }
        }
    }
}

/// The name of the wait in its errors.
const OPERATION: &str = "wait_for_peering";

impl IntoFuture for WaitForPeering {
    type Output = Result<PeeringSnapshot, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for WaitForPeering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForPeering")
            .field("wait", &self.wait)
            .finish_non_exhaustive()
    }
}

/// What every wait has.
#[derive(Debug)]
struct Wait {
    client: Client,
    project: ProjectId,
    id: PeeringId,
    pace: Pace,
    timeout: Duration,
    /// None until the first look.
    begun: Option<Begun>,
}

/// A wait that began.
#[derive(Debug)]
struct Begun {
    watcher: Watcher,
    at: Instant,
    /// When the next look is due.
    due: Instant,
    last: Option<Box<PeeringSnapshot>>,
    /// The failure that passed last.
    failure: Option<Error>,
}

impl Wait {
    fn new(client: &Client, project: &ProjectId, id: &PeeringId) -> Self {
        Self {
            client: client.clone(),
            project: project.clone(),
            id: id.clone(),
            pace: Pace::default(),
            timeout: TIMEOUT,
            begun: None,
        }
    }

    /// What the next look finds, and whether the state is another than before. Failures that pass
    /// are waited through; `wanted` is what the error says where time runs out.
    async fn look(&mut self, wanted: &'static str) -> Result<(Found, bool), Error> {
        let begun = self.begun.get_or_insert_with(|| Begun {
            watcher: self.client.inner.watches.join(&self.project, &self.id),
            at: Instant::now(),
            due: Instant::now(),
            last: None,
            failure: None,
        });
        // A time too far away to be told is none.
        let deadline = begun.at.checked_add(self.timeout);
        loop {
            let look = begun.watcher.look(&self.client, &self.project, begun.due);
            let found = match deadline {
                Some(deadline) => tokio::time::timeout_at(deadline, look).await,
                None => Ok(look.await),
            };
            let Ok(found) = found else {
                return Err(begun.unfinished(&self.id, wanted, self.timeout));
            };
            match found {
                Ok(Found::There(status)) => {
                    let changed = begun.is_change(&status);
                    if changed {
                        self.pace.hurry();
                    }
                    begun.look_again_after(self.pace.next());
                    begun.failure = None;
                    begun.last = Some(status.clone());
                    return Ok((Found::There(status), changed));
                }
                Ok(gone) => return Ok((gone, true)),
                Err(error) if retry::may_pass(&error) => {
                    let asked = error.retry_after().unwrap_or_default();
                    begun.look_again_after(self.pace.next().max(asked));
                    begun.failure = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl Begun {
    fn is_change(&self, status: &PeeringSnapshot) -> bool {
        self.last_state() != Some(status.state())
    }

    /// Where the peering stood last; none where it was never seen.
    fn last_state(&self) -> Option<PeeringState> {
        self.last.as_ref().map(|status| status.state())
    }

    fn look_again_after(&mut self, wait: Duration) {
        let now = Instant::now();
        self.due = now.checked_add(wait).unwrap_or(now + TIMEOUT);
    }

    /// The error of a wait that ran out of time; the failure that it waited through is its cause.
    fn unfinished(&mut self, id: &PeeringId, wanted: &'static str, after: Duration) -> Error {
        let step = self.last.as_ref().and_then(|status| status.next_step());
        let error = Error::unfinished(Unfinished {
            id: id.clone(),
            wanted,
            state: self.last_state(),
            step: step.map(|step| step.to_string()),
            after,
        });
        match self.failure.take() {
            Some(failure) => error.because(failure),
            None => error,
        }
    }
}
