//! Digest authentication (RFC 7616): a challenge is answered once, and its nonce is used again for
//! later requests, one request at a time.

mod algorithm;
mod authorization;
mod challenge;
#[cfg(any(test, fuzzing))]
#[path = "../../../fuzz/properties/authentication.rs"]
pub(crate) mod fuzzing;
mod info;
mod nonces;
mod space;
mod syntax;

use std::time::Instant;

use http::StatusCode;
use reqwest::{Request, Url};

use super::{is_same_origin, sensitive};
use crate::error::Kind;
use crate::transport::http_client::HttpClient;
use crate::transport::raw_response::RawResponse;
use crate::{Credentials, Error};
use authorization::Message;
pub(crate) use challenge::Unanswered;
use challenge::{Challenge, shortened};
use info::Info;
use nonces::{Nonce, Nonces};
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

/// What the service sent back.
enum Received {
    /// A 401, its body unread.
    Challenge(reqwest::Response),
    Response(RawResponse),
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
    /// is at hand; and where the service answers with a challenge, under the nonce of the challenge.
    /// A 401 on a fresh nonce is final.
    pub(crate) async fn send(
        &self,
        http: &HttpClient,
        credentials: &Credentials,
        request: &Request,
    ) -> Result<RawResponse, Error> {
        let url = request.url();
        let nonce = self.is_own(url).then(|| self.nonces.take(url)).flatten();
        let received = match nonce {
            Some(nonce) => self.send_signed(http, credentials, request, nonce).await?,
            None => send_unsigned(http, request).await?,
        };
        match received {
            Received::Response(response) => Ok(response),
            Received::Challenge(challenged) => {
                self.respond(http, credentials, challenged, request).await
            }
        }
    }

    /// Answers the challenge of a 401 with the request.
    async fn respond(
        &self,
        http: &HttpClient,
        credentials: &Credentials,
        challenged: reqwest::Response,
        request: &Request,
    ) -> Result<RawResponse, Error> {
        let permit = |challenge: &Challenge| self.permit(challenge, challenged.url(), request);
        let challenge = match Challenge::choose(challenged.headers(), permit) {
            Ok(challenge) => challenge,
            Err(reason) => {
                let mut response = http.read(challenged).await?;
                response.unanswered = Some(reason);
                return Ok(response);
            }
        };
        // What it says does not matter: a connection with an unread body cannot be used again, and
        // one with a larger body, or a broken one, is given up.
        let _ = RawResponse::read(challenged, DRAINED).await;
        let cnonce = client_nonce()?;
        let key = authorization::key(&challenge, credentials, &cnonce);
        let nonce = Nonce::new(challenge, &self.origin, cnonce, key);
        let received = self.send_signed(http, credentials, request, nonce).await?;
        match received {
            Received::Response(response) => Ok(response),
            Received::Challenge(refused) => http.read(refused).await,
        }
    }

    /// Whether a challenge from `url` may be answered with the request.
    fn permit(
        &self,
        challenge: &Challenge,
        url: &Url,
        request: &Request,
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
        http: &HttpClient,
        credentials: &Credentials,
        request: &Request,
        mut nonce: Nonce,
    ) -> Result<Received, Error> {
        let message = Message::of(request);
        let header = authorization::sign(&mut nonce, credentials, &message);
        let header = sensitive(header).map_err(|error| {
            Error::setup("the digest challenge holds control characters").because(error)
        })?;
        let response = http.execute(request, Some(header)).await?;

        // A 401 without a challenge is no refusal of the digest, but of what its user may do.
        let status = response.status();
        if status == StatusCode::UNAUTHORIZED && Challenge::is_in(response.headers()) {
            self.nonces.refuse(&nonce, Instant::now());
            return Ok(Received::Challenge(response));
        }
        let response = http.read(response).await?;
        let info = Info::read(&response.headers);
        if !authorization::is_proven(&nonce, &message.uri, &info, &response.body) {
            return Err(Kind::Unproven { status }.into());
        }
        if let Some(next) = info.next_nonce {
            nonce.turn_into(next);
        }
        self.nonces.keep(nonce, Instant::now());
        Ok(Received::Response(response))
    }
}

/// Sends a request without authentication.
async fn send_unsigned(http: &HttpClient, request: &Request) -> Result<Received, Error> {
    let response = http.execute(request, None).await?;
    Ok(match response.status() {
        StatusCode::UNAUTHORIZED => Received::Challenge(response),
        _ => Received::Response(http.read(response).await?),
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
