//! A wait as a stream.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};

use super::{OPERATION, WaitForPeering};
use crate::{Error, PeeringSnapshot};

/// The states of a peering, until its wait ends: see [`WaitForPeering::states`].
#[must_use = "a stream does nothing until it is polled"]
pub struct States(BoxStream<'static, Result<PeeringSnapshot, Error>>);

impl States {
    pub(super) fn new(wait: WaitForPeering) -> Self {
        let states = stream::unfold(Some(wait), |wait| async {
            let mut wait = wait?;
            Some(match wait.next_change().await {
                Ok((peering, ends)) => (Ok(peering), (!ends).then_some(wait)),
                Err(error) => (Err(error.of(OPERATION)), None),
            })
        });
        Self(states.boxed())
    }

    /// The next state; `None` at the end and after an error.
    ///
    /// # Errors
    ///
    /// As those of [`WaitForPeering`].
    pub async fn next(&mut self) -> Option<Result<PeeringSnapshot, Error>> {
        self.0.next().await
    }
}

impl Stream for States {
    type Item = Result<PeeringSnapshot, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl std::fmt::Debug for States {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("States").finish_non_exhaustive()
    }
}
