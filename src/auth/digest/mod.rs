//! Digest authentication (RFC 7616): a challenge is answered once, and its nonce is used again for
//! later requests, one request at a time.

mod challenge;
mod nonces;
mod response;

use http::StatusCode;
use http::header::AUTHORIZATION;

use super::Sent;
use crate::{Credentials, Error};
use challenge::Challenge;
pub(crate) use challenge::Unanswered;
use nonces::{Nonce, Nonces};

/// How much of a 401's body is read so that its connection can be used again: 256 KiB.
const DRAINED: usize = 256 * 1024;

/// What digest authentication has learnt: nonces that the service gave and may take again.
#[derive(Default)]
pub(crate) struct Digest {
    nonces: Nonces,
}

impl Digest {
    /// Sends a request, at most twice: under a nonce that was used before, or without any where none
    /// is at hand, and where that is answered with a challenge under the nonce that it brings. A 401
    /// on a fresh nonce is final.
    pub(crate) async fn send(
        &self,
        http: &reqwest::Client,
        credentials: &Credentials,
        request: reqwest::Request,
    ) -> Result<Sent, Error> {
        let again = copy(&request)?;
        let first = match self.nonces.take() {
            Some(nonce) => self.send_signed(http, credentials, request, nonce).await?,
            None => http.execute(request).await.map_err(Error::from_reqwest)?,
        };
        if first.status() != StatusCode::UNAUTHORIZED {
            return Ok(Sent {
                answer: first,
                unanswered: None,
            });
        }
        // Whatever the challenge says of staleness: a service may forget a nonce, or take each one
        // once, and tell neither.
        let nonce = match Challenge::find(first.headers()) {
            Ok(challenge) => Nonce::new(challenge),
            Err(unanswered) => {
                return Ok(Sent {
                    answer: first,
                    unanswered: Some(unanswered),
                });
            }
        };
        drain(first).await;
        let answer = self.send_signed(http, credentials, again, nonce).await?;
        Ok(Sent {
            answer,
            unanswered: None,
        })
    }

    /// Sends a request under a nonce. The nonce is kept for the next request if the service took
    /// it; a request that is dropped on the way takes its nonce with it, for nobody knows whether
    /// the service counted it.
    async fn send_signed(
        &self,
        http: &reqwest::Client,
        credentials: &Credentials,
        mut request: reqwest::Request,
        mut nonce: Nonce,
    ) -> Result<reqwest::Response, Error> {
        let header = response::authorization(&mut nonce, credentials, &request)?;
        request.headers_mut().insert(AUTHORIZATION, header);
        let answer = http.execute(request).await.map_err(Error::from_reqwest)?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            self.nonces.put_back(nonce);
        }
        Ok(answer)
    }
}

/// The request once more; its body is shared, not copied.
fn copy(request: &reqwest::Request) -> Result<reqwest::Request, Error> {
    request
        .try_clone()
        .ok_or_else(|| Error::setup("a streaming body cannot be sent twice"))
}

/// Reads the rest of an answer that is not needed, within a bound: a connection with an unread
/// answer cannot be used again.
async fn drain(mut answer: reqwest::Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        read += chunk.len();
        if read > DRAINED {
            return;
        }
    }
}
