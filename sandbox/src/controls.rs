//! Controls of a test: it acts for users, clouds and clusters, and reads the state without a call.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::cloud::Cloud;
use crate::fault::Fault;
use crate::{Sandbox, peer, routes};

/// The error of a control of [`Sandbox`], such as [`Sandbox::accept`]. It is displayed in one line: what
/// failed, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlError(String);

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ControlError {}

impl Sandbox {
    /// Accepts a peering in the user's place: on AWS the connection, on Google Cloud by peering back.
    ///
    /// # Errors
    ///
    /// - The project has no such peering.
    /// - The peering does not wait for its user: it is neither `PENDING_ACCEPTANCE` nor
    ///   `WAITING_FOR_USER`.
    pub fn accept(&self, peering: &str) -> Result<(), ControlError> {
        self.control(peering, peer::Peer::accept)
    }

    /// Rejects a peering in the user's place: it becomes `FAILED` with the cause `REJECTED`.
    ///
    /// # Errors
    ///
    /// As of [`Sandbox::accept`].
    pub fn reject(&self, peering: &str) -> Result<(), ControlError> {
        self.control(peering, peer::Peer::reject)
    }

    /// Ends the 7 days in which the user may accept an AWS connection: the peering becomes `FAILED` with
    /// the cause `EXPIRED`. The clock does not move.
    ///
    /// # Errors
    ///
    /// As of [`Sandbox::accept`].
    pub fn expire(&self, peering: &str) -> Result<(), ControlError> {
        self.control(peering, peer::Peer::expire)
    }

    /// Makes the deletion of an Azure peering fail: it becomes `DELETION_FAILED` with this cause.
    ///
    /// # Errors
    ///
    /// - The project has no such peering.
    /// - The peering is not on Azure, or not `DELETING`.
    pub fn fail_deletion(&self, peering: &str, cause: &str) -> Result<(), ControlError> {
        self.control(peering, |peer, _| peer.fail_deletion(cause))
    }

    /// Makes a peering fail, as its cloud may at any time: it becomes `FAILED` with this cause. On AWS the
    /// cause is an error state, such as `INVALID_ARGUMENT`; on the other clouds it is free text.
    ///
    /// # Errors
    ///
    /// - The project has no such peering.
    /// - The peering is being deleted.
    pub fn fail(&self, peering: &str, cause: &str) -> Result<(), ControlError> {
        self.control(peering, |peer, _| peer.fail(cause))
    }

    /// Sets a field of a peering in all further responses, in place of the service's value: an unknown
    /// state or provider, a new field, a null. The state that the sandbox acts by stays the same.
    ///
    /// # Errors
    ///
    /// The project has no such peering.
    pub fn set(&self, peering: &str, field: &str, value: Value) -> Result<(), ControlError> {
        self.control(peering, |peer, _| {
            peer.set(field, value);
            Ok(())
        })
    }

    /// Returns all peerings of all clouds, in the order of creation, as the service shows them.
    #[must_use]
    pub fn peerings(&self) -> Vec<Value> {
        let mut service = self.service();
        let now = service.clock_mut().now();
        service.project().peers.show(now).collect()
    }

    /// Drops all peerings at once, as if they had been deleted long ago.
    pub fn forget_peerings(&self) {
        self.service().project().peers.clear();
    }

    /// Leaves a peering out of all further lists, like one of a cloud that has no list yet.
    ///
    /// # Errors
    ///
    /// The project has no such peering.
    pub fn hide_from_lists(&self, peering: &str) -> Result<(), ControlError> {
        self.control(peering, |peer, _| {
            peer.hidden = true;
            Ok(())
        })
    }

    /// Returns all containers of all clouds, in the order of creation, as the service shows them.
    #[must_use]
    pub fn containers(&self) -> Vec<Value> {
        let mut service = self.service();
        let now = service.clock_mut().now();
        service.project().containers.show(now).collect()
    }

    /// Adds `count` peerings on a cloud (`AWS`, `AZURE`, `GCP`), past all limits, and returns their ids.
    ///
    /// # Errors
    ///
    /// The provider is unknown.
    pub fn fill(&self, provider: &str, count: usize) -> Result<Vec<String>, ControlError> {
        let cloud = cloud(provider)?;
        let mut service = self.service();
        let now = service.clock_mut().now();
        Ok(service.project().fill(cloud, count, now))
    }

    /// Makes a cluster in a region of a cloud (`AWS`, `AZURE`, `GCP`), creates a container for it if the
    /// region has none, and returns the container's id. Google Cloud has one container for all regions:
    /// `region` may be any text.
    ///
    /// # Errors
    ///
    /// The provider is unknown.
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

    /// Deletes the cluster of a container. The container stays.
    ///
    /// # Errors
    ///
    /// The project has no such container.
    pub fn delete_cluster(&self, container: &str) -> Result<(), ControlError> {
        match self.service().project().containers.find(container) {
            Some(container) => {
                container.has_cluster = false;
                Ok(())
            }
            None => Err(ControlError(format!(
                "unknown container {container:?}: use an id that `containers` lists"
            ))),
        }
    }

    /// Makes calls of an operation meet a fault, under both versions of the API. Faults of the same
    /// operation act one after the other, in the order of their injection.
    ///
    /// `operation` is an id of version 1.0:
    ///
    /// - `createPeeringConnection`, `listPeeringConnections`, `getPeeringConnection`,
    ///   `updatePeeringConnection`, `deletePeeringConnection`
    /// - `createPeeringContainer`, `listPeeringContainerByCloudProvider`, `listPeeringContainers`,
    ///   `getPeeringContainer`, `updatePeeringContainer`, `deletePeeringContainer`
    /// - `verifyConnectViaPeeringOnlyModeForOneProject`, `disablePeering`
    ///
    /// # Errors
    ///
    /// - The operation is unknown.
    /// - The operation cannot meet the fault: [`Fault::unreachable_network`] is for
    ///   `createPeeringConnection` only.
    pub fn inject(&self, operation: &str, fault: Fault) -> Result<(), ControlError> {
        if !routes::OPERATIONS.contains(&operation) {
            let known = routes::OPERATIONS.join(", ");
            let fault = format!("unknown operation {operation:?}: use one of {known}");
            return Err(ControlError(fault));
        }
        if let Some(only) = fault.only_of().filter(|only| *only != operation) {
            let fault = format!("{operation} cannot meet this fault: inject it into {only}");
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
            None => Err(ControlError(format!(
                "unknown peering {peering:?}: use an id that `peerings` lists"
            ))),
        }
    }
}

fn cloud(name: &str) -> Result<Cloud, ControlError> {
    Cloud::from_name(name)
        .ok_or_else(|| ControlError(format!("unknown provider {name:?}: use AWS, AZURE or GCP")))
}
