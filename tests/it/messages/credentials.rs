//! Credentials that cannot be valid, and tokens that do not come.

use std::time::Duration;

use atlas_peering::{AccessToken, Client, Credentials, TokenProvider};
use serde_json::json;
use tokio::net::TcpListener;

use super::Table;
use crate::support::{
    BoxError, builder, client_at, json_response, list, server, some_project, start,
};

const PRIVATE: &str = "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11";
const ID: &str = "mdb_sa_id_1";
const SECRET: &str = "mdb_sa_sk_1";

pub(super) async fn rows(table: &mut Table) {
    table.section("Credentials that cannot be valid");
    let key = |public: &str, private: &str| Credentials::api_key(public, private);
    let account = |id: &str, secret: &str| Credentials::service_account(id, secret);
    let token = |token: &str| Credentials::access_token(token);
    for (situation, credentials) in [
        ("an API key without its public part", key("", PRIVATE)),
        ("an API key without its private part", key("abcdefgh", "")),
        ("a private part with a line break", key("abcdefgh", "a\nb")),
        ("a public part with a colon", key("abc:defgh", PRIVATE)),
        (
            "an API key whose parts are swapped",
            key(PRIVATE, "abcdefgh"),
        ),
        ("a service account in place of an API key", key(ID, SECRET)),
        ("a service account without its id", account("", SECRET)),
        ("a service account without its secret", account(ID, "")),
        (
            "a service account whose parts are swapped",
            account(SECRET, ID),
        ),
        (
            "an API key in place of a service account",
            account("abcdefgh", PRIVATE),
        ),
        ("an empty access token", token("")),
        ("an access token with a space", token("eyJ hbGci")),
        ("a secret in place of an access token", token(SECRET)),
    ] {
        table.row(situation, Client::new(credentials));
    }
    tokens(table).await;
    providers(table).await;
}

async fn tokens(table: &mut Table) {
    table.section("The tokens of a service account");
    let account = || Credentials::service_account(ID, SECRET);
    for (situation, status, body) in [
        (
            "a secret that is wrong",
            401,
            json!({"error": "invalid_client"}),
        ),
        (
            "100 tokens that are alive",
            403,
            json!({"error": "access_denied"}),
        ),
        (
            "too many requests",
            429,
            json!({"error": 429, "errorCode": "RATE_LIMITED"}),
        ),
        ("a response without a token", 200, json!({})),
    ] {
        let atlas = client_at(&server(json_response(status, &body)), account());
        table.row(situation, list(&atlas, &some_project()).await);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let atlas = builder(&base_url, account()).timeout(Duration::from_secs(3600));
    let atlas = atlas.build().unwrap();
    tokio::time::pause();
    let outcome = list(&atlas, &some_project()).await;
    tokio::time::resume();
    table.row("a token request without a response", outcome);
}

/// What a provider does when it is asked for a token.
#[derive(Clone, Copy)]
enum Act {
    Fails,
    Panics,
    Hangs,
    BreaksTheLine,
}

impl TokenProvider for Act {
    async fn token(&self, _: Option<&AccessToken>) -> Result<AccessToken, BoxError> {
        match self {
            Self::Fails => Err("the vault is sealed".into()),
            Self::Panics => panic!("the provider's own panic"),
            Self::Hangs => std::future::pending().await,
            Self::BreaksTheLine => Ok(AccessToken::new("eyJ\nhbGci", None)),
        }
    }
}

async fn providers(table: &mut Table) {
    table.section("The tokens of a provider");
    let (sandbox, _, project) = start().await;
    for (situation, act) in [
        ("a provider that fails", Act::Fails),
        ("a provider that panics", Act::Panics),
        ("a provider that does not end", Act::Hangs),
        ("a token with a line break", Act::BreaksTheLine),
    ] {
        let credentials = Credentials::token_provider(act);
        let atlas = client_at(sandbox.base_url(), credentials);
        tokio::time::pause();
        let outcome = list(&atlas, &project).await;
        tokio::time::resume();
        table.row(situation, outcome);
    }
    let expired = Credentials::access_token("eyJhbGciOi");
    let outcome = list(&client_at(sandbox.base_url(), expired), &project).await;
    table.row("an access token that has expired", outcome);
}
