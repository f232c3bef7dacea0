//! The sandbox's own time: seconds since its start.

use std::time::{Duration, Instant};

/// A clock that a test moves, and that may run by itself as well.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    started: Instant,
    /// How many times as fast as the world's it runs.
    speed: u32,
    moved: Duration,
}

impl Clock {
    pub(crate) fn new(speed: u32) -> Self {
        Self {
            started: Instant::now(),
            speed,
            moved: Duration::ZERO,
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.moved + self.started.elapsed() * self.speed
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.moved = self.moved.saturating_add(by);
    }
}
