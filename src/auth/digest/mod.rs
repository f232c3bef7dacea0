//! Digest authentication (RFC 7616): a challenge is answered once, and its nonce is used again for
//! later requests, one request at a time.

mod algorithm;
mod authorization;
mod challenge;
#[cfg(any(test, fuzzing))]
#[path = "../../../fuzz/properties/authentication.rs"]
pub(crate) mod fuzzing;
mod nonces;
mod space;
mod syntax;

use http::{HeaderName, StatusCode};
use reqwest::{Request, Url};
use tokio::time::Instant;

use super::{is_same_origin, sensitive};
use crate::error::Kind;
use crate::transport::http_client::HttpClient;
use crate::transport::raw_response::RawResponse;
use crate::{Credentials, Error};
use authorization::Message;
pub(crate) use challenge::Unauthorized;
use challenge::{Challenge, shortened};
use nonces::{Nonce, Nonces};
use space::Space;
use syntax::Parameters;

/// What a response says of authentication: the next nonce, and a proof that the service knows the key
/// (RFC 7616, section 3.5).
const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");

/// Digest authentication for one origin, with the nonces that the service gave.
pub(crate) struct Digest {
    credentials: Credentials,
    /// Any URL of the origin whose challenges are answered.
    origin: Url,
    /// The one realm to answer.
    realm: Option<String>,
    nonces: Nonces,
}

impl Digest {
    pub(crate) fn new(credentials: Credentials, origin: Url, realm: Option<String>) -> Self {
        Self {
            credentials,
            origin,
            realm,
            nonces: Nonces::default(),
        }
    }

    /// Sends a request under a nonce that was used before, or without any where none is at hand, and
    /// answers the challenge that comes back.
    ///
    /// - A 401 on a nonce that was used before tells of the nonce alone. Where its challenge was
    ///   dropped on the way, the request is sent without authorization, for another.
    /// - A 401 on a fresh nonce is final, but for one that calls the nonce stale (RFC 7616, section
    ///   3.3), as nodes do that share none: its challenge is answered, once.
    pub(crate) async fn send(
        &self,
        http: &HttpClient,
        request: &Request,
    ) -> Result<RawResponse, Error> {
        let url = request.url();
        let nonce = self.nonces.take(url, Instant::now());
        let challenged = match nonce.filter(|_| self.is_own(url)) {
            None => http.send(request, None).await?,
            Some(nonce) => match self.send_signed(http, request, nonce).await? {
                response if !is_refusal(&response) => return Ok(response),
                response if Challenge::is_in(&response.headers) => response,
                _ => http.send(request, None).await?,
            },
        };
        let mut answered = self.respond(http, request, challenged).await?;
        let is_stale = |response: &RawResponse| {
            response.unauthorized.is_none() && Challenge::is_stale(&response.headers)
        };
        if is_refusal(&answered) && is_stale(&answered) {
            answered = self.respond(http, request, answered).await?;
        }
        if answered.unauthorized.is_none() && is_refusal(&answered) {
            let path = self.origin.path();
            answered.unauthorized = if is_stale(&answered) {
                Some(Unauthorized::Stale)
            } else {
                (path != "/").then(|| Unauthorized::Path(shortened(path.as_bytes())))
            };
        }
        Ok(answered)
    }

    /// Answers the challenge of a 401 with the request. A response that is none stays as it is.
    async fn respond(
        &self,
        http: &HttpClient,
        request: &Request,
        mut challenged: RawResponse,
    ) -> Result<RawResponse, Error> {
        if challenged.status != StatusCode::UNAUTHORIZED {
            return Ok(challenged);
        }
        let permit = |challenge: &Challenge| self.permit(challenge, request.url());
        let challenge = match Challenge::choose(&challenged.headers, permit) {
            Ok(challenge) => challenge,
            Err(reason) => {
                challenged.unauthorized = Some(reason);
                return Ok(challenged);
            }
        };
        let cnonce = client_nonce()?;
        let key = authorization::key(&challenge, &self.credentials, &cnonce);
        let nonce = Nonce::new(challenge, &self.origin, cnonce, key);
        self.send_signed(http, request, nonce).await
    }

    /// Whether a challenge may be answered with a request to `url`.
    fn permit(&self, challenge: &Challenge, url: &Url) -> Result<(), Unauthorized> {
        if !self.is_own(url) {
            return Err(Unauthorized::Origin);
        }
        let realm = self.realm.as_ref();
        if realm.is_some_and(|realm| realm.as_bytes() != challenge.realm) {
            return Err(Unauthorized::Realm(shortened(&challenge.realm)));
        }
        if !Space::of(&challenge.domain, &self.origin).covers(url) {
            return Err(Unauthorized::Domain(shortened(&challenge.domain)));
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
        request: &Request,
        mut nonce: Nonce,
    ) -> Result<RawResponse, Error> {
        let message = Message::of(request);
        let header = authorization::sign(&mut nonce, &self.credentials, &message);
        let header = sensitive(header).map_err(|error| {
            Error::setup("the digest challenge holds control characters").because(error)
        })?;
        let response = http.send(request, Some(header)).await?;
        if is_refusal(&response) {
            self.nonces.refuse(&nonce, Instant::now());
            return Ok(response);
        }
        let info = Parameters::read(response.headers.get_all(AUTHENTICATION_INFO));
        if !authorization::is_proven(&nonce, &message.uri, &info, &response.wire) {
            let status = response.status;
            return Err(Kind::Unproven { status }.into());
        }
        if let Some(next) = info.get("nextnonce") {
            nonce.turn_into(next);
        }
        self.nonces.keep(nonce, Instant::now());
        Ok(response)
    }
}

/// Whether a 401 refuses the digest, and not what its user may do: that needs no challenge.
fn is_refusal(response: &RawResponse) -> bool {
    response.status == StatusCode::UNAUTHORIZED
        && (Challenge::is_in(&response.headers) || !response.is_of_a_role())
}

/// The client's own nonce: 128 bits from the operating system.
fn client_nonce() -> Result<Vec<u8>, Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)
        .map_err(|error| Error::setup("the operating system gives no randomness").because(error))?;
    Ok(algorithm::hex(&random))
}

#[cfg(test)]
mod tests;
