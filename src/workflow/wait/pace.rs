//! How often a wait polls.

use std::time::Duration;

use crate::transport::retry::random_below;

const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(30);

/// The time from one poll to the next: always the same, or from 2 seconds slowing to 30, begun anew
/// with each change. A quarter of it is random, so that many waits do not poll together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    every: Option<Duration>,
    /// How many polls since the last change.
    polls: u32,
}

impl Pace {
    pub(crate) fn every(interval: Duration) -> Self {
        Self {
            every: Some(interval),
            polls: 0,
        }
    }

    /// Something changed: more may follow soon.
    pub(crate) fn hurry(&mut self) {
        self.polls = 0;
    }

    /// How long to wait before the next poll.
    pub(crate) fn next(&mut self) -> Duration {
        let whole = self.whole();
        self.polls += 1;
        whole / 4 * 3 + random_below(whole / 4)
    }

    /// The same without what is random about it: half as long again with each poll.
    fn whole(&self) -> Duration {
        let grown = || {
            let factor = 1.5_f64.powi(self.polls.min(16).try_into().unwrap_or(16));
            FIRST.mul_f64(factor).min(LONGEST)
        };
        self.every.unwrap_or_else(grown)
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
            let whole = pace.whole();
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
        assert_eq!(pace.whole(), FIRST);
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
