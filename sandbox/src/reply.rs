//! Responses: the service's own, and canned ones of a test.

use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// The header that repeats the code of an error.
const ERROR_CODE: HeaderName = HeaderName::from_static("x-error-code");

pub(crate) const JSON: &str = "application/json";

/// The form of an error when a request has `envelope=true`. Nothing is published about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnvelopedErrors {
    /// No envelope: the response has the status of the error, and the error as its body.
    #[default]
    Bare,
    /// An envelope; the response has the status of the error too.
    Wrapped,
    /// An envelope, in a response with status 200.
    InSuccess,
}

/// The envelope of a response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    /// The field that holds a single object: `content`, or `envelope` as on an older page.
    pub(crate) key: &'static str,
    pub(crate) errors: EnvelopedErrors,
}

/// The form of a response that a request asks for.
pub(crate) struct Form<'a> {
    pub(crate) envelope: Option<Envelope>,
    pub(crate) pretty: bool,
    /// The media type of a success; errors are plain JSON.
    pub(crate) media_type: &'a str,
}

/// A response of the service before it is serialized.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// Further headers: challenges, or the methods of a resource.
    pub(crate) headers: Vec<(HeaderName, String)>,
}

/// A response that a test makes up, for [`Sandbox::queue_response`](crate::Sandbox::queue_response).
///
/// ```
/// use atlas_peering_sandbox::{Canned, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sandbox = Sandbox::start().await?;
/// let busy = Canned::new(503, "text/html", "<html>busy</html>").header("Retry-After", "5");
/// sandbox.queue_response(busy);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Canned {
    status: u16,
    media_type: String,
    body: Vec<u8>,
    code: Option<String>,
    headers: Vec<(String, String)>,
}

impl Canned {
    /// Makes a response of a status, a media type and a body. A status that HTTP does not allow is sent
    /// as 500.
    pub fn new(status: u16, media_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            media_type: media_type.into(),
            body: body.into(),
            code: None,
            headers: Vec::new(),
        }
    }

    /// Adds a header, such as `Retry-After`. A name or value that HTTP does not allow is left out.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Makes a response with a JSON body. The service's header `X-Error-Code` repeats its `errorCode`, if
    /// it has one.
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

/// An invalid attribute of a request.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) field: &'static str,
    pub(crate) description: String,
}

impl Reply {
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

    /// An error; `parameters` are the values that it is about.
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

    /// A 400 that names the invalid attributes.
    pub(crate) fn bad_request(code: &str, violations: &[Violation]) -> Self {
        let names: Vec<_> = violations.iter().map(|violation| violation.field).collect();
        let detail = format!("Invalid or missing attributes: {}.", names.join(", "));
        let mut reply = Self::error(StatusCode::BAD_REQUEST, code, &detail, &json!(names));
        let fields = violations.iter().map(
            |violation| json!({"field": violation.field, "description": violation.description}),
        );
        reply.body["badRequestDetail"] = json!({"fields": fields.collect::<Vec<_>>()});
        reply
    }

    /// Serializes the response in the form that the request asks for.
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
            // Errors are plain JSON in both versions.
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

/// A response with the headers that have a value. A value that HTTP does not allow is left out.
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
