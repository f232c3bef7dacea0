//! What a caller learns when things go wrong on the way.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use atlas_peering::{Client, Credentials, Error, ProjectId};
use atlas_peering_sandbox::{Canned, Sandbox};
use serde_json::json;

use crate::support::{aws, causes, client, client_at, project, server};

fn somewhere() -> ProjectId {
    "5356823b3794dee37132bb7b".parse().unwrap()
}

async fn create_at(base_url: &str) -> Error {
    let atlas = client_at(base_url, Credentials::api_key("abcdefgh", "private"));
    atlas
        .create_peering_connection(&somewhere(), &aws().into())
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_server_that_is_down_is_no_connection() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = create_at(&base_url).await;
    assert!(error.is_connect() && !error.is_timeout());
    assert_eq!(error.status(), None);
    assert_eq!(error.operation(), Some("create_peering_connection"));
    let message = error.to_string();
    assert!(
        message.contains(&base_url) && message.contains("nothing was sent"),
        "{message}"
    );
    assert!(
        causes(&error).iter().any(|cause| cause.contains("refused")),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_a_timeout() {
    // Nobody accepts: the connection waits in the listener's queue.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let atlas = Client::builder()
        .base_url(format!("http://{}", listener.local_addr().unwrap()))
        .credentials(Credentials::api_key("abcdefgh", "private"))
        .connect_timeout(Duration::from_secs(3600))
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    let error = atlas
        .create_peering_connection(&somewhere(), &aws().into())
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(error.status(), None);
    assert!(
        error
            .to_string()
            .contains("whether the service acted is unknown"),
        "{error}"
    );
    assert!(!causes(&error).is_empty());
}

#[tokio::test]
async fn a_server_that_hangs_up_leaves_the_outcome_unknown() {
    let error = create_at(&server("")).await;
    assert!(!error.is_connect() && !error.is_timeout());
    assert_eq!(error.status(), None);
    assert!(
        error.to_string().contains("broken off before an answer"),
        "{error}"
    );
    assert!(!causes(&error).is_empty());
}

#[tokio::test]
async fn a_body_that_is_cut_keeps_its_status() {
    for status in ["200 OK", "404 Not Found"] {
        let cut = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"id\":"
        );
        let error = create_at(&server(cut)).await;
        assert_eq!(error.status().unwrap().to_string(), status);
        assert!(error.to_string().contains("was broken off"), "{error}");
        assert!(!causes(&error).is_empty());
    }
}

#[tokio::test]
async fn a_gateways_error_page_keeps_its_status() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.answer_next(Canned::new(
        502,
        "text/html",
        "<html><h1>Bad Gateway</h1></html>",
    ));
    let atlas = client(&sandbox);
    let error = atlas
        .create_peering_connection(&project(&sandbox), &aws().into())
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap(), 502);
    assert!(error.is_server_error() && error.api_error().is_none());
    assert_eq!(
        error.to_string(),
        "create_peering_connection: answered 502 Bad Gateway with text/html, not with an error of \
         the API"
    );
    assert!(causes(&error)[0].contains("expected value"), "{error:?}");
}

#[tokio::test]
async fn a_success_that_is_no_peering_keeps_its_status_and_names_the_field() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    for (body, words) in [
        (json!({"vpcId": "vpc-1"}), "the field `id` is missing"),
        (
            json!({"id": "1112222b3bf99403840e8934", "vpcId": 7}),
            "the field `vpcId`: ",
        ),
        (json!([]), "expected a map"),
    ] {
        sandbox.answer_next(Canned::json(200, &body));
        let error = atlas
            .create_peering_connection(&project, &aws().into())
            .await
            .unwrap_err();
        assert!(error.is_decode());
        assert_eq!(error.status().unwrap(), 200);
        assert!(causes(&error)[0].contains(words), "{error:?}");
    }
}

#[tokio::test]
async fn a_success_that_is_not_declared_is_an_error() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.answer_next(Canned::new(204, "application/json", ""));
    let atlas = client(&sandbox);
    let error = atlas
        .create_peering_connection(&project(&sandbox), &aws().into())
        .await
        .unwrap_err();
    assert!(error.is_decode());
    assert_eq!(error.status().unwrap(), 204);
}

#[tokio::test]
async fn what_to_do_about_a_refusal_is_in_its_message() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    sandbox.allow_address(false);
    let error = atlas
        .create_peering_connection(&project, &aws().into())
        .await
        .unwrap_err();
    assert!(error.is_forbidden());
    assert!(
        error
            .to_string()
            .contains("add this machine's address to the access list"),
        "{error}"
    );

    sandbox.allow_address(true);
    sandbox.answer_next(Canned::json(
        401,
        &json!({"error": 401, "errorCode": "NOT_IN_GROUP"}),
    ));
    let error = atlas
        .create_peering_connection(&project, &aws().into())
        .await
        .unwrap_err();
    assert!(error.is_unauthorized());
    assert!(
        error.to_string().contains("lacks a role in this project"),
        "{error}"
    );
}

#[tokio::test]
async fn a_conflict_names_what_it_is_with() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    for (body, words) in [
        (
            json!({"errorCode": "X", "detail": "It is there.", "parameters": ["vpc-1", 7]}),
            "X: It is there (vpc-1)",
        ),
        (
            json!({"errorCode": "X", "detail": "vpc-1 is there.", "parameters": ["vpc-1"]}),
            "X: vpc-1 is there",
        ),
    ] {
        sandbox.answer_next(Canned::json(409, &body));
        let request = aws().into();
        let create = atlas.create_peering_connection(&project, &request).await;
        let message = create.unwrap_err().to_string();
        assert!(message.ends_with(words), "{message}");
    }
}

#[tokio::test]
async fn a_client_is_not_built_of_what_cannot_be_right() {
    let builder = || Client::builder().credentials(Credentials::api_key("abcdefgh", "private"));
    for (built, words) in [
        (Client::builder().build(), "needs credentials"),
        (builder().user_agent("a\nb").build(), "user agent \"a\\nb\""),
        (
            builder().base_url("http://cloud.mongodb.com").build(),
            "plain http",
        ),
        (
            Client::new(Credentials::api_key("abcdefgh", "")),
            "private part of the API key is empty",
        ),
    ] {
        let message = built.unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn the_builders_own_headers_and_hooks_reach_the_wire() {
    let sandbox = Sandbox::start().await.unwrap();
    let (public, private) = sandbox.api_key();
    let atlas = Client::builder()
        .base_url(sandbox.base_url())
        .credentials(Credentials::api_key(public, private))
        .user_agent("provisioner/1.0")
        .configure(|connection| {
            let headers = [("x-team".parse().unwrap(), "network".parse().unwrap())];
            connection.default_headers(headers.into_iter().collect())
        })
        .build()
        .unwrap();
    atlas
        .list_peering_connections(&project(&sandbox), None, None, None, None)
        .await
        .unwrap();
    assert!(sandbox.requests().iter().all(|request| {
        request.header("user-agent") == Some("provisioner/1.0")
            && request.header("x-team") == Some("network")
            && request.header("api-version").is_none()
    }));
}
