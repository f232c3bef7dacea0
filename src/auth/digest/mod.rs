//! Digest authentication (RFC 7616): a challenge is answered once, and its nonce is used again for
//! later requests, one request at a time.

mod algorithm;
mod challenge;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod info;
mod nonces;
mod response;
mod space;
mod syntax;

use std::time::Instant;

use http::header::AUTHORIZATION;
use http::{Method, StatusCode};
use reqwest::Url;

use super::{Sent, is_same_origin, sensitive};
use crate::transport::http_client::Connection;
use crate::transport::raw_response::Answer;
use crate::{Credentials, Error};
pub(crate) use challenge::Unanswered;
use challenge::{Challenge, Qop, shortened};
use info::Info;
use nonces::{Nonce, Nonces};
use response::Message;
use space::Space;

/// How much of a 401's body is read so that its connection can be used again: 256 KiB.
const DRAINED: usize = 256 * 1024;

/// Digest authentication for one origin, with the nonces that the service gave.
pub(crate) struct Digest {
    /// Any URL of the origin whose challenges are answered.
    origin: Url,
    /// The one realm to answer.
    realm: Option<String>,
    nonces: Nonces,
}

/// What became of a request that was sent once.
enum Outcome {
    /// A 401, its body unread.
    Challenged(reqwest::Response),
    Answered(Answer),
}

impl Digest {
    pub(crate) fn new(origin: Url, realm: Option<String>) -> Self {
        Self {
            origin,
            realm,
            nonces: Nonces::default(),
        }
    }

    /// Sends a request, at most twice: under a nonce that was used before, or without any where none
    /// is at hand, and where that is answered with a challenge under the nonce that it brings. A 401
    /// on a fresh nonce is final. `again` is a copy of the request, if there can be one.
    pub(crate) async fn send(
        &self,
        http: &Connection,
        credentials: &Credentials,
        request: reqwest::Request,
        again: Option<&reqwest::Request>,
    ) -> Result<Sent, Error> {
        let Some(again) = again else {
            return self.send_once(http, credentials, request).await;
        };
        let url = request.url();
        let nonce = self.is_own(url).then(|| self.nonces.take(url)).flatten();
        let outcome = match nonce {
            Some(nonce) => self.send_signed(http, credentials, request, nonce).await?,
            None => send_bare(http, request).await?,
        };
        match outcome {
            Outcome::Answered(answer) => Ok(answer.into()),
            Outcome::Challenged(challenged) => match again.try_clone() {
                Some(again) => self.respond(http, credentials, challenged, again).await,
                None => unanswered(http, challenged, Unanswered::Stream).await,
            },
        }
    }

    /// Sends a request whose body cannot be sent twice. A nonce that was used before may have grown
    /// stale, so a challenge is asked for first, with a method that changes nothing.
    async fn send_once(
        &self,
        http: &Connection,
        credentials: &Credentials,
        request: reqwest::Request,
    ) -> Result<Sent, Error> {
        let mut probe = reqwest::Request::new(Method::GET, request.url().clone());
        *probe.timeout_mut() = request.timeout().copied();
        if let Outcome::Challenged(challenged) = send_bare(http, probe).await? {
            return self.respond(http, credentials, challenged, request).await;
        }
        match send_bare(http, request).await? {
            Outcome::Answered(answer) => Ok(answer.into()),
            Outcome::Challenged(challenged) => {
                unanswered(http, challenged, Unanswered::Stream).await
            }
        }
    }

