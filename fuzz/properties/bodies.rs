//! What has to hold whatever a server sends: each function takes what a target of `fuzz/` feeds it, and
//! panics where that does not hold. The corpus of the targets is replayed here.

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

/// The headers of one name, a line of the input each.
pub(crate) fn headers(name: &HeaderName, data: &[u8]) -> HeaderMap {
    let lines = data.split(|byte| *byte == b'\n');
    let values = lines.filter_map(|line| HeaderValue::from_bytes(line).ok());
    values.map(|value| (name.clone(), value)).collect()
}

/// An envelope: what comes out of it was in it, and what is no envelope stays as it is.
///
/// # Panics
///
/// That does not hold.
pub fn envelope(data: &[u8]) {
    let answer = || RawResponse::of(StatusCode::OK, Bytes::copy_from_slice(data));
    assert_eq!(Form::default().unwrap(answer()).body, data);

    let enveloped = Form {
        enveloped: true,
        pretty: false,
    };
    let opened = enveloped.unwrap(answer());
    assert_eq!(opened.wire, data);
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(data) else {
        // Deeper than what is decoded is opened all the same; its content fails to decode then.
        return;
    };
    if opened.body == data {
        return;
    }
    let content: Value = serde_json::from_slice(&opened.body).unwrap();
    let status = fields.remove("status").unwrap();
    assert_eq!(status, opened.status.as_u16());
    let inside = [fields.get("content"), fields.get("envelope")];
    assert!(inside.contains(&Some(&content)) || content == Value::Object(fields));
}

/// The body of a refusal, its status first: an error of that status, with a message of one line.
///
/// # Panics
///
/// That does not hold.
pub fn refusal(data: &[u8]) {
    let Some((status, body)) = data.split_at_checked(2) else {
        return;
    };
    let status = u16::from_be_bytes([status[0], status[1]]) % 500 + 100;
    let status = StatusCode::from_u16(status).unwrap();
    let answer = RawResponse::of(status, Bytes::copy_from_slice(body));
    let error = ErrorResponse::read(&answer, "the API key `abcdefgh`".into());
    assert_eq!(error.status(), Some(status));
    let message = error.to_string();
    assert!(!message.contains(char::is_control), "{message:?}");
    assert!(message.chars().count() <= LONGEST, "{message:?}");
    let _ = (
        format!("{error:?}"),
        error.source().map(ToString::to_string),
    );
}

/// The body of a success, as each type of an answer: what is decoded is encoded, and is the same when
/// it is decoded again.
///
/// # Panics
///
/// That does not hold.
pub fn answer(data: &[u8]) {
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

    /// Replays what `cargo fuzz` found worth keeping, and the fixtures that it began with.
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
    fn the_corpus_of_answers_holds() {
        replay("answer", answer);
    }
}
