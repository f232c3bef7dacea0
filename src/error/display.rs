//! The words of an error: what failed and what to do, once.

use std::fmt::{self, Write as _};

use super::{Error, Kind, outcome};

/// As many characters as a message has at the most.
pub(crate) const LONGEST: usize = 4096;

/// What the service said is part of many messages, and a message is one line of a log: no text of a
/// server can end it, move a terminal's cursor, or fill a disk.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = LONGEST;
        write!(Line { to: f, left }, "{}", Words(self))
    }
}

/// Writes on one line of bounded length, with a space for each control character.
struct Line<'a, 'b> {
    to: &'a mut fmt::Formatter<'b>,
    /// How many characters may follow.
    left: usize,
}

impl fmt::Write for Line<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match self.left {
                0 => return Ok(()),
                1 => self.to.write_char('…')?,
                _ if character.is_control() => self.to.write_char(' ')?,
                _ => self.to.write_char(character)?,
            }
            self.left -= 1;
        }
        Ok(())
    }
}

/// The words of an error as its parts have them.
struct Words<'a>(&'a Error);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        if let Some(operation) = error.0.operation {
            write!(f, "{operation}: ")?;
        }
        match &error.0.kind {
            Kind::Setup { reason } => f.write_str(reason),
            Kind::Input {
                field,
                value,
                remedy,
            } => {
                write!(f, "the {field} {value:?} is not valid: {remedy}")
            }
            Kind::Connect { origin, timed_out } => {
                let late = if *timed_out { " in time" } else { "" };
                write!(
                    f,
                    "no connection to {origin}{late}; nothing was sent: check the network, the proxy and the base URL"
                )
            }
            Kind::NoAnswer { timed_out: true } => {
                f.write_str("no answer in time; whether the service acted is unknown")
            }
            Kind::NoAnswer { timed_out: false } => {
                f.write_str("broken off before an answer; whether the service acted is unknown")
            }
            Kind::Body { status, timed_out } => {
                let how = if *timed_out {
                    "did not end in time"
                } else {
                    "was broken off"
                };
                write!(f, "the answer {status} {how}")
            }
            Kind::Decode { status } => {
                write!(f, "the answer {status} is not what the specification says")
            }
            Kind::TooLarge { status, largest } => write!(
                f,
                "the answer {status} has over {largest} bytes, and was not read: check what stands on the way, or set ClientBuilder::largest_answer"
            ),
            Kind::Unproven { status } => write!(
                f,
                "answered {status} by a server that does not know the key (its rspauth is wrong): check the base URL and what stands on the way"
            ),
            Kind::Refused(refusal) => refusal.fmt(f),
            Kind::Failed(status) => outcome::failure(status, f),
            Kind::Unfinished(unfinished) => unfinished.fmt(f),
            Kind::Gone { id } => write!(f, "the peering {id} was removed while it was waited for"),
            Kind::Differs(difference) => difference.fmt(f),
        }?;
        if error.0.tries > 1 {
            write!(f, " (after {} tries)", error.0.tries)?;
        }
        Ok(())
    }
}
