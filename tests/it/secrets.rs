//! No secret in anything that can be printed; and what a public type promises.

mod log;

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::sync::LazyLock;

use atlas_peering::types::{self, Peering};
use atlas_peering::{
    ApiVersion, Client, ClientBuilder, ContainerId, Containers, Credentials, Ensured, Error,
    ErrorCode, NextStep, PeeringId, PeeringSnapshot, PeeringState, Peerings, ProjectId, RateLimit,
    RemoveContainer, RemovePeering, Response, RetryPolicy, States, StoredToken, WaitForPeering,
    WaitForRemoval,
};
use atlas_peering_sandbox::{Canned, Recorded, Sandbox};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{CONTAINER, aws, azure, causes, client_at, created, gcp, project, server};

const SECRET: &str = "c4na-ry5e-cr3t-0f-a-pr1vate-k3y-part";

/// All that was printed, to be searched, and whose.
#[derive(Default)]
struct Printed {
    texts: Vec<String>,
    types: BTreeSet<&'static str>,
}

impl Printed {
    fn debug<T: Debug>(&mut self, value: &T) {
        self.texts.push(format!("{value:?}"));
        self.texts.push(format!("{value:#?}"));
        let name = std::any::type_name::<T>().split('<').next().unwrap();
        self.types.extend(name.rsplit("::").next());
    }

    fn display<T: Debug + Display>(&mut self, value: &T) {
        self.debug(value);
        self.texts.push(value.to_string());
    }

    fn error<T: Debug>(&mut self, outcome: Result<T, Error>) {
        let error = outcome.unwrap_err();
        self.display(&error);
        self.texts.extend(causes(&error));
    }

