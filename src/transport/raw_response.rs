//! An answer of the service, read to its end.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use reqwest::{ResponseBuilderExt, Url};

use crate::Error;

/// An answer with its whole body.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The body as it came over the wire.
    pub(crate) wire: Bytes,
    url: Url,
}

impl Answer {
    /// Reads an answer whose body has so many bytes at the most.
    pub(crate) async fn read(
        mut response: reqwest::Response,
        largest: usize,
    ) -> Result<Self, Error> {
        let (status, url) = (response.status(), response.url().clone());
        let announced = response.content_length().unwrap_or_default();
        let headers = std::mem::take(response.headers_mut());
        // What says that it is too large is not even begun to be read.
        if usize::try_from(announced).map_or(true, |announced| announced > largest) {
            return Err(Error::too_large(status, largest));
        }
        let body = body(&mut response, status, largest).await?;
        Ok(Self {
            status,
            headers,
            wire: body.clone(),
            body,
            url,
        })
    }

    /// The answer to a removal that is under way.
    pub(crate) fn accepted(url: Url) -> Self {
        let body = Bytes::from_static(b"{}");
        Self {
            status: StatusCode::ACCEPTED,
            headers: HeaderMap::new(),
            wire: body.clone(),
            body,
            url,
        }
    }

    /// An answer without headers, for tests.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn of(status: StatusCode, body: Bytes) -> Self {
        let url = Url::parse("https://cloud.example").unwrap();
        Self {
            status,
            wire: body.clone(),
            body,
            ..Self::accepted(url)
        }
    }

    /// The answer as generated code takes it.
    pub(crate) fn into_response(self) -> Result<reqwest::Response, Error> {
        let builder = http::Response::builder().status(self.status).url(self.url);
        let mut response = builder
            .body(self.body)
            .map_err(|error| Error::setup("an answer could not be put together").because(error))?;
        *response.headers_mut() = self.headers;
        Ok(response.into())
    }
}

async fn body(
    response: &mut reqwest::Response,
    status: StatusCode,
    largest: usize,
) -> Result<Bytes, Error> {
    let mut left = largest;
    let mut next = async || {
        let part = response.chunk().await;
        let part = part.map_err(|error| Error::body(status, error))?;
        let length = part.as_ref().map_or(0, Bytes::len);
        let rest = left.checked_sub(length);
        left = rest.ok_or_else(|| Error::too_large(status, largest))?;
        Ok::<_, Error>(part)
    };
    let Some(first) = next().await? else {
        return Ok(Bytes::new());
    };
    let Some(second) = next().await? else {
        // Most answers come in one piece, which is not copied; their connection is idle by now.
        return Ok(first);
    };
    let mut body = BytesMut::from(first);
    body.extend_from_slice(&second);
    while let Some(part) = next().await? {
        body.extend_from_slice(&part);
    }
    let_go().await;
    Ok(body.freeze())
}

/// Lets the task of a connection run whose answer was just read to its end. Else a request that
/// follows at once finds the connection still in use, and opens another. Where tasks run on several
/// threads that may still happen now and then; the other connection is kept and used later.
async fn let_go() {
    tokio::task::yield_now().await;
}
