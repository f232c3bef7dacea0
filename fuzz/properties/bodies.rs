//! Properties that hold for any bytes from a server. Each target of `fuzz/` calls one function, which
//! panics if its property does not hold. The tests here replay the corpus of the targets.

use std::error::Error as _;
use std::fmt::Debug;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use crate::auth::fuzzing::{authentication_info, challenge, signer};
use crate::error::{ErrorResponse, LONGEST};
use crate::transport::Form;
use crate::transport::raw_response::RawResponse;
use crate::types;

/// Headers of one name, one for each line of the input.
pub(crate) fn headers(name: &HeaderName, data: &[u8]) -> HeaderMap {
    let lines = data.split(|byte| *byte == b'\n');
    let values = lines.filter_map(|line| HeaderValue::from_bytes(line).ok());
    values.map(|value| (name.clone(), value)).collect()
}

/// Opens an envelope. The content was in it, and a body without an envelope stays the same.
///
/// # Panics
///
/// Panics if this does not hold.
pub fn envelope(data: &[u8]) {
    let response = || RawResponse::of(StatusCode::OK, Bytes::copy_from_slice(data));
    assert_eq!(Form::default().unwrap(response()).body, data);

    let enveloped = Form {
        enveloped: true,
        pretty: false,
    };
    let opened = enveloped.unwrap(response());
    assert_eq!(opened.wire, data);
    let Ok(body) = serde_json::from_slice::<Value>(data) else {
        // An envelope may open although it is nested too deeply to decode. Decoding its content fails later.
        return;
    };
    if opened.body == data && opened.status == StatusCode::OK {
        return;
    }
    let content = serde_json::from_slice(&opened.body).unwrap();
    let mut places = vec![&body];
    if opened.status.as_u16() >= 400 {
        // A refusal inside an envelope counts.
        places.extend(
            ["content", "envelope"]
                .iter()
                .filter_map(|key| body.get(*key)),
        );
    }
    assert!(places.iter().any(|of| is_in(of, opened.status, &content)));
}

/// Whether an envelope, or an error, has this status and this content.
fn is_in(envelope: &Value, status: StatusCode, content: &Value) -> bool {
    let mut rest = envelope.clone();
    let of = |key: &str| {
        envelope
            .get(key)
            .map(|value| value.to_string().replace('"', ""))
    };
    let has_status = [of("status"), of("error")].contains(&Some(status.as_u16().to_string()));
    let inside = [envelope.get("content"), envelope.get("envelope")];
    let removed = rest
        .as_object_mut()
        .and_then(|fields| fields.remove("status"));
    let is_rest = *content == rest && (removed.is_some() || of("error").is_some());
    has_status && (inside.contains(&Some(content)) || is_rest)
}

/// Reads the body of a refusal after two bytes for its status. The error has that status, and a bounded
/// message on one line.
///
/// # Panics
///
/// Panics if this does not hold.
pub fn refusal(data: &[u8]) {
    let Some((status, body)) = data.split_at_checked(2) else {
        return;
    };
    let status = u16::from_be_bytes([status[0], status[1]]) % 500 + 100;
    let status = StatusCode::from_u16(status).unwrap();
    let response = RawResponse::of(status, Bytes::copy_from_slice(body));
    let error = ErrorResponse::read(&response, "the API key `abcdefgh`".into());
    assert_eq!(error.status(), Some(status));
    let message = error.to_string();
    assert!(!message.contains(char::is_control), "{message:?}");
    assert!(message.chars().count() <= LONGEST, "{message:?}");
    let _ = (
        format!("{error:?}"),
        error.source().map(ToString::to_string),
    );
}

/// Decodes the body of a success as each type of a response. A decoded value is equal after it is
/// encoded and decoded again.
///
/// # Panics
///
/// Panics if this does not hold.
pub fn response(data: &[u8]) {
    decoded::<types::Peering>(data);
    decoded::<types::PeeringPage>(data);
    decoded::<types::AwsPeering>(data);
    decoded::<types::AzurePeering>(data);
    decoded::<types::GcpPeering>(data);
    decoded::<types::UnknownPeering>(data);
    decoded::<types::Container>(data);
    decoded::<types::ContainerPage>(data);
    decoded::<types::AwsContainer>(data);
    decoded::<types::AzureContainer>(data);
    decoded::<types::GcpContainer>(data);
    decoded::<types::UnknownContainer>(data);
    decoded::<types::PrivateIpMode>(data);
    decoded::<types::ApiError>(data);
}

fn decoded<T: DeserializeOwned + Serialize + PartialEq + Debug>(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<T>(data) else {
        return;
    };
    let encoded = serde_json::to_vec(&value).unwrap();
    assert_eq!(serde_json::from_slice::<T>(&encoded).unwrap(), value);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Replays the corpus of a target: its first fixtures, and what `cargo fuzz` added.
    fn replay(target: &str, drive: impl Fn(&[u8])) {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
        let files = std::fs::read_dir(corpus.join(target)).unwrap();
        let mut replayed = 0;
        for file in files {
            drive(&std::fs::read(file.unwrap().path()).unwrap());
            replayed += 1;
        }
        assert!(replayed > 10, "{target} has {replayed} inputs");
    }

    #[test]
    fn the_corpus_of_challenges_holds() {
        replay("challenge", challenge);
    }

    #[test]
    fn the_corpus_of_authentication_info_holds() {
        replay("authentication_info", authentication_info);
    }

    #[test]
    fn the_corpus_of_envelopes_holds() {
        replay("envelope", envelope);
    }

    #[test]
    fn the_corpus_of_refusals_holds() {
        replay("refusal", refusal);
    }

    #[test]
    fn the_corpus_of_responses_holds() {
        replay("response", response);
    }
}
