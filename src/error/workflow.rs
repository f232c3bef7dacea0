//! The errors of a wait or an `ensure`, beside those of their calls.

use std::time::Duration;

use serde_json::Value;

use super::{Error, Kind};
use crate::{PeeringId, PeeringSnapshot};

impl Error {
    /// The resource exists and differs from the request: both values of the field are shown.
    pub(crate) fn differs(what: &str, field: &str, [wanted, found]: [&Value; 2]) -> Self {
        let both = format!("exists with the {field} {found}, and {wanted} was requested");
        let remedy = "request what exists, change it, or delete it";
        Kind::Differs(format!("the {what} {both}: {remedy}")).into()
    }

    /// A wait that ran out of time before the peering was, for example, `available`. The message has the
    /// last state, if a poll read one, and the next step.
    pub(crate) fn unfinished(
        id: &PeeringId,
        wanted: &str,
        after: Duration,
        last: Option<&PeeringSnapshot>,
    ) -> Self {
        let state = match (last, last.and_then(PeeringSnapshot::next_step)) {
            (None, _) => "its state could not be read: check the source of this error".to_owned(),
            (Some(last), None) => format!("it is {}: wait again, or longer", last.state()),
            (Some(last), Some(step)) => format!("it is {}: {step}", last.state()),
        };
        let message = format!("the peering {id} is not {wanted} after {after:?}; {state}");
        Kind::Unfinished(message).into()
    }

    /// The peering of a wait or an `ensure` failed, or could not be deleted:
    /// [`failed_peering`](Self::failed_peering) returns it.
    ///
    /// Another attempt does not help: first take the step that the message names.
    #[must_use]
    pub fn is_peering_failure(&self) -> bool {
        matches!(self.0.kind, Kind::Failed(_))
    }

    /// The peering whose failure ended a wait or an `ensure`. `None` for any other error.
    #[must_use]
    pub fn failed_peering(&self) -> Option<&PeeringSnapshot> {
        match &self.0.kind {
            Kind::Failed(status) => Some(status),
            _ => None,
        }
    }
}
