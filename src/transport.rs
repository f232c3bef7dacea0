//! The request's way to the service and the answer's way back.
//!
//! Generated methods build the request and decode the answer; everything between is here. A hook
//! of the generator can fail with a `reqwest::Error` alone, so a failure of ours travels as an
//! extension of a response that no method takes for an answer, and [`finish`] brings it home.

use http::StatusCode;
use http::header::CONTENT_TYPE;
use progenitor_client::ResponseValue;
use serde::de::DeserializeOwned;

use crate::auth::{Authentication, Sent};
use crate::error::Refusal;
use crate::types::ApiError;
use crate::{Error, Response};

/// A status that no operation declares: the generated method hands the response on as it is.
const CARRIES_FAILURE: StatusCode = StatusCode::SWITCHING_PROTOCOLS;

/// Sends a request with its authentication. What comes back is a success with its whole body, or
/// carries the failure to [`finish`].
pub(crate) async fn exchange(
    http: &reqwest::Client,
    authentication: &Authentication,
    request: reqwest::Request,
) -> reqwest::Response {
    succeed(http, authentication, request)
        .await
        .unwrap_or_else(carry)
}

async fn succeed(
    http: &reqwest::Client,
    authentication: &Authentication,
    mut request: reqwest::Request,
) -> Result<reqwest::Response, Error> {
    // The generator's own header: the service tells its versions by path and media type.
    request.headers_mut().remove("api-version");
    let Sent { answer, unanswered } = authentication.send(http, request).await?;
    if answer.status.is_success() {
        return answer.into_response();
    }
    let (api, fault) = match serde_json::from_slice::<ApiError>(&answer.body) {
        Ok(api) => (Some(api), None),
        Err(fault) => (None, Some(fault)),
    };
    let media_type = answer.headers.get(CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let refusal = Refusal {
        status: answer.status,
        api,
        media_type: media_type.map(str::to_owned),
        credential: authentication.name(),
        unanswered: unanswered.is_some(),
    };
    // The cause is a challenge that could not be answered, or a body that is no error.
    let challenge = unanswered.map(Into::into);
    Err(Error::refused(
        refusal,
        challenge.or_else(|| fault.map(Into::into)),
    ))
}

/// Decodes a success. The generated methods call it in place of the generator's own function,
/// which loses the status of what it cannot decode.
pub(crate) async fn decode<T: DeserializeOwned, E>(
    mut response: reqwest::Response,
) -> Result<ResponseValue<T>, progenitor_client::Error<E>> {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let decoded = match response.bytes().await {
        Ok(body) => serde_json::from_slice(&body).map_err(|error| Error::decode(status, error)),
        Err(error) => Err(Error::body(status, error)),
    };
    match decoded {
        Ok(value) => Ok(ResponseValue::new(value, status, headers)),
        Err(error) => Err(progenitor_client::Error::UnexpectedResponse(carry(error))),
    }
}

/// Turns the outcome of a generated method into ours.
pub(crate) fn finish<T, E>(
    operation: &'static str,
    outcome: Result<ResponseValue<T>, progenitor_client::Error<E>>,
) -> Result<Response<T>, Error> {
    use progenitor_client::Error as Generated;
    let error = match outcome {
        Ok(value) => {
            let (status, headers) = (value.status(), value.headers().clone());
            return Ok(Response::new(value.into_inner(), status, headers));
        }
        Err(Generated::UnexpectedResponse(mut response)) => {
            let status = response.status();
            let carried = response.extensions_mut().remove::<Error>();
            carried.unwrap_or_else(|| undeclared(status))
        }
        Err(Generated::ErrorResponse(value)) => undeclared(value.status()),
        Err(
            Generated::CommunicationError(error)
            | Generated::ResponseBodyError(error)
            | Generated::InvalidUpgrade(error),
        ) => Error::from_reqwest(error),
        // Decoding is the transport's: see `decode`.
        Err(Generated::InvalidResponsePayload(_, error)) => {
            Error::setup("an answer was decoded past the transport").because(error)
        }
        Err(Generated::InvalidRequest(reason) | Generated::Custom(reason)) => Error::setup(reason),
    };
    Err(error.of(operation))
}

/// A success that the operation does not declare, such as a 204 for a 200.
fn undeclared(status: StatusCode) -> Error {
    let reason = serde::de::Error::custom("the operation does not answer with this status");
    Error::decode(status, reason)
}

/// The response that carries a failure past the generated code.
fn carry(error: Error) -> reqwest::Response {
    let mut response = http::Response::new(reqwest::Body::default());
    *response.status_mut() = CARRIES_FAILURE;
    response.extensions_mut().insert(error);
    response.into()
}
