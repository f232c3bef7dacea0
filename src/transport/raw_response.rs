//! A response of the service with its whole body, not decoded.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::Response;
use super::http_client::Limits;
use crate::Error;
use crate::auth::Unauthorized;
use crate::error::Kind;
use crate::model::open_types::place;

/// A response with its whole body.
pub(crate) struct RawResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body without its envelope.
    pub(crate) body: Bytes,
    /// The body as sent by the service.
    pub(crate) wire: Bytes,
    /// Why the client sent no credentials for the challenge of a 401, or why the service refused them.
    pub(crate) unauthorized: Option<Unauthorized>,
}

impl RawResponse {
    /// Reads a response within the limits.
    pub(super) async fn read(
        mut response: reqwest::Response,
        limits: Limits,
    ) -> Result<Self, Error> {
        let status = response.status();
        let announced = response.content_length().unwrap_or_default();
        let headers = std::mem::take(response.headers_mut());
        // A body is not read if its announced length is too large.
        let largest = limits.bytes;
        if usize::try_from(announced).map_or(true, |announced| announced > largest) {
            return Err(Kind::TooLarge { status, largest }.into());
        }
        let body = read_body(&mut response, status, limits).await?;
        Ok(Self {
            headers,
            ..Self::of(status, body)
        })
    }

    /// Decodes the body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        match serde_json::from_slice(&self.body) {
            Ok(value) => Ok(self.with(value)),
            Err(_) => Err(Error::from(Kind::Decode {
                status: self.status,
            })
            .because(fault::<T>(&self.body))),
        }
    }

    /// Decodes the response of an operation without a result. The body must be empty or JSON: the page of
    /// a gateway is an error.
    pub(crate) fn unit(self) -> Result<Response<()>, Error> {
        let status = self.status;
        match serde_json::from_slice::<IgnoredAny>(&self.body) {
            Err(fault) if !self.body.is_empty() => {
                Err(Error::from(Kind::Decode { status }).because(fault))
            }
            _ => Ok(self.with(())),
        }
    }

    /// The response with a decoded body.
    fn with<T>(self, inner: T) -> Response<T> {
        Response {
            inner,
            status: self.status,
            headers: self.headers,
            wire: self.wire,
        }
    }

    /// Creates a response without headers.
    pub(crate) fn of(status: StatusCode, body: Bytes) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            wire: body.clone(),
            body,
            unauthorized: None,
        }
    }
}

/// The error of a body, with its path inside the body. It decodes the body again, to find the path.
fn fault<T: DeserializeOwned>(body: &[u8]) -> serde_json::Error {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Err(error) => serde::de::Error::custom(place(&error).trim_start_matches(['.', ':', ' '])),
        // The value is valid, and text follows it.
        Ok(_) => serde::de::Error::custom("trailing characters after the JSON value"),
    }
}

async fn read_body(
    response: &mut reqwest::Response,
    status: StatusCode,
    limits: Limits,
) -> Result<Bytes, Error> {
    let (largest, pause) = (limits.bytes, limits.pause);
    let mut left = largest;
    let mut next = async || {
        let broken = |timed_out| Error::from(Kind::Body { status, timed_out });
        let part = tokio::time::timeout(pause, response.chunk()).await;
        let part = part.map_err(|error| broken(true).because(error))?;
        let part = part.map_err(|error| broken(error.is_timeout()).because(error.without_url()))?;
        let length = part.as_ref().map_or(0, Bytes::len);
        let rest = left.checked_sub(length);
        left = rest.ok_or(Kind::TooLarge { status, largest })?;
        Ok::<_, Error>(part)
    };
    let Some(first) = next().await? else {
        return Ok(Bytes::new());
    };
    let Some(second) = next().await? else {
        // Most bodies have one part, which is not copied. Their connection is idle by now.
        return Ok(first);
    };
    let mut body = BytesMut::from(first);
    body.extend_from_slice(&second);
    while let Some(part) = next().await? {
        body.extend_from_slice(&part);
    }
    // Lets the task of the connection run. Otherwise the next request would find the connection in use, and
    // open another.
    tokio::task::yield_now().await;
    Ok(body.freeze())
}
