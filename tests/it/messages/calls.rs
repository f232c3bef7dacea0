//! Connections that fail, and responses that are missing, incomplete or not the service's.

use std::future::poll_fn;
use std::io::{Read as _, Write as _};
use std::pin::pin;
use std::task::Poll;

use atlas_peering::{Client, Error, RetryPolicy};
use atlas_peering_sandbox::{Canned, Digest, Fault, Rspauth, Sandbox};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::Table;
use crate::support::{
    api_key, builder, client, client_at, list, project, refusal, server, some_key, some_project,
    start,
};

pub(super) async fn rows(table: &mut Table) {
    table.section("No connection, and nothing was sent");
    let base_url = |scheme: &str, port| format!("{scheme}://127.0.0.1:{port}");
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let atlas = client_at(&base_url("http", port), some_key());
    table.row("a port that nothing listens at", get(&atlas).await);
    // It never accepts: the connection waits in its queue.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let atlas = client_at(&base_url("https", port), some_key());
    table.row(
        "a server that does not start TLS",
        paused(get(&atlas)).await,
    );
    let atlas = client_at(&without_tls(), some_key());
    table.row("a server that refuses TLS", get(&atlas).await);

    table.section("A response that is missing or incomplete");
    let atlas = client_at(&base_url("http", port), some_key());
    table.row(
        "a server that is silent, for a list",
        paused(get(&atlas)).await,
    );
    let atlas = client_at(&server(""), some_key());
    let created = refusal(&atlas, &some_project()).await;
    table.row(
        "a server that hangs up, for a creation",
        Err::<(), _>(created),
    );
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":";
    let atlas = client_at(&server(head), some_key());
    table.row("a body that is cut", get(&atlas).await);
    let atlas = client_at(&stalled(head).await, some_key());
    table.row("a body that pauses", paused(get(&atlas)).await);

    table.section("A response that is not the service's");
    let (sandbox, atlas, project) = start().await;
    let peering = json!({"id": "1112222b3bf99403840e8934", "vpcId": 7});
    for (situation, body) in [
        ("a page in place of JSON", "<html>Sign in</html>".to_owned()),
        (
            "JSON without a required field",
            json!({"totalCount": 0}).to_string(),
        ),
        (
            "a field of another type",
            json!({"results": [peering]}).to_string(),
        ),
        (
            "more than one JSON value",
            "{\"results\": []} {}".to_owned(),
        ),
    ] {
        sandbox.queue_response(Canned::new(200, "application/json", body));
        table.row(situation, list(&atlas, &project).await);
    }
    sandbox.queue_response(Canned::new(200, "text/html", "<html>"));
    let id = "1112222b3bf99403840e8934".parse().unwrap();
    let deleted = atlas.delete_peering_connection(&project, &id).await;
    table.row("a page in place of a deletion's empty body", deleted);
    let narrow = builder(sandbox.base_url(), api_key(&sandbox)).max_response_bytes(10);
    let outcome = list(&narrow.build().unwrap(), &project).await;
    table.row("a response that is too large", outcome);
    table.row("a server that does not know the key", unproven().await);

    table.section("Attempts and runtimes");
    let fault = Fault::fail_before(503).times(4);
    sandbox.inject("listPeeringConnections", fault).unwrap();
    let patient = builder(sandbox.base_url(), api_key(&sandbox)).retry(RetryPolicy::default());
    let patient = patient.build().unwrap();
    table.row(
        "503 at each of 4 attempts",
        paused(list(&patient, &project)).await,
    );
    table.row("a list whose runtime ends", runtime_ended());
}

async fn get(atlas: &Client) -> Result<(), Error> {
    list(atlas, &some_project()).await
}

/// The outcome of a future whose time limits expire at once.
async fn paused<T>(run: impl Future<Output = T>) -> T {
    tokio::time::pause();
    let outcome = run.await;
    tokio::time::resume();
    outcome
}

/// A server that sends a fatal alert, `handshake_failure` (RFC 8446, section 6.2), to each client.
fn without_tls() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = connection.read(&mut [0; 4096]).unwrap();
        connection.write_all(&[21, 3, 3, 0, 2, 2, 40]).unwrap();
        // Until the client hangs up.
        let _ = connection.read(&mut [0; 4096]);
    });
    base_url
}

/// A server that sends these bytes, and nothing more. It runs on the runtime of the test, so that paused
/// time does not run ahead of it.
async fn stalled(response: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let _ = connection.read(&mut [0; 4096]).await.unwrap();
        connection.write_all(response.as_bytes()).await.unwrap();
        std::future::pending::<()>().await;
    });
    base_url
}

async fn unproven() -> Result<(), Error> {
    let digest = Digest::default().rspauth(Rspauth::Wrong);
    let sandbox = Sandbox::builder().digest(digest).start().await.unwrap();
    list(&client(&sandbox), &project(&sandbox)).await
}

/// A list whose first page is requested on a runtime, which ends, and awaited on another one.
fn runtime_ended() -> Result<(), Error> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let mut peerings = client_at(&base_url, some_key()).peerings(&some_project());
    let run = move || {
        let runtime = || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
        };
        let first = runtime();
        first.block_on(async {
            let mut next = pin!(peerings.next());
            poll_fn(|context| Poll::Ready(next.as_mut().poll(context).is_ready())).await
        });
        drop(first);
        runtime().block_on(peerings.next())
    };
    let next = std::thread::spawn(run).join().unwrap();
    next.unwrap().map(|_| ())
}
