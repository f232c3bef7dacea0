//! Shared parts of the tests: a client for a sandbox, common requests, and bare servers.

use std::future::poll_fn;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::pin::pin;
use std::task::Poll;

use atlas_peering::types::{NewAwsPeering, NewAzurePeering, NewGcpPeering, NewPeering, Peering};
use atlas_peering::{
    ApiVersion, Client, ClientBuilder, ContainerId, Credentials, Error, PeeringId, ProjectId,
    Response, RetryPolicy,
};
use atlas_peering_sandbox::{Recorded, Sandbox};
use serde_json::Value;

/// The error of a token provider or a store of the program.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

pub(crate) const CONTAINER: &str = "6746ceedaef48d1cb265896b";

/// A sandbox, a client of it that makes one attempt for each call, and its project.
pub(crate) async fn start() -> (Sandbox, Client, ProjectId) {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    (sandbox, atlas, project)
}

/// A client with the sandbox's own key.
pub(crate) fn client(sandbox: &Sandbox) -> Client {
    client_of(sandbox, ApiVersion::default())
}

/// The same for a version of the API.
pub(crate) fn client_of(sandbox: &Sandbox, version: ApiVersion) -> Client {
    let builder = builder(sandbox.base_url(), api_key(sandbox));
    builder.api_version(version).build().unwrap()
}

pub(crate) fn client_at(base_url: &str, credentials: Credentials) -> Client {
    builder(base_url, credentials).build().unwrap()
}

/// A builder of clients that make one attempt for each call.
pub(crate) fn builder(base_url: &str, credentials: Credentials) -> ClientBuilder {
    Client::builder()
        .base_url(base_url)
        .credentials(credentials)
        .retry(RetryPolicy::none())
}

/// The sandbox's own key.
pub(crate) fn api_key(sandbox: &Sandbox) -> Credentials {
    let (public, private) = sandbox.api_key();
    Credentials::api_key(public, private)
}

/// The sandbox's own service account.
pub(crate) fn service_account(sandbox: &Sandbox) -> Credentials {
    let (id, secret) = sandbox.service_account();
    Credentials::service_account(id, secret)
}

/// A key for servers that accept any.
pub(crate) fn some_key() -> Credentials {
    Credentials::api_key("abcdefgh", "private")
}

/// A project for servers that accept any.
pub(crate) fn some_project() -> ProjectId {
    "5356823b3794dee37132bb7b".parse().unwrap()
}

pub(crate) fn project(sandbox: &Sandbox) -> ProjectId {
    sandbox.project().parse().unwrap()
}

pub(crate) fn aws() -> NewAwsPeering {
    NewAwsPeering::new("vpc-0123456789abcdef0", "123456789012", "192.168.0.0/24")
}

/// A request with a container of the sandbox.
pub(crate) fn azure(sandbox: &Sandbox) -> NewAzurePeering {
    let vnet = "/subscriptions/0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02/resourceGroups/network-rg\
                /providers/Microsoft.Network/virtualNetworks/app-vnet";
    let container = container(sandbox, "AZURE", "US_EAST");
    let directory = "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11";
    NewAzurePeering::from_resource_id(container, directory, vnet).unwrap()
}

/// A request with a container of the sandbox.
pub(crate) fn gcp(sandbox: &Sandbox) -> NewGcpPeering {
    let network = "projects/my-project-1/global/networks/default";
    NewGcpPeering::from_self_link(container(sandbox, "GCP", ""), network).unwrap()
}

/// The container of a cluster.
pub(crate) fn container(sandbox: &Sandbox, provider: &str, region: &str) -> ContainerId {
    let id = sandbox.make_cluster(provider, region).unwrap();
    id.parse().unwrap()
}

/// Creates a peering on AWS.
pub(crate) async fn created(atlas: &Client, project: &ProjectId) -> Peering {
    made(atlas, project, aws()).await
}

/// Creates a peering.
pub(crate) async fn made(
    atlas: &Client,
    project: &ProjectId,
    request: impl Into<NewPeering>,
) -> Peering {
    create(atlas, project, request).await.unwrap().into_inner()
}

pub(crate) async fn create(
    atlas: &Client,
    project: &ProjectId,
    request: impl Into<NewPeering>,
) -> Result<Response<Peering>, Error> {
    let request = request.into();
    atlas.create_peering_connection(project, &request).await
}

/// Creates a peering on AWS, and returns the error.
pub(crate) async fn refusal(atlas: &Client, project: &ProjectId) -> Error {
    create(atlas, project, aws()).await.unwrap_err()
}

pub(crate) async fn read(
    atlas: &Client,
    project: &ProjectId,
    id: &PeeringId,
) -> Result<Response<Peering>, Error> {
    atlas.get_peering_connection(project, id).await
}

/// Lists peerings: the call with the fewest arguments.
pub(crate) async fn list(atlas: &Client, project: &ProjectId) -> Result<(), Error> {
    let page = atlas.list_peering_connections(project);
    page.await.map(|_| ())
}

/// The status and the code of a refusal.
pub(crate) fn code(outcome: Result<impl std::fmt::Debug, Error>) -> String {
    let error = outcome.unwrap_err();
    format!(
        "{} {}",
        error.status().unwrap().as_u16(),
        error.error_code().unwrap().as_str()
    )
}

/// Lets the other tasks run until the condition is true.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    for _ in 0..1_000_000 {
        if condition() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the condition stays false");
}

/// Polls a future at most `polls` times. Drops it when it is woken after that.
pub(crate) async fn dropped_after<T>(polls: usize, run: impl Future<Output = T>) -> Option<T> {
    let (mut run, mut left) = (pin!(run), polls);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        run.as_mut().poll(context).map(Some)
    })
    .await
}

/// The last request to the sandbox.
pub(crate) fn last_request(sandbox: &Sandbox) -> Recorded {
    sandbox.requests().pop().expect("a request")
}

/// Starts a server that sends these bytes to the first request of each connection, and closes it. Returns
/// its base URL. It ends with the test.
pub(crate) fn server(response: impl Into<String>) -> String {
    let response = response.into();
    serve(true, move |_| response.clone())
}

/// The same; the bytes depend on the request's target, which is path and query.
pub(crate) fn server_of(mut respond: impl FnMut(&str) -> String + Send + 'static) -> String {
    serve(true, move |head| {
        respond(head.split(' ').nth(1).unwrap_or_default())
    })
}

/// The same; the bytes depend on the request's head, and the connection stays open if not `hangs_up`.
pub(crate) fn serve(
    hangs_up: bool,
    mut respond: impl FnMut(&str) -> String + Send + 'static,
) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut head: Vec<u8> = Vec::new();
            let mut buffer = [0; 4096];
            while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                match connection.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => head.extend(&buffer[..read]),
                }
            }
            let response = respond(&String::from_utf8_lossy(&head));
            // The write fails if the test dropped the call.
            let _ = connection.write_all(response.as_bytes());
            if !hangs_up {
                open.push(connection);
            }
        }
    });
    base_url
}

/// A response in JSON, as bytes.
pub(crate) fn json_response(status: u16, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 {status} \r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The texts of an error's causes, outermost first.
pub(crate) fn causes(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(error.source(), |error| error.source())
        .map(ToString::to_string)
        .collect()
}

/// Pseudorandom numbers, the same in each run (a linear congruential generator).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number from 0 to below the bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// The same as an index.
    pub(crate) fn pick(&mut self, of: usize) -> usize {
        usize::try_from(self.below(of as u64)).unwrap()
    }
}

/// A request with some of its fields changed.
pub(crate) fn changed<T>(mut request: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut request);
    request
}
