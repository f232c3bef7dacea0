//! No secret is in any text that a program can print.

mod log;

use std::fmt::Debug;

use atlas_peering::{AccessToken, Client, ClientBuilder, Credentials, Error, ProjectId};
use atlas_peering_sandbox::{Canned, Recorded, Sandbox};
use serde_json::json;

use crate::support::{
    CONTAINER, aws, causes, client_at, create, created, project, read, server, some_project,
};

const SECRET: &str = "c4na-ry5e-cr3t-0f-a-pr1vate-k3y-part";

/// All printed texts, to search them.
#[derive(Default)]
struct Printed(Vec<String>);

impl Printed {
    fn debug<T: Debug>(&mut self, value: &T) {
        self.0.push(format!("{value:?}"));
        self.0.push(format!("{value:#?}"));
    }

    fn error<T: Debug>(&mut self, outcome: Result<T, Error>) {
        let error = outcome.unwrap_err();
        self.debug(&error);
        self.0.push(error.to_string());
        self.0.extend(causes(&error));
    }

    /// Checks that no text has the secret, or a digest or token of it from the wire.
    fn holds_no_secret(&self, requests: &[Recorded]) {
        let mut secrets = vec![SECRET];
        for header in requests
            .iter()
            .filter_map(|request| request.header("authorization"))
        {
            secrets.push(match header.split_once("response=\"") {
                Some((_, rest)) => rest.split('"').next().unwrap(),
                // A token, or the secret of a service account.
                None => header.split_once(' ').unwrap().1,
            });
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

/// A sandbox whose key has the secret, a client with that key, and its project.
async fn start() -> (Sandbox, Client, ProjectId) {
    let builder = Sandbox::builder().api_key("abcdefgh", SECRET);
    let sandbox = builder.start().await.unwrap();
    let atlas = client_at(sandbox.base_url(), credentials());
    let project = project(&sandbox);
    (sandbox, atlas, project)
}

#[tokio::test]
async fn credentials_and_clients_print_no_secret() {
    let mut printed = Printed::default();
    printed.debug(&credentials());
    let swapped = Credentials::api_key(SECRET, "abcdefgh");
    printed.debug(&swapped);
    printed.error(Client::new(swapped));
    printed.error(Client::new(Credentials::api_key("a b", SECRET)));
    let broken = format!("{SECRET}\n");
    printed.error(Client::new(Credentials::api_key("abcdefgh", broken)));
    let with_user = format!("https://user:{SECRET}@cloud.mongodb.com");
    printed.debug(&Credentials::access_token(SECRET));
    let token = Client::builder().credentials(Credentials::access_token(SECRET));
    printed.debug(&token.build().unwrap());
    printed.error(Client::new(Credentials::access_token(format!(
        "Bearer {SECRET}"
    ))));
    let provided = AccessToken::new(SECRET, None);
    printed.debug(&Credentials::token_provider(provided));
    for secret in [SECRET, "mdb_sa_sk_1"] {
        printed.error(Client::new(Credentials::api_key("mdb_sa_id_1", secret)));
    }
    let builder: ClientBuilder = Client::builder()
        .credentials(credentials())
        .base_url(with_user);
    printed.debug(&builder);
    printed.error(builder.build());
    printed.holds_no_secret(&[]);
}

#[test]
fn a_client_shows_its_base_url_and_its_public_key() {
    let client = Client::builder().credentials(credentials()).build();
    let printed = format!("{:?}", client.unwrap());
    for part in ["https://cloud.mongodb.com/api/atlas/v1.0", "abcdefgh"] {
        assert!(printed.contains(part), "{printed}");
    }
}

#[tokio::test]
async fn headers_of_a_hook_are_not_printed() {
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
    printed.error(create(&atlas, &some_project(), aws()).await);
    printed.holds_no_secret(&[]);
}

/// Types that hold a client, a credential or a token. Types of bodies hold none.
#[tokio::test]
async fn types_that_hold_a_secret_do_not_print_it() {
    let mut printed = Printed::default();
    let (sandbox, atlas, project) = start().await;
    let response = create(&atlas, &project, aws()).await.unwrap();
    printed.debug(&response);
    assert!(format!("{response:?}").contains("vpc-"), "{response:?}");
    printed.debug(&atlas);
    let token = AccessToken::new(SECRET, std::time::SystemTime::now());
    printed.debug(&token);
    assert!(format!("{token:?}").contains("[REDACTED]"), "{token:?}");
    let id = response.id();
    printed.debug(&atlas.peerings(&project));
    printed.debug(&atlas.containers(&project));
    printed.debug(&atlas.ensure_peering(&project, aws()).await.unwrap());
    printed.debug(&atlas.wait_for_peering(&project, id));
    let states = atlas.wait_for_peering(&project, id).states();
    printed.debug(&states);
    assert_eq!(format!("{states:?}"), "States(..)");
    printed.debug(&atlas.wait_for_peering_deleted(&project, id));
    printed.debug(&atlas.ensure_peering_deleted(&project, id));
    let container = CONTAINER.parse().unwrap();
    printed.debug(&atlas.ensure_container_deleted(&project, &container));
    printed.holds_no_secret(&sandbox.requests());
}

#[tokio::test]
async fn errors_of_every_kind_print_no_secret() {
    let mut printed = Printed::default();
    let (sandbox, atlas, project) = start().await;
    let id = created(&atlas, &project).await.id().clone();
    for status in [400, 401, 402, 403, 404, 405, 409, 429, 500, 503] {
        let body = json!({"error": status, "errorCode": "X"});
        // The client repeats a 401 without authorization, because it may be about the nonce only.
        for _ in 0..if status == 401 { 2 } else { 1 } {
            sandbox.queue_response(Canned::json(status, &body));
        }
        printed.error(read(&atlas, &project, &id).await);
    }
    for body in ["", "<html>", "{}", "[1]"] {
        sandbox.queue_response(Canned::new(200, "text/html", body));
        printed.error(read(&atlas, &project, &id).await);
    }
    for response in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        "nonsense\r\n\r\n",
    ] {
        let atlas = client_at(&server(response), credentials());
        printed.error(read(&atlas, &project, &id).await);
    }
    let stranger = Sandbox::start().await.unwrap();
    let refused = client_at(stranger.base_url(), credentials());
    printed.error(read(&refused, &project, &id).await);
    printed.error("x".parse::<ProjectId>());
    printed.holds_no_secret(&sandbox.requests());
    printed.holds_no_secret(&stranger.requests());
}

#[tokio::test]
async fn a_service_account_and_its_tokens_are_not_printed() {
    let mut printed = Printed::default();
    let sandbox = Sandbox::builder()
        .service_account("mdb_sa_id_1", SECRET)
        .start()
        .await
        .unwrap();
    let account = Credentials::service_account("mdb_sa_id_1", SECRET);
    let (atlas, project) = (client_at(sandbox.base_url(), account), project(&sandbox));
    let id = created(&atlas, &project).await.id().clone();
    printed.debug(&atlas);
    for (status, responses) in [(401, 2), (403, 1), (429, 1), (500, 1)] {
        for _ in 0..responses {
            sandbox.queue_response(Canned::json(status, &json!({"errorCode": "X"})));
        }
        printed.error(read(&atlas, &project, &id).await);
    }
    let wrong = Credentials::service_account("mdb_sa_id_2", SECRET);
    let refused = client_at(sandbox.base_url(), wrong);
    printed.error(read(&refused, &project, &id).await);
    printed.debug(&refused);
    let swapped = Credentials::service_account(SECRET, "mdb_sa_id_1");
    printed.error(Client::new(swapped));
    printed.holds_no_secret(&sandbox.requests());
}
