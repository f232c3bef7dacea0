//! The nonces that the service issued and has not refused.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Url;
use secrecy::zeroize::Zeroizing;
use tokio::time::Instant;

use super::challenge::Challenge;
use super::space::Space;

/// The largest number of idle nonces: so many requests at once need no challenges.
const MAX_IDLE: usize = 256;

/// After so many refusals of nonces at their first reuse, and no acceptance in between, the service is
/// assumed to issue one-time or short-lived nonces.
const REFUSALS: u32 = 3;

/// How long nonces that rested as long as those are not used again.
const REUSE_PAUSE: Duration = Duration::from_secs(5 * 60);

/// A nonce with its challenge.
pub(super) struct Nonce {
    pub(super) challenge: Challenge,
    /// The number of requests that were sent with it.
    pub(super) uses: u32,
    /// The client's nonce. It stays the same, because the count makes each response unique.
    pub(super) cnonce: Vec<u8>,
    /// The key that signs requests. It stays the same too: only a challenge begins a new session (RFC
    /// 7616, section 3.4.2).
    pub(super) key: Zeroizing<Vec<u8>>,
    space: Space,
    /// Whether the service accepted it more than once.
    reusable: bool,
    accepted_at: Option<Instant>,
    /// The time from its acceptance to its present use.
    rest: Duration,
}

impl Nonce {
    /// Creates the nonce of a new challenge.
    pub(super) fn new(
        challenge: Challenge,
        origin: &Url,
        cnonce: Vec<u8>,
        key: Zeroizing<Vec<u8>>,
    ) -> Self {
        Self {
            space: Space::of(&challenge.domain, origin),
            challenge,
            uses: 0,
            cnonce,
            key,
            reusable: false,
            accepted_at: None,
            rest: Duration::ZERO,
        }
    }

    /// Replaces the nonce by the one that the service announces. An empty one does not count.
    pub(super) fn turn_into(&mut self, announced: &[u8]) {
        if !announced.is_empty() && announced != self.challenge.nonce {
            self.challenge.nonce = announced.to_vec();
            self.uses = 0;
            self.reusable = false;
        }
    }
}

/// The pool of nonces that no request in flight uses. A request takes its nonce out of the pool, so that no
/// other uses it at the same time: their counts could arrive out of order, and be refused.
#[derive(Default)]
pub(super) struct Nonces(Mutex<Pool>);

#[derive(Default)]
struct Pool {
    idle: Vec<Nonce>,
    /// The number of nonces refused at their first reuse, since the service accepted a reuse.
    refusals: u32,
    /// Three quarters of the shortest rest of those. Nonces that rested less are still used: a service
    /// with one-time nonces refuses them, which lowers this; one with short-lived nonces accepts them.
    rest: Duration,
    /// When the refusals expire.
    until: Option<Instant>,
}

impl Pool {
    /// Whether the service would probably refuse a nonce: it was used once, and rested as long as refused
    /// ones. An announced nonce was not used yet, and by announcing it the service requests its use.
    fn is_doubtful(&self, nonce: &Nonce, now: Instant) -> bool {
        let rested = |at| now.saturating_duration_since(at) >= self.rest;
        nonce.uses == 1
            && self.refusals == REFUSALS
            && self.until.is_some_and(|until| now < until)
            && nonce.accepted_at.is_some_and(rested)
    }
}

impl Nonces {
    /// Takes out the nonce for this URL that was used last: it is the least likely to be stale.
    pub(super) fn take(&self, url: &Url, now: Instant) -> Option<Nonce> {
        let mut pool = self.lock();
        let wanted = |nonce: &Nonce| nonce.space.covers(url) && !pool.is_doubtful(nonce, now);
        let at = pool.idle.iter().rposition(wanted)?;
        let mut nonce = pool.idle.remove(at);
        let accepted_at = nonce.accepted_at.unwrap_or(now);
        nonce.rest = now.saturating_duration_since(accepted_at);
        Some(nonce)
    }

