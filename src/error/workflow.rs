//! What a wait or an `ensure` fails with, beside what a single call does.

use std::time::Duration;

use super::{Error, Kind};
use crate::{PeeringId, PeeringSnapshot, PeeringState};

/// A wait that ran out of time.
#[derive(Clone, Debug)]
pub(crate) struct Unfinished {
    pub(crate) id: PeeringId,
    /// What it was waited for to do, such as `available`.
    pub(crate) wanted: &'static str,
    /// Where it stood last; none where it was never seen.
    pub(crate) state: Option<PeeringState>,
    /// What its user has to do, where it is the user's turn.
    pub(crate) step: Option<String>,
    pub(crate) after: Duration,
}

/// What exists in place of what was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// A peering or a container.
    pub(crate) what: &'static str,
    pub(crate) id: String,
    pub(crate) field: &'static str,
    pub(crate) wanted: String,
    pub(crate) found: String,
}

impl Error {
    /// The peering that was waited for failed, or could not be removed;
    /// [`failed_peering`](Self::failed_peering) gives it.
    #[must_use]
    pub fn is_peering_failure(&self) -> bool {
        matches!(self.0.kind, Kind::Failed(_))
    }

    /// The peering whose failure ended a wait: to be started anew, say.
    #[must_use]
    pub fn failed_peering(&self) -> Option<&PeeringSnapshot> {
        match &self.0.kind {
            Kind::Failed(status) => Some(status),
            _ => None,
        }
    }
}
