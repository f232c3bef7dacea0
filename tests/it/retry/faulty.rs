//! A server that fails by a script.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a server does with a request.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// It takes the connection and hangs up.
    ResetBefore,
    /// It hangs up in the middle of the request.
    ResetDuring,
    /// It reads the request and hangs up.
    ResetAfter,
    /// It reads the request and says nothing.
    Silent,
    /// It hangs up in the middle of its answer.
    Cut,
    Answer(String),
}

pub(super) fn answer(status: &str, headers: &str, body: &str) -> Fault {
    let length = body.len();
    Fault::Answer(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    ))
}

/// A server, on the runtime of its test so that the test's time can be paused, that gives a challenge, or a token, and lets one request in, so that the next ones are
/// authenticated at once; they meet the faults of its script, of which the last repeats.
pub(super) struct Faulty {
    pub(super) base_url: String,
    /// How many requests met the script.
    met: Arc<AtomicUsize>,
}

impl Faulty {
    pub(super) async fn start(script: Vec<Fault>) -> Self {
        Self::after(0, script).await
    }

    /// One whose script is met by the first request.
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
                answer("200 OK", "", r#"{"access_token":"t","expires_in":3600}"#)
            }
            0 => answer(
                "401 Unauthorized",
                "WWW-Authenticate: Digest realm=r, nonce=n, qop=auth\r\n",
                "",
            ),
            // So that the next request comes over a connection of its own.
            1 => answer("200 OK", "Connection: close\r\n", r#"{"results":[]}"#),
            _ => turn(met.fetch_add(1, Ordering::SeqCst)).clone(),
        };
        if matches!(fault, Fault::ResetDuring) {
            // What is unread turns the end of the connection into a reset.
            return;
        }
        read_request(&mut connection).await;
        // A client that has gone is the test's own doing.
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
            Fault::Answer(text) => {
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
