//! Tokens of the program's own provider: when the client calls it, and how its errors are reported.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use atlas_peering::{AccessToken, Client, Credentials, ProjectId, TokenProvider};
use atlas_peering_sandbox::Sandbox;
use tokio::time::{sleep, timeout};

use super::{at_once, pass, refusal};
use crate::support::{
    BoxError, causes, client_at, list, project, server, service_account, some_project, until,
};

const HOUR: Duration = Duration::from_secs(3600);

/// The behavior of a provider for one call.
enum Act {
    Gives(AccessToken),
    TakesSeconds(u64, AccessToken),
    Fails,
    Panics,
    NeverEnds,
}

/// Follows a list of acts, and records the refused token of each call.
#[derive(Clone, Default)]
struct Vault {
    acts: Arc<Mutex<VecDeque<Act>>>,
    asked: Arc<Mutex<Vec<Option<String>>>>,
}

impl Vault {
    fn of(acts: impl IntoIterator<Item = Act>) -> Self {
        let acts = Arc::new(Mutex::new(acts.into_iter().collect()));
        Self {
            acts,
            ..Self::default()
        }
    }

    fn client(&self, base_url: &str) -> Client {
        client_at(base_url, Credentials::token_provider(self.clone()))
    }

    /// The number of calls of the provider.
    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

#[derive(Debug, PartialEq)]
struct Sealed;

impl fmt::Display for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the vault is sealed")
    }
}

impl std::error::Error for Sealed {}

impl TokenProvider for Vault {
    async fn token(&self, refused: Option<&AccessToken>) -> Result<AccessToken, BoxError> {
        let refused = refused.map(|token| token.expose_secret().to_owned());
        self.asked.lock().unwrap().push(refused);
        let act = self.acts.lock().unwrap().pop_front();
        match act.expect("it is asked no more") {
            Act::Gives(token) => Ok(token),
            Act::TakesSeconds(seconds, token) => {
                sleep(Duration::from_secs(seconds)).await;
                Ok(token)
            }
            Act::Fails => Err(Sealed.into()),
            Act::Panics => panic!("with a S3CRET"),
            Act::NeverEnds => std::future::pending().await,
        }
    }
}

/// A token of the sandbox's service account, requested as another program would.
async fn token(sandbox: &Sandbox) -> String {
    let atlas = client_at(sandbox.base_url(), service_account(sandbox));
    list(&atlas, &project(sandbox)).await.unwrap();
    let header = crate::support::last_request(sandbox);
    let header = header.header("authorization").unwrap().to_owned();
    header.strip_prefix("Bearer ").unwrap().to_owned()
}

/// A token that expires in an hour.
fn in_an_hour(value: impl Into<String>) -> AccessToken {
    AccessToken::new(value, SystemTime::now() + HOUR)
}

