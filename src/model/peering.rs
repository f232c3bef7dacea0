//! Methods of a peering that are the same for every cloud.

use crate::types::{AwsPeeringError, Peering, PeeringState};

impl PeeringState {
    /// The connection is up: see [`Available`](Self::Available).
    #[must_use]
    pub fn is_available(&self) -> bool {
        *self == Self::Available
    }

    /// The connection could not be created, failed later, or could not be deleted.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        matches!(self, Self::Failed | Self::DeletionFailed)
    }

    /// The owner of the network has to act before the service continues:
    /// [`Peering::next_step`] is what to do.
    #[must_use]
    pub fn needs_user(&self) -> bool {
        matches!(self, Self::PendingAcceptance | Self::WaitingForUser)
    }

    /// The peering is being deleted.
    #[must_use]
    pub fn is_deleting(&self) -> bool {
        matches!(self, Self::Terminating | Self::Deleting)
    }
}

impl Peering {
    /// Why the peering failed, as the service states it; `None` if it has not failed.
    ///
    /// The fields are `errorStateName` and `errorMessage` on AWS, joined by a colon, `errorState` on
    /// Azure, and `errorMessage` on Google Cloud.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        let texts = match self {
            Self::Aws(peering) => {
                let name = peering.error_state_name.as_ref();
                let name = name.map(AwsPeeringError::as_str);
                [name, peering.error_message.as_deref()]
            }
            Self::Azure(peering) => [peering.error_state.as_deref(), None],
            Self::Gcp(peering) => [peering.error_message.as_deref(), None],
            Self::Unknown(_) => [None, None],
        };
        let texts = texts.into_iter().flatten();
        let texts: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
        (!texts.is_empty()).then(|| texts.join(": "))
    }
}
