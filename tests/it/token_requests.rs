//! Token requests: which calls wait for them, how they end, and how many are sent.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use atlas_peering::{Client, Credentials, Error, ProjectId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use crate::support::{builder, client_at, list, some_project};

const SECOND: Duration = Duration::from_secs(1);

/// The behavior of a server that issues tokens; a test changes it while the server runs.
#[derive(Debug, Default)]
struct Behaviour {
    /// How long a token takes.
    delay: Duration,
    /// Whether `expires_in` is absent.
    hides_life: bool,
    /// Tokens up to this number are refused.
    refused: usize,
    /// Whether the response to a revocation is 503.
    fails_revocation: bool,
    granted: usize,
    revocations: usize,
}

/// A server on the runtime of its test, so that it follows paused time.
struct Server {
    base_url: String,
    behaviour: Arc<Mutex<Behaviour>>,
}

impl Server {
    fn start() -> Self {
        Self::on(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap())
    }

    fn on(listener: std::net::TcpListener) -> Self {
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let behaviour = Arc::<Mutex<Behaviour>>::default();
        let shared = Arc::clone(&behaviour);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, Arc::clone(&shared)));
            }
        });
        Self {
            base_url,
            behaviour,
        }
    }

    fn change(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.behaviour.lock().unwrap());
    }

    fn granted(&self) -> usize {
        self.behaviour.lock().unwrap().granted
    }
}

async fn serve(mut connection: TcpStream, behaviour: Arc<Mutex<Behaviour>>) {
    let mut request = Vec::new();
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        if connection.read_buf(&mut request).await.unwrap_or_default() == 0 {
            return;
        }
    }
    let head = String::from_utf8_lossy(&request).into_owned();
    let delay = behaviour.lock().unwrap().delay;
    if head.starts_with("POST /api/oauth/token") {
        sleep(delay).await;
    }
    let (status, body) = response(&head, &mut behaviour.lock().unwrap());
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    // The write fails if the test dropped the call.
    let _ = connection.write_all(text.as_bytes()).await;
}