    /// Answers the challenge of a 401 with the request.
    async fn respond(
        &self,
        http: &Connection,
        credentials: &Credentials,
        challenged: reqwest::Response,
        request: reqwest::Request,
    ) -> Result<Sent, Error> {
        let permit = |challenge: &Challenge| self.permit(challenge, challenged.url(), &request);
        match Challenge::choose(challenged.headers(), permit) {
            Err(reason) => unanswered(http, challenged, reason).await,
            Ok(challenge) => {
                // What it says does not matter: a connection with an unread answer cannot be used
                // again, and one with a larger answer, or a broken one, is given up.
                let _ = Answer::read(challenged, DRAINED).await;
                let cnonce = client_nonce()?;
                let key = response::key(&challenge, credentials, &cnonce);
                let nonce = Nonce::new(challenge, &self.origin, cnonce, key);
                let outcome = self.send_signed(http, credentials, request, nonce).await?;
                Ok(match outcome {
                    Outcome::Answered(answer) => answer,
                    Outcome::Challenged(refused) => http.read(refused).await?,
                }
                .into())
            }
        }
    }

    /// Whether a challenge from `url` may be answered with the request.
    fn permit(
        &self,
        challenge: &Challenge,
        url: &Url,
        request: &reqwest::Request,
    ) -> Result<(), Unanswered> {
        if !self.is_own(url) || !self.is_own(request.url()) {
            return Err(Unanswered::Origin);
        }
        let realm = self.realm.as_ref();
        if realm.is_some_and(|realm| realm.as_bytes() != challenge.realm) {
            return Err(Unanswered::Realm(shortened(&challenge.realm)));
        }
        if !Space::of(&challenge.domain, &self.origin).covers(request.url()) {
            return Err(Unanswered::Domain(shortened(&challenge.domain)));
        }
        let hashed = challenge.qop == Some(Qop::AuthInt);
        if hashed && request.body().is_some_and(|body| body.as_bytes().is_none()) {
            return Err(Unanswered::Stream);
        }
        Ok(())
    }

    fn is_own(&self, url: &Url) -> bool {
        is_same_origin(url, &self.origin)
    }

    /// Sends a request under a nonce. The nonce is kept for the next request if the service took
    /// it; a request that is dropped on the way takes its nonce with it, for nobody knows whether
    /// the service counted it.
    async fn send_signed(
        &self,
        http: &Connection,
        credentials: &Credentials,
        mut request: reqwest::Request,
        mut nonce: Nonce,
    ) -> Result<Outcome, Error> {
        let message = Message::of(&request);
        let header = response::sign(&mut nonce, credentials, &message);
        let uri = message.uri;
        let header = sensitive(header).map_err(|error| {
            Error::setup("the digest challenge holds control characters").because(error)
        })?;
        request.headers_mut().insert(AUTHORIZATION, header);
        let response = http.execute(request).await?;

        // A 401 without a challenge is no refusal of the digest, but of what its user may do.
        let status = response.status();
        if status == StatusCode::UNAUTHORIZED && Challenge::is_in(response.headers()) {
            self.nonces.refuse(&nonce, Instant::now());
            return Ok(Outcome::Challenged(response));
        }
        let answer = http.read(response).await?;
        let info = Info::read(&answer.headers);
        if !response::is_proven(&nonce, &uri, &info, &answer.body) {
            return Err(Error::unproven(status));
        }
        if let Some(next) = info.next_nonce {
            nonce.turn_into(next);
        }
        self.nonces.keep(nonce, Instant::now());
        Ok(Outcome::Answered(answer))
    }
}

/// Sends a request without authentication.
async fn send_bare(http: &Connection, request: reqwest::Request) -> Result<Outcome, Error> {
    let response = http.execute(request).await?;
    Ok(match response.status() {
        StatusCode::UNAUTHORIZED => Outcome::Challenged(response),
        _ => Outcome::Answered(http.read(response).await?),
    })
}

/// A 401 as the answer, with the reason why its challenge was left alone.
async fn unanswered(
    http: &Connection,
    challenged: reqwest::Response,
    reason: Unanswered,
) -> Result<Sent, Error> {
    Ok(Sent {
        answer: http.read(challenged).await?,
        unanswered: Some(reason),
    })
}

/// The client's own nonce: 128 bits from the operating system.
fn client_nonce() -> Result<String, Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| Error::setup("the operating system gives no randomness").because(error))?;
    Ok(algorithm::hex(&random))
}

#[cfg(test)]
mod tests;
