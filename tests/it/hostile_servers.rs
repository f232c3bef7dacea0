//! Hostile or broken servers: whatever they send, the cost for a client is bounded.

use std::time::Duration;

use atlas_peering::{ClientBuilder, Credentials, Error};
use atlas_peering_sandbox::{Canned, Sandbox};
use tokio::time::Instant;

use crate::support::{
    api_key, builder, last_request, list, project, refusal, serve, server, service_account,
    some_key, some_project, start,
};

/// The outcome of a call to a server by a client with changed settings.
async fn outcome(
    base_url: &str,
    set: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<(), Error> {
    let atlas = set(builder(base_url, some_key())).build().unwrap();
    list(&atlas, &some_project()).await
}

fn success(headers: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{headers}\r\n{body}")
}

#[tokio::test]
async fn a_body_over_the_bound_is_not_read() {
    let long = "x".repeat(2000);
    for (headers, body) in [
        // A server that announces the length, and sends no body.
        ("Content-Length: 99999999999\r\n", ""),
        ("Content-Length: 2000\r\n", long.as_str()),
        // Bodies without a length.
        ("", long.as_str()),
        (
            "Transfer-Encoding: chunked\r\n",
            &format!("7d0\r\n{long}\r\n0\r\n\r\n"),
        ),
    ] {
        let base_url = server(success(headers, body));
        let error = outcome(&base_url, |builder| builder.max_response_bytes(1500)).await;
        let error = error.unwrap_err();
        assert!(error.is_decode(), "{headers}: {error:?}");
        assert_eq!(error.status().unwrap(), 200);
        let phrase = "the response 200 OK has over 1500 bytes, and was not read";
        assert!(error.to_string().contains(phrase), "{error}");
    }
    // The default bound is 32 MiB.
    let base_url = server(success("Content-Length: 33554433\r\n", ""));
    let error = outcome(&base_url, |builder| builder).await.unwrap_err();
    assert!(error.to_string().contains("33554432 bytes"), "{error}");
}

#[tokio::test]
async fn a_body_of_exactly_the_bound_is_read() {
    let (sandbox, atlas, project) = start().await;
    sandbox.fill("AWS", 1).unwrap();
    list(&atlas, &project).await.unwrap();
    let length = last_request(&sandbox).response_body.len();
    for (bound, fits) in [(length, true), (length - 1, false)] {
        let builder = builder(sandbox.base_url(), api_key(&sandbox));
        let atlas = builder.max_response_bytes(bound).build().unwrap();
        assert_eq!(list(&atlas, &project).await.is_ok(), fits);
    }
}

#[tokio::test]
async fn errors_challenges_and_tokens_are_bounded_too() {
    let sandbox = Sandbox::start().await.unwrap();
    let project = project(&sandbox);
    for credentials in [api_key(&sandbox), service_account(&sandbox)] {
        let builder = builder(sandbox.base_url(), credentials);
        let atlas = builder.max_response_bytes(10_000).build().unwrap();
        list(&atlas, &project).await.unwrap();
        let huge = |status| Canned::new(status, "text/plain", "x".repeat(20_000));
        sandbox.queue_response(huge(500));
        let error = list(&atlas, &project).await.unwrap_err();
        assert!(error.is_decode(), "{error}");
        list(&atlas, &project).await.unwrap();
        for _ in 0..2 {
            sandbox.queue_response(huge(401));
        }
        let error = list(&atlas, &project).await.unwrap_err();
        assert!(error.is_unauthorized(), "{error}");
    }
    let base_url = server(success("Content-Length: 99999999999\r\n", ""));
    let account = Credentials::service_account("mdb_sa_id_1", "mdb_sa_sk_1");
    let error = outcome(&base_url, |builder| builder.credentials(account)).await;
    assert!(error.unwrap_err().is_decode());
}

#[tokio::test]
async fn a_server_that_stops_in_the_middle_of_a_body_is_a_timeout() {
    let begun = Instant::now();
    let base_url = serve(false, |_| {
        success("Content-Length: 100\r\n", "{\"results\"")
    });
    let brief = Duration::from_millis(100);
    let error = outcome(&base_url, |builder| builder.read_timeout(brief)).await;
    let error = error.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    let elapsed = begun.elapsed();
    assert!(elapsed < Duration::from_secs(30), "{elapsed:?}");
}

#[tokio::test]
async fn an_incomplete_401_without_a_challenge_is_an_interruption() {
    let base_url = server("HTTP/1.1 401 Unauthorized\r\nContent-Length: 100\r\n\r\n{");
    let error = outcome(&base_url, |builder| builder).await.unwrap_err();
    assert!(error.is_interrupted(), "{error:?}");
}

#[tokio::test]
async fn a_flood_of_headers_is_an_error() {
    let headers = "X-Flood: x\r\n".repeat(20_000);
    let one_huge = format!("X: {}\r\n", "x".repeat(10_000_000));
    for headers in [headers, one_huge] {
        let base_url = server(success(&headers, "{\"results\":[]}"));
        let error = outcome(&base_url, |builder| builder).await.unwrap_err();
        assert!(error.status().is_none() && !error.is_timeout(), "{error:?}");
    }
}

#[tokio::test]
async fn an_unrequested_encoding_is_not_decompressed() {
    let (sandbox, atlas, project) = start().await;
    // The 20 bytes of an empty gzip stream stand for a decompression bomb: they stay as they are.
    let mut packed = [0; 20];
    packed[..3].copy_from_slice(&[0x1f, 0x8b, 8]);
    packed[9..12].copy_from_slice(&[3, 3, 0]);
    let bomb = Canned::new(200, "application/json", packed).header("Content-Encoding", "gzip");
    sandbox.queue_response(bomb);
    let error = list(&atlas, &project).await.unwrap_err();
    assert!(error.is_decode(), "{error}");
    let sent = sandbox.requests();
    assert_eq!(sent.last().unwrap().status, 200);
    let mut encodings = sent.iter().map(|of| of.header("accept-encoding"));
    assert!(encodings.all(|encoding| encoding.is_none()));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Sandbox::start().await.unwrap();
    let location = format!("Location: {}/api/atlas/v1.0/", elsewhere.base_url());
    let base_url = server(format!(
        "HTTP/1.1 307 Temporary Redirect\r\n{location}\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n",
    ));
    // Not even if the hook turns redirects on.
    let atlas = builder(&base_url, some_key())
        .configure(|connection| connection.redirect(reqwest::redirect::Policy::limited(9)))
        .build()
        .unwrap();
    let error = refusal(&atlas, &some_project()).await;
    assert_eq!(error.status().unwrap(), 307);
    let phrase = "redirects are never followed";
    assert!(error.to_string().contains(phrase), "{error}");
    assert!(elsewhere.requests().is_empty());
}

/// A server whose challenge never ends, and that responds to signed requests.
fn endless_challenge() -> String {
    serve(false, |head| {
        if head.contains("authorization:") {
            let page = r#"{"results":[],"totalCount":0,"links":[]}"#;
            return success(&format!("Content-Length: {}\r\n", page.len()), page);
        }
        let part = "x".repeat(300 * 1024);
        format!(
            "HTTP/1.1 401 Unauthorized\r\n\
             WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n\
             Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{part}\r\n",
            part.len()
        )
    })
}

#[tokio::test]
async fn a_challenge_without_an_end_is_not_read_further() {
    let base_url = endless_challenge();
    let call = outcome(&base_url, |builder| builder);
    tokio::time::timeout(Duration::from_secs(20), call)
        .await
        .expect("the rest of the challenge is not waited for")
        .unwrap();
}
