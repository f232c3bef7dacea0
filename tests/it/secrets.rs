//! No secret in anything that can be printed; and what a public type promises.

use std::fmt::Debug;

use atlas_peering::types::{self, AwsPeeringUpdate, NewPeering, Peering, PeeringUpdate};
use atlas_peering::{
    Client, ClientBuilder, ContainerId, Credentials, Error, PeeringId, PeeringState, ProjectId,
    Response,
};
use atlas_peering_sandbox::{Canned, Recorded, Sandbox};
use serde_json::json;

use crate::support::{aws, azure, causes, client_at, created, gcp, project, server};

const SECRET: &str = "c4na-ry5e-cr3t-0f-a-pr1vate-k3y-part";

/// All that was printed, to be searched.
#[derive(Default)]
struct Printed(Vec<String>);

impl Printed {
    fn debug(&mut self, value: &impl Debug) {
        self.0.push(format!("{value:?}"));
        self.0.push(format!("{value:#?}"));
    }

    fn error<T: Debug>(&mut self, outcome: Result<T, Error>) {
        let error = outcome.unwrap_err();
        self.debug(&error);
        self.0.push(error.to_string());
        self.0.extend(causes(&error));
    }

    /// Neither the secret nor a digest of it, as it went over the wire, is anywhere.
    fn holds_no_secret(&self, requests: &[Recorded]) {
        let mut secrets = vec![SECRET];
        for header in requests
            .iter()
            .filter_map(|request| request.header("authorization"))
        {
            let (_, rest) = header.split_once("response=\"").unwrap();
            secrets.push(rest.split('"').next().unwrap());
        }
        assert!(!self.0.is_empty());
        for text in &self.0 {
            for secret in &secrets {
                assert!(!text.contains(secret), "{secret} is in {text}");
            }
        }
    }
}

fn credentials() -> Credentials {
    Credentials::api_key("abcdefgh", SECRET)
}

async fn sandbox() -> Sandbox {
    Sandbox::builder()
        .api_key("abcdefgh", SECRET)
        .start()
        .await
        .unwrap()
}

#[tokio::test]
async fn credentials_and_clients_print_no_secret() {
    let mut printed = Printed::default();
    printed.debug(&credentials());
    let swapped = Credentials::api_key(SECRET, "abcdefgh");
    printed.debug(&swapped);
    printed.error(Client::new(swapped));
    printed.error(Client::new(Credentials::api_key("a b", SECRET)));
    printed.error(Client::new(Credentials::api_key(
        "abcdefgh",
        format!("{SECRET}\n"),
    )));
    let with_user = format!("https://user:{SECRET}@cloud.mongodb.com");
    let builder: ClientBuilder = Client::builder()
        .credentials(credentials())
        .base_url(with_user);
    printed.debug(&builder);
    printed.error(builder.build());
    printed.holds_no_secret(&[]);
}

#[tokio::test]
async fn what_a_hook_adds_is_not_printed() {
    let mut printed = Printed::default();
    let atlas = Client::builder()
        .credentials(credentials())
        .configure(|connection| {
            let mut headers = reqwest::header::HeaderMap::new();
            headers.insert("x-proxy-token", SECRET.parse().unwrap());
            let proxy = reqwest::Proxy::all(format!("http://me:{SECRET}@127.0.0.1:9")).unwrap();
            connection.default_headers(headers).proxy(proxy)
        })
        .build()
        .unwrap();
    printed.debug(&atlas);
    let project = "5356823b3794dee37132bb7b".parse().unwrap();
    printed.error(
        atlas
            .create_peering_connection(&project, &aws().into())
            .await,
    );
    printed.holds_no_secret(&[]);
}

#[tokio::test]
async fn requests_and_answers_print_no_secret() {
    let mut printed = Printed::default();
    let sandbox = sandbox().await;
    let (atlas, project) = (
        client_at(sandbox.base_url(), credentials()),
        project(&sandbox),
    );
    let peering = created(&atlas, &project).await;
    printed.debug(&atlas);
    let read: Response<Peering> = atlas
        .get_peering_connection(&project, peering.id())
        .await
        .unwrap();
    printed.debug(&read);
    printed.debug(
        &atlas
            .list_peering_connections(&project, None, None, None, None)
            .await,
    );
    for request in [NewPeering::from(aws()), azure().into(), gcp().into()] {
        printed.debug(&request);
    }
    let update: PeeringUpdate = AwsPeeringUpdate::default().into();
    printed.debug(&(
        update,
        project.clone(),
        peering.id(),
        peering.state(),
        peering.provider(),
    ));
    printed.holds_no_secret(&sandbox.requests());
}

#[tokio::test]
async fn errors_of_every_kind_print_no_secret() {
    let mut printed = Printed::default();
    let sandbox = sandbox().await;
    let (atlas, project) = (
        client_at(sandbox.base_url(), credentials()),
        project(&sandbox),
    );
    let id = created(&atlas, &project).await.id().clone();
    for status in [400, 401, 402, 403, 404, 405, 409, 429, 500, 503] {
        sandbox.answer_next(Canned::json(
            status,
            &json!({"error": status, "errorCode": "X"}),
        ));
        printed.error(atlas.get_peering_connection(&project, &id).await);
    }
    for body in ["", "<html>", "{}", "[1]"] {
        sandbox.answer_next(Canned::new(200, "text/html", body));
        printed.error(atlas.get_peering_connection(&project, &id).await);
    }
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        "nonsense\r\n\r\n",
    ] {
        let atlas = client_at(&server(answer), credentials());
        printed.error(atlas.get_peering_connection(&project, &id).await);
    }
    let stranger = Sandbox::start().await.unwrap();
    let refused = client_at(stranger.base_url(), credentials());
    printed.error(refused.get_peering_connection(&project, &id).await);
    printed.error("x".parse::<ProjectId>());
    printed.holds_no_secret(&sandbox.requests());
    printed.holds_no_secret(&stranger.requests());
}

#[test]
fn an_error_is_small_and_public_types_cross_threads() {
    fn crosses<T: Send + Sync + Unpin + 'static>() {}
    fn is_error<T: std::error::Error + Clone>() {}
    crosses::<(Client, Credentials)>();
    crosses::<Error>();
    crosses::<Response<Peering>>();
    crosses::<(ProjectId, PeeringId, ContainerId, PeeringState)>();
    crosses::<(
        types::Peering,
        types::NewPeering,
        types::PeeringUpdate,
        types::ApiError,
    )>();
    is_error::<Error>();
    assert!(size_of::<Error>() <= 16);
}

#[tokio::test]
async fn the_future_of_a_call_is_send() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let sandbox = sandbox().await;
    let atlas = client_at(sandbox.base_url(), credentials());
    is_send(atlas.create_peering_connection(&project(&sandbox), &aws().into()))
        .await
        .unwrap();
}
