//! The versions of the service's API.

use http::HeaderValue;

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
    /// Every version that this crate knows, the oldest first.
    pub const ALL: &[Self] = &[Self::V1, Self::V2];

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::V1 => "/api/atlas/v1.0",
            Self::V2 => "/api/atlas/v2",
        }
    }

    /// The media type of a request's body, and of a success's.
    pub(crate) const fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::V1 => "application/json",
            Self::V2 => "application/vnd.atlas.2023-01-01+json",
        })
    }
}
