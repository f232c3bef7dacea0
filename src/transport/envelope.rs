//! The form of responses that a client requests: the query parameters `envelope` and `pretty`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use http::StatusCode;
use reqwest::Url;
use serde_json::value::RawValue;

use super::raw_response::RawResponse;

/// The requested form of responses.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Form {
    pub(crate) enveloped: bool,
    pub(crate) pretty: bool,
}

impl Form {
    /// Adds the query parameters to a URL.
    pub(super) fn add_to(self, url: &mut Url) {
        for (name, requested) in [("envelope", self.enveloped), ("pretty", self.pretty)] {
            if requested {
                url.query_pairs_mut().append_pair(name, "true");
            }
        }
    }

    /// Opens the envelope of a response. A body that is not an envelope stays unchanged.
    pub(crate) fn unwrap(self, mut response: RawResponse) -> RawResponse {
        if self.enveloped
            && let Some(unwrapped) = unwrap(&response.body)
        {
            (response.status, response.body) = unwrapped;
        }
        response
    }
}

/// The status and the content of an envelope, which has one of these forms:
///
/// - an object with the content in `content`, or in `envelope` by an older page of the documentation;
/// - a list or an error with the additional field `status`;
/// - an error without an envelope, whose status is in `error`.
///
/// A peering also has a field `status`: its state, which is not a number.
fn unwrap(body: &Bytes) -> Option<(StatusCode, Bytes)> {
    // The content stays undecoded: the call decodes it once.
    let mut fields: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(body).ok()?;
    let status = |value: Option<&&RawValue>| {
        let status = value?.get().trim_matches('"').parse().ok()?;
        StatusCode::from_u16(status).ok()
    };
    let found = status(fields.get("status"));
    let is_refusal = |status: &StatusCode| status.as_u16() >= 400;
    // A refusal may be in the content of a success.
    let may_be_refused = !found.as_ref().is_some_and(is_refusal);
    for key in ["content", "envelope"] {
        if let Some(content) = fields.get(key) {
            let content = body.slice_ref(content.get().as_bytes());
            let refused = may_be_refused.then(|| unwrap(&content)).flatten();
            let refused = refused.filter(|(status, _)| is_refusal(status));
            return refused.or_else(|| Some((found?, content)));
        }
    }
    let is_error = ["errorCode", "reason", "detail"]
        .iter()
        .any(|name| fields.contains_key(*name));
    let refused = status(fields.get("error")).filter(|status| is_error && is_refusal(status));
    let found = refused.filter(|_| may_be_refused).or(found)?;
    if fields.remove("status").is_none() {
        return Some((found, body.clone()));
    }
    let content = serde_json::to_vec(&fields).ok()?;
    Some((found, content.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn unwrap(body: &Value) -> Option<(StatusCode, Value)> {
        let (status, content) = super::unwrap(&body.to_string().into())?;
        Some((status, serde_json::from_slice(&content).unwrap()))
    }

    #[test]
    fn every_documented_envelope_is_opened() {
        let peering = json!({"id": "1112222b3bf99403840e8934", "status": "AVAILABLE"});
        let error = json!({"error": 404, "errorCode": "PEER_NOT_FOUND"});
        let page = json!({"results": [], "totalCount": 0});
        for (body, status, content) in [
            (json!({"status": 200, "content": peering}), 200, &peering),
            (json!({"status": 200, "envelope": peering}), 200, &peering),
            (json!({"status": 404, "content": error}), 404, &error),
            (error.clone(), 404, &error),
            (
                json!({"status": 404, "error": 404, "errorCode": "PEER_NOT_FOUND"}),
                404,
                &error,
            ),
            (json!({"status": 204}), 204, &json!({})),
            (
                json!({"status": 200, "results": [], "totalCount": 0}),
                200,
                &page,
            ),
        ] {
            let (found, opened) = unwrap(&body).unwrap();
            assert_eq!((found.as_u16(), &opened), (status, content));
        }
    }

    #[test]
    fn a_body_that_is_not_an_envelope_stays_unchanged() {
        for body in [
            json!([]),
            json!("status"),
            json!({}),
            json!({"status": "AVAILABLE", "content": {}}),
            json!({"status": 99999, "content": {}}),
            json!({"status": -1, "content": {}}),
            json!({"error": 200, "errorCode": "X"}),
            json!({"error": 404}),
        ] {
            assert_eq!(unwrap(&body), None, "{body}");
        }
    }
}
