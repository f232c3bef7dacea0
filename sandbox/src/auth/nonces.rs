//! The issued nonces, oldest first.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::hash::{self, BASE64};

/// The maximum of valid nonces. A flood of challenges ends the oldest, which become stale.
pub(super) const MAX_LIVE: usize = 8_192;

#[derive(Default)]
pub(super) struct Nonces {
    live: HashMap<Arc<str>, Nonce>,
    /// When each was issued: the valid ones, and some that are used up.
    issued: VecDeque<(Duration, Arc<str>)>,
}

#[derive(Default)]
pub(super) struct Nonce {
    pub(super) uses: usize,
    pub(super) counts: Counts,
    /// The `nonce` and `cnonce` of the first request of its session, which the session key is made of.
    pub(super) session: Option<(String, String)>,
}

impl Nonces {
    /// Issues a nonce, which may continue a session.
    pub(super) fn issue(&mut self, now: Duration, session: Option<(String, String)>) -> Arc<str> {
        let letter = |byte: &u8| char::from(BASE64[usize::from(byte % 64)]);
        let value: String = hash::random::<32>().iter().map(letter).collect();
        let value: Arc<str> = value.into();
        let nonce = Nonce {
            session,
            ..Nonce::default()
        };
        self.live.insert(Arc::clone(&value), nonce);
        self.issued.push_back((now, Arc::clone(&value)));
        value
    }

    /// Drops the nonces that are too old, and the oldest of too many.
    pub(super) fn expire(&mut self, now: Duration, lifetime: Duration) {
        let is_over = |(issued, _): &mut (Duration, _)| now >= issued.saturating_add(lifetime);
        while self.issued.len() > MAX_LIVE || self.issued.front_mut().is_some_and(is_over) {
            if let Some((_, value)) = self.issued.pop_front() {
                self.live.remove(&value);
            }
        }
    }

    pub(super) fn get_mut(&mut self, value: &str) -> Option<&mut Nonce> {
        self.live.get_mut(value)
    }

    pub(super) fn remove(&mut self, value: &str) {
        self.live.remove(value);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.live.len().max(self.issued.len())
    }
}

/// The counts that a nonce was used with. Counts that rise by 1 need no memory.
#[derive(Default)]
pub(super) struct Counts {
    /// All counts from 1 to this one were used.
    through: u32,
    others: BTreeSet<u32>,
}

impl Counts {
    /// Accepts a count unless it was used before or, if `rising`, is not greater than all before it.
    pub(super) fn take(&mut self, count: u32, rising: bool) -> bool {
        let last = self.others.last().copied().unwrap_or(self.through);
        let unused = last == 0 && self.others.is_empty();
        if (rising && count <= last && !unused)
            || (1..=self.through).contains(&count)
            || !self.others.insert(count)
        {
            return false;
        }
        while self.others.remove(&(self.through.saturating_add(1))) {
            self.through += 1;
        }
        true
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.others.len()
    }
}
