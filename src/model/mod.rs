//! What the generated types lack: ids, open enums and unions, constructors, validation, next steps.

mod constructors;
mod ids;
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

/// As many characters as a line has at the most.
pub(crate) const LONGEST: usize = 4096;

/// What is shown, on one line: no text of a server can end it, move a terminal's cursor, turn the
/// direction of what follows, or fill a disk.
pub(crate) fn one_line(shown: impl std::fmt::Display) -> String {
    let text = shown.to_string();
    let mut line: String = text.chars().take(LONGEST).collect();
    if line.len() < text.len() {
        line.pop();
        line.push('…');
    }
    let turns = |of| matches!(of, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    line.replace(|of: char| of.is_control() || turns(of), " ")
}
