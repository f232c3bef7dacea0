//! What the bodies and queries of peerings and containers have in common.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Violation};
use crate::cloud::Cloud;

/// An operation's answer; its error is an answer as well.
pub(crate) type Outcome = Result<Answer, Answer>;

/// The body as a JSON object, without its nulls: null and absent mean the same.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, Answer> {
    let refuse =
        |code, detail: &str| Answer::error(StatusCode::BAD_REQUEST, code, detail, &json!([]));
    match serde_json::from_slice(body) {
        Ok(Value::Object(mut fields)) => {
            fields.retain(|_, value| !value.is_null());
            Ok(fields)
        }
        Ok(_) => Err(refuse("INVALID_JSON", "The body is not a JSON object.")),
        Err(_) => Err(refuse("MALFORMED_JSON", "The body is not JSON.")),
    }
}

/// The cloud that a request means: AWS where it names none.
pub(crate) fn provider(body: &Map<String, Value>) -> Result<Cloud, Answer> {
    match body.get("providerName") {
        None => Ok(Cloud::Aws),
        Some(Value::String(name)) => Cloud::from_name(name).ok_or_else(|| invalid_provider(name)),
        Some(other) => Err(invalid_provider(&other.to_string())),
    }
}

/// The cloud that a list is of: AWS where the query names none.
pub(crate) fn cloud_of_list(query: &[(String, String)]) -> Result<Cloud, Answer> {
    match query.iter().find(|(name, _)| name == "providerName") {
        None => Ok(Cloud::Aws),
        Some((_, name)) => Cloud::from_name(name).ok_or_else(|| invalid_provider(name)),
    }
}

fn invalid_provider(name: &str) -> Answer {
    let description = format!("{name} is not AWS, AZURE or GCP");
    let violation = Violation {
        field: "providerName",
        description,
    };
    Answer::bad_request("INVALID_PROVIDER", &[violation])
}

pub(crate) fn conflict(code: &str, detail: &str, parameters: &Value) -> Answer {
    Answer::error(StatusCode::CONFLICT, code, detail, parameters)
}
