//! How often a wait polls.

use std::time::Duration;

use crate::transport::retry::random_below;

/// The time from one poll to the next: always the same, or from 2 seconds slowing to 30, begun anew
/// with each change. A quarter of it is random, so that many waits do not poll together.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            longest: Duration::from_secs(30),
            ..Self::every(Duration::from_secs(2))
        }
    }
}

impl Pace {
    pub(crate) fn every(interval: Duration) -> Self {
        Self {
            first: interval,
            longest: interval,
            next: interval,
        }
    }

    /// Something changed: more may follow soon.
    pub(crate) fn hurry(&mut self) {
        self.next = self.first;
    }

    /// How long to wait before the next poll; the whole is half as long again with each.
    pub(crate) fn next(&mut self) -> Duration {
        let whole = self.next;
        self.next = whole.saturating_add(whole / 2).min(self.longest);
        whole / 4 * 3 + random_below(whole / 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_slow_down_from_2_seconds_to_30_and_hurry_after_a_change() {
        let mut pace = Pace::default();
        let mut wholes = Vec::new();
        for _ in 0..100 {
            let whole = pace.next;
            wholes.push(whole.as_millis());
            let next = pace.next();
            assert!(
                next <= whole && next >= whole * 3 / 4,
                "{next:?} of {whole:?}"
            );
        }
        assert_eq!(wholes[..4], [2000, 3000, 4500, 6750]);
        assert_eq!(wholes[99], 30_000);
        pace.hurry();
        assert_eq!(pace.next, pace.first);
    }

    #[test]
    fn an_interval_that_is_set_stays() {
        let minute = Duration::from_secs(60);
        let mut pace = Pace::every(minute);
        for _ in 0..100 {
            let next = pace.next();
            assert!(next <= minute && next >= minute / 4 * 3, "{next:?}");
        }
    }
}
