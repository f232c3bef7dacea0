//! Which call may be repeated, and when: the one loop that repeats anything.

use std::time::Duration;

use tokio::time::Instant;

use super::Backoff;
use crate::Error;

/// How many attempts a call has, and for how long.
///
/// Reading calls and deletions are repeated when there was no connection, when it
/// broke or timed out before the whole response was there, and after 429, 500, 502, 503 and 504.
/// A call that creates or changes is repeated only where the service cannot have acted: without a
/// connection, and after 429. Nothing is repeated blindly: what may have been done twice is an
/// error, and yours to handle.
///
/// Between two attempts the client waits for a random time that may double with each attempt, and at
/// least as long as the service asks (`Retry-After`, or what the body of a 429 says). It gives up at
/// once where the wait would pass the deadline.
#[derive(Clone, Debug)]
#[must_use]
pub struct RetryPolicy {
    pub(crate) attempts: u32,
    pub(crate) deadline: Duration,
    pub(crate) backoff: Backoff,
}

impl Default for RetryPolicy {
    /// 4 attempts within 2 minutes, with random waits of up to 0.5 s, 1 s and 2 s.
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
    /// One attempt for each call.
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// How many attempts a call has at most, the first included; 0 counts as 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// How long after its start a call may have another attempt. One that was begun has the
    /// client's own timeout.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The longest wait before the second attempt, and before any, where the service does not say how
    /// long; the bound doubles from the first to the second.
    pub fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.backoff = Backoff::full_jitter(initial, max);
        self
    }

    /// How long to wait after an attempt that failed; none where the policy ends the call.
    fn wait(&self, error: &Error, attempts: u32, elapsed: Duration) -> Option<Duration> {
        if attempts >= self.attempts {
            return None;
        }
        // After the period of its limit, the service has forgotten all calls.
        let longest = error.limit_period().unwrap_or(Duration::MAX);
        let wait = self.backoff.wait(attempts).min(longest);
        let wait = error.retry_after().unwrap_or_default().max(wait);
        let begins = elapsed.checked_add(wait)?;
        (begins < self.deadline).then_some(wait)
    }
}

/// What an attempt knows of those before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// Counted from 1.
    pub(crate) number: u32,
    /// How many attempts were made before, those inside an attempt included.
    pub(crate) made: u32,
    /// Whether the service may have carried out an earlier one.
    pub(crate) may_have_taken_effect: bool,
}

/// Makes attempts until one succeeds, or fails in a way that `may_repeat` or the policy does not
/// allow to repeat; `on_retry` is told of each failure after which another follows, before the wait.
/// The error says how many attempts were made, those inside an attempt included.
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
        state.may_have_taken_effect |= is_effect_unknown(&error);
        state.made = state.made.saturating_add(error.attempts().max(1));
        let wait = policy.wait(&error, state.number, start.elapsed());
        let Some(wait) = wait.filter(|_| may_repeat(&error)) else {
            return Err(error.after(state.made));
        };
        on_retry(&error);
        tokio::time::sleep(wait).await;
        state.number = state.number.saturating_add(1);
    }
}

/// Repeats a call whose second execution has no effect of its own. With attempts of its own, an
/// error was given up by a loop inside the call: that for a token, say.
pub(crate) fn if_idempotent(error: &Error) -> bool {
    error.attempts() == 0 && may_pass(error)
}

/// Repeats a call only where the service cannot have carried it out.
pub(crate) fn if_not_sent(error: &Error) -> bool {
    error.attempts() == 0 && cannot_have_taken_effect(error)
}

/// Whether a failure may pass by itself.
pub(crate) fn may_pass(error: &Error) -> bool {
    cannot_have_taken_effect(error) || is_effect_unknown(error)
}

/// Whether a call failed before the service could act, and in a way that may pass.
fn cannot_have_taken_effect(error: &Error) -> bool {
    error.is_connect() && !error.is_tls() || error.is_rate_limited()
}

/// Whether a call failed in a way that leaves open what the service did, and that may pass.
pub(crate) fn is_effect_unknown(error: &Error) -> bool {
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
            Err::<(), _>(Error::interrupted().after(2))
        };
        let outcome = run(&policy, is_effect_unknown, |_| (), attempt);
        assert_eq!(outcome.await.unwrap_err().attempts(), 8);
        let outcome = run(&policy, if_idempotent, |_| (), attempt);
        assert_eq!(outcome.await.unwrap_err().attempts(), 2, "it was given up");
    }
}
