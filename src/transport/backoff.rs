//! How long to wait between two attempts, or between two polls.

use std::time::Duration;

/// Waits that grow: each doubles the one before it, up to a maximum, and a part of it is random, so
/// that callers which failed together do not come back together.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    /// The longest wait after the first attempt.
    pub(crate) initial: Duration,
    /// The longest wait after any attempt.
    pub(crate) max: Duration,
    /// The wait is at least its longest divided by 4 and multiplied by this.
    quarters: u32,
}

impl Backoff {
    /// For attempts that failed: a wait is random from nothing to its longest ("full jitter").
    pub(crate) const fn full_jitter(initial: Duration, max: Duration) -> Self {
        Self {
            initial,
            max,
            quarters: 0,
        }
    }

    /// Polls every 2 seconds at first, and every 30 in the end.
    pub(crate) const POLL: Self = Self::poll(Duration::from_secs(2), Duration::from_secs(30));

    /// For polls: a wait is its longest, less a random quarter.
    pub(crate) const fn poll(initial: Duration, max: Duration) -> Self {
        Self {
            initial,
            max,
            quarters: 3,
        }
    }

    /// How long to wait after so many attempts.
    pub(crate) fn wait(&self, attempts: u32) -> Duration {
        let longest = self.longest(attempts);
        let fixed = longest / 4 * self.quarters;
        fixed + random_below(longest.saturating_sub(fixed))
    }

    fn longest(&self, attempts: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
        self.initial.saturating_mul(doubled).min(self.max)
    }
}

fn random_below(bound: Duration) -> Duration {
    // Without randomness the whole wait is right too.
    let random = getrandom::u32().unwrap_or(u32::MAX);
    let part = f64::from(random) / f64::from(u32::MAX);
    Duration::try_from_secs_f64(bound.as_secs_f64() * part).unwrap_or(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn waits_double_up_to_the_maximum() {
        let backoff = Backoff::full_jitter(SECOND, 5 * SECOND);
        let longest = [1, 2, 3, 4, 99].map(|attempts| backoff.longest(attempts).as_secs());
        assert_eq!(longest, [1, 2, 4, 5, 5]);
        let forever = Backoff::poll(Duration::MAX, Duration::MAX);
        assert!(forever.wait(u32::MAX) > Duration::MAX / 2);
    }

    #[test]
    fn waits_are_random_in_whole_or_in_their_last_quarter() {
        for (backoff, least) in [
            (Backoff::full_jitter(SECOND, SECOND), Duration::ZERO),
            (Backoff::poll(SECOND, SECOND), SECOND * 3 / 4),
        ] {
            let waits: Vec<_> = (0..100).map(|_| backoff.wait(1)).collect();
            let (min, max) = (*waits.iter().min().unwrap(), *waits.iter().max().unwrap());
            assert!(min >= least && max <= SECOND, "{min:?} to {max:?}");
            assert!(
                max.abs_diff(min) > SECOND.abs_diff(least) / 2,
                "{min:?} to {max:?}"
            );
        }
    }
}
