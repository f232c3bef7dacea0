//! The versions of the service's API.

use http::HeaderValue;
use http::header::{ACCEPT, CONTENT_TYPE};

/// A version of the Atlas Administration API. The calls, their types and their errors are the same
/// in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiVersion {
    /// Version 1.0, under `/api/atlas/v1.0`, in `application/json`. The service calls it deprecated
    /// and names no day for its end.
    #[default]
    V1,
    /// Version 2, under `/api/atlas/v2`, in `application/vnd.atlas.2023-01-01+json`, the only dated
    /// version that these calls have.
    V2,
}

impl ApiVersion {
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::V1 => "/api/atlas/v1.0",
            Self::V2 => "/api/atlas/v2",
        }
    }

    const fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::V1 => "application/json",
            Self::V2 => "application/vnd.atlas.2023-01-01+json",
        })
    }

    /// Names the version's media type in a request.
    pub(crate) fn mark(self, request: &mut reqwest::Request) {
        let has_body = request.body().is_some();
        let headers = request.headers_mut();
        headers.insert(ACCEPT, self.media_type());
        if has_body {
            headers.insert(CONTENT_TYPE, self.media_type());
        }
    }
}
