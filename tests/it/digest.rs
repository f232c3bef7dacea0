//! Digest authentication against the service's own challenge.

mod cost;
mod refused;
mod variants;

use std::collections::BTreeMap;

use atlas_peering::{Credentials, ErrorCode};
use atlas_peering_sandbox::{Digest, Sandbox};

use crate::support::{client_at, created, project, read, refusal, start};
use cost::calls_at_once;

/// A sandbox with these settings of digest authentication.
async fn sandbox(digest: Digest) -> Sandbox {
    Sandbox::builder().digest(digest).start().await.unwrap()
}

/// A parameter of an `Authorization` header.
fn parameter<'a>(header: &'a str, name: &str) -> &'a str {
    let start = header.find(&format!("{name}=")).expect(name) + name.len() + 1;
    header[start..].split(',').next().unwrap().trim_matches('"')
}

#[tokio::test]
async fn a_nonce_is_used_for_many_calls_with_a_rising_count() {
    let (sandbox, atlas, project) = start().await;
    let peering = created(&atlas, &project).await;
    for _ in 0..9 {
        read(&atlas, &project, peering.id()).await.unwrap();
    }
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 11, "one challenge for ten calls");
    assert!(requests[0].header("authorization").is_none());
    for (count, request) in requests[1..].iter().enumerate() {
        let header = request.header("authorization").unwrap();
        assert_eq!(parameter(header, "nc"), format!("{:08x}", count + 1));
        assert_eq!(parameter(header, "uri"), request.path);
    }
    // The body is the same before and after the challenge.
    assert_eq!(requests[0].body, requests[1].body);
    assert!(!requests[0].body.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_requests_in_flight_share_a_nonce() {
    let sandbox = Sandbox::start().await.unwrap();
    calls_at_once(&sandbox, 16, 160).await;
    let mut last = BTreeMap::new();
    for request in sandbox.requests() {
        let Some(header) = request.header("authorization") else {
            continue;
        };
        let count = u32::from_str_radix(parameter(header, "nc"), 16).unwrap();
        let nonce = parameter(header, "nonce").to_owned();
        let before = last.insert(nonce, count).unwrap_or(0);
        assert_eq!(count, before + 1, "the counts of a nonce arrive in order");
    }
}

#[tokio::test]
async fn a_wrong_key_costs_two_requests_with_every_algorithm_and_is_named() {
    for algorithm in ["MD5", "SHA-256-sess", "SHA-512-256"] {
        let sandbox = sandbox(Digest::default().algorithms([algorithm])).await;
        let (public, _) = sandbox.api_key();
        let key = Credentials::api_key(&public, "not-the-private-part");
        let atlas = client_at(sandbox.base_url(), key);
        for call in 1..=3 {
            let error = refusal(&atlas, &project(&sandbox)).await;
            assert_eq!(sandbox.requests().len(), 2 * call, "{algorithm}");
            assert!(error.is_unauthorized());
            assert_eq!(error.error_code(), Some(&ErrorCode::UnexpectedError));
            let message = error.to_string();
            let named = format!("the API key `{public}` was refused");
            assert!(message.contains(&named), "{message}");
            assert!(message.contains("check both its parts"), "{message}");
        }
    }
}
