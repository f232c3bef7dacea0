//! An error reports the attempts before the last.

use std::time::Duration;

use atlas_peering::{Client, Credentials, Error, RetryPolicy};
use serde_json::{Value, json};

use crate::support::{aws, builder, create, json_response, list, serve, some_key, some_project};

const PEERING: &str = "1112222b3bf99403840e8934";

/// A client of a server with these responses; an empty one closes the connection.
fn client_of(responses: impl IntoIterator<Item = String>) -> Client {
    let responses: Vec<_> = responses.into_iter().collect();
    let mut responses = responses.into_iter();
    let base_url = serve(true, move |_| responses.next().expect("another request"));
    let policy = RetryPolicy::default().max_attempts(3);
    let policy = policy.backoff(Duration::ZERO, Duration::ZERO);
    builder(&base_url, some_key())
        .retry(policy)
        .build()
        .unwrap()
}

fn refused(status: u16, code: &str) -> String {
    json_response(status, &json!({"error": status, "errorCode": code}))
}

fn page(results: &Value) -> String {
    json_response(200, &json!({"results": results, "totalCount": 0}))
}

async fn deletion(atlas: &Client) -> Error {
    let (project, peering) = (some_project(), PEERING.parse().unwrap());
    let deleted = atlas.delete_peering_connection(&project, &peering);
    deleted.await.unwrap_err()
}

fn assert_earlier(error: &Error) {
    assert!(error.may_have_taken_effect(), "{error:?}");
    let phrase = "an earlier attempt may have taken effect";
    assert!(error.to_string().contains(phrase), "{error}");
}

#[tokio::test]
async fn a_deletion_whose_second_attempt_is_refused_may_have_taken_effect() {
    for status in [400, 403] {
        let atlas = client_of([String::new(), refused(status, "X")]);
        let error = deletion(&atlas).await;
        assert_eq!(error.status().unwrap(), status);
        assert_earlier(&error);
    }
    let atlas = client_of([refused(403, "X")]);
    let error = deletion(&atlas).await;
    assert!(!error.may_have_taken_effect(), "{error:?}");
    assert!(!error.to_string().contains("earlier"), "{error}");
}

#[tokio::test]
async fn a_creation_whose_second_attempt_is_refused_may_have_taken_effect() {
    let empty = page(&json!([]));
    let script = [
        empty.clone(),
        String::new(),
        empty.clone(),
        refused(403, "ACCESS_FORBIDDEN"),
    ];
    let atlas = client_of(script);
    let error = atlas.ensure_peering(&some_project(), aws()).await;
    let error = error.unwrap_err();
    assert!(error.is_forbidden());
    assert_earlier(&error);
}

#[tokio::test]
async fn a_token_request_that_fails_leaves_the_call_without_effect() {
    for response in [refused(404, "X"), refused(500, "X"), String::new()] {
        let base_url = serve(true, move |_| response.clone());
        let atlas = builder(
            &base_url,
            Credentials::service_account("mdb_sa_id_1", "mdb_sa_sk_1"),
        );
        let atlas = atlas.retry(RetryPolicy::none()).build().unwrap();
        let error = create(&atlas, &some_project(), aws()).await.unwrap_err();
        assert!(error.to_string().contains("token request"), "{error}");
        assert!(!error.may_have_taken_effect(), "{error:?}");
        assert!(!error.is_not_found(), "{error:?}");
    }
}

#[tokio::test]
async fn the_404_of_a_gateway_is_no_missing_peering() {
    let page = "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\nConnection: close\r\n\r\nnot found";
    let error = list(&client_of([page.to_owned()]), &some_project()).await;
    let error = error.unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
    assert!(!error.is_not_found(), "{error:?}");
}

#[tokio::test]
async fn a_stream_of_states_may_be_polled_after_its_end() {
    let available = json!({"id": PEERING, "statusName": "AVAILABLE"});
    for (response, is_ok) in [
        (json_response(200, &available), true),
        (refused(401, "X"), false),
    ] {
        let base_url = serve(true, move |_| response.clone());
        let atlas = builder(&base_url, some_key()).build().unwrap();
        let peering = PEERING.parse().unwrap();
        let mut states = atlas.wait_for_peering(&some_project(), &peering).states();
        assert_eq!(states.next().await.unwrap().is_ok(), is_ok);
        for _ in 0..2 {
            assert!(states.next().await.is_none());
        }
    }
}
