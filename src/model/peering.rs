//! What the generated peering lacks: the same questions for every cloud.

use super::UNSPECIFIED;
use crate::types::{
    AwsPeeringError, AwsPeeringState, AzurePeeringState, GcpPeeringState, Peering, PeeringState,
};

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
    /// Where the peering stands. A state that the service left out is [`PeeringState::Unknown`]
    /// with the value `UNSPECIFIED`.
    #[must_use]
    pub fn state(&self) -> PeeringState {
        let state = match self {
            Self::Aws(peering) => peering.status_name.as_ref().map(AwsPeeringState::as_str),
            Self::Azure(peering) => peering.status.as_ref().map(AzurePeeringState::as_str),
            Self::Gcp(peering) => peering.status.as_ref().map(GcpPeeringState::as_str),
            Self::Unknown(peering) => {
                let mut fields = ["statusName", "status"].iter();
                fields.find_map(|key| peering.extra.get(*key)?.as_str())
            }
        };
        state.unwrap_or(UNSPECIFIED).into()
    }

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
