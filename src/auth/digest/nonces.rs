//! The nonces that the service gave and has not refused since.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Url;
use secrecy::zeroize::Zeroizing;
use tokio::time::Instant;

use super::challenge::Challenge;
use super::space::Space;

/// As many are kept as requests may be in flight at once without a challenge for each.
const KEPT: usize = 256;

/// So many nonces refused at their first reuse, and none taken in between, tell of a service whose
/// nonces are short-lived, or are taken once.
const REFUSALS: u32 = 3;

/// How long nonces that rested as those did are not used again.
const OFF: Duration = Duration::from_secs(5 * 60);

/// A nonce with its challenge.
pub(super) struct Nonce {
    pub(super) challenge: Challenge,
    /// How often it was sent.
    pub(super) uses: u32,
    /// The client's own nonce. It stays, for the count tells the requests apart.
    pub(super) cnonce: Vec<u8>,
    /// What requests are signed with. It stays too: with a session's nonces it is made anew with a
    /// challenge alone (RFC 7616, section 3.4.2).
    pub(super) key: Zeroizing<Vec<u8>>,
    space: Space,
    /// Whether the service took it more often than once.
    reusable: bool,
    taken: Option<Instant>,
    /// How long it rested before its present use.
    rest: Duration,
}

impl Nonce {
    /// The nonce of a challenge that was just received.
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
            taken: None,
            rest: Duration::ZERO,
        }
    }

    /// Changes it to the nonce that the service announces; an empty one is none.
    pub(super) fn turn_into(&mut self, announced: &[u8]) {
        if !announced.is_empty() && announced != self.challenge.nonce {
            self.challenge.nonce = announced.to_vec();
            self.uses = 0;
            self.reusable = false;
        }
    }
}

/// Nonces that no request in flight uses. Taking one out is what keeps it to one request at a time:
/// a service that wants rising counts would refuse two requests that overtake each other.
#[derive(Default)]
pub(super) struct Nonces(Mutex<Pool>);

#[derive(Default)]
struct Pool {
    idle: Vec<Nonce>,
    /// Nonces refused at their first reuse since one was taken again.
    refusals: u32,
    /// Three quarters of the shortest rest of those. A service that takes each nonce once refuses
    /// shorter ones too, and those next; one whose nonces are short-lived takes those that rest less.
    rest: Duration,
    /// Until when that counts.
    until: Option<Instant>,
}

impl Pool {
    /// Whether a nonce was used once, and rested as long as others that were refused then. An
    /// announced nonce was never used: with it the service asks for reuse itself.
    fn is_doubtful(&self, nonce: &Nonce, now: Instant) -> bool {
        let rested = |taken| now.saturating_duration_since(taken) >= self.rest;
        nonce.uses == 1
            && self.refusals == REFUSALS
            && self.until.is_some_and(|until| now < until)
            && nonce.taken.is_some_and(rested)
    }
}

impl Nonces {
    /// The nonce that was used last of those that are for this URL: the least likely to be stale.
    pub(super) fn take(&self, url: &Url, now: Instant) -> Option<Nonce> {
        let mut pool = self.lock();
        let wanted = |nonce: &Nonce| nonce.space.covers(url) && !pool.is_doubtful(nonce, now);
        let at = pool.idle.iter().rposition(wanted)?;
        let mut nonce = pool.idle.remove(at);
        let taken = nonce.taken.unwrap_or(now);
        nonce.rest = now.saturating_duration_since(taken);
        Some(nonce)
    }

    /// Keeps a nonce that the service took, or announced, for the next request.
    pub(super) fn keep(&self, mut nonce: Nonce, now: Instant) {
        let mut pool = self.lock();
        if nonce.uses > 1 {
            nonce.reusable = true;
            pool.refusals = 0;
        }
        nonce.taken = Some(now);
        if nonce.uses < u32::MAX {
            if pool.idle.len() == KEPT {
                pool.idle.remove(0);
            }
            pool.idle.push(nonce);
        }
    }

