//! Deleting: what is deleted already, or being deleted, is no failure.

use std::time::Duration;

use super::poll::{DELETED, Wait};
use super::{Observer, existing};
use crate::error::Kind;
use crate::transport::{Backoff, retry};
use crate::{
    Client, ContainerId, Error, ErrorCode, PeeringId, PeeringSnapshot, PeeringState, ProjectId,
    RetryPolicy,
};

/// How long the deletion of a container that is in use is requested again by default.
const IN_USE: Duration = Duration::from_secs(10 * 60);

/// What keeps a container for a time.
const KEEPS: &[ErrorCode] = &[
    ErrorCode::ContainersInUse,
    ErrorCode::CannotDeleteRecentlyCreatedContainer,
];

impl Client {
    /// Requests the deletion of a peering, and with [`and_wait`](EnsurePeeringDeleted::and_wait), or with a
    /// setting of the wait, waits until it is deleted. One that is deleted, or being deleted, is no failure.
    pub fn ensure_peering_deleted(
        &self,
        project: &ProjectId,
        id: &PeeringId,
    ) -> EnsurePeeringDeleted {
        EnsurePeeringDeleted {
            wait: Wait::new(self, project, id),
            requests: true,
            waits: false,
        }
    }

    /// Waits until a peering is deleted, whoever requested its deletion, and requests none itself. It
    /// polls as [`WaitForPeering`](crate::WaitForPeering) does.
    pub fn wait_for_peering_deleted(
        &self,
        project: &ProjectId,
        id: &PeeringId,
    ) -> EnsurePeeringDeleted {
        EnsurePeeringDeleted {
            requests: false,
            ..self.ensure_peering_deleted(project, id).and_wait()
        }
    }

    /// Deletes a container. One that is deleted is no failure. Where it is in use, or was just created,
    /// the deletion is requested again, by default for 10 minutes: its peerings may be being deleted.
    pub fn ensure_container_deleted(
        &self,
        project: &ProjectId,
        id: &ContainerId,
    ) -> EnsureContainerDeleted {
        EnsureContainerDeleted {
            client: self.clone(),
            project: project.clone(),
            id: id.clone(),
            policy: RetryPolicy {
                attempts: u32::MAX,
                deadline: IN_USE,
                backoff: Backoff::POLL,
            },
            on_retry: None,
        }
    }
}

/// The deletion of a peering; see [`Client::ensure_peering_deleted`] and [`Client::wait_for_peering_deleted`].
///
/// # Errors
///
/// - The service refuses the calls, and that will not pass.
/// - The deletion failed ([`Error::is_peering_failure`]), as it may on Azure.
/// - It took too long ([`Error::is_timeout`]): by default over an hour.
#[derive(Debug)]
#[must_use = "nothing is deleted until it is awaited"]
pub struct EnsurePeeringDeleted {
    pub(super) wait: Wait,
    requests: bool,
    waits: bool,
}

impl EnsurePeeringDeleted {
    /// Waits until the peering is deleted.
    pub fn and_wait(mut self) -> Self {
        self.waits = true;
        self
    }

    /// The time between two polls, less a random quarter at most, in place of slowing down. Waits.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.wait.backoff = Backoff::poll(interval, interval);
        self.and_wait()
    }

    /// Waits until the peering is deleted, at most so long; by default an hour.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wait.timeout = timeout;
        self.and_wait()
    }

    /// Waits, and tells of each state as [`WaitForPeering::on_change`](crate::WaitForPeering::on_change) does.
    pub fn on_change(mut self, act: impl FnMut(&PeeringSnapshot) + Send + 'static) -> Self {
        self.wait.on_change = Some(Observer::new(act));
        self.and_wait()
    }

    async fn run(mut self) -> Result<(), Error> {
        if self.requests {
            let (project, id) = (&self.wait.project, &self.wait.id);
            let deleted = self.wait.client.delete_peering_connection(project, id);
            existing(PeeringId::DELETED, deleted.await)?;
        }
        while self.waits {
            match self.wait.poll(DELETED).await {
                Err(_) if self.wait.is_deleted => break,
                Ok((peering, _)) if peering.state() == PeeringState::DeletionFailed => {
                    return Err(Kind::Failed(Box::new(peering)).into());
                }
                Err(error) => return Err(error),
                Ok(_) => {}
            }
        }
        Ok(())
    }
}

awaited! { EnsurePeeringDeleted => (), |of| if of.requests { "ensure_peering_deleted" } else { "wait_for_peering_deleted" } }

/// The deletion of a container; see [`Client::ensure_container_deleted`].
///
/// # Errors
///
/// The service refused; also where the container was in use all the time
/// ([`ErrorCode::ContainersInUse`]), or too new ([`ErrorCode::CannotDeleteRecentlyCreatedContainer`]).
#[derive(Debug)]
#[must_use = "nothing is deleted until it is awaited"]
pub struct EnsureContainerDeleted {
    client: Client,
    project: ProjectId,
    id: ContainerId,
    policy: RetryPolicy,
    on_retry: Option<Observer<Error>>,
}

impl EnsureContainerDeleted {
    /// The time between two requests, less a random quarter at most, in place of slowing down.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.policy.backoff = Backoff::poll(interval, interval);
        self
    }

    /// How long the deletion is requested again; by default 10 minutes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.policy.deadline = timeout;
        self
    }

    /// Is called with each failure after which the deletion is requested again, before the pause.
    pub fn on_retry(mut self, act: impl FnMut(&Error) + Send + 'static) -> Self {
        self.on_retry = Some(Observer::new(act));
        self
    }

    async fn run(self) -> Result<(), Error> {
        let (client, project, id) = (&self.client, &self.project, &self.id);
        let may_repeat = |error: &Error| error.has_code(KEEPS) || retry::may_pass(error);
        let on_retry = |error: &Error| self.on_retry.iter().for_each(|of| of.tell(error));
        let deleted = retry::run(&self.policy, may_repeat, on_retry, |_| async move {
            let deleted = client.delete_peering_container(project, id);
            existing(ContainerId::DELETED, deleted.await)
        });
        deleted.await.map(|_| ())
    }
}

awaited! { EnsureContainerDeleted => (), |_| "ensure_container_deleted" }
