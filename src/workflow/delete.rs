//! Deleting: a resource that is already deleted, or being deleted, is a success.

use std::time::Duration;

use super::poll::{DELETED, Wait};
use super::{Observer, existing};
use crate::error::Kind;
use crate::transport::{Backoff, retry};
use crate::{
    Client, ContainerId, Error, ErrorCode, PeeringId, PeeringSnapshot, PeeringState, ProjectId,
    RetryPolicy,
};

/// For how long the client requests the deletion of a container in use by default.
const IN_USE: Duration = Duration::from_secs(10 * 60);

/// Why a container cannot be deleted yet.
const KEEPS: &[ErrorCode] = &[
    ErrorCode::ContainersInUse,
    ErrorCode::CannotDeleteRecentlyCreatedContainer,
];

impl Client {
    /// Requests the deletion of a peering. Waits until it is deleted after
    /// [`and_wait`](EnsurePeeringDeleted::and_wait) or a setting of the wait. A peering that is already
    /// deleted, or being deleted, is a success.
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

    /// Waits until a peering is deleted, whoever requests the deletion: the call itself does not. It
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

    /// Deletes a container. A container that is already deleted is a success. The call requests the
    /// deletion again, by default for 10 minutes, if the container is in use or was just created.
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
/// - The service refuses the calls, for a reason that does not pass.
/// - The deletion failed ([`Error::is_peering_failure`]), as it may on Azure.
/// - The deletion took longer than the timeout, by default 1 hour ([`Error::is_timeout`]).
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

    /// Waits, with this time between two polls, less up to a random quarter; by default 2 to 30 seconds.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.wait.backoff = Backoff::poll(interval, interval);
        self.and_wait()
    }

    /// Waits until the peering is deleted, for at most `timeout`; by default 1 hour.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wait.timeout = timeout;
        self.and_wait()
    }

    /// Waits, and calls `act` as [`WaitForPeering::on_change`](crate::WaitForPeering::on_change) does.
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
/// - The service refuses the calls, for a reason that does not pass.
/// - The container stayed in use ([`ErrorCode::ContainersInUse`]) or too new
///   ([`ErrorCode::CannotDeleteRecentlyCreatedContainer`]) until the timeout.
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
    /// The time between two requests, less up to a random quarter; by default 2 to 30 seconds.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.policy.backoff = Backoff::poll(interval, interval);
        self
    }

    /// For how long the call requests the deletion again; by default 10 minutes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.policy.deadline = timeout;
        self
    }

    /// Sets a function that is called after each failure that another request follows, before the pause.
    pub fn on_retry(mut self, act: impl FnMut(&Error) + Send + 'static) -> Self {
        self.on_retry = Some(Observer::new(act));
        self
    }

    async fn run(self) -> Result<(), Error> {
        let (client, project, id) = (&self.client, &self.project, &self.id);
        let may_repeat = |error: &Error| error.has_code(KEEPS) || retry::may_pass(error);
        let on_retry = |error: &Error| self.on_retry.iter().for_each(|of| of.notify(error));
        let deleted = retry::run(&self.policy, may_repeat, on_retry, |_| async move {
            let deleted = client.delete_peering_container(project, id);
            existing(ContainerId::DELETED, deleted.await)
        });
        deleted.await.map(|_| ())
    }
}

awaited! { EnsureContainerDeleted => (), |_| "ensure_container_deleted" }
