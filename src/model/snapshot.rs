//! A peering and its container at one time.

use serde::{Deserialize, Serialize};

use crate::PeeringId;
use crate::model::next_step::{NextStep, next_step};
use crate::types::{Container, Peering, PeeringState};

/// A peering as a wait received it, with its container if the wait requested that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PeeringSnapshot {
    /// The peering.
    pub peering: Peering,
    /// Its container, which a wait requests if the user's next step needs values of it.
    pub container: Option<Container>,
}

impl PeeringSnapshot {
    /// A snapshot of a peering, and of its container if that is known.
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

    /// What the user has to do now; `None` if there is nothing to do.
    #[must_use]
    pub fn next_step(&self) -> Option<NextStep> {
        next_step(&self.peering, self.container.as_ref())
    }

    /// Whether the user has to act and can: on AWS the connection has its id, on Google Cloud the
    /// container is provisioned.
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
                // An unknown cloud has no step, so its state decides.
                None => matches!(self.peering, Peering::Unknown(_)),
            }
    }
}
