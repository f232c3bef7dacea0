//! Digest authentication against the service's own challenge.

mod cost;
mod variants;

use std::collections::BTreeMap;
use std::time::Duration;

use atlas_peering::{Client, Credentials, ErrorCode};
use atlas_peering_sandbox::{Digest, Sandbox};

use crate::support::{aws, client, client_at, created, project, server};

/// A sandbox that asks like this.
async fn sandbox(digest: Digest) -> Sandbox {
    Sandbox::builder().digest(digest).start().await.unwrap()
}

/// A parameter of an `Authorization` header.
fn parameter<'a>(header: &'a str, name: &str) -> &'a str {
    let start = header.find(&format!("{name}=")).expect(name) + name.len() + 1;
    header[start..].split(',').next().unwrap().trim_matches('"')
}

#[tokio::test]
async fn a_nonce_serves_many_calls_with_a_rising_count() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let peering = created(&atlas, &project).await;
    for _ in 0..9 {
        atlas
            .get_peering_connection(&project, peering.id())
            .await
            .unwrap();
    }
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 11, "one challenge for ten calls");
    assert!(requests[0].header("authorization").is_none());
    for (count, request) in requests[1..].iter().enumerate() {
        let header = request.header("authorization").unwrap();
        assert_eq!(parameter(header, "nc"), format!("{:08x}", count + 1));
        assert_eq!(parameter(header, "uri"), request.path);
    }
}

#[tokio::test]
async fn the_body_is_the_same_before_and_after_the_challenge() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    created(&atlas, &project).await;
    let requests = sandbox.requests();
    assert_eq!((requests[0].status, requests[1].status), (401, 200));
    assert_eq!(requests[0].body, requests[1].body);
    assert!(!requests[0].body.is_empty());
}

#[tokio::test]
async fn a_nonce_that_grew_stale_costs_one_request_more() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let peering = created(&atlas, &project).await;
    let before = sandbox.requests().len();
    sandbox.advance(Duration::from_secs(60));
    atlas
        .get_peering_connection(&project, peering.id())
        .await
        .unwrap();
    atlas
        .get_peering_connection(&project, peering.id())
        .await
        .unwrap();
    assert_eq!(sandbox.requests().len() - before, 3);
}

#[tokio::test]
async fn a_query_is_signed_as_it_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let page = atlas
        .list_peering_connections(&project, Some(true), Some(7), Some(1), None)
        .await
        .unwrap();
    assert_eq!(page.total_count, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_requests_in_flight_share_a_nonce() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let id = created(&atlas, &project).await.id().clone();
    let tasks = (0..16).map(|_| {
        let (atlas, project, id) = (atlas.clone(), project.clone(), id.clone());
        tokio::spawn(async move {
            for _ in 0..10 {
                atlas.get_peering_connection(&project, &id).await.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let mut last = BTreeMap::new();
    for request in sandbox.requests() {
        let Some(header) = request.header("authorization") else {
            continue;
        };
        let count = u32::from_str_radix(parameter(header, "nc"), 16).unwrap();
        let before = last
            .insert(parameter(header, "nonce").to_owned(), count)
            .unwrap_or(0);
        assert_eq!(count, before + 1, "the counts of a nonce arrive in order");
    }
}

#[tokio::test]
async fn a_wrong_key_costs_two_requests_and_is_named() {
    let sandbox = Sandbox::start().await.unwrap();
    let (public, _) = sandbox.api_key();
    let atlas = client_at(
        sandbox.base_url(),
        Credentials::api_key(&public, "not-the-private-part"),
    );
    for call in 1..=2 {
        let error = atlas
            .create_peering_connection(&project(&sandbox), &aws().into())
            .await
            .unwrap_err();
        assert_eq!(sandbox.requests().len(), 2 * call);
        assert!(error.is_unauthorized());
        assert_eq!(error.error_code(), Some(&ErrorCode::UNEXPECTED_ERROR));
        let message = error.to_string();
        assert!(
            message.contains(&format!("the API key `{public}` was refused")),
            "{message}"
        );
        assert!(message.contains("check both its parts"), "{message}");
        assert!(!format!("{error:?} {message}").contains("not-the-private-part"));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Sandbox::start().await.unwrap();
    let base_url = server(format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: {}/api/atlas/v1.0/\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n",
        elsewhere.base_url()
    ));
    // Not even where the hook asks for it.
    let atlas = Client::builder()
        .base_url(base_url)
        .credentials(Credentials::api_key("abcdefgh", "private"))
        .configure(|connection| connection.redirect(reqwest::redirect::Policy::limited(9)))
        .build()
        .unwrap();
    let project = "5356823b3794dee37132bb7b".parse().unwrap();
    let error = atlas
        .create_peering_connection(&project, &aws().into())
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap(), 307);
    assert!(
        error.to_string().contains("redirects are never followed"),
        "{error}"
    );
    assert!(elsewhere.requests().is_empty());
}
