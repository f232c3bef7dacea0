//! What a server wrote, on one line of a log or a terminal.

use std::fmt::Display;

/// As many characters as a line has at the most.
pub(crate) const LONGEST: usize = 4096;

/// What is shown, on one line: no text of a server can end it, move a terminal's cursor, turn the
/// direction of what follows, or fill a disk.
pub(crate) fn one_line(shown: impl Display) -> String {
    let text = shown.to_string();
    let mut line: String = text.chars().take(LONGEST).collect();
    if line.len() < text.len() {
        line.pop();
        line.push('…');
    }
    let turns = |of| matches!(of, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    line.replace(|of: char| of.is_control() || turns(of), " ")
}
