//! Deleting: what is deleted already, or being deleted, is no failure.

use std::future::IntoFuture;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::poll::Wait;
use crate::error::Kind;
use crate::transport::{Backoff, CONTAINER_DELETED, PEERING_DELETED, retry};
use crate::{
    Client, ContainerId, Error, ErrorCode, PeeringId, PeeringState, ProjectId, Response,
    RetryPolicy,
};

/// How long a container that is in use is asked for again, where nothing else is said.
const IN_USE: Duration = Duration::from_secs(10 * 60);

impl Client {
    /// Requests the deletion of a peering, and with [`and_wait`](RemovePeering::and_wait) waits until
    /// it is deleted. One that is deleted, or being deleted, is no failure.
    pub fn remove_peering(&self, project: &ProjectId, id: &PeeringId) -> RemovePeering {
        RemovePeering {
            wait: Wait::new(self, project, id),
            requests: true,
            waits: false,
        }
    }

    /// Waits until a peering is deleted, after its deletion was requested. It polls as
    /// [`WaitForPeering`](crate::WaitForPeering) does.
    pub fn wait_for_removal(&self, project: &ProjectId, id: &PeeringId) -> RemovePeering {
        RemovePeering {
            requests: false,
            ..self.remove_peering(project, id).and_wait()
        }
    }

    /// Deletes a container. One that is deleted is no failure; one that is in use is asked for again,
    /// by default for 10 minutes: the peerings in it may be being deleted.
    pub fn remove_container(&self, project: &ProjectId, id: &ContainerId) -> RemoveContainer {
        RemoveContainer {
            client: self.clone(),
            project: project.clone(),
            id: id.clone(),
            backoff: Backoff::POLL,
            timeout: IN_USE,
        }
    }
}

/// The deletion of a peering; see [`Client::remove_peering`] and [`Client::wait_for_removal`].
///
/// # Errors
///
/// - The service refuses the calls, and that will not pass.
/// - The deletion failed ([`Error::is_peering_failure`]), as it may on Azure.
/// - It took too long ([`Error::is_timeout`]): by default over an hour.
#[derive(Debug)]
#[must_use = "nothing is deleted until it is awaited"]
pub struct RemovePeering {
    wait: Wait,
    requests: bool,
    waits: bool,
}

impl RemovePeering {
    /// Waits until the peering is deleted.
    pub fn and_wait(mut self) -> Self {
        self.waits = true;
        self
    }

    /// The time between two polls, less a random quarter at most, in place of slowing down.
    pub fn every(mut self, interval: Duration) -> Self {
        self.wait.backoff = Backoff::poll(interval, interval);
        self
    }

    /// Waits until the peering is deleted, at most so long; by default an hour.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wait.timeout = timeout;
        self.and_wait()
    }

    async fn run(mut self) -> Result<(), Error> {
        if self.requests {
            let (project, id) = (&self.wait.project, &self.wait.id);
            let deleted = self.wait.client.delete_peering_connection(project, id);
            ignore_deleted(&PEERING_DELETED, deleted.await)?;
        }
        while self.waits {
            match self.wait.poll("deleted").await {
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

impl IntoFuture for RemovePeering {
    type Output = Result<(), Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let operation = if self.requests {
            "remove_peering"
        } else {
            "wait_for_removal"
        };
        Box::pin(async move { self.run().await.map_err(|error| error.of(operation)) })
    }
}

/// The deletion of a container; see [`Client::remove_container`].
///
/// # Errors
///
/// The service refused; also where the container was in use all the time
/// ([`ErrorCode::ContainersInUse`]).
#[derive(Debug)]
#[must_use = "nothing is deleted until it is awaited"]
pub struct RemoveContainer {
    client: Client,
    project: ProjectId,
    id: ContainerId,
    backoff: Backoff,
    timeout: Duration,
}

impl RemoveContainer {
    /// Asks this often, less a random quarter at most, in place of slowing down.
    pub fn every(mut self, interval: Duration) -> Self {
        self.backoff = Backoff::poll(interval, interval);
        self
    }

    /// How long a container that is in use is asked for again.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn run(self) -> Result<(), Error> {
        let (client, project, id) = (&self.client, &self.project, &self.id);
        let policy = RetryPolicy::until(self.timeout, self.backoff);
        let may_repeat =
            |error: &Error| error.has_code(&[ErrorCode::ContainersInUse]) || retry::may_pass(error);
        let deleted = retry::run(&policy, may_repeat, |_| async move {
            let deleted = client.delete_peering_container(project, id);
            ignore_deleted(&CONTAINER_DELETED, deleted.await)
        });
        deleted.await.map_err(|error| error.of("remove_container"))
    }
}

/// What is deleted already, or being deleted, is no failure.
fn ignore_deleted(codes: &[ErrorCode], outcome: Result<Response<()>, Error>) -> Result<(), Error> {
    match outcome {
        Err(error) if !error.has_code(codes) => Err(error),
        _ => Ok(()),
    }
}

impl IntoFuture for RemoveContainer {
    type Output = Result<(), Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
