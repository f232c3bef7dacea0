//! Repeated calls: a matrix of faults and methods.

mod deletion;
mod faulty;

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use atlas_peering::types::AwsPeeringUpdate;
use atlas_peering::{ApiVersion, Client, ClientBuilder, Credentials, Error, RetryPolicy};
use atlas_peering_sandbox::Canned;
use serde_json::json;

use tokio::time::Instant;

use crate::support::{
    CONTAINER, api_key, aws, builder, client_at, create, list, read, some_key, some_project, start,
};
use faulty::{Fault, Faulty, response};

const PEERING: &str =
    r#"{"id":"1112222b3bf99403840e8934","vpcId":"vpc-1","statusName":"INITIATING"}"#;

const METHODS: [&str; 4] = ["GET", "POST", "PATCH", "DELETE"];

async fn call(atlas: &Client, method: &str) -> Result<(), Error> {
    let (project, peering) = (some_project(), "1112222b3bf99403840e8934".parse()?);
    match method {
        "GET" => read(atlas, &project, &peering).await.map(|_| ()),
        "POST" => create(atlas, &project, aws()).await.map(|_| ()),
        "PATCH" => {
            let update = AwsPeeringUpdate::new().route_table_cidr_block("10.0.0.0/24");
            let updated = atlas.update_peering_connection(&project, &peering, update);
            updated.await.map(|_| ())
        }
        "DELETE container" => {
            let container = CONTAINER.parse()?;
            let deleted = atlas.delete_peering_container(&project, &container);
            deleted.await.map(|_| ())
        }
        _ => {
            let deleted = atlas.delete_peering_connection(&project, &peering);
            deleted.await.map(|_| ())
        }
    }
}

fn service_account() -> Credentials {
    Credentials::service_account("mdb_sa_id_1", "mdb_sa_sk_1")
}

/// A builder of clients that make three attempts without backoff.
fn three_attempts(base_url: &str, credentials: Credentials) -> ClientBuilder {
    let policy = RetryPolicy::default().max_attempts(3);
    builder(base_url, credentials).retry(policy.backoff(Duration::ZERO, Duration::ZERO))
}

/// A client that makes three attempts without backoff, and already has a nonce or a token.
async fn client(server: &Faulty, version: ApiVersion, credentials: Credentials) -> Client {
    let atlas = three_attempts(&server.base_url, credentials)
        .api_version(version)
        .timeout(Duration::from_secs(2))
        // Reading the machine's certificates makes building a client slow.
        .configure(|connection| connection.tls_certs_only([]))
        .build()
        .unwrap();
    list(&atlas, &some_project()).await.unwrap();
    atlas
}

/// A fault; how often GET, POST, PATCH and DELETE are sent if the fault stays; and a check of the error.
type Row = (Fault, [usize; 4], fn(&Error) -> bool);

fn rows() -> Vec<Row> {
    let status = |status: u16| json!({"error": status, "errorCode": "SOME_CODE"}).to_string();
    let is_broken = |error: &Error| error.status().is_none() && !error.is_connect();
    let is_cut = |error: &Error| error.status().is_some_and(|it| it == 200) && !error.is_decode();
    let is_failed = |error: &Error| error.is_server_error() && error.api_error().is_none();
    let wait = r#"{"error":429,"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/x",0,9]}"#;
    let bad_gateway = response("502 Bad Gateway", "Content-Type: text/html\r\n", "<html>");
    let unavailable = response("503 Service Unavailable", "Retry-After: 0\r\n", "");
    let internal = response("500 Internal Server Error", "", &status(500));
    let gateway_timeout = response("504 Gateway Timeout", "", "");
    let not_implemented = response("501 Not Implemented", "", "");
    let limit_in_a_header = response("429 Too Many Requests", "Retry-After: 0\r\n", &status(429));
    let limit_in_a_body = response("429 Too Many Requests", "", wait);
    let limit = response("429 Too Many Requests", "", "");
    let conflict = response("409 Conflict", "", &status(409));
    let not_found = response("404 Not Found", "", &status(404));
    let (idempotent, all, none) = ([3, 1, 1, 3], [3; 4], [1; 4]);
    vec![
        (Fault::ResetBefore, idempotent, is_broken),
        (Fault::ResetDuring, idempotent, is_broken),
        (Fault::ResetAfter, idempotent, is_broken),
        (Fault::Silent, idempotent, Error::is_timeout),
        (Fault::Cut, idempotent, is_cut),
        (bad_gateway, idempotent, is_failed),
        (unavailable, idempotent, is_failed),
        (internal, idempotent, Error::is_server_error),
        (gateway_timeout, idempotent, Error::is_server_error),
        (not_implemented, none, Error::is_server_error),
        (limit_in_a_header, all, Error::is_rate_limited),
        (limit_in_a_body, all, Error::is_rate_limited),
        (limit, all, Error::is_rate_limited),
        (conflict, none, Error::is_conflict),
        (not_found, none, Error::is_not_found),
    ]
}

