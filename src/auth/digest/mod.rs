//! Digest authentication (RFC 7616). The client uses the nonce of a challenge again for later requests,
//! for one request at a time.

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

/// The header with the next nonce, and with the proof of the service (RFC 7616, section 3.5).
const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");

/// Digest authentication for one origin, with the nonces that the service issued.
pub(crate) struct Digest {
    credentials: Credentials,
    /// A URL of the origin whose challenges are accepted.
    origin: Url,
    /// The one realm whose challenges are accepted. `None` means any.
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

    /// Sends a request with a nonce from an earlier call, or without authorization if it has no nonce.
    /// Responds to the challenge of a 401.
    ///
    /// - A 401 for a nonce from an earlier call concerns that nonce alone. If the 401 has no
    ///   challenge, the request is sent without authorization, to get one.
    /// - A 401 for a fresh nonce is final, unless it calls the nonce stale (RFC 7616, section 3.3), as nodes
    ///   do that share no nonces. The client responds to that challenge once.
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
        let mut response = self.respond(http, request, challenged).await?;
        let is_stale = |response: &RawResponse| {
            response.unauthorized.is_none() && Challenge::is_stale(&response.headers)
        };
        if is_refusal(&response) && is_stale(&response) {
            response = self.respond(http, request, response).await?;
        }
        if response.unauthorized.is_none() && is_refusal(&response) {
            let path = self.origin.path();
            response.unauthorized = if is_stale(&response) {
                Some(Unauthorized::Stale)
            } else {
                (path != "/").then(|| Unauthorized::Path(shortened(path.as_bytes())))
            };
        }
        Ok(response)
    }

    /// Responds to the challenge of a 401 by sending the request. Returns any other response unchanged.
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

    /// Checks that a request to `url` may respond to a challenge.
    fn permit(&self, challenge: &Challenge, url: &Url) -> Result<(), Unauthorized> {
        let refuse = |reason| Err(Unauthorized::NoResponse(reason));
        if !self.is_own(url) {
            return refuse("the request has another origin than the base URL".to_owned());
        }
        let realm = self.realm.as_ref();
        if realm.is_some_and(|realm| realm.as_bytes() != challenge.realm) {
            let realm = shortened(&challenge.realm);
            return refuse(format!(
                "the realm {realm:?} is not that of ClientBuilder::realm"
            ));
        }
        if !Space::of(&challenge.domain, &self.origin).covers(url) {
            let domain = shortened(&challenge.domain);
            return refuse(format!(
                "the challenge is for {domain:?}, not for this request"
            ));
        }
        Ok(())
    }

    fn is_own(&self, url: &Url) -> bool {
        is_same_origin(url, &self.origin)
    }

    /// Sends a request with a nonce, and keeps the nonce for later requests if the service accepts it. A
    /// request that is dropped also drops its nonce: it is unknown whether the service counted that use.
    async fn send_signed(
        &self,
        http: &HttpClient,
        request: &Request,
        mut nonce: Nonce,
    ) -> Result<RawResponse, Error> {
        let message = Message::of(request);
        let header = authorization::sign(&mut nonce, &self.credentials, &message);
        let header = sensitive(header).map_err(|error| {
            Error::setup("the digest challenge has control characters: check the base URL")
                .because(error)
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

/// Whether a 401 refuses the authorization. A 401 for a missing role needs no new challenge.
fn is_refusal(response: &RawResponse) -> bool {
    response.status == StatusCode::UNAUTHORIZED
        && (Challenge::is_in(&response.headers) || !response.is_of_a_role())
}

/// Creates the client's nonce: 128 random bits from the operating system.
fn client_nonce() -> Result<Vec<u8>, Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| {
        Error::setup("no random bytes for a nonce: allow the process to read them").because(error)
    })?;
    Ok(algorithm::hex(&random))
}

#[cfg(test)]
mod tests;
