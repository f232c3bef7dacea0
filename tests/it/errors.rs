//! Errors of a call, and what a caller learns of each.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use atlas_peering::types::NewAwsPeering;
use atlas_peering::{Client, Error};
use atlas_peering_sandbox::{Canned, Fault};
use serde_json::json;

use crate::support::{
    api_key, aws, builder, causes, client_at, create, list, refusal, server, some_key,
    some_project, start,
};

async fn refusal_at(base_url: &str) -> Error {
    refusal(&client_at(base_url, some_key()), &some_project()).await
}

#[tokio::test]
async fn a_server_that_is_down_is_a_connect_error() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = refusal_at(&base_url).await;
    assert!(error.is_connect() && !error.is_timeout());
    assert_eq!(error.status(), None);
    assert_eq!(error.operation(), Some("create_peering_connection"));
    let message = error.to_string();
    assert!(
        message.contains(&base_url) && message.contains("nothing was sent"),
        "{message}"
    );
    let is_refused = |cause: &String| cause.contains("refused");
    assert!(causes(&error).iter().any(is_refused), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_respond_is_a_timeout() {
    // The test does not accept the connection: it waits in the listener's queue.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let atlas = builder(&base_url, some_key())
        .connect_timeout(Duration::from_secs(3600))
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    let error = refusal(&atlas, &some_project()).await;
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(error.status(), None);
    let phrase = "whether the service acted is unknown";
    assert!(error.to_string().contains(phrase), "{error}");
    assert!(!causes(&error).is_empty());
}

#[tokio::test]
async fn a_server_that_hangs_up_leaves_the_outcome_unknown() {
    let error = refusal_at(&server("")).await;
    assert!(!error.is_connect() && !error.is_timeout());
    assert_eq!(error.status(), None);
    let phrase = "the connection broke before a response";
    assert!(error.to_string().contains(phrase), "{error}");
    assert!(!causes(&error).is_empty());
}

#[tokio::test]
async fn a_body_that_is_cut_keeps_its_status() {
    for status in ["200 OK", "404 Not Found"] {
        let cut = format!("HTTP/1.1 {status}\r\nContent-Length: 100\r\n\r\n{{\"id\":");
        let error = refusal_at(&server(cut)).await;
        assert_eq!(error.status().unwrap().to_string(), status);
        assert!(error.to_string().contains("was broken off"), "{error}");
        assert!(!causes(&error).is_empty());
    }
}

#[tokio::test]
async fn a_gateways_error_page_keeps_its_status() {
    let (sandbox, atlas, project) = start().await;
    let page = "<html><h1>Bad Gateway</h1></html>";
    sandbox.queue_response(Canned::new(502, "text/html", page));
    let error = refusal(&atlas, &project).await;
    assert_eq!(error.status().unwrap(), 502);
    assert!(error.is_server_error() && error.api_error().is_none());
}

#[tokio::test]
async fn a_success_that_is_no_peering_keeps_its_status_and_names_the_field() {
    let (sandbox, atlas, project) = start().await;
    let id = "1112222b3bf99403840e8934";
    for (body, phrase) in [
        (json!({"vpcId": "vpc-1"}), "missing field `id`"),
        (
            json!({"id": id, "vpcId": 7}),
            "vpcId: invalid type: integer `7`, expected a string",
        ),
        (json!([]), "expected an object"),
    ] {
        sandbox.queue_response(Canned::json(200, &body));
        let error = refusal(&atlas, &project).await;
        assert!(error.is_decode());
        assert_eq!(error.status().unwrap(), 200);
        assert!(causes(&error)[0].contains(phrase), "{error:?}");
    }
    // A status of success that the fragment does not declare.
    sandbox.queue_response(Canned::new(204, "application/json", ""));
    let error = refusal(&atlas, &project).await;
    assert!(error.is_decode());
    assert_eq!(error.status().unwrap(), 204);
}

#[tokio::test]
async fn the_builders_own_headers_and_hooks_reach_the_wire() {
    let (sandbox, _, project) = start().await;
    let atlas = builder(sandbox.base_url(), api_key(&sandbox))
        .user_agent("my-operator/1.2")
        .configure(|connection| {
            let headers = [("x-team".parse().unwrap(), "network".parse().unwrap())];
            connection.default_headers(headers.into_iter().collect())
        })
        .build()
        .unwrap();
    list(&atlas, &project).await.unwrap();
    let agent = concat!("my-operator/1.2 atlas-peering/", env!("CARGO_PKG_VERSION"));
    assert!(sandbox.requests().iter().all(|request| {
        request.header("user-agent") == Some(agent)
            && request.header("x-team") == Some("network")
            && request.header("api-version").is_none()
    }));
}

#[tokio::test]
async fn the_text_of_a_gateway_is_shown_on_one_line() {
    let (sandbox, atlas, project) = start().await;
    let long = "x".repeat(10_000);
    for (body, phrase) in [
        (r#"{"message":"Forbidden"}"#, "on the way: Forbidden"),
        (
            r#"{"Message":"Missing\r\n\u001b[31mtoken"}"#,
            "on the way: Missing \u{20}[31mtoken",
        ),
        (
            "<html><head><title>403</title></head>\n<body>Blocked by the <b>proxy</b></body>",
            "on the way: 403 Blocked by the proxy",
        ),
        (&long, "on the way: …"),
        ("", "gateway on the way"),
        (
            "You sent: Authorization: Bearer s3cret",
            "on the way: You sent:",
        ),
        ("no bearer s3cret", "on the way: no bearer …"),
        (
            r#"{"error":{"code":403,"message":"blocked by policy"}}"#,
            "on the way: blocked by policy",
        ),
        ("<style>a{b:c}</style><p>Sign in</p>", "on the way: Sign in"),
    ] {
        sandbox.queue_response(Canned::new(403, "text/plain", body));
        let error = list(&atlas, &project).await.unwrap_err();
        assert!(error.is_forbidden() && error.api_error().is_none());
        let message = error.to_string();
        assert!(message.contains(phrase), "{message}");
        assert!(message.contains("is not an error of the API"), "{message}");
        assert!(!message.contains("s3cret") && message.chars().count() < 400);
        assert!(!message.contains(char::is_control), "{message:?}");
    }
}

#[tokio::test]
async fn an_error_that_deviates_from_the_specification_keeps_its_details() {
    let (sandbox, atlas, project) = start().await;
    for (body, phrase) in [
        (
            json!({"error": "404", "errorCode": "PEER_NOT_FOUND"}),
            "PEER_NOT_FOUND",
        ),
        (
            json!({"error": 404.5, "errorCode": "PEER_NOT_FOUND", "detail": {"a": 1}}),
            "PEER_NOT_FOUND: {\"a\":1}",
        ),
        (
            json!({"error": null, "errorCode": "PEER_NOT_FOUND", "parameters": "x", "reason": 7}),
            "PEER_NOT_FOUND: 7",
        ),
        (
            json!({"errorCode": "PEER_NOT_FOUND", "badRequestDetail": "odd", "message": "None."}),
            "PEER_NOT_FOUND: None",
        ),
        (
            json!({"error": "Not Found", "errorCode": "PEER_NOT_FOUND", "detail": null}),
            "PEER_NOT_FOUND: Not Found",
        ),
    ] {
        sandbox.queue_response(Canned::json(404, &body));
        let id = "1112222b3bf99403840e8934".parse().unwrap();
        let error = atlas.get_peering_connection(&project, &id).await;
        let message = error.unwrap_err().to_string();
        assert!(message.contains(phrase), "{message}");
        // A resource that is deleted already is no failure.
        sandbox.queue_response(Canned::json(404, &body));
        atlas.ensure_peering_deleted(&project, &id).await.unwrap();
    }
}

#[tokio::test]
async fn each_timeout_is_accepted() {
    let (sandbox, _, project) = start().await;
    for limit in [Duration::MAX, Duration::from_secs(u64::MAX / 2)] {
        let atlas = builder(sandbox.base_url(), api_key(&sandbox))
            .connect_timeout(limit)
            .timeout(limit)
            .read_timeout(limit)
            .build()
            .unwrap();
        list(&atlas, &project).await.unwrap();
        refusal(&atlas, &"111111111111111111111111".parse().unwrap()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_clone_with_another_timeout_uses_it_for_reads_and_writes() {
    let (sandbox, atlas, project) = start().await;
    let seconds = Duration::from_secs;
    let delay = |by| {
        for operation in ["createPeeringConnection", "listPeeringConnections"] {
            sandbox
                .inject(operation, Fault::delay_response(seconds(by)))
                .unwrap();
        }
    };
    delay(10);
    let quick = atlas.with_timeout(seconds(1));
    assert!(list(&quick, &project).await.unwrap_err().is_timeout());
    assert!(refusal(&quick, &project).await.is_timeout());
    delay(10);
    list(&atlas, &project).await.unwrap();
    refusal(&atlas, &project).await.api_error().unwrap();
    delay(200);
    let patient = atlas.with_timeout(seconds(300));
    list(&patient, &project).await.unwrap();
    refusal(&patient, &project).await.api_error().unwrap();
    let endless = atlas.with_timeout(Duration::MAX);
    list(&endless, &project).await.unwrap();
}

/// An unreachable network on Azure: the service responds after two minutes.
#[tokio::test(start_paused = true)]
async fn a_creation_waits_two_minutes_for_its_error_and_a_read_does_not() {
    let (sandbox, _, project) = start().await;
    let atlas = builder(sandbox.base_url(), api_key(&sandbox))
        .build()
        .unwrap();
    let seconds = Duration::from_secs;
    for operation in ["createPeeringConnection", "listPeeringConnections"] {
        sandbox
            .inject(operation, Fault::delay_response(seconds(120)))
            .unwrap();
    }
    create(&atlas, &project, aws()).await.unwrap();
    assert!(list(&atlas, &project).await.unwrap_err().is_timeout());
    let body = json!({"error": 404, "errorCode": "AZURE_CUSTOMER_NETWORK_UNREACHABLE"});
    sandbox.queue_response(Canned::json(404, &body));
    let error = refusal(&atlas, &project).await;
    assert!(!error.is_not_found() && error.status().unwrap() == 404);
    let phrase = "Atlas cannot reach the subscription: check azureDirectoryId";
    assert!(error.to_string().contains(phrase), "{error}");
}

/// Some gateways send errors in the form of the service's own.
#[tokio::test]
async fn no_error_repeats_the_credentials_of_its_request() {
    let (sandbox, atlas, project) = start().await;
    let token = "eyJhbGciOiJSUzI1NiJ9eyJzdWIiOiJtZGJfc2FfaWRfMSJ9c2lnbmF0dXJl";
    for body in [
        json!({"status": 403, "error": "Forbidden", "message": format!("rejected Bearer {token}")}),
        json!({"title": "Forbidden", "detail": format!("header Authorization: Basic {token}")}),
        json!({"errorCode": "X", "reason": format!("response=\"{token}\"")}),
        json!({"error": "denied", "error_description": "the bearer canary-7 is old"}),
        json!({"message": format!("{}{token}", " ".repeat(3_980))}),
        json!({"message": "Authorization=Bearer canary-7 is old"}),
        json!({"title": "old", "detail": "{\"authorization\":\"Bearer canary-7\"}"}),
        json!({"message": format!("the secret mdb_sa_sk_{token}/x is wrong")}),
    ] {
        sandbox.queue_response(Canned::json(403, &body));
        let error = list(&atlas, &project).await.unwrap_err();
        let printed = format!("{error} {error:?}");
        for secret in ["eyJhbGci", "canary-7"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
    // An id in the service's text, and its longest code, are kept.
    let code = "CANNOT_DELETE_RECENTLY_CREATED_CONTAINER";
    sandbox.queue_response(Canned::json(409, &json!({"error": 409, "errorCode": code})));
    let error = list(&atlas, &project).await.unwrap_err();
    assert_eq!(error.error_code().unwrap().as_str(), code);
    let id = "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02";
    let detail = format!("Subscription {id} is not known to  digest authentication.");
    sandbox.queue_response(Canned::json(
        404,
        &json!({"errorCode": "X", "detail": detail}),
    ));
    let error = list(&atlas, &project).await.unwrap_err();
    assert_eq!(error.api_error().unwrap().detail, Some(detail));
}

#[tokio::test]
async fn calls_that_may_have_taken_effect_are_distinguished() {
    let (sandbox, atlas, project) = start().await;
    let error = refusal_at(&server("")).await;
    assert!(error.is_interrupted() && error.may_have_taken_effect());
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{";
    let error = refusal_at(&server(cut)).await;
    assert!(error.is_interrupted() && error.may_have_taken_effect());
    for (status, may) in [
        (200, true),
        (500, true),
        (502, true),
        (524, true),
        (501, false),
        (429, false),
        (409, false),
        (403, false),
    ] {
        sandbox.queue_response(Canned::new(status, "text/html", "<html>"));
        let error = refusal(&atlas, &project).await;
        assert_eq!(error.may_have_taken_effect(), may, "{error}");
        assert!(!error.is_interrupted() && !error.is_configuration());
    }
    let request = NewAwsPeering::new("x", "y", "z");
    let error = create(&atlas, &project, request).await.unwrap_err();
    assert!(error.is_input() && !error.may_have_taken_effect() && !error.is_configuration());
    let error = Client::builder().build().unwrap_err();
    assert!(error.is_configuration() && !error.may_have_taken_effect());
}
