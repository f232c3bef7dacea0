//! The server of the bench: each response is a list of peerings. The path selects its behavior:
//! `/AUTH-DELAY/…` or `/AUTH-DELAY-TOTAL/…`.
//!
//! - `AUTH`: the authentication that it asks for: `none`, `md5`, `sha256`, `once` (MD5, each nonce valid for
//!   one request) or `token`.
//! - `DELAY`: the milliseconds before each response.
//! - `TOTAL`: the number of peerings, in pages. Default: 10, on one page.

use std::collections::HashSet;
use std::convert::Infallible;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;

use crate::Failure;
use crate::peering::peering;

#[derive(Default)]
struct State {
    requests: AtomicU64,
    connections: AtomicU64,
    nonces: AtomicU64,
    used: Mutex<HashSet<String>>,
    page: Bytes,
    enveloped: Bytes,
}

#[tokio::main(worker_threads = 2)]
pub(crate) async fn run() -> Result<(), Failure> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    let mut page = page(0..10, 10);
    let plain = page.to_string();
    page["status"] = 200.into();
    let state = Arc::new(State {
        page: plain.into(),
        enveloped: page.to_string().into(),
        ..State::default()
    });
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        state.connections.fetch_add(1, Ordering::Relaxed);
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(|request| respond(Arc::clone(&state), request));
            // A client that disconnects is no error.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// A page with the peerings `numbers` of `total`.
fn page(numbers: Range<usize>, total: usize) -> serde_json::Value {
    let peerings = numbers.map(peering);
    json!({"links": [], "results": peerings.collect::<Vec<_>>(), "totalCount": total})
}

async fn respond(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    if path == "/counts" {
        let requests = state.requests.swap(0, Ordering::Relaxed);
        let connections = state.connections.swap(0, Ordering::Relaxed);
        return Ok(Response::new(format!("{requests} {connections}").into()));
    }
    state.requests.fetch_add(1, Ordering::Relaxed);
    let mode = path.split('/').nth(1).unwrap_or_default();
    let mut mode = mode.split('-');
    let asks_for = mode.next().unwrap_or_default();
    let delay = mode.next().and_then(|delay| delay.parse().ok());
    let delay = delay.unwrap_or_default();
    let total: Option<usize> = mode.next().and_then(|total| total.parse().ok());
    if delay > 0 {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    let authorization = request.headers().get(AUTHORIZATION);
    let authorization = authorization
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let refused = refusal(&state, asks_for, authorization);
    let is_token = path.ends_with("/api/oauth/token");
    let _ = request.into_body().collect().await;
    let body = if is_token {
        Bytes::from_static(br#"{"access_token":"token","expires_in":3600,"token_type":"Bearer"}"#)
    } else if let Some(challenge) = refused {
        let mut response = Response::new(Full::from("{\"error\":401}"));
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        if let Ok(challenge) = challenge.try_into() {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        return Ok(response);
    } else if let Some(total) = total {
        page(requested(&query, total), total).to_string().into()
    } else if query.contains("envelope=true") {
        state.enveloped.clone()
    } else {
        state.page.clone()
    };
    let mut response = Response::new(body.into());
    let json = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

/// The numbers of the peerings on the requested page.
fn requested(query: &str, total: usize) -> Range<usize> {
    let get = |name: &str| {
        let mut parameters = query.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = parameters.find(|(own, _)| *own == name)?;
        value.parse::<usize>().ok()
    };
    let size = get("itemsPerPage").unwrap_or(100);
    let start = (get("pageNum").unwrap_or(1) - 1) * size;
    start.min(total)..(start + size).min(total)
}

/// The challenge for a request without valid credentials. The server does not verify the digest: its own
/// work is not measured.
fn refusal(state: &State, asks_for: &str, authorization: &str) -> Option<String> {
    let nonce = authorization.split("nonce=\"").nth(1);
    let nonce = nonce.and_then(|rest| rest.split('"').next());
    let known = nonce.is_some_and(|nonce| nonce.starts_with("bench"));
    let admitted = match asks_for {
        "none" => true,
        "token" => authorization == "Bearer token",
        "once" => known && is_first(state, nonce.unwrap_or_default()),
        _ => known,
    };
    let algorithm = if asks_for == "sha256" {
        "SHA-256"
    } else {
        "MD5"
    };
    (!admitted).then(|| {
        let number = state.nonces.fetch_add(1, Ordering::Relaxed);
        format!(
            "Digest realm=\"MMS Public API\", nonce=\"bench{number:027}\", algorithm={algorithm}, qop=\"auth\", stale={known}"
        )
    })
}

fn is_first(state: &State, nonce: &str) -> bool {
    let used = state.used.lock();
    used.unwrap_or_else(PoisonError::into_inner)
        .insert(nonce.to_owned())
}
