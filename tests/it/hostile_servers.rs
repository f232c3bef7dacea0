//! What a hostile or broken server may do to a client: nothing without a bound.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use atlas_peering::{Client, ClientBuilder, Credentials, Error, RetryPolicy};
use atlas_peering_sandbox::{Canned, Sandbox};
use tokio::time::Instant;

use crate::support::{client, last_request, list, project, server};

/// A client of a server, with its settings changed.
async fn outcome(
    base_url: &str,
    set: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<(), Error> {
    let builder = Client::builder()
        .base_url(base_url)
        .credentials(Credentials::api_key("abcdefgh", "private"))
        .retry(RetryPolicy::none());
    let atlas = set(builder).build().unwrap();
    list(&atlas, &"5356823b3794dee37132bb7b".parse().unwrap()).await
}

fn answer(headers: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{headers}\r\n{body}")
}

#[tokio::test]
async fn an_answer_over_the_bound_is_not_read() {
    let long = "x".repeat(2000);
    for (headers, body) in [
        // One that says so, and sends nothing of it.
        ("Content-Length: 99999999999\r\n", ""),
        ("Content-Length: 2000\r\n", long.as_str()),
        // Those that do not say how long they are.
        ("", long.as_str()),
        (
            "Transfer-Encoding: chunked\r\n",
            &format!(
                "3e8\r\n{}\r\n3e8\r\n{}\r\n0\r\n\r\n",
                &long[..1000],
                &long[..1000]
            ),
        ),
    ] {
        let base_url = server(answer(headers, body));
        let error = outcome(&base_url, |builder| builder.largest_answer(1500)).await;
        let error = error.unwrap_err();
        assert!(error.is_decode(), "{headers}: {error:?}");
        assert_eq!(error.status().unwrap(), 200);
        let words = "the answer 200 OK has over 1500 bytes, and was not read";
        assert!(error.to_string().contains(words), "{error}");
    }
    // Where nothing is set, the bound is 32 MiB.
    let base_url = server(answer("Content-Length: 33554433\r\n", ""));
    let error = outcome(&base_url, |builder| builder).await.unwrap_err();
    assert!(error.to_string().contains("33554432 bytes"), "{error}");
}

#[tokio::test]
async fn an_answer_of_just_the_bound_is_read() {
    let sandbox = Sandbox::start().await.unwrap();
    let project = project(&sandbox);
    sandbox.fill("AWS", 1).unwrap();
    let (public, private) = sandbox.api_key();
    list(&client(&sandbox), &project).await.unwrap();
    let length = last_request(&sandbox).answer.len();
    for (bound, fits) in [(length, true), (length - 1, false)] {
        let atlas = Client::builder()
            .base_url(sandbox.base_url())
            .credentials(Credentials::api_key(&public, &private))
            .largest_answer(bound)
            .build()
            .unwrap();
        assert_eq!(list(&atlas, &project).await.is_ok(), fits);
    }
}

#[tokio::test]
async fn errors_challenges_and_tokens_are_bounded_too() {
    let sandbox = Sandbox::start().await.unwrap();
    let project = project(&sandbox);
    let (public, private) = sandbox.api_key();
    let (id, secret) = sandbox.service_account();
    for credentials in [
        Credentials::api_key(public, private),
        Credentials::service_account(id, secret),
    ] {
        let atlas = Client::builder()
            .base_url(sandbox.base_url())
            .credentials(credentials)
            .retry(RetryPolicy::none())
            .largest_answer(10_000)
            .build()
            .unwrap();
        list(&atlas, &project).await.unwrap();
        for status in [401, 500] {
            let huge = Canned::new(status, "text/plain", "x".repeat(20_000));
            sandbox.answer_next(huge);
            let error = list(&atlas, &project).await.unwrap_err();
            assert!(error.is_decode(), "{status}: {error}");
        }
    }
    let base_url = server(answer("Content-Length: 99999999999\r\n", ""));
    let account = Credentials::service_account("mdb_sa_id_1", "mdb_sa_sk_1");
    let error = outcome(&base_url, |builder| builder.credentials(account)).await;
    assert!(error.unwrap_err().is_decode());
}

#[tokio::test]
async fn a_server_that_stops_in_the_middle_of_an_answer_is_waited_for_so_long() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        let _ = connection.read(&mut buffer).await.unwrap();
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"results\"";
        connection.write_all(head).await.unwrap();
        // It says nothing more, and ends with its client.
        let _ = connection.read(&mut buffer).await;
    });
    let begun = Instant::now();
    let brief = Duration::from_millis(100);
    let error = outcome(&base_url, |builder| builder.read_timeout(brief)).await;
    let error = error.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert!(
        begun.elapsed() < Duration::from_secs(30),
        "{:?}",
        begun.elapsed()
    );
    serving.await.unwrap();
}

#[tokio::test]
async fn a_flood_of_headers_is_an_error() {
    let headers = "X-Flood: x\r\n".repeat(20_000);
    let one_huge = format!("X: {}\r\n", "x".repeat(10_000_000));
    for headers in [headers, one_huge] {
        let base_url = server(answer(&headers, "{\"results\":[]}"));
        let error = outcome(&base_url, |builder| builder).await.unwrap_err();
        assert!(error.status().is_none() && !error.is_timeout(), "{error:?}");
    }
}

#[tokio::test]
async fn nothing_is_unpacked_that_was_not_asked_for() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    list(&atlas, &project).await.unwrap();
    let sent = sandbox.requests();
    assert!(
        sent.iter()
            .all(|request| request.header("accept-encoding").is_none())
    );
    // The 20 bytes of an empty gzip stream stand for a bomb: they are shown as they came.
    let packed = [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    let bomb = Canned::new(200, "application/json", packed).header("Content-Encoding", "gzip");
    sandbox.answer_next(bomb);
    let error = list(&atlas, &project).await.unwrap_err();
    assert!(error.is_decode(), "{error}");
    assert_eq!(sandbox.requests().pop().unwrap().status, 200);
}

#[tokio::test]
async fn a_circle_of_redirects_is_not_followed() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    list(&atlas, &project).await.unwrap();
    let path = sandbox.requests().pop().unwrap().path;
    let circle = Canned::new(307, "text/plain", "").header("Location", path);
    sandbox.answer_next(circle);
    let before = sandbox.requests().len();
    let error = list(&atlas, &project).await.unwrap_err();
    assert!(
        error.to_string().contains("redirects are never followed"),
        "{error}"
    );
    assert_eq!(sandbox.requests().len(), before + 1);
}

/// A server that never ends its challenge, and answers whoever signs.
fn endless_challenge() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut buffer = [0; 4096];
            let read = connection.read(&mut buffer).unwrap_or_default();
            let head = String::from_utf8_lossy(&buffer[..read]).to_lowercase();
            let answer = if head.contains("authorization:") {
                let page = r#"{"results":[],"totalCount":0,"links":[]}"#;
                answer(&format!("Content-Length: {}\r\n", page.len()), page)
            } else {
                let part = "x".repeat(300 * 1024);
                format!(
                    "HTTP/1.1 401 Unauthorized\r\n\
                     WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n\
                     Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{part}\r\n",
                    part.len()
                )
            };
            // A client that has gone is what is tested.
            let _ = connection.write_all(answer.as_bytes());
            open.push(connection);
        }
    });
    base_url
}

#[tokio::test]
async fn a_challenge_without_an_end_is_left() {
    let base_url = endless_challenge();
    let call = outcome(&base_url, |builder| builder);
    tokio::time::timeout(Duration::from_secs(20), call)
        .await
        .expect("the rest of the challenge is not waited for")
        .unwrap();
}
