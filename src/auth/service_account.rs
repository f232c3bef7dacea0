//! The tokens of a service account (OAuth 2.0 client credentials, RFC 6749, section 4.4).
//!
//! However many calls want a token, one request gets it. It runs in a task of its own, whose outcome
//! the calls await: any of them may be dropped, or not polled, without holding up the others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderValue, StatusCode};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::token_store::{StoredToken, TokenStore};
use super::{is_same_origin, sensitive};
use crate::client::base_url;
use crate::error::{ErrorResponse, Kind};
use crate::transport::http_client::HttpClient;
use crate::transport::raw_response::RawResponse;
use crate::transport::retry::{self, RetryPolicy};
use crate::transport::{Backoff, Form};
use crate::{Credentials, Error};

/// A token is renewed so long before its end, or a tenth of its life, whichever is less.
const EARLY: Duration = Duration::from_secs(60);

/// How long after a renewal that failed beside calls with a good token the next is begun.
const AGAIN: Duration = Duration::from_secs(5);

/// The life of a token that does not tell it: RFC 6749, section 5.1, only recommends to, and the
/// service documents an hour.
const LIFE: Duration = Duration::from_secs(60 * 60);

/// As much of a longer life as counts.
const LONGEST_LIFE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How long a token that the service refused although it was new stays in use before the next is
/// requested: another one would be refused too, as long as the cause stays.
const REFUSED: Backoff = Backoff::poll(Duration::from_secs(2), Duration::from_secs(60));

/// A request without an outcome after that runs on a runtime that nobody drives: the default policy
/// and timeout allow no more.
const LOST: Duration = Duration::from_secs(180);

/// The tokens of one service account.
pub(super) struct Tokens {
    credentials: Credentials,
    /// The root of the service; the secret goes nowhere else.
    root: Url,
    retry: RetryPolicy,
    store: Option<Arc<dyn TokenStore>>,
    /// Whether the store was read.
    loaded: Once,
    state: Mutex<State>,
}

/// The outcome of a token request; none while it runs.
type Outcome = Option<Result<Token, Error>>;

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// The request that runs.
    request: Option<watch::Receiver<Outcome>>,
    /// How many tokens were granted.
    granted: u64,
    /// How many new tokens in a row the service refused.
    refusals: u32,
    /// While the last token is refused, no other is requested before.
    request_after: Option<Instant>,
}

#[derive(Clone)]
struct Token {
    value: SecretString,
    /// Tells it from other tokens; 0 is that from the store.
    number: u64,
    renew_at: Instant,
    ends_at: Instant,
}

impl Token {
    /// A token with so much of its life left.
    fn new(value: SecretString, left: Duration, number: u64) -> Self {
        let left = left.min(LONGEST_LIFE);
        let ends_at = Instant::now() + left;
        Self {
            value,
            number,
            renew_at: ends_at - EARLY.min(left / 10),
            ends_at,
        }
    }

    fn is_alive(&self) -> bool {
        Instant::now() < self.ends_at
    }

    fn header(&self) -> Result<HeaderValue, Error> {
        let value = format!("Bearer {}", self.value.expose_secret());
        // The cause would say which of its bytes no header can carry.
        sensitive(value.into_bytes())
            .map_err(|_| Error::setup("the token endpoint gave a token that no header can carry"))
    }
}

/// What the token endpoint sends (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// Seconds.
    expires_in: Option<u64>,
}

impl Tokens {
    pub(super) fn new(
        credentials: Credentials,
        root: Url,
        retry: RetryPolicy,
        store: Option<Arc<dyn TokenStore>>,
    ) -> Self {
        Self {
            credentials,
            root,
            retry,
            store,
            loaded: Once::new(),
            state: Mutex::default(),
        }
    }

