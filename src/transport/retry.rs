//! The retry policy, and the one loop that repeats calls.

use std::time::Duration;

use tokio::time::Instant;

use super::Backoff;
use crate::Error;

/// Sets how many attempts a call has, and for how long.
///
/// | a call that | is repeated after |
/// |---|---|
/// | reads or deletes | no connection; a connection that broke or timed out; 429, 500, 502, 503, 504 |
/// | creates or updates | no connection; 429 |
///
/// A call that creates or updates is not repeated if the service may have carried it out: it returns an
/// error, for which [`may_have_taken_effect`](Error::may_have_taken_effect) is true.
///
/// The delay between two attempts is random. Its upper bound doubles with each attempt. It is at least as
/// long as the service requests, in `Retry-After` or in the body of a 429. If the delay would pass the
/// deadline, the call fails at once.
#[derive(Clone, Debug)]
#[must_use]
pub struct RetryPolicy {
    pub(crate) attempts: u32,
    pub(crate) deadline: Duration,
    pub(crate) backoff: Backoff,
}

impl Default for RetryPolicy {
    /// 4 attempts within 2 minutes, with random delays of up to 0.5 s, 1 s and 2 s.
    fn default() -> Self {
        let (initial, max) = (Duration::from_millis(500), Duration::from_secs(20));
        Self {
            attempts: 4,
            deadline: Duration::from_secs(120),
            backoff: Backoff::full_jitter(initial, max),
        }
    }
}

impl RetryPolicy {
    /// Returns a policy with one attempt for each call.
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// Sets the maximum number of attempts, including the first. Default: 4. Zero counts as 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets how long after the start of a call another attempt may begin. Default: 2 minutes. An attempt that
    /// has begun ends by [`ClientBuilder::timeout`](crate::ClientBuilder::timeout).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets the upper bound of the delay before the second attempt, and of all delays. Defaults: 0.5 seconds
    /// and 20 seconds. A delay that the service requests has no upper bound but the deadline.
    pub fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.backoff = Backoff::full_jitter(initial, max);
        self
    }

    /// The delay after an attempt that failed. `None` if the policy ends the call.
    fn wait(&self, error: &Error, attempts: u32, elapsed: Duration) -> Option<Duration> {
        if attempts >= self.attempts {
            return None;
        }
        // After its period, the rate limit is unused again.
        let longest = error.limit_period().unwrap_or(Duration::MAX);
        let wait = self.backoff.wait(attempts).min(longest);
        let wait = error.retry_after().unwrap_or_default().max(wait);
        let begins = elapsed.checked_add(wait)?;
        (begins < self.deadline).then_some(wait)
    }
}

/// The state of the loop before an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// Counted from 1.
    pub(crate) number: u32,
    /// The number of earlier attempts, including those inside an attempt.
    pub(crate) made: u32,
    /// Whether the service may have carried out an earlier attempt.
    pub(crate) may_have_taken_effect: bool,
}

/// Makes attempts until one succeeds, or until `may_repeat` or the policy forbids another. It calls
/// `on_retry` before each delay. The error has the number of attempts, including those inside an attempt.
pub(crate) async fn run<T, F: Future<Output = Result<T, Error>>>(
    policy: &RetryPolicy,
    may_repeat: impl Fn(&Error) -> bool,
    on_retry: impl Fn(&Error),
    mut attempt: impl FnMut(Attempt) -> F,
) -> Result<T, Error> {
    let start = Instant::now();
    let mut state = Attempt {
        number: 1,
        made: 0,
        may_have_taken_effect: false,
    };
    loop {
        let error = match attempt(state).await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        state.may_have_taken_effect |= error.may_have_taken_effect();
        state.made = state.made.saturating_add(error.attempts().max(1));
        let wait = policy.wait(&error, state.number, start.elapsed());
        let Some(wait) = wait.filter(|_| may_repeat(&error)) else {
            return Err(error.after(state.made, state.may_have_taken_effect));
        };
        on_retry(&error);
        tokio::time::sleep(wait).await;
        state.number = state.number.saturating_add(1);
    }
}

/// Repeats a call whose second execution has no further effect. An error that has attempts is from a
/// loop inside the call, such as that for a token, and ends the call.
pub(crate) fn if_idempotent(error: &Error) -> bool {
    error.attempts() == 0 && may_pass(error)
}

/// Repeats a call only if the service cannot have carried it out.
pub(crate) fn if_not_sent(error: &Error) -> bool {
    error.attempts() == 0 && cannot_have_taken_effect(error)
}

/// Whether a failure may pass by itself.
pub(crate) fn may_pass(error: &Error) -> bool {
    cannot_have_taken_effect(error) || is_response_lost(error)
}

/// Whether a call failed before the service could carry it out, in a way that may pass.
fn cannot_have_taken_effect(error: &Error) -> bool {
    error.is_connect() && !error.is_tls() || error.is_rate_limited()
}

/// Whether the service may have carried out a call whose response is lost. The failure may pass.
pub(crate) fn is_response_lost(error: &Error) -> bool {
    let status = error.status().map(|status| status.as_u16());
    error.is_interrupted()
        || matches!(status, Some(500 | 502 | 503 | 504)) && error.is_server_error()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_and_deadline_end_it() {
        let error = Error::interrupted();
        let policy = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
        let wait = |policy: &RetryPolicy, attempts, elapsed| policy.wait(&error, attempts, elapsed);
        assert_eq!(wait(&policy, 1, Duration::ZERO), Some(Duration::ZERO));
        assert_eq!(wait(&policy, 4, Duration::ZERO), None);
        assert_eq!(wait(&policy, 1, policy.deadline), None);
        assert_eq!(wait(&RetryPolicy::none(), 1, Duration::ZERO), None);
        let short = policy.clone().deadline(Duration::from_secs(1));
        let late = Duration::from_millis(999);
        assert_eq!(wait(&short, 1, late), Some(Duration::ZERO));
        assert_eq!(wait(&short, 1, Duration::from_secs(1)), None);
        assert_eq!(wait(&policy.max_attempts(0), 1, Duration::ZERO), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_error_counts_the_attempts_inside_an_attempt_too() {
        let policy = RetryPolicy::default();
        let attempt = |attempt: Attempt| async move {
            assert_eq!(attempt.may_have_taken_effect, attempt.number > 1);
            Err::<(), _>(Error::interrupted().after(2, false))
        };
        let outcome = run(&policy, is_response_lost, |_| (), attempt);
        assert_eq!(outcome.await.unwrap_err().attempts(), 8);
        let outcome = run(&policy, if_idempotent, |_| (), attempt);
        assert_eq!(
            outcome.await.unwrap_err().attempts(),
            2,
            "the loop inside ended it"
        );
    }
}
