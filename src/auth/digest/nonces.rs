//! The nonces that the service gave and has not refused since.

use std::sync::{Mutex, PoisonError};

use super::challenge::Challenge;

/// As many are kept as requests may reasonably be in flight at once.
const KEPT: usize = 64;

/// A nonce with its challenge, and how often it was used.
pub(super) struct Nonce {
    pub(super) challenge: Challenge,
    pub(super) uses: u32,
}

impl Nonce {
    pub(super) fn new(challenge: Challenge) -> Self {
        Self { challenge, uses: 0 }
    }
}

/// Nonces that no request in flight uses. Taking one out is what keeps it to one request at a time:
/// a service that wants rising counts would refuse two requests that overtake each other.
#[derive(Default)]
pub(super) struct Nonces(Mutex<Vec<Nonce>>);

impl Nonces {
    /// The nonce that was used last: the least likely to be stale.
    pub(super) fn take(&self) -> Option<Nonce> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    pub(super) fn put_back(&self, nonce: Nonce) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() == KEPT {
            idle.remove(0);
        }
        idle.push(nonce);
    }
}
