//! The sandbox's own clock: time since its start.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// A clock that a test moves, and that may run by itself too.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    started: Instant,
    /// How many times as fast as real time it runs.
    speed: u32,
    moved: Duration,
    /// Wakes the calls of [`pass`].
    advanced: Arc<Notify>,
}

impl Clock {
    pub(crate) fn new(speed: u32) -> Self {
        Self {
            started: Instant::now(),
            speed,
            moved: Duration::ZERO,
            advanced: Arc::default(),
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.moved + self.started.elapsed() * self.speed
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.moved = self.moved.saturating_add(by);
        self.advanced.notify_waiters();
    }
}

/// Waits until `time` of a clock has passed; `read` gives the present state of the clock.
pub(crate) async fn pass(read: impl Fn() -> Clock, time: Duration) {
    let start = read();
    let end = start.now().saturating_add(time);
    loop {
        // Registered before the clock is read: an advance in between still wakes it.
        let advanced = start.advanced.notified();
        let clock = read();
        let left = end.saturating_sub(clock.now());
        if left.is_zero() {
            return;
        }
        match left.checked_div(clock.speed) {
            None => advanced.await,
            Some(left) => tokio::select! {
                () = advanced => {}
                () = tokio::time::sleep(left) => {}
            },
        }
    }
}