fn response(head: &str, behaviour: &mut Behaviour) -> (u16, String) {
    if head.starts_with("POST /api/oauth/token") {
        behaviour.granted += 1;
        let life = if behaviour.hides_life {
            ""
        } else {
            r#","expires_in":3600"#
        };
        let granted = behaviour.granted;
        (200, format!(r#"{{"access_token":"t{granted}"{life}}}"#))
    } else if head.starts_with("POST /api/oauth/revoke") {
        behaviour.revocations += 1;
        let status = if behaviour.fails_revocation { 503 } else { 200 };
        (status, String::new())
    } else if (0..=behaviour.refused).any(|token| head.contains(&format!("Bearer t{token}\r\n"))) {
        (
            401,
            r#"{"error":401,"errorCode":"UNEXPECTED_ERROR"}"#.into(),
        )
    } else if head.contains("pageNum=1&") {
        let next = r#"{"rel":"next","href":"x"}"#;
        let item = r#"{"id":"1112222b3bf99403840e8934","vpcId":"vpc-1"}"#;
        (200, format!(r#"{{"results":[{item}],"links":[{next}]}}"#))
    } else {
        (200, r#"{"results":[]}"#.into())
    }
}

fn service_account() -> Credentials {
    Credentials::service_account("mdb_sa_id_1", "mdb_sa_sk_1")
}

fn rig() -> (Server, Client, ProjectId) {
    let server = Server::start();
    let atlas = client_at(&server.base_url, service_account());
    (server, atlas, some_project())
}

async fn in_time<T>(call: impl Future<Output = Result<T, Error>>) -> T {
    let outcome = timeout(60 * SECOND, call).await;
    outcome.expect("it ends in time").unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_not_polled_while_it_waits_for_a_token_delays_no_other() {
    let (server, atlas, project) = rig();
    server.change(|behaviour| behaviour.delay = 5 * SECOND);
    let mut first = Box::pin(list(&atlas, &project));
    tokio::select! {
        _ = &mut first => panic!("a token takes longer"),
        () = sleep(SECOND) => { in_time(list(&atlas, &project)).await; }
    }
    first.await.unwrap();
    assert_eq!(server.granted(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_not_polled_while_its_token_is_renewed_delays_no_other_call() {
    let (server, atlas, project) = rig();
    let mut peerings = atlas.peerings(&project).page_size(1);
    peerings.next().await.unwrap().unwrap();
    server.change(|behaviour| (behaviour.delay, behaviour.refused) = (5 * SECOND, 1));
    tokio::select! {
        _ = peerings.next() => panic!("a token takes longer"),
        () = sleep(SECOND) => { in_time(list(&atlas, &project)).await; }
    }
    while let Some(peering) = peerings.next().await {
        peering.unwrap();
    }
    assert_eq!(server.granted(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_new_tokens_gets_a_few_token_requests_for_100_calls() {
    let (server, atlas, project) = rig();
    server.change(|behaviour| behaviour.refused = usize::from(u8::MAX));
    for _ in 0..100 {
        let error = list(&atlas, &project).await.unwrap_err();
        assert!(error.is_unauthorized());
        sleep(SECOND / 5).await;
    }
    let granted = server.granted();
    assert!((2..=6).contains(&granted), "{granted} in 20 seconds");
    // The client's present token works again.
    server.change(|behaviour| behaviour.refused = 0);
    in_time(list(&atlas, &project)).await;
    assert_eq!(server.granted(), granted);
    // If only a newer token works, the client gets it within a minute.
    sleep(60 * SECOND).await;
    server.change(|behaviour| behaviour.refused = granted);
    in_time(list(&atlas, &project)).await;
    assert_eq!(server.granted(), granted + 1);
}

#[tokio::test(start_paused = true)]
async fn a_revocation_that_fails_or_is_dropped_forgets_no_token() {
    let (server, atlas, project) = rig();
    in_time(list(&atlas, &project)).await;
    server.change(|behaviour| behaviour.fails_revocation = true);
    assert!(atlas.revoke_token().await.unwrap_err().is_server_error());
    in_time(list(&atlas, &project)).await;
    assert_eq!(server.granted(), 1, "it is used yet");

    let mut dropped = Box::pin(atlas.revoke_token());
    let polled = timeout(Duration::ZERO, &mut dropped).await;
    assert!(polled.is_err(), "it takes longer than nothing");
    drop(dropped);

    server.change(|behaviour| (behaviour.fails_revocation, behaviour.revocations) = (false, 0));
    atlas.revoke_token().await.unwrap();
    assert_eq!(server.behaviour.lock().unwrap().revocations, 1);
    in_time(list(&atlas, &project)).await;
    assert_eq!(server.granted(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_without_expires_in_is_used_for_an_hour() {
    let (server, atlas, project) = rig();
    server.change(|behaviour| behaviour.hides_life = true);
    for _ in 0..50 {
        in_time(list(&atlas, &project)).await;
        sleep(60 * SECOND).await;
    }
    assert_eq!(server.granted(), 1);
    sleep(3600 * SECOND).await;
    in_time(list(&atlas, &project)).await;
    assert_eq!(server.granted(), 2);
}

#[test]
fn a_token_request_on_a_stopped_runtime_does_not_block_without_end() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().start_paused(true).build().unwrap()
    };
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let atlas = builder(&base_url, service_account()).build().unwrap();
    let idle = runtime();
    idle.block_on(async {
        let first = timeout(SECOND, list(&atlas, &some_project())).await;
        assert!(first.is_err(), "the server accepts no connection");
    });
    runtime().block_on(async {
        let _server = Server::on(listener);
        let second = timeout(600 * SECOND, list(&atlas, &some_project())).await;
        second.expect("it ends").unwrap();
    });
    drop(idle);
}

#[tokio::test(start_paused = true)]
async fn a_path_that_refuses_all_tokens_gets_a_few_while_other_paths_succeed() {
    let (server, atlas, project) = rig();
    let id = "6746ceedaef48d1cb265896b".parse().unwrap();
    for _ in 0..100 {
        in_time(list(&atlas, &project)).await;
        server.change(|behaviour| behaviour.refused = usize::from(u8::MAX));
        let refused = atlas.get_peering_container(&project, &id).await;
        assert!(refused.unwrap_err().is_unauthorized());
        server.change(|behaviour| behaviour.refused = 0);
    }
    assert!(server.granted() <= 6, "{}", server.granted());
}