    /// Keeps a nonce that the service accepted or announced.
    pub(super) fn keep(&self, mut nonce: Nonce, now: Instant) {
        let mut pool = self.lock();
        if nonce.uses > 1 {
            nonce.reusable = true;
            pool.refusals = 0;
        }
        nonce.accepted_at = Some(now);
        if nonce.uses < u32::MAX {
            if pool.idle.len() == MAX_IDLE {
                pool.idle.remove(0);
            }
            pool.idle.push(nonce);
        }
    }

    /// Records that the service refused a nonce. After `REFUSALS` at first reuse, nonces that rested as
    /// long are not used again for a time. After that time, one more refusal begins the next such time.
    pub(super) fn refuse(&self, nonce: &Nonce, now: Instant) {
        if nonce.reusable || nonce.accepted_at.is_none() {
            return;
        }
        let mut pool = self.lock();
        let rest = nonce.rest / 4 * 3;
        let counts = pool.refusals > 0 && pool.until.is_some_and(|until| now < until);
        pool.rest = if counts { rest.min(pool.rest) } else { rest };
        pool.refusals = (pool.refusals + 1).min(REFUSALS);
        pool.until = Some(now + REUSE_PAUSE);
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::WWW_AUTHENTICATE;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn url(path: &str) -> Url {
        format!("https://cloud.example{path}").parse().unwrap()
    }

    fn fresh(name: &str, domain: &str) -> Nonce {
        let header = format!("Digest realm=r, nonce={name}, domain=\"{domain}\"");
        let headers = HeaderMap::from_iter([(WWW_AUTHENTICATE, header.parse().unwrap())]);
        let challenge = Challenge::choose(&headers, |_| Ok(())).unwrap();
        Nonce::new(challenge, &url("/"), "c".into(), Zeroizing::default())
    }

    /// A nonce that was used so often.
    fn used(name: &str, uses: u32) -> Nonce {
        Nonce {
            uses,
            ..fresh(name, "")
        }
    }

    fn taken(nonces: &Nonces, path: &str, now: Instant) -> Option<String> {
        let nonce = nonces.take(&url(path), now)?;
        Some(String::from_utf8(nonce.challenge.nonce).unwrap())
    }

    /// Keeps a new nonce, takes it out after a rest, and refuses it. Returns whether it was used again.
    fn refused(nonces: &Nonces, now: Instant, rest: Duration) -> bool {
        nonces.keep(used("n", 1), now);
        let Some(mut nonce) = nonces.take(&url("/"), now + rest) else {
            return false;
        };
        nonce.uses += 1;
        // The time of the request is not part of the rest.
        nonces.refuse(&nonce, now + rest + SECOND);
        true
    }

    #[test]
    fn the_nonce_that_was_used_last_is_taken_first_and_once() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        for name in ["a", "b"] {
            nonces.keep(used(name, 1), now);
        }
        assert_eq!(taken(&nonces, "/", now), Some("b".into()));
        assert_eq!(taken(&nonces, "/", now), Some("a".into()));
        assert_eq!(taken(&nonces, "/", now), None);
    }

