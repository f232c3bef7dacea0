//! Service accounts: one token for all calls, one request for each token.

mod kept;
mod provided;

use std::time::Duration;

use atlas_peering::{Client, Credentials, Error, ErrorCode, ProjectId, RetryPolicy};
use atlas_peering_sandbox::{Canned, Sandbox};
use serde_json::json;

use crate::support::{
    builder, causes, client_at, last_request, list, project, server, service_account, some_project,
    until,
};

/// A sandbox, a client with its service account, and its project.
async fn start() -> (Sandbox, Client, ProjectId) {
    let sandbox = Sandbox::start().await.unwrap();
    let atlas = client_at(sandbox.base_url(), service_account(&sandbox));
    let project = project(&sandbox);
    (sandbox, atlas, project)
}

/// The number of token requests to the sandbox.
fn asked(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests();
    requests
        .iter()
        .filter(|request| request.path == "/api/oauth/token")
        .count()
}

/// Makes 100 calls at once, and returns their errors.
async fn at_once(atlas: &Client, project: &ProjectId) -> Vec<Error> {
    let calls = (0..100).map(|_| {
        let (atlas, project) = (atlas.clone(), project.clone());
        tokio::spawn(async move { list(&atlas, &project).await })
    });
    let mut errors = Vec::new();
    for outcome in calls.collect::<Vec<_>>() {
        errors.extend(outcome.await.unwrap().err());
    }
    errors
}

/// The response to a call whose token or role is insufficient.
fn refusal(code: &str) -> Canned {
    Canned::json(401, &json!({"error": 401, "errorCode": code}))
}

/// Lets time pass for the client, and for the sandbox.
async fn pass(sandbox: &Sandbox, seconds: u64) {
    let by = Duration::from_secs(seconds);
    sandbox.advance(by);
    tokio::time::pause();
    tokio::time::advance(by).await;
    tokio::time::resume();
}

#[tokio::test]
async fn calls_at_once_request_one_token_if_theirs_is_missing_expired_or_revoked() {
    let (sandbox, atlas, project) = start().await;
    assert!(at_once(&atlas, &project).await.is_empty());
    assert_eq!(asked(&sandbox), 1, "cold");
    pass(&sandbox, 3600).await;
    assert!(at_once(&atlas, &project).await.is_empty());
    assert_eq!(asked(&sandbox), 2, "expired");
    sandbox.revoke_tokens();
    assert!(at_once(&atlas, &project).await.is_empty());
    assert_eq!(asked(&sandbox), 3, "revoked");
    // Each call sent the old token at most once.
    let refused = sandbox
        .requests()
        .into_iter()
        .filter(|request| request.status == 401);
    assert!(refused.count() <= 100);
}

#[tokio::test]
async fn a_token_near_its_end_is_renewed_beside_the_calls_that_have_it() {
    let (sandbox, atlas, project) = start().await;
    list(&atlas, &project).await.unwrap();
    pass(&sandbox, 3539).await;
    list(&atlas, &project).await.unwrap();
    assert_eq!(asked(&sandbox), 1, "61 seconds before its end it is good");
    pass(&sandbox, 2).await;
    let old = last_request(&sandbox)
        .header("authorization")
        .map(str::to_owned);
    list(&atlas, &project).await.unwrap();
    let requests = sandbox.requests();
    let list = requests
        .iter()
        .rfind(|request| request.method == "GET")
        .unwrap();
    assert_eq!(
        list.header("authorization"),
        old.as_deref(),
        "the call did not wait"
    );
    until(|| asked(&sandbox) >= 2).await;
    pass(&sandbox, 60).await;
    assert!(at_once(&atlas, &project).await.is_empty());
    assert_eq!(asked(&sandbox), 2);
}

