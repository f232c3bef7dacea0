//! Tokens of a service account that a program stores between its runs.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use atlas_peering::{AccessToken, Client, Credentials, TokenProvider};
use atlas_peering_sandbox::Sandbox;

use super::asked;
use crate::support::{BoxError, client, client_at, last_request, list, project, service_account};

/// Stores a token in memory, in place of a file.
struct Kept {
    account: Client,
    token: Arc<Mutex<Option<AccessToken>>>,
}

impl TokenProvider for Kept {
    async fn token(&self, refused: Option<&AccessToken>) -> Result<AccessToken, BoxError> {
        let kept = self.token.lock().unwrap().clone();
        let refused = refused.map(AccessToken::expose_secret);
        let is_good = |token: &AccessToken| {
            token.expires_at() > Some(SystemTime::now()) && refused != Some(token.expose_secret())
        };
        if let Some(token) = kept.filter(is_good) {
            return Ok(token);
        }
        let token = self.account.request_token().await?;
        *self.token.lock().unwrap() = Some(token.clone());
        Ok(token)
    }
}

#[tokio::test]
async fn a_stored_token_is_used_by_the_next_run() {
    let sandbox = Sandbox::start().await.unwrap();
    let (memory, project) = (Arc::default(), project(&sandbox));
    let run = || {
        let kept = Kept {
            account: client_at(sandbox.base_url(), service_account(&sandbox)),
            token: Arc::clone(&memory),
        };
        client_at(sandbox.base_url(), Credentials::token_provider(kept))
    };
    list(&run(), &project).await.unwrap();
    let kept = || memory.lock().unwrap().clone().unwrap();
    let left = kept()
        .expires_at()
        .unwrap()
        .duration_since(SystemTime::now());
    assert!((3590..=3600).contains(&left.unwrap().as_secs()));
    list(&run(), &project).await.unwrap();
    assert_eq!(asked(&sandbox), 1, "the second run found it");
    // A token that was revoked meanwhile is renewed, and stored.
    sandbox.revoke_tokens();
    list(&run(), &project).await.unwrap();
    list(&run(), &project).await.unwrap();
    assert_eq!(asked(&sandbox), 2);
    // An expired token is not sent.
    let expired = AccessToken::new(kept().expose_secret(), SystemTime::now());
    *memory.lock().unwrap() = Some(expired);
    let before = sandbox.requests().len();
    list(&run(), &project).await.unwrap();
    assert_eq!((sandbox.requests().len() - before, asked(&sandbox)), (2, 3));
}

#[tokio::test]
async fn a_requested_token_is_used_by_the_calls_of_its_client_and_can_be_revoked() {
    let sandbox = Sandbox::start().await.unwrap();
    let account = client_at(sandbox.base_url(), service_account(&sandbox));
    for _ in 0..2 {
        let token = account.request_token().await.unwrap();
        list(&account, &project(&sandbox)).await.unwrap();
        let sent = last_request(&sandbox);
        let sent = sent.header("authorization").unwrap();
        assert_eq!(sent, format!("Bearer {}", token.expose_secret()));
    }
    assert_eq!(asked(&sandbox), 2);
    account.revoke_token().await.unwrap();
    assert_eq!(last_request(&sandbox).path, "/api/oauth/revoke");
}

#[tokio::test]
async fn only_a_service_account_requests_tokens() {
    let sandbox = Sandbox::start().await.unwrap();
    let provided = AccessToken::new("a-token", SystemTime::now() + Duration::from_secs(60));
    for atlas in [
        client(&sandbox),
        client_at(sandbox.base_url(), Credentials::token_provider(provided)),
    ] {
        let error = atlas.request_token().await.unwrap_err();
        assert!(error.is_configuration(), "{error}");
        atlas.revoke_token().await.unwrap();
    }
    assert!(sandbox.requests().is_empty());
}
