//! What the generated types lack: ids, open enums and unions, constructors, validation, next steps.

mod constructors;
mod container;
mod ids;
pub(crate) mod line;
pub(crate) mod next_step;
pub(crate) mod open_types;
mod peering;
mod snapshot;
pub(crate) mod validation;

pub use ids::{ContainerId, PeeringId, ProjectId};
pub use next_step::NextStep;
pub use snapshot::PeeringSnapshot;

/// What stands for a provider or a state that the service left out.
pub(crate) const UNSPECIFIED: &str = "UNSPECIFIED";