/// Lets one method meet one fault that stays, and the same fault once.
async fn meet(row: Row, method: usize, version: ApiVersion, credentials: Credentials) {
    let (fault, sent, is_right) = row;
    let (method, sent) = (METHODS[method], sent[method]);
    let case = format!("{fault:?}, {method}, {version:?}, {credentials:?}");
    let server = Faulty::start(vec![fault.clone()]).await;
    let atlas = client(&server, version, credentials.clone()).await;
    let error = call(&atlas, method).await.unwrap_err();
    assert_eq!(server.met(), sent, "{case}");
    assert_eq!(usize::try_from(error.attempts()).unwrap(), sent, "{case}");
    assert!(is_right(&error), "{case}: {error:?}");

    let server = Faulty::start(vec![fault, response("200 OK", "", PEERING)]).await;
    let atlas = client(&server, version, credentials).await;
    let outcome = call(&atlas, method).await;
    assert_eq!(server.met(), sent.min(2), "{case}");
    assert_eq!(outcome.is_ok(), sent > 1, "{case}");
}

#[tokio::test(start_paused = true)]
async fn each_method_follows_the_policy_for_each_fault() {
    let mut cases = 0;
    for credentials in [some_key(), service_account()] {
        for &version in ApiVersion::ALL {
            for row in rows() {
                for method in 0..METHODS.len() {
                    meet(row.clone(), method, version, credentials.clone()).await;
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, 15 * 4 * ApiVersion::ALL.len() * 2);
}

#[tokio::test(start_paused = true)]
async fn each_call_is_repeated_if_the_connection_is_refused() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for credentials in [some_key(), service_account()] {
        for &version in ApiVersion::ALL {
            let builder = three_attempts(&base_url, credentials.clone());
            let atlas = builder.api_version(version).build().unwrap();
            for method in METHODS {
                let error = call(&atlas, method).await.unwrap_err();
                assert!(error.is_connect() && error.attempts() == 3, "{error:?}");
                assert!(error.to_string().ends_with("(after 3 attempts)"), "{error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_request_has_as_many_attempts_as_a_call() {
    for method in METHODS {
        let server = Faulty::cold(vec![response("503 Service Unavailable", "", "")]).await;
        let builder = three_attempts(&server.base_url, service_account());
        let atlas = builder.build().unwrap();
        let error = call(&atlas, method).await.unwrap_err();
        assert!(error.is_server_error());
        assert_eq!((server.met(), error.attempts()), (3, 3), "{method}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_success_that_is_no_json_is_not_repeated() {
    let server = Faulty::start(vec![response("200 OK", "", "<html>")]).await;
    let atlas = client(&server, ApiVersion::V1, some_key()).await;
    for method in METHODS {
        let before = server.met();
        let error = call(&atlas, method).await.unwrap_err();
        assert!(error.is_decode() && error.attempts() == 1, "{error:?}");
        assert_eq!(server.met() - before, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_an_envelope_is_repeated_as_one_without() {
    let inside = |status: u16| {
        let body = json!({"status": status, "content": {"error": status, "errorCode": "X"}});
        response("200 OK", "", &body.to_string())
    };
    for (status, sent) in [(503, [3, 1, 1, 3]), (429, [3; 4]), (409, [1; 4])] {
        for (method, sent) in METHODS.into_iter().zip(sent) {
            for credentials in [some_key(), service_account()] {
                for &version in ApiVersion::ALL {
                    let server = Faulty::start(vec![inside(status)]).await;
                    let atlas = client(&server, version, credentials.clone()).await;
                    let error = call(&atlas.enveloped(), method).await.unwrap_err();
                    assert_eq!(error.status().unwrap(), status);
                    assert_eq!(server.met(), sent, "{status} {method}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_waits_as_long_as_the_service_asks() {
    let (sandbox, _, project) = start().await;
    let builder = builder(sandbox.base_url(), api_key(&sandbox));
    let atlas = builder.retry(RetryPolicy::default()).build().unwrap();
    let list = async || {
        let list = atlas.list_peering_connections(&project);
        list.await.map(|page| page.rate_limit())
    };
    let body = |seconds: serde_json::Value| json!({"error": 429, "errorCode": "RATE_LIMITED_TOKEN_BUCKET", "parameters": ["/x", seconds, 2000]});
    // A wait beyond the deadline does not start; the error has its length.
    let date = "Sun, 06 Nov 1994 08:51:37 GMT";
    for (response, seconds) in [
        (
            Canned::json(429, &body(json!(7))).header("Retry-After", "600"),
            600,
        ),
        (Canned::json(429, &body(json!("700"))), 700),
        (Canned::json(429, &body(json!(800))), 800),
        (
            Canned::new(429, "text/plain", "").header("Retry-After", "900"),
            900,
        ),
        (
            Canned::new(503, "text/plain", "")
                .header("Retry-After", date)
                .header("Date", "Sun, 06 Nov 1994 08:34:57 GMT"),
            1000,
        ),
    ] {
        let response = response
            .header("RateLimit-Limit", "2000")
            .header("RateLimit-Remaining", "0");
        sandbox.queue_response(response);
        let error = list().await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(seconds)));
        assert_eq!(error.attempts(), 1);
        let limit = error.rate_limit().unwrap();
        assert_eq!((limit.limit, limit.remaining), (Some(2000), Some(0)));
    }
    // A wait within the deadline takes place.
    sandbox.queue_response(Canned::new(429, "text/plain", "").header("Retry-After", "1"));
    let page = json!({"results": []});
    sandbox.queue_response(Canned::json(200, &page).header("RateLimit-Remaining", "17"));
    let start = Instant::now();
    let limit = list().await.unwrap().unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!((limit.limit, limit.remaining), (None, Some(17)));
}

#[tokio::test(start_paused = true)]
async fn a_limit_without_a_wait_is_repeated_within_its_period() {
    let (sandbox, _, project) = start().await;
    let hour = Duration::from_secs(3600);
    let policy = RetryPolicy::default()
        .deadline(2 * hour)
        .backoff(hour, hour);
    for (policy, minutes, longest) in [
        (RetryPolicy::default(), 1, 20),
        (policy.clone(), 1, 60),
        // Without a period.
        (policy, 0, 3600),
    ] {
        let builder = builder(sandbox.base_url(), api_key(&sandbox));
        let atlas = builder.retry(policy).build().unwrap();
        let body = json!({
            "detail": "Rate limited to 200 requests every 1 minutes.", "error": 429,
            "errorCode": "RATE_LIMITED", "parameters": ["/api/oauth/token", 200, minutes],
            "reason": "Too Many Requests",
        });
        sandbox.queue_response(Canned::json(429, &body));
        let begun = Instant::now();
        list(&atlas, &project).await.unwrap();
        let longest = Duration::from_secs(longest);
        assert!((Duration::from_micros(1)..=longest).contains(&begun.elapsed()));
        sandbox.queue_response(Canned::json(429, &body));
        let once = client_at(sandbox.base_url(), api_key(&sandbox));
        assert_eq!(list(&once, &project).await.unwrap_err().retry_after(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn the_default_policy_is_the_documented_one() {
    let docs = include_str!("../../src/transport/retry.rs");
    assert!(docs.contains("/// 4 attempts within 2 minutes, with random delays"));
    assert!(include_str!("../../src/client.rs").contains("within 2 minutes"));
    // A wait beyond the deadline does not start.
    for (wait, attempts) in [("0", 4), ("119", 2), ("120", 1)] {
        let limited = response(
            "429 Too Many Requests",
            &format!("Retry-After: {wait}\r\n"),
            "",
        );
        let server = Faulty::cold(vec![limited]).await;
        let atlas = builder(&server.base_url, some_key()).retry(RetryPolicy::default());
        let error = list(&atlas.build().unwrap(), &some_project()).await;
        assert_eq!(error.unwrap_err().attempts(), attempts, "{wait}");
    }
}
