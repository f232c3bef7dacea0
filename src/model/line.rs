//! What a server wrote, on one line of a log or a terminal.

use std::fmt::{self, Write};

/// As many characters as a line has at the most.
pub(crate) const LONGEST: usize = 4096;

/// What is shown, on one line: no text of a server can end it, move a terminal's cursor, turn the
/// direction of what follows, or fill a disk.
pub(crate) fn one_line(shown: impl fmt::Display) -> String {
    let mut line = Line {
        text: String::new(),
        left: LONGEST,
    };
    // A string takes everything.
    let _ = write!(line, "{shown}");
    line.text
}

/// A line of bounded length, with a space for each character that a line cannot show.
struct Line {
    text: String,
    /// How many characters may follow.
    left: usize,
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            self.text.push(match (self.left, character) {
                (0, _) => return Ok(()),
                (1, _) => '…',
                (_, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => ' ',
                (_, character) if character.is_control() => ' ',
                (_, character) => character,
            });
            self.left -= 1;
        }
        Ok(())
    }
}