    #[test]
    fn a_nonce_stays_within_its_domain() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        for (name, domain) in [("a", "/a"), ("b", "/b https://cloud.example/c")] {
            nonces.keep(fresh(name, domain), now);
        }
        assert_eq!(taken(&nonces, "/d", now), None);
        assert_eq!(taken(&nonces, "/a/x?y", now), Some("a".into()));
        assert_eq!(taken(&nonces, "/c", now), Some("b".into()));
    }

    #[test]
    fn a_full_pool_drops_its_oldest_nonce() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        for name in 0..=MAX_IDLE {
            nonces.keep(used(&name.to_string(), 1), now);
        }
        let kept: Vec<_> = std::iter::from_fn(|| taken(&nonces, "/", now)).collect();
        assert_eq!(kept.len(), MAX_IDLE);
        assert_eq!((&*kept[0], &*kept[MAX_IDLE - 1]), ("256", "1"));
    }

    #[test]
    fn a_count_that_would_not_fit_is_not_reached() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        nonces.keep(used("n", u32::MAX), now);
        assert_eq!(taken(&nonces, "/", now), None);
    }

    #[test]
    fn reuse_pauses_after_refusals_and_is_attempted_again_later() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        for _ in 0..REFUSALS {
            assert!(refused(&nonces, now, SECOND));
        }
        assert!(!refused(&nonces, now, SECOND), "it pauses");
        let late = now + REUSE_PAUSE.saturating_sub(SECOND);
        assert!(!refused(&nonces, late, SECOND), "it still pauses");
        let later = now + SECOND + SECOND + REUSE_PAUSE;
        assert!(refused(&nonces, later, SECOND), "it is attempted again");
        assert!(!refused(&nonces, later, SECOND), "one refusal is enough");
        // An accepted reuse resets the count of refusals.
        nonces.keep(used("n", 2), later);
        for _ in 0..REFUSALS {
            assert!(refused(&nonces, later, SECOND));
        }
    }

    #[test]
    fn one_time_nonces_are_detected_after_any_rest() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        let mut uses = 0;
        for rest in (1..=1000).rev() {
            uses += u32::from(refused(&nonces, now, SECOND * rest / 1000));
        }
        assert!(uses <= REFUSALS + 25, "{uses}");
    }

    #[test]
    fn short_lived_nonces_are_used_after_a_shorter_rest() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        for _ in 0..REFUSALS {
            assert!(refused(&nonces, now, 2 * SECOND));
        }
        nonces.keep(used("short", 1), now);
        assert_eq!(taken(&nonces, "/", now + SECOND / 2), Some("short".into()));
    }

    #[test]
    fn the_shortest_rest_that_was_refused_counts() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        for rest in [SECOND, 2 * SECOND, 2 * SECOND] {
            assert!(refused(&nonces, now, rest));
        }
        assert!(!refused(&nonces, now, SECOND));
    }

    #[test]
    fn an_accepted_reuse_and_time_end_the_effect_of_a_refusal() {
        for is_accepted in [true, false] {
            let (nonces, mut now) = (Nonces::default(), Instant::now());
            assert!(refused(&nonces, now, SECOND / 4));
            if is_accepted {
                nonces.keep(used("n", 2), now);
            } else {
                now += 2 * REUSE_PAUSE;
            }
            for _ in 0..REFUSALS {
                refused(&nonces, now, 2 * SECOND);
            }
            nonces.keep(used("short", 1), now);
            let taken = taken(&nonces, "/", now + SECOND / 2);
            assert_eq!(taken, Some("short".into()), "{is_accepted}");
        }
    }

    #[test]
    fn refusals_of_reused_nonces_do_not_count() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        let mut served = used("served", 2);
        for _ in 0..2 * REFUSALS {
            nonces.keep(served, now);
            served = nonces.take(&url("/"), now).unwrap();
        }
        for _ in 0..2 * REFUSALS {
            nonces.refuse(&served, now);
        }
        assert!(refused(&nonces, now, SECOND), "it does not pause");
    }

    #[test]
    fn an_announced_nonce_is_used_while_reuse_pauses() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        while refused(&nonces, now, SECOND) {}
        let mut nonce = used("n", 1);
        nonce.turn_into(b"next");
        nonces.keep(nonce, now);
        assert_eq!(taken(&nonces, "/", now + SECOND), Some("next".into()));
    }

    #[test]
    fn the_same_or_an_empty_announced_nonce_keeps_the_count() {
        let mut nonce = used("n", 7);
        for announced in [&b"n"[..], b""] {
            nonce.turn_into(announced);
            assert_eq!(nonce.uses, 7);
        }
        nonce.turn_into(b"m");
        assert_eq!(nonce.uses, 0);
    }
}
