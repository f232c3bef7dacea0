//! What a wait or an `ensure` fails with, beside what a single call does.

use std::time::Duration;

use serde_json::Value;

use super::{Error, Kind};
use crate::{PeeringId, PeeringSnapshot};

impl Error {
    /// What exists in place of what was requested, with both values of the field that differs.
    pub(crate) fn differs(what: &str, field: &str, [wanted, found]: [&Value; 2]) -> Self {
        let both = format!("exists with the {field} {found}, and {wanted} was requested");
        let remedy = "request what exists, change it, or delete it";
        Kind::Differs(format!("the {what} {both}: {remedy}")).into()
    }

    /// A wait that ran out of time before the peering was, say, `available`. It shows where the
    /// peering stood last, where that was seen, and what its user has to do.
    pub(crate) fn unfinished(
        id: &PeeringId,
        wanted: &str,
        after: Duration,
        last: Option<&PeeringSnapshot>,
    ) -> Self {
        let stands = match (last, last.and_then(PeeringSnapshot::next_step)) {
            (None, _) => "its state could not be read".to_owned(),
            (Some(last), None) => format!("it is {}", last.state()),
            (Some(last), Some(step)) => format!("it is {}: {step}", last.state()),
        };
        let words = format!("the peering {id} is not {wanted} after {after:?}; {stands}");
        Kind::Unfinished(words).into()
    }

    /// The peering that was waited for or is to be ensured failed, or could not be deleted;
    /// [`failed_peering`](Self::failed_peering) gives it.
    #[must_use]
    pub fn is_peering_failure(&self) -> bool {
        matches!(self.0.kind, Kind::Failed(_))
    }

    /// The peering whose failure ended a wait, or an `ensure`: to be started anew, say.
    #[must_use]
    pub fn failed_peering(&self) -> Option<&PeeringSnapshot> {
        match &self.0.kind {
            Kind::Failed(status) => Some(status),
            _ => None,
        }
    }
}