    /// Forgets a nonce that was used again and refused. Where that keeps happening, nonces that rest
    /// as long are not used again for a while; after it one refusal is enough.
    pub(super) fn refuse(&self, nonce: &Nonce, now: Instant) {
        if nonce.reusable || nonce.taken.is_none() {
            return;
        }
        let mut pool = self.lock();
        let rest = nonce.rest / 4 * 3;
        let counts = pool.refusals > 0 && pool.until.is_some_and(|until| now < until);
        pool.rest = if counts { rest.min(pool.rest) } else { rest };
        pool.refusals = (pool.refusals + 1).min(REFUSALS);
        pool.until = Some(now + OFF);
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

    /// A nonce that was sent so often.
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

    /// Keeps a new nonce, takes it again after a rest, and has it refused; whether it was used again
    /// at all.
    fn refused(nonces: &Nonces, now: Instant, rest: Duration) -> bool {
        nonces.keep(used("n", 1), now);
        let Some(mut nonce) = nonces.take(&url("/"), now + rest) else {
            return false;
        };
        nonce.uses += 1;
        // What the way to the service and back takes is no rest.
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
    fn so_many_are_kept_and_the_oldest_gives_way() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        for name in 0..=KEPT {
            nonces.keep(used(&name.to_string(), 1), now);
        }
        let kept: Vec<_> = std::iter::from_fn(|| taken(&nonces, "/", now)).collect();
        assert_eq!(kept.len(), KEPT);
        assert_eq!((&*kept[0], &*kept[KEPT - 1]), ("256", "1"));
    }

    #[test]
    fn a_count_that_would_not_fit_is_not_reached() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        nonces.keep(used("n", u32::MAX), now);
        assert_eq!(taken(&nonces, "/", now), None);
    }

    #[test]
    fn reuse_switches_itself_off_where_it_is_refused_and_is_tried_again_later() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        for _ in 0..REFUSALS {
            assert!(refused(&nonces, now, SECOND));
        }
        assert!(!refused(&nonces, now, SECOND), "it is off");
        let late = now + OFF.saturating_sub(SECOND);
        assert!(!refused(&nonces, late, SECOND), "it is still off");
        let later = now + SECOND + SECOND + OFF;
        assert!(refused(&nonces, later, SECOND), "it is tried again");
        assert!(!refused(&nonces, later, SECOND), "one refusal is enough");
        // Once one is taken, all refusals are forgotten.
        nonces.keep(used("n", 2), later);
        for _ in 0..REFUSALS {
            assert!(refused(&nonces, later, SECOND));
        }
    }

    #[test]
    fn one_time_nonces_are_found_out_at_every_pace() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        let mut tried = 0;
        for rest in (1..=1000).rev() {
            tried += u32::from(refused(&nonces, now, SECOND * rest / 1000));
        }
        assert!(tried <= REFUSALS + 25, "{tried}");
    }

    #[test]
    fn short_lived_nonces_go_on_being_used_where_they_rest_less() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        for _ in 0..REFUSALS {
            assert!(refused(&nonces, now, 2 * SECOND));
        }
        nonces.keep(used("short", 1), now);
        assert_eq!(taken(&nonces, "/", now + SECOND / 2), Some("short".into()));
    }

    #[test]
    fn nonces_that_served_before_tell_nothing() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        let mut served = used("served", 2);
        for _ in 0..2 * REFUSALS {
            nonces.keep(served, now);
            served = nonces.take(&url("/"), now).unwrap();
        }
        for _ in 0..2 * REFUSALS {
            nonces.refuse(&served, now);
        }
        assert!(refused(&nonces, now, SECOND), "it is still on");
    }

    #[test]
    fn an_announced_nonce_is_used_even_while_reuse_is_off() {
        let (nonces, now) = (Nonces::default(), Instant::now());
        while refused(&nonces, now, SECOND) {}
        let mut nonce = used("n", 1);
        nonce.turn_into(b"next");
        nonces.keep(nonce, now);
        assert_eq!(taken(&nonces, "/", now + SECOND), Some("next".into()));
    }

    #[test]
    fn the_same_nonce_announced_again_goes_on_counting_and_an_empty_one_is_none() {
        let mut nonce = used("n", 7);
        for announced in [&b"n"[..], b""] {
            nonce.turn_into(announced);
            assert_eq!(nonce.uses, 7);
        }
        nonce.turn_into(b"m");
        assert_eq!(nonce.uses, 0);
    }
}
