//! A 401 for a signed request: the nonce is stale, another node of the server does not know it, or the key
//! is wrong.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use atlas_peering_sandbox::{Canned, Digest};
use serde_json::json;

use super::sandbox;
use crate::support::{client, client_at, list, project, serve, some_key, some_project};

const PAGE: &str = r#"{"results":[],"totalCount":0,"links":[]}"#;

/// Decides by the nonce of a request, which is `None` if the request is not signed.
type Judge = Box<dyn FnMut(Option<usize>) -> Verdict + Send>;

enum Verdict {
    LetIn,
    /// A 401 with a new nonce, and whether the old one is stale.
    Challenge {
        nonce: usize,
        is_stale: bool,
    },
    /// A 401 whose challenge a gateway dropped.
    Dropped,
}

/// A server that counts its requests; also returns its base URL.
fn server(mut judge: Judge) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let requests = Arc::clone(&count);
    let base_url = serve(true, move |head| {
        requests.fetch_add(1, Ordering::SeqCst);
        let nonce = head.split("nonce=\"n").nth(1);
        let nonce = nonce.map(|rest| rest.split('"').next().unwrap().parse().unwrap());
        let (status, header, body) = match judge(nonce) {
            Verdict::LetIn => ("200 OK", String::new(), PAGE),
            Verdict::Dropped => (
                "401 Unauthorized",
                String::new(),
                r#"{"error":401,"errorCode":"UNEXPECTED_ERROR"}"#,
            ),
            Verdict::Challenge { nonce, is_stale } => (
                "401 Unauthorized",
                format!(
                    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n{nonce}\", qop=\"auth\", \
                     stale={is_stale}\r\n"
                ),
                r#"{"error":401,"errorCode":"UNEXPECTED_ERROR"}"#,
            ),
        };
        format!(
            "HTTP/1.1 {status}\r\n{header}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    });
    (base_url, count)
}

#[tokio::test]
async fn a_gateway_that_drops_challenges_costs_two_requests_when_a_nonce_ends() {
    let current = Arc::new(AtomicUsize::new(1));
    let now = Arc::clone(&current);
    let (base_url, count) = server(Box::new(move |nonce| match nonce {
        None => Verdict::Challenge {
            nonce: now.load(Ordering::SeqCst),
            is_stale: false,
        },
        Some(nonce) if nonce == now.load(Ordering::SeqCst) => Verdict::LetIn,
        Some(_) => Verdict::Dropped,
    }));
    let atlas = client_at(&base_url, some_key());
    for (is_ended, requests) in [(false, 2), (false, 3), (true, 6), (false, 7), (true, 10)] {
        current.fetch_add(usize::from(is_ended), Ordering::SeqCst);
        list(&atlas, &some_project()).await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), requests);
    }
}

#[tokio::test]
async fn a_key_that_is_refused_without_a_challenge_is_named_and_its_nonce_dropped() {
    let (base_url, count) = server(Box::new(|nonce| match nonce {
        None => Verdict::Challenge {
            nonce: 1,
            is_stale: false,
        },
        Some(_) => Verdict::Dropped,
    }));
    let atlas = client_at(&base_url, some_key());
    for call in 1..=3 {
        let error = list(&atlas, &some_project()).await.unwrap_err();
        assert!(
            error.to_string().contains("check both its parts"),
            "{error}"
        );
        assert_eq!(count.load(Ordering::SeqCst), 2 * call);
    }
}

/// Two servers that get the requests in turn and accept only their own nonces: the last nonce is always from
/// the other server.
#[tokio::test]
async fn a_request_is_signed_once_more_if_a_fresh_nonce_is_stale_on_another_node() {
    let mut given = 0;
    let refused = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&refused);
    let (base_url, count) = server(Box::new(move |nonce| {
        if nonce.is_some_and(|nonce| nonce % 2 == 0) {
            return Verdict::LetIn;
        }
        log.lock().unwrap().extend(nonce);
        given += 1;
        Verdict::Challenge {
            nonce: given,
            is_stale: nonce.is_some(),
        }
    }));
    list(&client_at(&base_url, some_key()), &some_project())
        .await
        .unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 3);
    assert_eq!(*refused.lock().unwrap(), [1]);
}

#[tokio::test]
async fn nonces_that_are_always_stale_are_named_in_the_error() {
    let mut given = 0;
    let (base_url, count) = server(Box::new(move |nonce| {
        given += 1;
        Verdict::Challenge {
            nonce: given,
            is_stale: nonce.is_some(),
        }
    }));
    let atlas = client_at(&base_url, some_key());
    let error = list(&atlas, &some_project()).await.unwrap_err();
    assert!(error.is_unauthorized());
    let message = error.to_string();
    assert!(message.contains("stale"), "{message}");
    assert!(!message.contains("check both its parts"), "{message}");
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_refusal_below_a_path_names_the_path() {
    let (base_url, _) = server(Box::new(|_| Verdict::Challenge {
        nonce: 1,
        is_stale: false,
    }));
    for (path, is_named) in [("", false), ("/", false), ("/atlas", true)] {
        let atlas = client_at(&format!("{base_url}{path}"), some_key());
        let error = list(&atlas, &some_project()).await.unwrap_err();
        let message = error.to_string();
        assert!(message.contains("check both its parts"), "{message}");
        let phrase = "covers the path of the base URL, /atlas,";
        assert_eq!(message.contains(phrase), is_named, "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn short_lived_nonces_are_not_taken_for_one_time_nonces() {
    let sandbox = sandbox(Digest::default().lifetime(Duration::from_secs(1))).await;
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let rest = async |rest| {
        sandbox.advance(rest);
        tokio::time::advance(rest).await;
    };
    for _ in 0..5 {
        list(&atlas, &project).await.unwrap();
        rest(Duration::from_secs(2)).await;
    }
    let before = sandbox.requests().len();
    for _ in 0..43 {
        list(&atlas, &project).await.unwrap();
        rest(Duration::from_millis(150)).await;
    }
    // One for each call, and one more for each second.
    let requests = sandbox.requests().len() - before;
    assert!(requests <= 43 + 8, "{requests}");
}

#[tokio::test]
async fn a_missing_role_does_not_count_as_a_refused_nonce() {
    let sandbox = sandbox(Digest::default()).await;
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    list(&atlas, &project).await.unwrap();
    for calls in 1..=5 {
        let body = json!({"error": 401, "errorCode": "NOT_IN_GROUP"});
        sandbox.queue_response(Canned::json(401, &body));
        let error = list(&atlas, &project).await.unwrap_err();
        assert!(error.to_string().contains("lacks a role"), "{error}");
        assert_eq!(sandbox.requests().len(), 2 + calls);
    }
}