    /// Neither the secret nor a digest of it, as it went over the wire, is anywhere.
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
        assert!(!self.texts.is_empty());
        for text in &self.texts {
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

#[test]
fn a_client_says_where_it_calls_and_with_which_key() {
    let client = Client::builder().credentials(credentials()).build();
    let printed = format!("{:?}", client.unwrap());
    for part in ["https://cloud.mongodb.com/api/atlas/v1.0", "abcdefgh"] {
        assert!(printed.contains(part), "{printed}");
    }
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

/// An answer with every field, decoded as `T`.
fn answer<T: DeserializeOwned>() -> T {
    serde_json::from_value(json!({
        "id": "1112222b3bf99403840e8934", "containerId": CONTAINER, "providerName": "AWS",
        "statusName": "FAILED", "status": "FAILED", "errorStateName": "EXPIRED",
        "error": 400, "parameters": [1], "badRequestDetail": {"fields": [{"field": "vpcId"}]},
        "results": [], "links": [], "field": "vpcId", "href": "x",
    }))
    .unwrap()
}

#[tokio::test]
async fn every_public_type_prints_no_secret() {
    let mut printed = Printed::default();
    let sandbox = sandbox().await;
    let atlas = client_at(sandbox.base_url(), credentials());
    let project: ProjectId = project(&sandbox);
    let response: Response<Peering> = atlas
        .create_peering_connection(&project, &aws().into())
        .await
        .unwrap();
    printed.debug(&response);
    printed.debug(&atlas);
    printed.debug(&Client::builder().credentials(credentials()));
    printed.debug(&credentials());
    printed.error("x".parse::<ProjectId>());

    printed.display(&project);
    printed.display::<PeeringId>(response.id());
    printed.display::<ContainerId>(&CONTAINER.parse().unwrap());
    printed.display::<PeeringState>(&response.state());
    printed.display::<types::Provider>(&response.provider());
    printed.debug(&ApiVersion::V2);
    printed.debug(&StoredToken::new(SECRET, std::time::SystemTime::now()));
    printed.debug(&RetryPolicy::default());
    printed.display(&ErrorCode::PEER_NOT_FOUND);
    sandbox.answer_next(Canned::new(400, "text/plain", SECRET).header("RateLimit-Limit", "9"));
    let refused = atlas.get_peering_connection(&project, response.id()).await;
    printed.debug::<RateLimit>(&refused.unwrap_err().rate_limit().unwrap());
    printed.display(&types::AwsPeeringState::Failed);
    printed.display(&types::AwsPeeringError::Expired);
    printed.display(&types::AzurePeeringState::Failed);
    printed.display(&types::GcpPeeringState::Failed);

    printed.debug(&answer::<types::Peering>());
    printed.debug(&answer::<types::AwsPeering>());
    printed.debug(&answer::<types::AzurePeering>());
    printed.debug(&answer::<types::GcpPeering>());
    printed.debug(&answer::<types::UnknownPeering>());
    printed.debug(&answer::<types::PeeringPage>());
    printed.debug(&answer::<types::Link>());
    printed.debug(&answer::<types::ApiError>());
    printed.debug(&answer::<types::BadRequestDetail>());
    printed.debug(&answer::<types::FieldViolation>());

    printed.debug::<types::NewAwsPeering>(&aws());
    printed.debug::<types::NewAzurePeering>(&azure(&sandbox));
    printed.debug::<types::NewGcpPeering>(&gcp(&sandbox));
    printed.debug::<types::NewPeering>(&aws().into());
    printed.debug(&types::AwsPeeringUpdate::default());
    printed.debug(&types::AzurePeeringUpdate::default());
    printed.debug(&types::GcpPeeringUpdate::default());
    printed.debug::<types::PeeringUpdate>(&types::AwsPeeringUpdate::default().into());

    containers_print_no_secret(&mut printed);
    outcomes_print_no_secret(&mut printed, &atlas, &project).await;
    printed.holds_no_secret(&sandbox.requests());
    assert_eq!(
        printed.types,
        public_types(),
        "a type that is not printed here, or is none"
    );
}

fn containers_print_no_secret(printed: &mut Printed) {
    printed.debug(&answer::<types::Container>());
    printed.debug(&answer::<types::AwsContainer>());
    printed.debug(&answer::<types::AzureContainer>());
    printed.debug(&answer::<types::GcpContainer>());
    printed.debug(&answer::<types::UnknownContainer>());
    printed.debug(&answer::<types::ContainerPage>());
    printed.debug(&answer::<types::PrivateIpMode>());
    printed.debug(&types::PrivateIpModeUpdate { enabled: false });
    printed.display(&types::AwsRegion::UsEast1);
    printed.display(&types::AzureRegion::UsEast);
    printed.display(&types::GcpRegion::EasternUs);
    let on_aws = types::NewContainer::aws(types::AwsRegion::UsEast1, "10.8.0.0/21");
    printed.debug(&on_aws);
    let on_aws: types::NewAwsContainer =
        serde_json::from_value(json!({"regionName": "A"})).unwrap();
    printed.debug(&on_aws);
    let block = json!({"atlasCidrBlock": "10.8.0.0/21", "region": "A"});
    printed.debug(&serde_json::from_value::<types::NewAzureContainer>(block).unwrap());
    let block = json!({"atlasCidrBlock": "10.8.0.0/21"});
    printed.debug(&serde_json::from_value::<types::NewGcpContainer>(block).unwrap());
    printed.debug(&types::AwsContainerUpdate::default());
    printed.debug(&types::AzureContainerUpdate::default());
    printed.debug(&types::GcpContainerUpdate::default());
    printed.debug::<types::ContainerUpdate>(&types::AwsContainerUpdate::default().into());
}

/// What goes beyond a single call.
async fn outcomes_print_no_secret(printed: &mut Printed, atlas: &Client, project: &ProjectId) {
    printed.debug::<Peerings>(&atlas.peerings(project));
    printed.debug::<Containers>(&atlas.containers(project));
    let ensured = atlas.ensure_peering(project, aws()).await.unwrap();
    printed.debug::<Ensured<Peering>>(&ensured);
    let id = ensured.id();
    printed.debug::<WaitForPeering>(&atlas.wait_for_peering(project, id));
    printed.debug::<States>(&atlas.wait_for_peering(project, id).states());
    printed.debug::<WaitForRemoval>(&atlas.wait_for_removal(project, id));
    printed.debug::<RemovePeering>(&atlas.remove_peering(project, id));
    let container = CONTAINER.parse().unwrap();
    printed.debug::<RemoveContainer>(&atlas.remove_container(project, &container));
    let failed = PeeringSnapshot::new(answer(), None);
    printed.debug::<NextStep>(&failed.next_step().unwrap());
    printed.debug(&failed);
}

/// The public types: those that the crate's root exports, and those of the fragment's schemas.
fn public_types() -> BTreeSet<&'static str> {
    static FRAGMENT: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("../../spec/peering.json")).unwrap());
    let exports = include_str!("../../src/lib.rs").split("pub use ").skip(1);
    let exports = exports.flat_map(|text| {
        let names = text.split(';').next().unwrap().rsplit("::").next().unwrap();
        names
            .trim_matches(['{', '}'])
            .split(',')
            .map(str::trim)
            // A module, a trait, and what follows the last comma.
            .filter(|name| !["types", "TokenStore", ""].contains(name))
    });
    let schemas = FRAGMENT["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str);
    // An accepted request is answered with nothing; a cloud that is not known has no schema.
    let schemas = schemas.filter(|name| *name != "RequestAccepted");
    let unknown = ["UnknownPeering", "UnknownContainer"];
    exports.chain(schemas).chain(unknown).collect()
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
    for (status, answers) in [(401, 2), (403, 1), (429, 1), (500, 1)] {
        for _ in 0..answers {
            sandbox.answer_next(Canned::json(status, &json!({"errorCode": "X"})));
        }
        printed.error(atlas.get_peering_connection(&project, &id).await);
    }
    let wrong = Credentials::service_account("mdb_sa_id_2", SECRET);
    let refused = client_at(sandbox.base_url(), wrong);
    printed.error(refused.get_peering_connection(&project, &id).await);
    printed.debug(&refused);
    printed.error(Client::new(Credentials::service_account(
        SECRET,
        "mdb_sa_id_1",
    )));
    printed.holds_no_secret(&sandbox.requests());
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
