//! A response that is no success: what the service, or a gateway before it, says of the failure.

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

/// As many characters of a gateway's text as a message shows.
const SHOWN: usize = 200;

/// A response that is no success.
#[derive(Clone, Debug)]
pub(crate) struct ErrorResponse {
    pub(crate) status: StatusCode,
    pub(crate) api: Option<ApiError>,
    /// What a body says that is no error of the API.
    pub(crate) text: String,
    pub(crate) retry_after: Option<Duration>,
    /// The period of the rate limit that is used up.
    pub(crate) limit_period: Option<Duration>,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) media_type: Option<String>,
    /// What the request was authenticated with, such as ``the API key `abcdefgh` ``.
    pub(crate) credential: String,
    pub(crate) unauthorized: Option<Unauthorized>,
}

impl ErrorResponse {
    /// Reads a response that is no success. The error has a source where no credentials
    /// were sent for a challenge.
    pub(crate) fn read(response: &RawResponse, credential: String) -> Error {
        let api = read(&response.body);
        let text = api.is_none().then(|| text(&response.body));
        let media_type = response.headers.get(CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let unauthorized = response.unauthorized.clone();
        let source = unauthorized.clone().filter(Unauthorized::is_unanswered);
        let error = Error::from(Kind::Response(Box::new(Self {
            status: response.status,
            text: text.unwrap_or_default(),
            retry_after: rate_limit::retry_after(&response.headers, api.as_ref()),
            limit_period: api.as_ref().and_then(rate_limit::period),
            rate_limit: RateLimit::of(&response.headers),
            api,
            media_type: media_type.map(str::to_owned),
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
    /// Whether it is the error of a caller who lacks a role.
    pub(crate) fn is_of_a_role(&self) -> bool {
        let code = read(&self.body).and_then(|api| api.error_code);
        code.is_some_and(|code| code.is_of_a_role())
    }
}

/// An error of the API, or of OAuth (RFC 6749, section 5.2), whose code has the name `error`. What is
/// of another type than the specification says is kept as text, or left out.
fn read(body: &[u8]) -> Option<ApiError> {
    let mut fields: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let says =
        |fields: &Map<_, _>, name: &str| fields.get(name).is_some_and(|of| !Value::is_null(of));
    let status = fields.remove("error").unwrap_or_default();
    let is_of_another = status.is_object() || status.is_array();
    if is_of_another && !says(&fields, "errorCode") {
        return None;
    }
    match status.as_str().map(str::parse::<i32>) {
        Some(Ok(number)) => fields.insert("error".into(), number.into()),
        // Beside a code it is the words of the status.
        Some(Err(_)) if says(&fields, "errorCode") => {
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
    if !fields.is_empty() && !own.iter().any(|name| says(&fields, name)) {
        return None;
    }
    for name in ["error_description", "message"] {
        if let Some(words) = fields.get(name).filter(|_| !says(&fields, "detail")) {
            fields.insert("detail".into(), words.clone());
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

/// What somebody on the way says: the message of an object, or a page without its tags.
fn text(body: &[u8]) -> String {
    let object = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let mut places = ["/message", "/Message", "/title", "/error/message"].iter();
    let message = places.find_map(|place| object.pointer(place)?.as_str());
    let body = String::from_utf8_lossy(body);
    let parts = message.unwrap_or(&body).split('<');
    let parts = parts.filter(|part| !part.starts_with("style") && !part.starts_with("script"));
    let texts = parts.map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    // No more of them can be shown, whatever they are.
    let words = texts.flat_map(str::split_whitespace).take(SHOWN);
    let words: Vec<_> = words.collect();
    redacted(&words.join(" ")).chars().take(SHOWN).collect()
}

/// The same of all texts of a value.
fn redact(value: &mut Value) {
    match value {
        Value::String(text) => *text = redacted(text),
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(fields) => fields.values_mut().for_each(redact),
        _ => {}
    }
}

/// A text that may repeat the request's credentials, without them: what follows the name of a scheme,
/// and words as long as a token.
fn redacted(text: &str) -> String {
    let mut follows = false;
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let is_long = |longest| word.trim_end().len() >= longest;
        let has_digit = word.contains(|of: char| of.is_ascii_digit());
        // A path is long too, and so is an error code.
        let is_token = !word.contains('/') && word.contains(|of: char| of.is_ascii_lowercase());
        let is_secret = is_token && is_long(40) || follows && (has_digit || is_long(16));
        let name = word.trim_matches(|of: char| !of.is_ascii_alphanumeric());
        follows = ["bearer", "basic", "digest"]
            .iter()
            .any(|scheme| name.eq_ignore_ascii_case(scheme));
        if !is_secret {
            word
        } else if word.ends_with(char::is_whitespace) {
            "… "
        } else {
            "…"
        }
    });
    words.collect()
}

impl ErrorCode {
    /// Whether it is that of a 401 for a caller who lacks a role.
    pub(crate) fn is_of_a_role(&self) -> bool {
        matches!(
            self,
            Self::NotInGroup | Self::UserUnauthorized | Self::UserCannotAccessGroup
        )
    }
}
