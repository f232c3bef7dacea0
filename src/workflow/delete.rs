//! Removing: what is gone already, or going, is no failure.

use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use crate::transport::retry;
use crate::workflow::wait::{Pace, WaitForRemoval};
use crate::{Client, ContainerId, Error, ErrorCode, PeeringId, ProjectId};

/// How long a container that is in use is asked for again, where nothing else is said.
const IN_USE: Duration = Duration::from_secs(10 * 60);

impl Client {
    /// Asks for the removal of a peering, and with [`and_wait`](RemovePeering::and_wait) waits until
    /// it is gone. One that is gone, or whose removal was asked for already, is no failure.
    ///
    /// ```no_run
    /// # async fn remove(
    /// #     atlas: atlas_peering::Client,
    /// #     project: atlas_peering::ProjectId,
    /// #     id: atlas_peering::PeeringId,
    /// # ) -> Result<(), atlas_peering::Error> {
    /// atlas.remove_peering(&project, &id).and_wait().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn remove_peering(&self, project: &ProjectId, id: &PeeringId) -> RemovePeering {
        RemovePeering {
            client: self.clone(),
            project: project.clone(),
            id: id.clone(),
            wait: None,
        }
    }

    /// Removes a container. One that is gone is no failure; one that is in use is asked for again,
    /// for 10 minutes where not set: the peerings in it may be on their way out.
    pub fn remove_container(&self, project: &ProjectId, id: &ContainerId) -> RemoveContainer {
        RemoveContainer {
            client: self.clone(),
            project: project.clone(),
            id: id.clone(),
            pace: Pace::default(),
            timeout: IN_USE,
        }
    }
}

/// The removal of a peering; see [`Client::remove_peering`].
///
/// # Errors
///
/// The service refused; with a wait, those of [`WaitForRemoval`].
#[derive(Debug)]
#[must_use = "nothing is removed until it is awaited"]
pub struct RemovePeering {
    client: Client,
    project: ProjectId,
    id: PeeringId,
    wait: Option<WaitForRemoval>,
}

impl RemovePeering {
    /// Waits until the peering is gone: an hour at the most, where not set.
    pub fn and_wait(mut self) -> Self {
        self.wait = Some(self.client.wait_for_removal(&self.project, &self.id));
        self
    }

    /// Waits until the peering is gone, so long at the most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self = self.and_wait();
        self.wait = self.wait.map(|wait| wait.timeout(timeout));
        self
    }

    async fn run(self) -> Result<(), Error> {
        let asked = self
            .client
            .delete_peering_connection(&self.project, &self.id);
        let progress = [
            ErrorCode::PEER_NOT_FOUND,
            ErrorCode::PEER_ALREADY_REQUESTED_DELETION,
        ];
        match asked.await {
            Err(error) if !has_code(&error, &progress) => Err(error.of("remove_peering")),
            _ => match self.wait {
                Some(wait) => wait.await,
                None => Ok(()),
            },
        }
    }
}

impl IntoFuture for RemovePeering {
    type Output = Result<(), Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// The removal of a container; see [`Client::remove_container`].
///
/// # Errors
///
/// The service refused; also where the container was in use all the time
/// ([`ErrorCode::CONTAINERS_IN_USE`]).
#[derive(Debug)]
#[must_use = "nothing is removed until it is awaited"]
pub struct RemoveContainer {
    client: Client,
    project: ProjectId,
    id: ContainerId,
    pace: Pace,
    timeout: Duration,
}

impl RemoveContainer {
    /// Asks this often, less a random quarter at the most, in place of slowing down from 2 seconds
    /// to 30.
    pub fn every(mut self, interval: Duration) -> Self {
        self.pace = Pace::every(interval);
        self
    }

    /// How long a container that is in use is asked for again.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn run(mut self) -> Result<(), Error> {
        let begun = Instant::now();
        loop {
            let (project, id) = (&self.project, &self.id);
            let Err(error) = self.client.delete_peering_container(project, id).await else {
                return Ok(());
            };
            if has_code(&error, &[ErrorCode::CLOUD_PROVIDER_CONTAINER_NOT_FOUND]) {
                return Ok(());
            }
            let in_use = has_code(&error, &[ErrorCode::CONTAINERS_IN_USE]);
            let wait = error
                .retry_after()
                .unwrap_or_default()
                .max(self.pace.next());
            let ends = begun.elapsed().saturating_add(wait) >= self.timeout;
            if ends || !in_use && !retry::may_pass(&error) {
                return Err(error.of("remove_container"));
            }
            tokio::time::sleep(wait).await;
        }
    }
}

impl IntoFuture for RemoveContainer {
    type Output = Result<(), Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

fn has_code(error: &Error, codes: &[ErrorCode]) -> bool {
    error.error_code().is_some_and(|code| codes.contains(code))
}