    /// Sends a request with a token. A 401 with a token that was at hand renews it once.
    pub(super) async fn send(
        self: &Arc<Self>,
        http: &HttpClient,
        form: Form,
        request: &reqwest::Request,
    ) -> Result<RawResponse, Error> {
        if !is_same_origin(request.url(), &self.root) {
            return http.send(request, None, form).await;
        }
        let (token, is_new) = self.token(http, None).await?;
        let send = async |token: &Token, is_new| {
            let sent = http.send(request, Some(token.header()?), form).await;
            sent.inspect(|response| self.note(response, is_new))
        };
        let response = send(&token, is_new).await?;
        if is_new || !is_refusal_of_the_token(&response) {
            return Ok(response);
        }
        let (other, _) = self.token(http, Some(token.number)).await?;
        if other.number == token.number {
            return Ok(response);
        }
        send(&other, true).await
    }

    /// Revokes the token that is at hand, and forgets it once the service has: a revocation that
    /// fails, or that is dropped, can be asked for again.
    pub(super) async fn revoke(&self, http: &HttpClient) -> Result<(), Error> {
        self.load();
        let Some(token) = self.state().token.clone() else {
            return Ok(());
        };
        let form = [
            ("token", token.value.expose_secret()),
            ("token_type_hint", "access_token"),
        ];
        self.post(http, "revoke", &form).await?;
        let mut state = self.state();
        if state.token.as_ref().map(|token| token.number) == Some(token.number) {
            state.token = None;
            drop(state);
            self.with_store(|store| store.save(None));
        }
        Ok(())
    }

    /// A token that is not the refused one, and whether it is new: that which is at hand, or one that
    /// is requested. While new tokens are refused as well, it is the refused one. Near its end a token
    /// is renewed beside the calls that have it.
    async fn token(
        self: &Arc<Self>,
        http: &HttpClient,
        refused: Option<u64>,
    ) -> Result<(Token, bool), Error> {
        self.load();
        let running = {
            let mut state = self.state();
            let may_request = state.may_request();
            match state
                .token
                .clone()
                .filter(|token| token.is_alive() || !may_request)
            {
                Some(token) if Some(token.number) != refused || !may_request => {
                    if may_request && Instant::now() >= token.renew_at {
                        self.request(&mut state, http);
                    }
                    return Ok((token, false));
                }
                _ => self.request(&mut state, http),
            }
        };
        Ok((self.outcome_of(running, http).await?, true))
    }

    /// Takes up the token of the store, once. Calls that come meanwhile wait for it.
    fn load(&self) {
        self.loaded.call_once(|| {
            let kept = self.with_store(TokenStore::load).flatten();
            self.state().token = kept.and_then(|kept| {
                let left = kept.ends().duration_since(SystemTime::now()).ok()?;
                let value = SecretString::from(kept.expose_secret().to_owned());
                let token = Token::new(value, left, 0);
                token.header().is_ok().then_some(token)
            });
        });
    }

    /// What the store does; none without a store, and where it panics.
    fn with_store<T>(&self, act: impl FnOnce(&dyn TokenStore) -> T) -> Option<T> {
        let store = self.store.as_deref()?;
        catch_unwind(AssertUnwindSafe(|| act(store))).ok()
    }

    /// The request that runs, or one that is begun.
    fn request(self: &Arc<Self>, state: &mut State, http: &HttpClient) -> watch::Receiver<Outcome> {
        if let Some(running) = &state.request {
            return running.clone();
        }
        let (sender, receiver) = watch::channel(None);
        state.request = Some(receiver.clone());
        let (tokens, http) = (Arc::clone(self), http.clone());
        tokio::spawn(async move {
            let outcome = tokens.grant(&http).await;
            // Those who await it are gone where this fails.
            let _ = sender.send(Some(outcome));
        });
        receiver
    }

    /// The outcome of a request that runs, once it is there.
    async fn outcome_of(
        self: &Arc<Self>,
        mut running: watch::Receiver<Outcome>,
        http: &HttpClient,
    ) -> Result<Token, Error> {
        for _ in 0..2 {
            let outcome = timeout(LOST, running.wait_for(Option::is_some)).await;
            if let Some(Some(outcome)) = outcome.ok().and_then(Result::ok).as_deref() {
                return outcome.clone();
            }
            // Nobody drives the runtime that it ran on; this one may go on.
            let mut state = self.state();
            state.request.take_if(|other| other.same_channel(&running));
            running = self.request(&mut state, http);
        }
        Err(Error::setup(
            "nobody drives the tokio runtime that a token was requested on",
        ))
    }

