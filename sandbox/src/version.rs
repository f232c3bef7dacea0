//! The two versions of the API: paths and media types.

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use serde_json::json;

use crate::reply::{JSON, Reply};

/// The only dated version of these operations.
const DATE: &str = "2023-01-01";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

impl Version {
    /// The version of a path, and the path below its root.
    pub(crate) fn of(path: &str) -> Option<(Self, &str)> {
        let path = path.strip_prefix("/api/atlas/")?;
        let v1 = path.strip_prefix("v1.0/").map(|rest| (Self::V1, rest));
        v1.or_else(|| Some((Self::V2, path.strip_prefix("v2/")?)))
    }

    /// The media type of a success.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::V1 => JSON,
            Self::V2 => "application/vnd.atlas.2023-01-01+json",
        }
    }

    /// Checks that a request accepts this version's media type, and that its body has it.
    pub(crate) fn check(self, headers: &HeaderMap, has_body: bool) -> Result<(), Reply> {
        let get = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let accepted = get(header::ACCEPT).unwrap_or("*/*");
        if !accepted.split(',').any(|one| self.serves(one)) {
            return Err(refusal(StatusCode::NOT_ACCEPTABLE, accepted));
        }
        let sent = get(header::CONTENT_TYPE).unwrap_or_default();
        if has_body && (sent.contains('*') || !self.serves(sent)) {
            return Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, sent));
        }
        Ok(())
    }

    /// Whether a media type names this version. A later date resolves to the only one.
    fn serves(self, media_type: &str) -> bool {
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        let media_type = &media_type.to_ascii_lowercase();
        let dated = media_type.strip_prefix("application/vnd.atlas.");
        let date = dated.and_then(|dated| dated.strip_suffix("+json"));
        match self {
            _ if media_type == "*/*" || media_type == "application/*" => true,
            Self::V1 => media_type == JSON,
            Self::V2 => date.is_some_and(|date| date.len() == DATE.len() && date >= DATE),
        }
    }
}

fn refusal(status: StatusCode, media_type: &str) -> Reply {
    let code = status.canonical_reason().unwrap_or_default();
    let code = code.to_uppercase().replace(' ', "_");
    let detail = "The media type is not one of this version.";
    Reply::error(status, &code, detail, &json!([media_type]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_accepts_only_its_own_media_type() {
        let v2 = Version::V2.media_type();
        let later = "application/vnd.atlas.2025-03-12+json";
        let earlier = "application/vnd.atlas.2021-01-01+json";
        for (version, accept, content, status) in [
            (Version::V1, "*/*", JSON, None),
            (
                Version::V1,
                "text/html, application/json;q=0.9",
                "application/json; charset=utf-8",
                None,
            ),
            (Version::V1, JSON, v2, Some(415)),
            (Version::V1, v2, JSON, Some(406)),
            (Version::V2, v2, v2, None),
            (Version::V2, later, later, None),
            (Version::V2, earlier, v2, Some(406)),
            (Version::V2, JSON, v2, Some(406)),
            (Version::V2, v2, JSON, Some(415)),
            (Version::V2, v2, "*/*", Some(415)),
        ] {
            let headers = [(header::ACCEPT, accept), (header::CONTENT_TYPE, content)];
            let headers = headers.map(|(name, value)| (name, value.parse().unwrap()));
            let checked = version.check(&HeaderMap::from_iter(headers), true);
            let refused = checked.err().map(|reply| reply.status.as_u16());
            assert_eq!(refused, status, "{version:?} {accept} {content}");
        }
    }
}
