//! The answer's way through generated code: decoded, or a failure brought past it.
//!
//! A hook of the generator can fail with a `reqwest::Error` alone, so a failure of ours travels as
//! an extension of a response that no method takes for an answer, and [`finish`] brings it home.

use bytes::Bytes;
use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::{Error, Response};

/// A status that no operation declares: the generated method hands the response on as it is.
const CARRIES_FAILURE: StatusCode = StatusCode::SWITCHING_PROTOCOLS;

/// What of an answer generated code has no place for.
#[derive(Clone)]
pub(super) struct Aside {
    /// The body as it came over the wire.
    pub(super) wire: Bytes,
    pub(super) tries: u32,
}

type Decoded<T> = Result<Response<T>, progenitor_client::Error<()>>;

/// Decodes a success. The generated methods call it in place of the generator's own function,
/// which loses the status of what it cannot decode.
pub(crate) async fn decode<T: DeserializeOwned>(mut response: reqwest::Response) -> Decoded<T> {
    let (status, aside) = (response.status(), aside(&mut response));
    let headers = std::mem::take(response.headers_mut());
    let decoded = match response.bytes().await {
        Ok(body) => serde_json::from_slice(&body).map_err(|error| Error::decode(status, error)),
        Err(error) => Err(Error::body(status, error)),
    };
    match decoded {
        Ok(value) => Ok(Response::new(value, status, headers, aside.wire)),
        Err(error) => {
            let error = error.after(aside.tries);
            Err(progenitor_client::Error::UnexpectedResponse(carry(error)))
        }
    }
}

/// A success that says nothing but its status.
pub(crate) fn empty(mut response: reqwest::Response) -> Response<()> {
    let (status, aside) = (response.status(), aside(&mut response));
    let headers = std::mem::take(response.headers_mut());
    Response::new((), status, headers, aside.wire)
}

fn aside(response: &mut reqwest::Response) -> Aside {
    let aside = response.extensions_mut().remove();
    aside.unwrap_or(Aside {
        wire: Bytes::new(),
        tries: 0,
    })
}

/// Turns the outcome of a generated method into ours.
pub(crate) fn finish<T>(
    operation: &'static str,
    outcome: Decoded<T>,
) -> Result<Response<T>, Error> {
    outcome.map_err(|error| Error::from(error).of(operation))
}

/// What generated code fails with.
impl<E> From<progenitor_client::Error<E>> for Error {
    fn from(error: progenitor_client::Error<E>) -> Self {
        use progenitor_client::Error as Generated;
        match error {
            Generated::UnexpectedResponse(mut response) => {
                let (status, tries) = (response.status(), aside(&mut response).tries);
                let carried = response.extensions_mut().remove::<Error>();
                carried.unwrap_or_else(|| undeclared(status).after(tries))
            }
            Generated::ErrorResponse(value) => undeclared(value.status()),
            Generated::CommunicationError(error)
            | Generated::ResponseBodyError(error)
            | Generated::InvalidUpgrade(error) => Error::from_reqwest(error),
            // Decoding is the transport's: see `decode`.
            Generated::InvalidResponsePayload(_, error) => {
                Error::setup("an answer was decoded past the transport").because(error)
            }
            Generated::InvalidRequest(reason) | Generated::Custom(reason) => Error::setup(reason),
        }
    }
}

/// A success that the operation does not declare, such as a 204 for a 200.
fn undeclared(status: StatusCode) -> Error {
    let reason = serde::de::Error::custom("the operation does not answer with this status");
    Error::decode(status, reason)
}

/// The response that carries a failure past the generated code.
pub(super) fn carry(error: Error) -> reqwest::Response {
    let mut response = http::Response::new(reqwest::Body::default());
    *response.status_mut() = CARRIES_FAILURE;
    response.extensions_mut().insert(error);
    response.into()
}
