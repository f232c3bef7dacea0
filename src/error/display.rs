//! The words of an error: what failed and what to do, once.

use std::fmt;

use super::{Error, Kind, outcome};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        match &self.0.kind {
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
        if self.0.tries > 1 {
            write!(f, " (after {} tries)", self.0.tries)?;
        }
        Ok(())
    }
}
