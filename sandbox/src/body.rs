//! Parts that the requests for peerings and for containers have in common.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::cloud::Cloud;
use crate::reply::{Reply, Violation};

/// The response of an operation; an error is a response too.
pub(crate) type Outcome = Result<Reply, Reply>;

/// The body as a JSON object, without its nulls: null and absent mean the same.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, Reply> {
    let refuse =
        |code, detail: &str| Reply::error(StatusCode::BAD_REQUEST, code, detail, &json!([]));
    match serde_json::from_slice(body) {
        Ok(Value::Object(mut fields)) => {
            fields.retain(|_, value| !value.is_null());
            Ok(fields)
        }
        Ok(_) => Err(refuse("INVALID_JSON", "The body is not a JSON object.")),
        Err(_) => Err(refuse("MALFORMED_JSON", "The body is not JSON.")),
    }
}

/// The cloud of a request; AWS if it names none.
pub(crate) fn provider(body: &Map<String, Value>) -> Result<Cloud, Reply> {
    match body.get("providerName") {
        None => Ok(Cloud::Aws),
        Some(Value::String(name)) => Cloud::from_name(name).ok_or_else(|| invalid_provider(name)),
        Some(other) => Err(invalid_provider(&other.to_string())),
    }
}

/// The cloud of a list; AWS if the query names none.
pub(crate) fn cloud_of_list(query: &[(String, String)]) -> Result<Cloud, Reply> {
    match query.iter().find(|(name, _)| name == "providerName") {
        None => Ok(Cloud::Aws),
        Some((_, name)) => Cloud::from_name(name).ok_or_else(|| invalid_provider(name)),
    }
}

fn invalid_provider(name: &str) -> Reply {
    let description = format!("{name} is not AWS, AZURE or GCP");
    let violation = Violation {
        field: "providerName",
        description,
    };
    Reply::bad_request("INVALID_PROVIDER", &[violation])
}

pub(crate) fn conflict(code: &str, detail: &str, parameters: &Value) -> Reply {
    Reply::error(StatusCode::CONFLICT, code, detail, parameters)
}
