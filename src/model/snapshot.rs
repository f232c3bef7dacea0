//! A peering and the container that it leads to, seen at one time.

use serde::{Deserialize, Serialize};

use crate::PeeringId;
use crate::model::next_step::{NextStep, next_step};
use crate::types::{Container, Peering, PeeringState};

/// A peering as a wait saw it, with its container where that was requested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PeeringSnapshot {
    /// The peering.
    pub peering: Peering,
    /// Its container: requested when it is the user's turn, since it tells what to peer back to.
    pub container: Option<Container>,
}

impl PeeringSnapshot {
    /// A peering, and its container where that is known.
    #[must_use]
    pub fn new(peering: Peering, container: Option<Container>) -> Self {
        Self { peering, container }
    }

    /// The id of the peering.
    #[must_use]
    pub fn id(&self) -> &PeeringId {
        self.peering.id()
    }

    /// The state of the peering.
    #[must_use]
    pub fn state(&self) -> PeeringState {
        self.peering.state()
    }

    /// What the user has to do now; none where there is nothing to do.
    #[must_use]
    pub fn next_step(&self) -> Option<NextStep> {
        next_step(&self.peering, self.container.as_ref())
    }

    /// Whether the user can act: on AWS the connection has its id, on Google Cloud the container
    /// is provisioned.
    #[must_use]
    pub fn is_users_turn(&self) -> bool {
        self.state().needs_user()
            && match self.next_step() {
                Some(NextStep::CreateReciprocalPeering {
                    atlas_gcp_project_id,
                    atlas_network_name,
                    ..
                }) => atlas_gcp_project_id.is_some() && atlas_network_name.is_some(),
                Some(_) => true,
                // A cloud that is not known tells no more.
                None => matches!(self.peering, Peering::Unknown(_)),
            }
    }
}