    /// Requests a token and takes it up.
    async fn grant(&self, http: &HttpClient) -> Result<Token, Error> {
        let form = [("grant_type", "client_credentials")];
        let granted = self.post(http, "token", &form).await;
        let granted = granted.and_then(|response| {
            let status = response.status;
            // The cause may quote the token.
            let granted = response.json::<Granted>();
            Ok(granted.map_err(|_| Kind::Decode { status })?.into_inner())
        });
        let granted = granted.map_err(|error| error.in_step("token request"));
        let token = {
            let mut state = self.state();
            state.request = None;
            match granted {
                Ok(granted) => {
                    state.granted += 1;
                    let life = granted.expires_in.map_or(LIFE, Duration::from_secs);
                    let token = Token::new(granted.access_token.into(), life, state.granted);
                    state.token = Some(token.clone());
                    token
                }
                Err(error) => {
                    if let Some(token) = &mut state.token {
                        token.renew_at = Instant::now() + AGAIN;
                    }
                    return Err(error);
                }
            }
        };
        let left = token.ends_at.saturating_duration_since(Instant::now());
        if let Some(ends) = SystemTime::now().checked_add(left) {
            let kept = StoredToken::new(token.value.expose_secret(), ends);
            self.with_store(|store| store.save(Some(&kept)));
        }
        Ok(token)
    }

    /// Posts a form to an endpoint of OAuth, again where the policy allows it: a token that got lost
    /// on its way harms nobody, and a token is revoked once.
    async fn post(
        &self,
        http: &HttpClient,
        endpoint: &str,
        form: &[(&str, &str)],
    ) -> Result<RawResponse, Error> {
        let url = base_url::below(&self.root, &format!("/api/oauth/{endpoint}"));
        let secret = self.credentials.private().expose_secret();
        let request = http
            .connections
            .post(url)
            .basic_auth(self.credentials.public(), Some(secret))
            .form(form)
            .build()
            .map_err(Error::from_reqwest)?;
        let request = &request;
        retry::run(&self.retry, retry::if_idempotent, |_| async move {
            let response = http.send(request, None, Form::default()).await?;
            if response.status.is_success() {
                return Ok(response);
            }
            Err(ErrorResponse::read(&response, self.credentials.name()))
        })
        .await
    }

    /// Notes what the service makes of a token. A success leaves the wait for the next: others may be
    /// refused all the same. That it refuses one which served before tells nothing of new ones.
    fn note(&self, response: &RawResponse, is_new: bool) {
        let mut state = self.state();
        if !state.may_request() {
            return;
        }
        if !is_refusal_of_the_token(response) {
            state.refusals = 0;
        } else if is_new {
            // Once for all calls that used it.
            state.refusals = state.refusals.saturating_add(1);
            state.request_after = Some(Instant::now() + REFUSED.wait(state.refusals));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn may_request(&self) -> bool {
        self.request_after.is_none_or(|at| Instant::now() >= at)
    }
}

/// A missing role is a 401 as well, and another token has the same roles.
fn is_refusal_of_the_token(response: &RawResponse) -> bool {
    response.status == StatusCode::UNAUTHORIZED && !response.is_of_a_role()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_a_minute_or_a_tenth_of_its_life_early() {
        for (life, early) in [(3600, 60), (601, 60), (600, 60), (100, 10), (0, 0)] {
            let life = Duration::from_secs(life);
            let token = Token::new("t".to_owned().into(), life, 1);
            assert_eq!(token.ends_at, Instant::now() + life);
            assert_eq!(token.ends_at - token.renew_at, Duration::from_secs(early));
        }
        let token = Token::new("t".to_owned().into(), Duration::MAX, 1);
        assert_eq!(token.ends_at, Instant::now() + LONGEST_LIFE);
    }
}
