//! What a test does to a sandbox in the place of users, clouds and clusters, and sees of it without
//! a call.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::cloud::Cloud;
use crate::fault::Fault;
use crate::{Sandbox, peer, routes};

/// What a control could not do, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlError(String);

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ControlError {}

impl Sandbox {
    /// The user's agreement: accepts an AWS connection, or peers back on Google Cloud.
    ///
    /// # Errors
    ///
    /// The peering does not wait for it.
    pub fn accept(&self, peering: &str) -> Result<(), ControlError> {
        self.control(peering, peer::Peer::accept)
    }

    /// The user's refusal of an AWS connection: it fails with `REJECTED`.
    ///
    /// # Errors
    ///
    /// The peering does not wait for it.
    pub fn reject(&self, peering: &str) -> Result<(), ControlError> {
        self.control(peering, peer::Peer::reject)
    }

    /// Lets the 7 days of an AWS connection run out at once: it fails with `EXPIRED`.
    ///
    /// # Errors
    ///
    /// The peering does not wait for the user.
    pub fn expire(&self, peering: &str) -> Result<(), ControlError> {
        self.control(peering, peer::Peer::expire)
    }

    /// The removal of a peering from Azure fails with a cause: `DELETION_FAILED`.
    ///
    /// # Errors
    ///
    /// It is not being removed from Azure.
    pub fn fail_deletion(&self, peering: &str, cause: &str) -> Result<(), ControlError> {
        self.control(peering, |peer, _| peer.fail_deletion(cause))
    }

    /// Makes a peering fail with a cause, as the cloud does at any time: on AWS one of its error
    /// states, elsewhere free words.
    ///
    /// # Errors
    ///
    /// There is no such peering, or it is being removed.
    pub fn fail(&self, peering: &str, cause: &str) -> Result<(), ControlError> {
        self.control(peering, |peer, _| peer.fail(cause))
    }

    /// Sets a field of a peering in every answer from now on, whatever the service would say: a
    /// state or a provider that nobody knows yet, a new field, a null.
    ///
    /// # Errors
    ///
    /// There is no such peering.
    pub fn set(&self, peering: &str, field: &str, value: Value) -> Result<(), ControlError> {
        self.control(peering, |peer, _| {
            peer.set(field, value);
            Ok(())
        })
    }

    /// All peerings, as the service shows them.
    #[must_use]
    pub fn peerings(&self) -> Vec<Value> {
        let mut service = self.service();
        let now = service.clock_mut().now();
        service.project().peers.show(now).collect()
    }

    /// Forgets all peerings at once, as if they had been removed long ago.
    pub fn forget_peerings(&self) {
        self.service().project().peers.clear();
    }

    /// Leaves a peering out of every list from now on, as one of a cloud that has no list yet.
    ///
    /// # Errors
    ///
    /// There is no such peering.
    pub fn hide_from_lists(&self, peering: &str) -> Result<(), ControlError> {
        self.control(peering, |peer, _| {
            peer.hidden = true;
            Ok(())
        })
    }

    /// All containers, as the service shows them.
    #[must_use]
    pub fn containers(&self) -> Vec<Value> {
        let mut service = self.service();
        let now = service.clock_mut().now();
        service.project().containers.show(now).collect()
    }

    /// Adds so many peerings on a cloud (`AWS`, `AZURE`, `GCP`), past every limit; their ids.
    ///
    /// # Errors
    ///
    /// There is no such cloud.
    pub fn fill(&self, provider: &str, count: usize) -> Result<Vec<String>, ControlError> {
        let cloud = cloud(provider)?;
        let mut service = self.service();
        let now = service.clock_mut().now();
        Ok(service.project().fill(cloud, count, now))
    }

    /// Makes a cluster in a region (any text on Google Cloud), and its container where there is
    /// none; the container's id.
    ///
    /// # Errors
    ///
    /// There is no such cloud.
    pub fn make_cluster(&self, provider: &str, region: &str) -> Result<String, ControlError> {
        let cloud = cloud(provider)?;
        let region = cloud.region().map_or("", |_| region);
        let mut service = self.service();
        let now = service.clock_mut().now();
        let container = service.project().containers.of_region(cloud, region, now);
        container.begin_use(now);
        container.has_cluster = true;
        Ok(container.id.clone())
    }

    /// Removes the cluster of a container.
    ///
    /// # Errors
    ///
    /// There is no such container.
    pub fn remove_cluster(&self, container: &str) -> Result<(), ControlError> {
        match self.service().project().containers.find(container) {
            Some(container) => {
                container.has_cluster = false;
                Ok(())
            }
            None => Err(ControlError(format!("there is no container {container}"))),
        }
    }

    /// Injects a fault into calls of an operation, by its id in version 1.0.
    ///
    /// # Errors
    ///
    /// There is no such operation, or the fault is none of it.
    pub fn inject(&self, operation: &str, fault: Fault) -> Result<(), ControlError> {
        if !routes::OPERATIONS.contains(&operation) {
            let known = routes::OPERATIONS.join(", ");
            let fault = format!("{operation} is none of the operations {known}");
            return Err(ControlError(fault));
        }
        if let Some(only) = fault.only_of().filter(|only| *only != operation) {
            let fault = format!("the fault is one of {only} alone, not of {operation}");
            return Err(ControlError(fault));
        }
        self.service().faults_mut().inject(operation, fault);
        Ok(())
    }

    fn control(
        &self,
        peering: &str,
        act: impl FnOnce(&mut peer::Peer, Duration) -> Result<(), String>,
    ) -> Result<(), ControlError> {
        let mut service = self.service();
        let now = service.clock_mut().now();
        match service.project().peers.find(peering, now) {
            Some(peer) => act(peer, now).map_err(ControlError),
            None => Err(ControlError(format!("there is no peering {peering}"))),
        }
    }
}

fn cloud(name: &str) -> Result<Cloud, ControlError> {
    Cloud::from_name(name).ok_or_else(|| ControlError(format!("{name} is not AWS, AZURE or GCP")))
}
