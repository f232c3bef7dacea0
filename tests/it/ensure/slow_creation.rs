//! A creation that takes minutes: the client waits for its error, and lists peerings if the outcome is
//! unknown.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use atlas_peering::{Client, Credentials};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::support::{CONTAINER, azure, json_response as response, some_key, some_project, start};

/// The time until the service responds that it cannot reach a network: 2 minutes.
const UNREACHABLE: Duration = Duration::from_secs(120);

/// The methods of the requests, in the order of arrival.
type Methods = Arc<Mutex<Vec<String>>>;

/// A server without peerings that refuses a creation after `late`. Also returns the methods.
async fn server(late: Duration) -> (String, Methods) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let methods = Methods::default();
    let seen = Arc::clone(&methods);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(respond(connection, late, Arc::clone(&seen)));
        }
    });
    (base_url, methods)
}

async fn respond(mut connection: TcpStream, late: Duration, seen: Methods) {
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
    // The write fails if the client disconnected, as in some tests.
    let _ = connection.write_all(response.as_bytes()).await;
}

/// A client with the default settings.
fn client(base_url: &str, credentials: Credentials) -> Client {
    let builder = Client::builder().base_url(base_url);
    builder.credentials(credentials).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_error_of_an_unreachable_network_follows_one_creation() {
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
    let phrase = "AZURE_CUSTOMER_NETWORK_UNREACHABLE";
    assert!(message.contains(phrase), "{message}");
    assert!(message.contains("check azureDirectoryId"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_creation_without_a_response_is_followed_by_one_list() {
    let (sandbox, _, _) = start().await;
    let (base_url, methods) = server(Duration::from_secs(100_000)).await;
    let atlas = client(&base_url, some_key());
    let begun = Instant::now();
    let request = azure(&sandbox);
    let error = atlas.ensure_peering(&some_project(), request).await;
    let error = error.unwrap_err();
    let took = begun.elapsed().as_secs();
    assert!((180..190).contains(&took), "{took}");
    // List and container before the creation, and the list once more after it.
    assert_eq!(*methods.lock().unwrap(), ["GET", "GET", "POST", "GET"]);
    assert!(error.is_timeout(), "{error}");
    let message = error.to_string();
    let phrase = "in time; whether the service acted is unknown";
    assert!(message.contains(phrase), "{message}");
    assert_eq!(error.attempts(), 1);
}