#[tokio::test]
async fn a_call_that_is_dropped_during_its_token_request_blocks_no_other() {
    let (_sandbox, atlas, project) = start().await;
    let mut first = Box::pin(list(&atlas, &project));
    let _ = std::future::poll_fn(|context| {
        std::task::Poll::Ready(first.as_mut().poll(context).is_ready())
    })
    .await;
    let waiting = tokio::spawn({
        let (atlas, project) = (atlas.clone(), project.clone());
        async move { list(&atlas, &project).await }
    });
    tokio::task::yield_now().await;
    drop(first);
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_wrong_secret_is_one_request_and_an_error_for_all() {
    let sandbox = Sandbox::start().await.unwrap();
    let (id, _) = sandbox.service_account();
    let atlas = client_at(
        sandbox.base_url(),
        Credentials::service_account(&id, "wrong"),
    );
    let errors = at_once(&atlas, &project(&sandbox)).await;
    assert_eq!((errors.len(), sandbox.requests().len()), (100, 1));
    for error in errors {
        assert!(error.is_unauthorized());
        assert_eq!(
            error.error_code().map(ErrorCode::as_str),
            Some("invalid_client")
        );
        assert_eq!(error.operation(), Some("list_peering_connections"));
        let message = error.to_string();
        assert!(
            message.contains(&format!("the service account `{id}` was refused")),
            "{message}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_token_that_is_refused_and_a_missing_role_are_final() {
    let (sandbox, atlas, project) = start().await;
    sandbox.queue_response(refusal("UNEXPECTED_ERROR"));
    assert!(list(&atlas, &project).await.unwrap_err().is_unauthorized());
    assert_eq!(sandbox.requests().len(), 2, "a token, and the call once");
    sandbox.queue_response(refusal("NOT_IN_GROUP"));
    let error = list(&atlas, &project).await.unwrap_err();
    assert!(error.to_string().contains("lacks a role"), "{error}");
    assert_eq!((sandbox.requests().len(), asked(&sandbox)), (3, 1));
    // An older token is renewed once, and the call repeated once. After the refusal it is not renewed at once.
    tokio::time::sleep(Duration::from_secs(2)).await;
    for _ in 0..2 {
        sandbox.queue_response(refusal("UNEXPECTED_ERROR"));
    }
    assert!(list(&atlas, &project).await.unwrap_err().is_unauthorized());
    assert_eq!((sandbox.requests().len(), asked(&sandbox)), (6, 2));
}

#[tokio::test]
async fn a_token_of_another_call_counts_as_new() {
    let (sandbox, atlas, project) = start().await;
    for _ in 0..100 {
        sandbox.queue_response(refusal("UNEXPECTED_ERROR"));
    }
    assert_eq!(at_once(&atlas, &project).await.len(), 100);
    assert_eq!(asked(&sandbox), 1, "another would be refused too");
}

#[tokio::test]
async fn the_token_endpoint_is_below_the_base_url_and_gets_no_form_parameters() {
    let (sandbox, atlas, project) = start().await;
    list(&atlas.enveloped().pretty(), &project).await.unwrap();
    let token = &sandbox.requests()[0];
    assert_eq!(
        (&*token.method, &*token.path, &*token.query),
        ("POST", "/api/oauth/token", "")
    );
    assert_eq!(token.body, b"grant_type=client_credentials");
}

#[tokio::test]
async fn a_revoked_token_is_dropped() {
    let (sandbox, atlas, project) = start().await;
    atlas.revoke_token().await.unwrap();
    assert!(sandbox.requests().is_empty(), "there was none");
    list(&atlas, &project).await.unwrap();
    atlas.revoke_token().await.unwrap();
    assert_eq!(last_request(&sandbox).path, "/api/oauth/revoke");
    list(&atlas, &project).await.unwrap();
    assert_eq!((asked(&sandbox), sandbox.requests().len()), (2, 5));
}

#[tokio::test]
async fn a_limit_of_the_token_endpoint_is_typed_and_passes() {
    let (sandbox, atlas, project) = start().await;
    for _ in 0..10 {
        list(&atlas, &project).await.unwrap();
        atlas.revoke_token().await.unwrap();
    }
    let error = list(&atlas, &project).await.unwrap_err();
    assert!(error.is_rate_limited());
    assert_eq!(error.error_code(), Some(&ErrorCode::RateLimited));
    let phrase = "list_peering_connections: token request: the service refused with 429";
    assert!(error.to_string().starts_with(phrase), "{error}");
    let patient = builder(sandbox.base_url(), service_account(&sandbox))
        .retry(RetryPolicy::default().max_attempts(2))
        .build()
        .unwrap();
    let waiting = tokio::spawn(async move { list(&patient, &project).await });
    until(|| asked(&sandbox) >= 12).await;
    sandbox.advance(Duration::from_secs(60));
    waiting.await.unwrap().unwrap();
}

/// The error of a call to a server whose token endpoint sends this response.
async fn token_response(status: u16, body: &'static str) -> Error {
    let base_url = server(format!(
        "HTTP/1.1 {status} \r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let account = Credentials::service_account("mdb_sa_id_1", "mdb_sa_sk_1");
    let atlas = client_at(&base_url, account);
    list(&atlas, &some_project()).await.unwrap_err()
}

#[tokio::test]
async fn a_token_request_that_fails_is_named_and_its_body_not_shown() {
    for (status, body, phrase) in [
        (200, "<html>", "the response 200 OK does not match"),
        (200, "\"S3CRET\"", "the response 200 OK does not match"),
        (
            200,
            r#"{"access_token":["S3CRET"]}"#,
            "the response 200 OK does not match",
        ),
        (503, "Busy", "the response 503"),
    ] {
        let error = token_response(status, body).await;
        let message = error.to_string();
        let phrase = format!("list_peering_connections: token request: {phrase}");
        assert!(message.starts_with(&phrase), "{message}");
        assert!(!format!("{message} {error:?} {:?}", causes(&error)).contains("S3CRET"));
    }
}
