//! Removing: what is gone already, or going, is no failure.

use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use crate::transport::{self, Backoff, retry};
use crate::workflow::wait::WaitForRemoval;
use crate::{Client, ContainerId, Error, ErrorCode, PeeringId, ProjectId, Response, RetryPolicy};

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
            backoff: Backoff::POLL,
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
        let (client, project, id) = (&self.client, &self.project, &self.id);
        let deleted = client.delete_peering_connection(project, id).await;
        ignore_deleted(deleted).map_err(|error| error.of("remove_peering"))?;
        match self.wait {
            Some(wait) => wait.await,
            None => Ok(()),
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
/// ([`ErrorCode::ContainersInUse`]).
#[derive(Debug)]
#[must_use = "nothing is removed until it is awaited"]
pub struct RemoveContainer {
    client: Client,
    project: ProjectId,
    id: ContainerId,
    backoff: Backoff,
    timeout: Duration,
}

impl RemoveContainer {
    /// Asks this often, less a random quarter at the most, in place of slowing down from 2 seconds
    /// to 30.
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
        let may_repeat = |error: &Error| is_in_use(error) || retry::may_pass(error);
        let deleted = retry::run(&policy, may_repeat, |_| async move {
            ignore_deleted(client.delete_peering_container(project, id).await)
        });
        deleted.await.map_err(|error| error.of("remove_container"))
    }
}

fn is_in_use(error: &Error) -> bool {
    error.has_code(&[ErrorCode::ContainersInUse])
}

/// What is deleted already, or being deleted, is no failure.
fn ignore_deleted(outcome: Result<Response<()>, Error>) -> Result<(), Error> {
    match outcome {
        Err(error) if !transport::is_deleted(&error) => Err(error),
        _ => Ok(()),
    }
}

impl IntoFuture for RemoveContainer {
    type Output = Result<(), Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
