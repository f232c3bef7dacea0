//! A creation that takes minutes: its reason is waited for, and its unknown fate is looked up.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use atlas_peering::{Client, Credentials};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::support::{CONTAINER, azure, json_response as response, some_key, some_project, start};

/// Two minutes, after which the service tells that it cannot reach a network.
const UNREACHABLE: Duration = Duration::from_secs(120);

/// The methods of the requests, in their order.
type Methods = Arc<Mutex<Vec<String>>>;

/// A server that has no peerings, and whose creations are refused so much later.
async fn server(late: Duration) -> (String, Methods) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let methods = Methods::default();
    let seen = Arc::clone(&methods);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(answer(connection, late, Arc::clone(&seen)));
        }
    });
    (base_url, methods)
}

async fn answer(mut connection: TcpStream, late: Duration, seen: Methods) {
    let mut buffer = [0; 8192];
    let read = connection.read(&mut buffer).await.unwrap();
    let head = String::from_utf8_lossy(&buffer[..read]).into_owned();
    let method = head.split(' ').next().unwrap_or_default();
    seen.lock().unwrap().push(method.to_owned());
    let response = if method == "POST" {
        tokio::time::sleep(late).await;
        let code = "AZURE_CUSTOMER_NETWORK_UNREACHABLE";
        let detail = "The network cannot be reached.";
        response(
            404,
            &json!({"error": 404, "errorCode": code, "detail": detail}),
        )
    } else if head.contains("/containers/") {
        response(200, &json!({"id": CONTAINER, "providerName": "AZURE"}))
    } else {
        response(200, &json!({"results": [], "totalCount": 0}))
    };
    // A client that has gone is what some tests are about.
    let _ = connection.write_all(response.as_bytes()).await;
}

/// A client with the settings of its defaults.
fn client(base_url: &str, credentials: Credentials) -> Client {
    let builder = Client::builder().base_url(base_url);
    builder.credentials(credentials).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_reason_of_a_network_that_cannot_be_reached_comes_after_one_creation() {
    let (sandbox, _, _) = start().await;
    let (base_url, methods) = server(UNREACHABLE).await;
    let atlas = client(&base_url, some_key());
    let begun = Instant::now();
    let request = azure(&sandbox);
    let error = atlas.ensure_peering(&some_project(), request).await;
    let error = error.unwrap_err();
    assert!(begun.elapsed() >= UNREACHABLE, "{:?}", begun.elapsed());
    assert_eq!(*methods.lock().unwrap(), ["GET", "GET", "POST"]);
    assert_eq!(error.status().unwrap().as_u16(), 404);
    assert!(!error.is_not_found(), "{error}");
    let message = error.to_string();
    let words = "AZURE_CUSTOMER_NETWORK_UNREACHABLE";
    assert!(message.contains(words), "{message}");
    assert!(message.contains("check azureDirectoryId"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_creation_without_a_response_is_looked_up_once() {
    let (sandbox, _, _) = start().await;
    let (base_url, methods) = server(Duration::from_secs(100_000)).await;
    let atlas = client(&base_url, some_key());
    let begun = Instant::now();
    let request = azure(&sandbox);
    let error = atlas.ensure_peering(&some_project(), request).await;
    let error = error.unwrap_err();
    let took = begun.elapsed().as_secs();
    assert!((180..190).contains(&took), "{took}");
    // The list and the container come first; after the creation, the list once more.
    assert_eq!(*methods.lock().unwrap(), ["GET", "GET", "POST", "GET"]);
    assert!(error.is_timeout(), "{error}");
    let message = error.to_string();
    let words = "in time; whether the service acted is unknown";
    assert!(message.contains(words), "{message}");
    assert_eq!(error.attempts(), 1);
}
