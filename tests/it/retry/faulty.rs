//! A server that fails according to a script.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The behavior of the server for one request.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// It accepts the connection and closes it.
    ResetBefore,
    /// It closes the connection in the middle of the request.
    ResetDuring,
    /// It reads the request and closes the connection.
    ResetAfter,
    /// It reads the request and sends nothing.
    Silent,
    /// It closes the connection in the middle of the response.
    Cut,
    /// It sends this response.
    Respond(String),
}

pub(super) fn response(status: &str, headers: &str, body: &str) -> Fault {
    let length = body.len();
    Fault::Respond(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    ))
}

/// A server with a script of faults, of which the last repeats. It first issues a challenge or a token and
/// admits one request, so that the requests after that are authenticated when they meet the script. It is on
/// the runtime of its test, so that it follows paused time.
pub(super) struct Faulty {
    pub(super) base_url: String,
    /// The number of requests that met the script.
    met: Arc<AtomicUsize>,
}

impl Faulty {
    pub(super) async fn start(script: Vec<Fault>) -> Self {
        Self::after(0, script).await
    }

    /// Starts a server whose first request meets the script.
    pub(super) async fn cold(script: Vec<Fault>) -> Self {
        Self::after(2, script).await
    }

    async fn after(seen: usize, script: Vec<Fault>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, met) = (
            Arc::new(AtomicUsize::new(seen)),
            Arc::new(AtomicUsize::new(0)),
        );
        let (script, count) = (Arc::new(script), Arc::clone(&met));
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (script, seen, met) =
                    (Arc::clone(&script), Arc::clone(&seen), Arc::clone(&count));
                tokio::spawn(async move { serve(connection, &script, &seen, &met).await });
            }
        });
        Self { base_url, met }
    }

    pub(super) fn met(&self) -> usize {
        self.met.load(Ordering::SeqCst)
    }
}

async fn serve(mut connection: TcpStream, script: &[Fault], seen: &AtomicUsize, met: &AtomicUsize) {
    let turn = |met: usize| &script[met.min(script.len() - 1)];
    if seen.load(Ordering::SeqCst) >= 2
        && matches!(turn(met.load(Ordering::SeqCst)), Fault::ResetBefore)
    {
        met.fetch_add(1, Ordering::SeqCst);
        return;
    }
    let mut first = [0; 1];
    while let Ok(1) = connection.read(&mut first).await {
        let fault = match seen.fetch_add(1, Ordering::SeqCst) {
            0 if first == *b"P" => {
                response("200 OK", "", r#"{"access_token":"t","expires_in":3600}"#)
            }
            0 => response(
                "401 Unauthorized",
                "WWW-Authenticate: Digest realm=r, nonce=n, qop=auth\r\n",
                "",
            ),
            // The next request needs a new connection.
            1 => response("200 OK", "Connection: close\r\n", r#"{"results":[]}"#),
            _ => turn(met.fetch_add(1, Ordering::SeqCst)).clone(),
        };
        if matches!(fault, Fault::ResetDuring) {
            // Unread bytes turn the end of the connection into a reset.
            return;
        }
        read_request(&mut connection).await;
        // A write fails if the test dropped the call.
        match fault {
            Fault::ResetBefore | Fault::ResetDuring | Fault::ResetAfter => return,
            Fault::Silent => {
                let _ = connection.read(&mut first).await;
                return;
            }
            Fault::Cut => {
                let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{";
                let _ = connection.write_all(cut).await;
                return;
            }
            Fault::Respond(text) => {
                let _ = connection.write_all(text.as_bytes()).await;
            }
        }
    }
}

/// Reads the rest of a request, its body included.
async fn read_request(connection: &mut TcpStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split_once("content-length: ");
            let length = length.map_or("0", |(_, rest)| rest.split("\r\n").next().unwrap());
            if body.len() >= length.parse().unwrap() {
                return;
            }
        }
        match connection.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend(&buffer[..read]),
        }
    }
}
