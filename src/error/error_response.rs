//! An unsuccessful response: the error of the service, or the text of a gateway before it.

use std::time::Duration;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::{Error, Kind};
use crate::auth::Unauthorized;
use crate::transport::rate_limit::{self, RateLimit};
use crate::transport::raw_response::RawResponse;
use crate::types::{ApiError, BadRequestDetail, ErrorCode};

/// The most characters of a gateway's text that a message shows.
const SHOWN: usize = 200;

/// An unsuccessful response.
#[derive(Clone, Debug)]
pub(crate) struct ErrorResponse {
    pub(crate) status: StatusCode,
    pub(crate) api: Option<ApiError>,
    /// The text of a body that is not an error of the API.
    pub(crate) text: String,
    pub(crate) retry_after: Option<Duration>,
    /// The period of the exceeded rate limit.
    pub(crate) limit_period: Option<Duration>,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) media_type: Option<String>,
    /// The name of the credentials, such as ``the API key `abcdefgh` ``.
    pub(crate) credential: String,
    pub(crate) unauthorized: Option<Unauthorized>,
}

impl ErrorResponse {
    /// Reads an unsuccessful response. The error has a source if the client did not respond to the
    /// challenge.
    pub(crate) fn read(response: &RawResponse, credential: String) -> Error {
        let api = read(&response.body);
        let text = api.is_none().then(|| text(&response.body));
        let media_type = response.headers.get(CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let unauthorized = response.unauthorized.clone();
        let is_source = |of: &Unauthorized| matches!(of, Unauthorized::NoResponse(_));
        let source = unauthorized.clone().filter(is_source);
        let error = Error::from(Kind::Response(Box::new(Self {
            status: response.status,
            text: text.unwrap_or_default(),
            retry_after: rate_limit::retry_after(&response.headers, api.as_ref()),
            limit_period: api.as_ref().and_then(rate_limit::period),
            rate_limit: RateLimit::of(&response.headers),
            api,
            media_type: media_type.map(redacted),
            credential,
            unauthorized,
        })));
        match source {
            Some(reason) => error.because(reason),
            None => error,
        }
    }
}

impl RawResponse {
    /// Whether the caller lacks a role.
    pub(crate) fn is_of_a_role(&self) -> bool {
        let code = read(&self.body).and_then(|api| api.error_code);
        code.is_some_and(|code| code.is_of_a_role())
    }
}

/// An error of the API, or of OAuth (RFC 6749, section 5.2), whose code has the name `error`. A field
/// whose type differs from the specification is kept as text, or left out.
fn read(body: &[u8]) -> Option<ApiError> {
    let mut fields: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let has =
        |fields: &Map<_, _>, name: &str| fields.get(name).is_some_and(|of| !Value::is_null(of));
    let status = fields.remove("error").unwrap_or_default();
    let is_of_another = status.is_object() || status.is_array();
    if is_of_another && !has(&fields, "errorCode") {
        return None;
    }
    match status.as_str().map(str::parse::<i32>) {
        Some(Ok(number)) => fields.insert("error".into(), number.into()),
        // Beside a code, the text is the reason phrase of the status.
        Some(Err(_)) if has(&fields, "errorCode") => {
            Some(fields.entry("reason").or_insert(status).clone())
        }
        Some(Err(_)) => fields.insert("errorCode".into(), status),
        None if status
            .as_i64()
            .is_some_and(|status| i32::try_from(status).is_ok()) =>
        {
            fields.insert("error".into(), status)
        }
        None => None,
    };
    let own = ["error", "errorCode", "detail", "reason"];
    if !fields.is_empty() && !own.iter().any(|name| has(&fields, name)) {
        return None;
    }
    for name in ["error_description", "message"] {
        if let Some(detail) = fields.get(name).filter(|_| !has(&fields, "detail")) {
            fields.insert("detail".into(), detail.clone());
        }
    }
    for (name, value) in &mut fields {
        match (name.as_str(), &*value) {
            (_, Value::Null) | ("parameters", Value::Array(_)) => {}
            ("parameters", _) => *value = [value.take()].into_iter().collect(),
            ("errorCode" | "detail" | "reason", other) if !other.is_string() => {
                *value = other.to_string().into();
            }
            ("badRequestDetail", _) if BadRequestDetail::deserialize(&*value).is_err() => {
                *value = Value::Null;
            }
            _ => {}
        }
        redact(value);
    }
    serde_json::from_value(fields.into()).ok()
}

/// The text of a gateway's body: the message of an object, or a page without its tags.
fn text(body: &[u8]) -> String {
    let object = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let mut places = ["/message", "/Message", "/title", "/error/message"].iter();
    let message = places.find_map(|place| object.pointer(place)?.as_str());
    let body = String::from_utf8_lossy(body);
    let parts = message.unwrap_or(&body).split('<');
    let parts = parts.filter(|part| !part.starts_with("style") && !part.starts_with("script"));
    let texts = parts.map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    // A message has room for no more, even if each is one character long.
    let parts = texts.flat_map(str::split_whitespace).take(SHOWN);
    let parts: Vec<_> = parts.collect();
    redacted(&parts.join(" ")).chars().take(SHOWN).collect()
}

/// Redacts all texts of a value.
fn redact(value: &mut Value) {
    match value {
        Value::String(text) => *text = redacted(text),
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(fields) => fields.values_mut().for_each(redact),
        _ => {}
    }
}

/// The text without credentials of the request that it may repeat: without what follows the name of an
/// authentication scheme, and without parts as long as a token.
fn redacted(text: &str) -> String {
    let mut follows = false;
    let parts = text.split_inclusive(char::is_whitespace).map(|part| {
        let is_long = |longest| part.trim_end().len() >= longest;
        let has_digit = part.contains(|of: char| of.is_ascii_digit());
        // Paths and error codes are long too, and no secrets.
        let is_path = part.starts_with('/') || part.contains("://");
        let is_token = !is_path && part.contains(|of: char| of.is_ascii_lowercase());
        let is_secret = is_token && is_long(40) || follows && (has_digit || is_long(16));
        let mut names = part.rsplit(|of: char| !of.is_ascii_alphanumeric());
        let name = names.find(|name| !name.is_empty()).unwrap_or_default();
        follows = ["bearer", "basic", "digest"]
            .iter()
            .any(|scheme| name.eq_ignore_ascii_case(scheme));
        if !is_secret {
            part
        } else if part.ends_with(char::is_whitespace) {
            "… "
        } else {
            "…"
        }
    });
    parts.collect()
}

impl ErrorCode {
    /// Whether the service sends it, with 401, to a caller who lacks a role.
    pub(crate) fn is_of_a_role(&self) -> bool {
        matches!(
            self,
            Self::NotInGroup | Self::UserUnauthorized | Self::UserCannotAccessGroup
        )
    }
}
