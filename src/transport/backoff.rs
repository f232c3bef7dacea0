//! The delay between two attempts, or between two polls.

use std::time::Duration;

/// Delays that double up to a maximum. A part of each is random, so that clients which failed at the same
/// time do not all repeat their calls at the same time.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    /// The upper bound of the first delay.
    pub(crate) initial: Duration,
    /// The upper bound of all delays.
    pub(crate) max: Duration,
    /// How many quarters of a delay are not random.
    quarters: u32,
}

impl Backoff {
    /// For attempts that failed: a delay is random between zero and its upper bound ("full jitter").
    pub(crate) const fn full_jitter(initial: Duration, max: Duration) -> Self {
        Self {
            initial,
            max,
            quarters: 0,
        }
    }

    /// For polls by default: the first delay is 2 seconds, and the longest is 30 seconds.
    pub(crate) const POLL: Self = Self::poll(Duration::from_secs(2), Duration::from_secs(30));

    /// For polls: a delay is between three quarters of its upper bound and the whole.
    pub(crate) const fn poll(initial: Duration, max: Duration) -> Self {
        Self {
            initial,
            max,
            quarters: 3,
        }
    }

    /// The delay after so many attempts.
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
    // Without random bytes, the upper bound is a valid delay too.
    let random = getrandom::u32().unwrap_or(u32::MAX);
    let part = f64::from(random) / f64::from(u32::MAX);
    Duration::try_from_secs_f64(bound.as_secs_f64() * part).unwrap_or(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn delays_double_up_to_the_maximum() {
        let backoff = Backoff::full_jitter(SECOND, 5 * SECOND);
        let longest = [1, 2, 3, 4, 99].map(|attempts| backoff.longest(attempts).as_secs());
        assert_eq!(longest, [1, 2, 4, 5, 5]);
        let forever = Backoff::poll(Duration::MAX, Duration::MAX);
        assert!(forever.wait(u32::MAX) > Duration::MAX / 2);
    }

    #[test]
    fn delays_are_random_in_whole_or_in_their_last_quarter() {
        for (backoff, least) in [
            (Backoff::full_jitter(SECOND, SECOND), Duration::ZERO),
            (Backoff::poll(SECOND, SECOND), SECOND * 3 / 4),
        ] {
            let delays: Vec<_> = (0..100).map(|_| backoff.wait(1)).collect();
            let (min, max) = (*delays.iter().min().unwrap(), *delays.iter().max().unwrap());
            assert!(min >= least && max <= SECOND, "{min:?} to {max:?}");
            assert!(
                max.abs_diff(min) > SECOND.abs_diff(least) / 2,
                "{min:?} to {max:?}"
            );
        }
    }
}
