//! The sandbox's own time: seconds since its start.

use std::time::{Duration, Instant};

/// A clock that a test moves, and that may run by itself as well.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    started: Option<Instant>,
    moved: Duration,
}

impl Clock {
    pub(crate) fn still() -> Self {
        Self {
            started: None,
            moved: Duration::ZERO,
        }
    }

    pub(crate) fn running() -> Self {
        Self {
            started: Some(Instant::now()),
            moved: Duration::ZERO,
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.moved
            + self
                .started
                .map_or(Duration::ZERO, |started| started.elapsed())
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.moved += by;
    }
}
