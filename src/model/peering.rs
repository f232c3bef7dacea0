//! What the generated peering lacks: the same questions for every cloud.

use crate::types::{AwsPeeringError, Peering, PeeringState};

impl PeeringState {
    /// Traffic can flow.
    #[must_use]
    pub fn is_available(&self) -> bool {
        *self == Self::Available
    }

    /// The connection could not be made, broke, or could not be deleted.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        matches!(self, Self::Failed | Self::DeletionFailed)
    }

    /// The owner of the network has to do something before the service goes on:
    /// [`Peering::next_step`] says what.
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
    /// Why the peering failed, in the service's words; none while it has not.
    ///
    /// It joins what the cloud's fields say: `errorStateName` and `errorMessage` on AWS,
    /// `errorState` on Azure, `errorMessage` on Google Cloud.
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
