//! How a request is authenticated.

mod digest;

use std::fmt;

use reqwest::Url;

use crate::answer::Answer;
use crate::{Credentials, Error};
use digest::Digest;
pub(crate) use digest::Unanswered;

/// The authentication of a client; all its clones share one.
pub(crate) struct Authentication {
    credentials: Credentials,
    digest: Digest,
}

/// A request that was sent, with the credentials where the service asked for them.
pub(crate) struct Sent {
    pub(crate) answer: Answer,
    /// Why the challenge of a 401 was not answered.
    pub(crate) unanswered: Option<Unanswered>,
}

/// An answer with no challenge left.
impl From<Answer> for Sent {
    fn from(answer: Answer) -> Self {
        Self {
            answer,
            unanswered: None,
        }
    }
}

impl Authentication {
    /// Credentials for the origin of a URL, and the one realm that may ask for them.
    pub(crate) fn new(credentials: Credentials, origin: Url, realm: Option<String>) -> Self {
        Self {
            credentials,
            digest: Digest::new(origin, realm),
        }
    }

    /// The credentials as a message may name them.
    pub(crate) fn name(&self) -> String {
        self.credentials.name()
    }

    pub(crate) async fn send(
        &self,
        http: &reqwest::Client,
        request: reqwest::Request,
    ) -> Result<Sent, Error> {
        self.digest.send(http, &self.credentials, request).await
    }
}

impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.credentials.fmt(f)
    }
}
