//! Answers and their two forms of failure: the service's own, and one that a test makes up.

use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// Where an error's code stands beside its body.
const ERROR_CODE: HeaderName = HeaderName::from_static("x-error-code");

pub(crate) const JSON: &str = "application/json";

/// How an error looks where an envelope is asked for; nothing is documented of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnvelopedErrors {
    /// As it looks without: its status is that of the answer.
    #[default]
    Bare,
    /// In an envelope; the answer has its status as well.
    Wrapped,
    /// In an envelope, in an answer that is a success by its own status.
    InSuccess,
}

/// The envelope of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    /// Where one object is: `content`, or as an older page says `envelope`.
    pub(crate) key: &'static str,
    pub(crate) errors: EnvelopedErrors,
}

/// The form that an answer is asked for in.
pub(crate) struct Form<'a> {
    pub(crate) envelope: Option<Envelope>,
    pub(crate) pretty: bool,
    /// That of a success.
    pub(crate) media_type: &'a str,
}

/// An answer of the service before it is written out.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// Further headers: challenges, or the methods of a resource.
    pub(crate) headers: Vec<(HeaderName, String)>,
}

/// An answer that a test makes up.
#[derive(Clone, Debug)]
pub struct Canned {
    status: u16,
    media_type: String,
    body: Vec<u8>,
    code: Option<String>,
    headers: Vec<(String, String)>,
}

impl Canned {
    /// An answer with any status, media type and body.
    pub fn new(status: u16, media_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            media_type: media_type.into(),
            body: body.into(),
            code: None,
            headers: Vec::new(),
        }
    }

    /// With one more header, such as `Retry-After`.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// An answer in JSON; the `errorCode` of an error is in its header as well.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        let code = body["errorCode"].as_str().map(str::to_owned);
        Self {
            code,
            ..Self::new(status, JSON, body.to_string())
        }
    }

    pub(crate) fn write(self) -> Response<Vec<u8>> {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = [
            (header::CONTENT_TYPE, Some(&*self.media_type)),
            (ERROR_CODE, self.code.as_deref()),
        ];
        let more = self.headers.iter().filter_map(|(name, value)| {
            Some((HeaderName::try_from(name).ok()?, Some(value.as_str())))
        });
        respond(status, self.body, headers.into_iter().chain(more))
    }
}

/// An attribute of a request that is at fault.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) field: &'static str,
    pub(crate) description: String,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            body,
            headers: Vec::new(),
        }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// An error, with the values that it is about.
    pub(crate) fn error(status: StatusCode, code: &str, detail: &str, parameters: &Value) -> Self {
        let body = json!({
            "detail": detail,
            "error": status.as_u16(),
            "errorCode": code,
            "parameters": parameters,
            "reason": status.canonical_reason(),
        });
        Self::new(status, body)
    }

    /// A 400 that names the attributes at fault.
    pub(crate) fn bad_request(code: &str, violations: &[Violation]) -> Self {
        let names: Vec<_> = violations.iter().map(|violation| violation.field).collect();
        let detail = format!("The request is at fault in: {}.", names.join(", "));
        let mut answer = Self::error(StatusCode::BAD_REQUEST, code, &detail, &json!(names));
        let fields = violations.iter().map(
            |violation| json!({"field": violation.field, "description": violation.description}),
        );
        answer.body["badRequestDetail"] = json!({"fields": fields.collect::<Vec<_>>()});
        answer
    }

    /// Writes the answer out, in the form that is asked for.
    pub(crate) fn write(self, form: &Form<'_>) -> Response<Vec<u8>> {
        let code = self.body["errorCode"].as_str().map(str::to_owned);
        let (mut status, mut body, failed) = (self.status, self.body, !self.status.is_success());
        if let Some(envelope) = form.envelope {
            // A list is its own envelope and gains the status; anything else is wrapped.
            if body["results"].is_array() {
                body["status"] = status.as_u16().into();
            } else if !failed || envelope.errors != EnvelopedErrors::Bare {
                body = json!({"status": status.as_u16(), envelope.key: body});
            }
            if failed && envelope.errors == EnvelopedErrors::InSuccess {
                status = StatusCode::OK;
            }
        }
        let text = if body.is_null() {
            String::new()
        } else if form.pretty {
            format!("{body:#}")
        } else {
            body.to_string()
        };
        let headers = [
            // Errors are in plain JSON whatever the version.
            (
                header::CONTENT_TYPE,
                Some(if failed { JSON } else { form.media_type }),
            ),
            (ERROR_CODE, code.as_deref()),
        ];
        let more = self.headers.iter();
        let more = more.map(|(name, value)| (name.clone(), Some(&**value)));
        respond(status, text.into(), headers.into_iter().chain(more))
    }
}

/// A response with the headers that have a value; one that no header can carry is left out.
fn respond<'a>(
    status: StatusCode,
    body: Vec<u8>,
    headers: impl IntoIterator<Item = (HeaderName, Option<&'a str>)>,
) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in headers {
        if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
