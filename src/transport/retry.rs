//! Which call may be sent again, and when.

use std::time::Duration;

use http::Method;

use crate::Error;

/// How often, and for how long, a call is tried.
///
/// Reading calls and the removal of a peering are repeated when there was no connection, when it
/// broke or timed out before the whole answer was there, and after 429, 500, 502, 503 and 504.
/// A call that creates or changes is repeated only where the service cannot have acted: without a
/// connection, and after 429. Nothing is repeated blindly: what may have been done twice is an
/// error, and yours to look after.
///
/// Between two tries the client waits as long as the service asks (`Retry-After`, or what the body
/// of a 429 says), else for a random time that may double with each try. It gives up at once where
/// the wait would pass the deadline.
///
/// ```
/// use std::time::Duration;
/// use atlas_peering::{Client, Credentials, RetryPolicy};
///
/// let atlas = Client::builder()
///     .credentials(Credentials::api_key("abcdefgh", "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11"))
///     .retry(RetryPolicy::default().tries(6).deadline(Duration::from_secs(300)))
///     .build()?;
/// # Ok::<(), atlas_peering::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RetryPolicy {
    tries: u32,
    deadline: Duration,
    first_wait: Duration,
    longest_wait: Duration,
}

impl Default for RetryPolicy {
    /// 4 tries within 2 minutes, with random waits of up to 0.5 s, 1 s and 2 s.
    fn default() -> Self {
        Self {
            tries: 4,
            deadline: Duration::from_secs(120),
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(20),
        }
    }
}

impl RetryPolicy {
    /// One try for each call.
    pub fn none() -> Self {
        Self::default().tries(1)
    }

    /// How often a call is tried at the most, the first time included; 0 counts as 1.
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// How long after its start a call may be tried once more. A try that was begun has the
    /// client's own timeout.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The longest wait before the second try, and before any, where the service does not say how
    /// long; the bound doubles from the first to the second.
    pub fn waits(mut self, first: Duration, longest: Duration) -> Self {
        self.first_wait = first;
        self.longest_wait = longest;
        self
    }

    /// How long to wait before the next try; none where there is none.
    pub(crate) fn wait(
        &self,
        method: &Method,
        error: &Error,
        tries: u32,
        elapsed: Duration,
    ) -> Option<Duration> {
        // What was tried on the way to a token was tried often enough.
        let enough = error.attempts() > 0;
        if enough || tries >= self.tries || !may_repeat(method, error) {
            return None;
        }
        let wait = error
            .retry_after()
            .unwrap_or_else(|| random_below(self.bound(tries)));
        let begins = elapsed.checked_add(wait)?;
        (begins < self.deadline).then_some(wait)
    }

    /// How often a call is tried at the most.
    pub(crate) fn most_tries(&self) -> u32 {
        self.tries.max(1)
    }

    /// Waits as between two tries, after so many.
    pub(crate) async fn pause(&self, tries: u32) {
        tokio::time::sleep(random_below(self.bound(tries))).await;
    }

    /// The longest random wait after so many tries.
    fn bound(&self, tries: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(tries.saturating_sub(1));
        self.first_wait
            .saturating_mul(doubled)
            .min(self.longest_wait)
    }
}

fn may_repeat(method: &Method, error: &Error) -> bool {
    cannot_have_acted(error) || is_idempotent(method) && may_have_acted(error)
}

/// Whether a call failed before the service could act, and in a way that may pass.
fn cannot_have_acted(error: &Error) -> bool {
    error.is_connect() || error.is_rate_limited()
}

/// Whether a second call of the method has no effect of its own. A second removal is refused with a
/// code of its own, so that it is told from a first.
fn is_idempotent(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::DELETE)
}

/// Whether a call failed in a way that leaves open what the service did, and that may pass.
pub(crate) fn may_have_acted(error: &Error) -> bool {
    let status = error.status().map(|status| status.as_u16());
    error.is_broken_off()
        || matches!(status, Some(500 | 502 | 503 | 504)) && error.is_server_error()
}

/// Whether a failure may pass by itself, so that who waits goes on waiting.
pub(crate) fn may_pass(error: &Error) -> bool {
    cannot_have_acted(error) || may_have_acted(error)
}

/// Full jitter: callers that failed together do not come back together.
pub(crate) fn random_below(bound: Duration) -> Duration {
    let mut random = [0; 4];
    match getrandom::fill(&mut random) {
        Ok(()) => bound.mul_f64(f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX)),
        // Without randomness the whole wait is right too.
        Err(_) => bound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_random_within_a_bound_that_doubles_up_to_the_longest() {
        let second = Duration::from_secs(1);
        let policy = RetryPolicy::default().waits(second, 5 * second);
        let bounds = [1, 2, 3, 4, 99].map(|tries| policy.bound(tries).as_secs());
        assert_eq!(bounds, [1, 2, 4, 5, 5]);
        let waits: Vec<_> = (0..100).map(|_| random_below(second)).collect();
        assert!(waits.iter().all(|wait| *wait <= second));
        let spread = waits
            .iter()
            .max()
            .unwrap()
            .abs_diff(*waits.iter().min().unwrap());
        assert!(spread > second / 2, "{spread:?}");
    }

    #[test]
    fn tries_and_deadline_end_it() {
        let error = Error::setup("never repeated");
        let wait = |error: &Error, policy: &RetryPolicy, tries, elapsed| {
            policy.wait(&Method::GET, error, tries, elapsed)
        };
        let policy = RetryPolicy::default().waits(Duration::ZERO, Duration::ZERO);
        assert_eq!(wait(&error, &policy, 1, Duration::ZERO), None);
        let error = Error::broken_off();
        assert_eq!(
            wait(&error, &policy, 1, Duration::ZERO),
            Some(Duration::ZERO)
        );
        assert_eq!(wait(&error, &policy, 4, Duration::ZERO), None);
        assert_eq!(wait(&error, &policy, 1, policy.deadline), None);
        assert_eq!(wait(&error, &RetryPolicy::none(), 1, Duration::ZERO), None);
        let short = policy.clone().deadline(Duration::from_secs(1));
        let late = Duration::from_millis(999);
        assert_eq!(wait(&error, &short, 1, late), Some(Duration::ZERO));
        assert_eq!(wait(&error, &short, 1, Duration::from_secs(1)), None);
        assert_eq!(wait(&error, &policy.tries(0), 1, Duration::ZERO), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_a_wait_within_its_bound() {
        let hour = Duration::from_secs(3600);
        let policy = RetryPolicy::default().waits(hour, hour);
        let start = tokio::time::Instant::now();
        for tries in 1..=3 {
            policy.pause(tries).await;
        }
        let passed = start.elapsed();
        assert!(passed > Duration::ZERO && passed <= 4 * hour, "{passed:?}");
    }
}
