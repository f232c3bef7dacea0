//! One wait: its polls, and its last snapshot.

use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use super::{Observer, existing};
use crate::client::LONGEST;
use crate::error::Kind;
use crate::transport::{Backoff, retry};
use crate::types::{Container, Peering};
use crate::{Client, ContainerId, Error, ErrorCode, PeeringId, PeeringSnapshot, ProjectId};

/// How long a wait lasts by default.
const TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// What a wait for a deletion calls its state in an error.
pub(super) const DELETED: &str = "deleted";

/// The most stray responses in a row that a wait continues after.
const STRAYS: u32 = 5;

/// The state that every wait has.
#[derive(Debug)]
pub(super) struct Wait {
    pub(super) client: Client,
    pub(super) project: ProjectId,
    pub(super) id: PeeringId,
    pub(super) backoff: Backoff,
    /// The number of polls since the last change.
    polls: u32,
    pub(super) timeout: Duration,
    /// `None` before the first poll.
    begun: Option<Instant>,
    /// When the next poll is due.
    due: Instant,
    /// `None` before the first successful poll.
    last: Option<PeeringSnapshot>,
    pub(super) on_change: Option<Observer<PeeringSnapshot>>,
    /// Whether the service responded that the peering does not exist.
    pub(super) is_deleted: bool,
    /// The number of stray responses in a row.
    strays: u32,
    /// The failure of the last poll, if it may pass by itself.
    failure: Option<Error>,
    /// The container of the peering, after a next step needed it.
    container: Option<Container>,
}

impl Wait {
    pub(super) fn new(client: &Client, project: &ProjectId, id: &PeeringId) -> Self {
        Self {
            client: client.clone(),
            project: project.clone(),
            id: id.clone(),
            backoff: Backoff::POLL,
            polls: 0,
            timeout: TIMEOUT,
            begun: None,
            due: Instant::now(),
            last: None,
            on_change: None,
            is_deleted: false,
            strays: 0,
            failure: None,
            container: None,
        }
    }

    /// Polls when a poll is due, and again after failures that may pass. Returns the peering, and whether
    /// its state changed. The error of a timeout names the state `wanted`.
    pub(super) async fn poll(
        &mut self,
        wanted: &'static str,
    ) -> Result<(PeeringSnapshot, bool), Error> {
        let begun = *self.begun.get_or_insert_with(Instant::now);
        loop {
            let left = self.timeout.saturating_sub(begun.elapsed());
            let Ok(polled) = tokio::time::timeout(left, self.get(wanted)).await else {
                let last = self.last.as_ref();
                let error = Error::unfinished(&self.id, wanted, self.timeout, last);
                return Err(match self.failure.take() {
                    Some(failure) => error.because(failure),
                    None => error,
                });
            };
            match polled {
                Ok(peering) => {
                    let last = self.last.as_ref().map(PeeringSnapshot::state);
                    let changed = last != Some(peering.state());
                    if changed {
                        // The next change may follow soon.
                        self.polls = 0;
                        self.on_change.iter().for_each(|of| of.notify(&peering));
                    }
                    self.pause(Duration::ZERO);
                    (self.failure, self.strays) = (None, 0);
                    self.last = Some(peering.clone());
                    return Ok((peering, changed));
                }
                Err(error) if self.may_pass(&error, wanted) => {
                    self.pause(error.retry_after().unwrap_or_default());
                    self.failure = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether a failure may pass by itself: as those of a call do, or because the response is a stray.
    /// A page in place of the service's JSON comes from a gateway, during its own update or that of the
    /// servers behind it. A peering that no poll has read yet may be too new for the node that responded.
    /// Both may also be permanent, if the base URL or the id is wrong: hence the limit.
    fn may_pass(&mut self, error: &Error, wanted: &str) -> bool {
        if retry::may_pass(error) {
            self.strays = 0;
            return true;
        }
        self.strays = self.strays.saturating_add(1);
        let of_the_service =
            |code: &ErrorCode| !code.as_str().contains(|of: char| of.is_lowercase());
        let is_page = match error.status() {
            Some(StatusCode::NOT_FOUND) => !error.error_code().is_some_and(of_the_service),
            _ => error.is_server_error(),
        };
        let is_new = error.has_code(&[ErrorCode::PeerNotFound]) && wanted != DELETED;
        self.strays <= STRAYS && (is_page || error.is_decode() || is_new && self.last.is_none())
    }

    fn pause(&mut self, at_least: Duration) {
        self.polls = self.polls.saturating_add(1);
        self.due = Instant::now() + self.backoff.wait(self.polls).max(at_least).min(LONGEST);
    }

    async fn get(&mut self, wanted: &str) -> Result<PeeringSnapshot, Error> {
        tokio::time::sleep_until(self.due).await;
        let peering = self.client.get_peering_connection(&self.project, &self.id);
        let peering = match peering.await {
            Ok(peering) => peering.into_inner(),
            Err(error) if error.has_code(&[ErrorCode::PeerNotFound]) => {
                self.is_deleted = true;
                return Err(match self.last {
                    Some(_) => Error::from(Kind::Deleted(self.id.clone())).because(error),
                    None => error,
                });
            }
            Err(error) => return Err(error),
        };
        let container = match needed_container(&peering).filter(|_| wanted != DELETED) {
            Some(id) => self.container(id).await?,
            None => None,
        };
        Ok(PeeringSnapshot::new(peering, container))
    }

    /// The container, requested until it has all fields that a next step needs.
    async fn container(&mut self, id: &ContainerId) -> Result<Option<Container>, Error> {
        let is_complete = match &self.container {
            Some(Container::Gcp(gcp)) => gcp.gcp_project_id.is_some() && gcp.network_name.is_some(),
            other => other.is_some(),
        };
        if !is_complete {
            let container = self.client.get_peering_container(&self.project, id);
            self.container = existing(ContainerId::DELETED, container.await)?;
        }
        Ok(self.container.clone())
    }
}

/// The container, if it has fields that the user's next step needs and the peering lacks.
fn needed_container(peering: &Peering) -> Option<&ContainerId> {
    let needed = match peering {
        Peering::Aws(aws) => aws.accepter_region_name.is_none(),
        Peering::Gcp(_) => true,
        _ => false,
    };
    let id = peering.container_id();
    id.filter(|_| needed && peering.state().needs_user())
}