/// Lets time pass for the client.
async fn advance(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

async fn start() -> (Sandbox, ProjectId) {
    let sandbox = Sandbox::start().await.unwrap();
    let project = project(&sandbox);
    (sandbox, project)
}

#[tokio::test]
async fn calls_at_once_ask_the_provider_once_and_again_when_the_token_was_revoked() {
    let (sandbox, project) = start().await;
    let first = token(&sandbox).await;
    let vault = Vault::of([Act::Gives(in_an_hour(&first))]);
    let atlas = vault.client(sandbox.base_url());
    assert!(at_once(&atlas, &project).await.is_empty());
    assert_eq!(vault.asked(), 1);

    sandbox.revoke_tokens();
    let second = Act::Gives(in_an_hour(token(&sandbox).await));
    vault.acts.lock().unwrap().push_back(second);
    assert!(at_once(&atlas, &project).await.is_empty());
    assert_eq!(*vault.asked.lock().unwrap(), [None, Some(first)]);
}

#[tokio::test]
async fn a_first_token_that_is_refused_is_renewed_once_in_the_same_call() {
    let (sandbox, project) = start().await;
    let second = token(&sandbox).await;
    let vault = Vault::of([
        Act::Gives(in_an_hour("cached")),
        Act::Gives(in_an_hour(second)),
    ]);
    list(&vault.client(sandbox.base_url()), &project)
        .await
        .unwrap();
    assert_eq!(
        *vault.asked.lock().unwrap(),
        [None, Some("cached".to_owned())]
    );

    let others = ["one", "two"].map(|value| Act::Gives(in_an_hour(value)));
    let vault = Vault::of(others);
    let error = list(&vault.client(sandbox.base_url()), &project).await;
    assert!(error.unwrap_err().is_unauthorized());
    assert_eq!(vault.asked(), 2);
}

#[tokio::test]
async fn a_provided_token_is_renewed_beside_the_calls_that_have_it() {
    let (sandbox, project) = start().await;
    let value = token(&sandbox).await;
    let vault = Vault::of([
        Act::Gives(in_an_hour(&value)),
        Act::Gives(in_an_hour(&value)),
    ]);
    let atlas = vault.client(sandbox.base_url());
    list(&atlas, &project).await.unwrap();
    advance(3541).await;
    list(&atlas, &project).await.unwrap();
    until(|| vault.asked() == 2).await;
    list(&atlas, &project).await.unwrap();
    assert_eq!(*vault.asked.lock().unwrap(), [None, None]);
}

#[tokio::test]
async fn a_renewal_that_fails_is_repeated_a_few_seconds_later() {
    let (sandbox, project) = start().await;
    let value = token(&sandbox).await;
    let good = || Act::Gives(in_an_hour(&value));
    let vault = Vault::of([good(), Act::Fails, good()]);
    let atlas = vault.client(sandbox.base_url());
    list(&atlas, &project).await.unwrap();
    advance(3541).await;
    list(&atlas, &project).await.unwrap();
    until(|| vault.asked() == 2).await;
    for _ in 0..10 {
        list(&atlas, &project).await.unwrap();
    }
    assert_eq!(vault.asked(), 2);
    advance(5).await;
    list(&atlas, &project).await.unwrap();
    until(|| vault.asked() == 3).await;
}

#[tokio::test]
async fn a_token_without_expiry_is_used_until_it_is_refused() {
    let (sandbox, project) = start().await;
    let vault = Vault::of([Act::Gives(AccessToken::new(token(&sandbox).await, None))]);
    let atlas = vault.client(sandbox.base_url());
    for _ in 0..3 {
        list(&atlas, &project).await.unwrap();
        advance(360_000).await;
    }
    assert_eq!(vault.asked(), 1);
}

#[tokio::test]
async fn the_error_of_a_provider_is_the_source_of_that_of_the_call_and_nothing_is_sent() {
    let (sandbox, project) = start().await;
    let vault = Vault::of([Act::Fails, Act::Panics]);
    let atlas = vault.client(sandbox.base_url());
    let error = list(&atlas, &project).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.downcast_ref::<Sealed>(), Some(&Sealed));
    assert!(error.is_token_provider() && !error.may_have_taken_effect());
    assert_eq!((vault.asked(), error.attempts()), (1, 1));

    let error = list(&atlas, &project).await.unwrap_err();
    assert_eq!(
        causes(&error),
        ["TokenProvider::token panicked: let it return an error instead"]
    );
    assert!(!format!("{error} {error:?}").contains("S3CRET"));
    assert!(sandbox.requests().is_empty());

    let token = Act::Gives(in_an_hour(token(&sandbox).await));
    vault.acts.lock().unwrap().push_back(token);
    list(&atlas, &project).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_returns_is_a_timeout() {
    let vault = Vault::of([Act::NeverEnds, Act::Fails]);
    let atlas = vault.client("http://127.0.0.1:9");
    let project = some_project();
    let first = timeout(Duration::from_secs(181), list(&atlas, &project));
    let error = first.await.unwrap().unwrap_err();
    assert_eq!(
        causes(&error),
        ["TokenProvider::token took over 180 seconds: limit its time"]
    );
    let second = list(&atlas, &project).await.unwrap_err();
    assert_eq!(causes(&second), ["the vault is sealed"]);
}

#[tokio::test]
async fn a_call_that_is_dropped_leaves_the_provider_to_those_that_wait() {
    let (sandbox, project) = start().await;
    let token = AccessToken::new(token(&sandbox).await, None);
    let vault = Vault::of([Act::TakesSeconds(5, token)]);
    let atlas = vault.client(sandbox.base_url());
    tokio::time::pause();
    let mut first = Box::pin(list(&atlas, &project));
    assert!(timeout(Duration::from_secs(1), &mut first).await.is_err());
    let (other, same) = (atlas.clone(), project.clone());
    let second = tokio::spawn(async move { list(&other, &same).await });
    tokio::task::yield_now().await;
    drop(first);
    until(|| vault.asked() == 1).await;
    tokio::time::advance(Duration::from_secs(5)).await;
    tokio::time::resume();
    second.await.unwrap().unwrap();
    assert_eq!(vault.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_repeats_a_refused_token_is_called_a_few_times() {
    let (sandbox, project) = start().await;
    let acts = (0..100).map(|_| Act::Gives(in_an_hour("refused")));
    let vault = Vault::of(acts);
    let atlas = vault.client(sandbox.base_url());
    for _ in 0..100 {
        let error = list(&atlas, &project).await.unwrap_err();
        assert!(error.is_unauthorized());
        sleep(Duration::from_millis(200)).await;
    }
    let asked = vault.asked();
    assert!((2..=6).contains(&asked), "{asked} in 20 seconds");
}

#[tokio::test]
async fn a_ready_token_is_used_until_it_is_refused_and_the_error_names_the_reason() {
    let (sandbox, project) = start().await;
    let credentials = Credentials::access_token(token(&sandbox).await);
    let atlas = client_at(sandbox.base_url(), credentials);
    list(&atlas, &project).await.unwrap();
    atlas.revoke_token().await.unwrap();
    list(&atlas, &project).await.unwrap();

    sandbox.queue_response(refusal("NOT_IN_GROUP"));
    let error = list(&atlas, &project).await.unwrap_err();
    let phrase = "the access token lacks a role in this project";
    assert!(error.to_string().contains(phrase), "{error}");
    pass(&sandbox, 3600).await;
    let before = sandbox.requests().len();
    let error = list(&atlas, &project).await.unwrap_err();
    assert!(error.is_unauthorized());
    let phrase = "; the access token was refused: check that it has not expired or been revoked, and \
                 the base URL";
    assert!(error.to_string().ends_with(phrase), "{error}");
    assert_eq!(sandbox.requests().len() - before, 1, "there is no other");
}

#[tokio::test]
async fn a_token_is_sent_only_to_the_base_url_and_to_no_redirect() {
    let (other, _) = start().await;
    let location = format!("{}/api/atlas/v1.0/groups", other.base_url());
    let base_url = server(format!(
        "HTTP/1.1 307 \r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    ));
    let atlas = Vault::of([Act::Gives(in_an_hour("S3CRET"))]).client(&base_url);
    let error = list(&atlas, &some_project()).await.unwrap_err();
    assert!(other.requests().is_empty());
    assert!(!format!("{error} {error:?} {atlas:?}").contains("S3CRET"));
}

#[tokio::test]
async fn a_provided_token_that_no_header_can_carry_is_an_error_and_the_next_call_asks_again() {
    let (sandbox, project) = start().await;
    let good = token(&sandbox).await;
    for unfit in ["S3CRET\n", ""] {
        let vault = Vault::of([unfit, &good].map(|value| Act::Gives(in_an_hour(value))));
        let atlas = vault.client(sandbox.base_url());
        let error = list(&atlas, &project).await.unwrap_err();
        assert!(error.is_token_provider());
        assert!(!format!("{error} {error:?}").contains("S3CRET"));
        let cause = &causes(&error)[0];
        assert!(cause.contains("that no header can carry"), "{cause}");
        list(&atlas, &project).await.unwrap();
        assert_eq!(vault.asked(), 2);
    }
}

/// How long before its end a token is renewed.
#[tokio::test]
async fn a_token_is_renewed_a_minute_or_a_tenth_of_its_life_early() {
    let (sandbox, project) = start().await;
    let value = token(&sandbox).await;
    for (life, early) in [(3600, 60), (601, 60), (600, 60), (100, 10)] {
        let expires_at = SystemTime::now() + Duration::from_secs(life);
        let token = || Act::Gives(AccessToken::new(&value, expires_at));
        let vault = Vault::of([token(), token()]);
        let atlas = vault.client(sandbox.base_url());
        list(&atlas, &project).await.unwrap();
        advance(life - early - 5).await;
        list(&atlas, &project).await.unwrap();
        assert_eq!(vault.asked(), 1, "{life}");
        advance(5).await;
        list(&atlas, &project).await.unwrap();
        until(|| vault.asked() == 2).await;
    }
}
