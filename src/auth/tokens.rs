//! The tokens of a service account or a provider: when to request the next one, and how calls share it.
//!
//! All calls that need a token share one token request. It runs in a task of its own, and the calls await
//! its outcome: a call that is dropped or not polled does not delay the others.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderValue, StatusCode};
use reqwest::Url;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::service_account::ServiceAccount;
use super::token_provider::{AccessToken, AnyProvider, provided};
use super::{is_same_origin, sensitive};
use crate::Error;
use crate::error::Kind;
use crate::transport::Backoff;
use crate::transport::http_client::HttpClient;
use crate::transport::raw_response::RawResponse;

/// A token is renewed this long before it expires, or a tenth of its lifetime if that is shorter.
const RENEW_BEFORE: Duration = Duration::from_secs(60);

/// The delay before the next renewal, after one failed while the token was still valid.
const RENEWAL_DELAY: Duration = Duration::from_secs(5);

/// The time limit of a provider: that of a token request with the default policy and timeout.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(180);

/// The delay before the next token request, after the service refused a new token. Until then that token
/// stays in use: the service would refuse another one too, for the same cause.
const REFUSAL_BACKOFF: Backoff = Backoff::poll(Duration::from_secs(2), Duration::from_secs(60));

/// A token request is lost if its outcome takes this much longer than it may: its runtime does not run.
const MARGIN: Duration = Duration::from_secs(20);

/// The source of tokens.
pub(super) enum Source {
    Account(Box<ServiceAccount>),
    Provider(Arc<dyn AnyProvider>),
}

/// The tokens of one client and its clones.
pub(crate) struct Tokens {
    source: Source,
    /// The root of the service. Tokens are sent only there.
    root: Url,
    state: Mutex<State>,
}

/// The outcome of a token request: `None` while it runs.
type Outcome = Option<Result<Token, Error>>;

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// The token request that runs.
    request: Option<watch::Receiver<Outcome>>,
    /// The number of tokens so far.
    granted: u64,
    /// The number of new tokens in a row that the service refused.
    refusals: u32,
    /// The earliest time of the next token request, after a refusal.
    request_after: Option<Instant>,
}

#[derive(Clone)]
struct Token {
    value: AccessToken,
    /// The value of the `Authorization` header.
    header: HeaderValue,
    /// Identifies the token.
    number: u64,
    renew_at: Instant,
    expires_at: Instant,
}

/// The `Authorization` header of a token. The error omits its cause, which shows a byte of the token.
fn header(token: &AccessToken) -> Result<HeaderValue, &'static str> {
    let token = token.expose_secret();
    let value = format!("Bearer {token}").into_bytes();
    let header = sensitive(value).ok().filter(|_| !token.is_empty());
    header.ok_or("the access token is empty or contains a character that no header can carry")
}

impl Tokens {
    pub(super) fn new(source: Source, root: Url) -> Self {
        Self {
            source,
            root,
            state: Mutex::default(),
        }
    }

    /// Sends a request with a token. After a 401 for a token from an earlier call, it requests another
    /// token and sends the request once more.
    pub(super) async fn send(
        self: &Arc<Self>,
        http: &HttpClient,
        request: &reqwest::Request,
    ) -> Result<RawResponse, Error> {
        if !is_same_origin(request.url(), &self.root) {
            return http.send(request, None).await;
        }
        let (token, is_new) = self.token(None).await?;
        let send = async |token: &Token, is_new| {
            let sent = http.send(request, Some(token.header.clone())).await;
            sent.inspect(|response| self.note(response, is_new))
        };
        let response = send(&token, is_new).await?;
        if is_new || !is_refusal_of_the_token(&response) {
            return Ok(response);
        }
        let (other, _) = self.token(Some(&token)).await?;
        if other.number == token.number {
            // The provider returned the refused token again: this counts as a refusal of a new token.
            self.note(&response, true);
            return Ok(response);
        }
        send(&other, true).await
    }

    /// Requests a token for the service account, and stores it. Without an account there is none.
    pub(crate) async fn request_new(&self) -> Result<Option<AccessToken>, Error> {
        let Source::Account(account) = &self.source else {
            return Ok(None);
        };
        let token = account.token().await?;
        self.store(&mut self.state(), token.clone())?;
        Ok(Some(token))
    }

    /// Revokes the stored token of a service account. The token stays stored until the service has revoked
    /// it, so that a caller can repeat a revocation that failed or was dropped.
    pub(crate) async fn revoke(&self) -> Result<(), Error> {
        let last = self.state().token.clone();
        let (Source::Account(account), Some(token)) = (&self.source, last) else {
            return Ok(());
        };
        account.revoke(&token.value).await?;
        let mut state = self.state();
        state.token.take_if(|last| last.number == token.number);
        Ok(())
    }

    /// Returns the stored token or a requested one, and whether it is new. It differs from `refused`, unless
    /// the service refuses new tokens too. Shortly before the stored token expires, this begins a request
    /// for the next one without awaiting it.
    async fn token(self: &Arc<Self>, refused: Option<&Token>) -> Result<(Token, bool), Error> {
        let (joins, running) = {
            let mut state = self.state();
            let may_request = state.may_request();
            let is_refused = |token: &Token| refused.is_some_and(|of| of.number == token.number);
            let now = Instant::now();
            let is_good = |token: &Token| now < token.expires_at && !is_refused(token);
            match state.token.clone() {
                Some(token) if !may_request || is_good(&token) => {
                    if may_request && now >= token.renew_at {
                        self.request(&mut state, None);
                    }
                    return Ok((token, false));
                }
                _ => (state.request.is_some(), self.request(&mut state, refused)),
            }
        };
        let mut token = self.outcome_of(running, refused).await?;
        if joins && refused.is_some_and(|of| of.number == token.number) {
            // The request that ran began before the refusal, so its provider did not know of it.
            let running = self.request(&mut self.state(), refused);
            token = self.outcome_of(running, refused).await?;
        }
        // The first token of a provider may be from its cache.
        let is_new = refused.is_some() || matches!(self.source, Source::Account(_));
        Ok((token, is_new))
    }

    /// The token request that runs. If none runs, one begins.
    fn request(
        self: &Arc<Self>,
        state: &mut State,
        refused: Option<&Token>,
    ) -> watch::Receiver<Outcome> {
        if let Some(running) = &state.request {
            return running.clone();
        }
        let (sender, receiver) = watch::channel(None);
        state.request = Some(receiver.clone());
        let (tokens, refused) = (Arc::clone(self), refused.map(|token| token.value.clone()));
        tokio::spawn(async move {
            let outcome = tokens.obtain(refused, &sender).await;
            // Sending fails if all calls that await the token were dropped.
            let _ = sender.send(Some(outcome));
        });
        receiver
    }

    /// Waits for the outcome of a token request.
    async fn outcome_of(
        self: &Arc<Self>,
        mut running: watch::Receiver<Outcome>,
        refused: Option<&Token>,
    ) -> Result<Token, Error> {
        let limit = match &self.source {
            Source::Account(account) => account.longest().saturating_add(MARGIN),
            Source::Provider(_) => PROVIDER_TIMEOUT + MARGIN,
        };
        for _ in 0..2 {
            let outcome = timeout(limit, running.wait_for(Option::is_some)).await;
            if let Some(Some(outcome)) = outcome.ok().and_then(Result::ok).as_deref() {
                return outcome.clone();
            }
            // The runtime of the request does not run. Another request begins on the current one.
            let mut state = self.state();
            state.request.take_if(|other| other.same_channel(&running));
            running = self.request(&mut state, refused);
        }
        Err(Error::setup(
            "the tokio runtime of the token request does not run: keep it running during all calls",
        ))
    }

    /// Gets a token from the source, and stores it.
    async fn obtain(
        &self,
        refused: Option<AccessToken>,
        own: &watch::Sender<Outcome>,
    ) -> Result<Token, Error> {
        let obtained = match &self.source {
            Source::Account(account) => account.token().await,
            Source::Provider(provider) => {
                let token = provided(Arc::clone(provider).provide(refused), PROVIDER_TIMEOUT).await;
                token.map_err(|error| Error::from(Kind::Provider).because(error))
            }
        };
        let mut state = self.state();
        state
            .request
            .take_if(|running| running.same_channel(&own.subscribe()));
        if let (Err(_), Some(token)) = (&obtained, &mut state.token) {
            token.renew_at = Instant::now() + RENEWAL_DELAY;
        }
        self.store(&mut state, obtained?)
    }

    /// Stores a token, unless no header can carry it.
    fn store(&self, state: &mut State, token: AccessToken) -> Result<Token, Error> {
        match (header(&token), &self.source) {
            (Ok(header), _) => Ok(state.store(token, header)),
            (Err(reason), Source::Account(_)) => {
                let status = StatusCode::OK;
                Err(Error::from(Kind::Decode { status }).because(reason))
            }
            (Err(reason), Source::Provider(_)) => Err(Error::from(Kind::Provider).because(reason)),
        }
    }

    /// Records whether the service accepted a token. A success does not shorten the delay after a refusal:
    /// other requests may still be refused. The refusal of an older token does not count.
    fn note(&self, response: &RawResponse, is_new: bool) {
        let mut state = self.state();
        if !state.may_request() {
            return;
        }
        if !is_refusal_of_the_token(response) {
            state.refusals = 0;
        } else if is_new {
            // Counts once for all calls with this token.
            state.refusals = state.refusals.saturating_add(1);
            state.request_after = Some(Instant::now() + REFUSAL_BACKOFF.wait(state.refusals));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Stores a token. The same text as before keeps its number.
    fn store(&mut self, value: AccessToken, header: HeaderValue) -> Token {
        let is_same = |last: &&Token| last.value.expose_secret() == value.expose_secret();
        let last = self.token.as_ref().filter(is_same);
        let number = last.map_or(self.granted + 1, |last| last.number);
        self.granted = self.granted.max(number);
        let left = value.left();
        let expires_at = Instant::now() + left;
        let token = Token {
            value,
            header,
            number,
            renew_at: expires_at - RENEW_BEFORE.min(left / 10),
            expires_at,
        };
        self.token.insert(token).clone()
    }

    fn may_request(&self) -> bool {
        self.request_after.is_none_or(|at| Instant::now() >= at)
    }
}

/// A missing role is also a 401, and another token has the same roles.
fn is_refusal_of_the_token(response: &RawResponse) -> bool {
    response.status == StatusCode::UNAUTHORIZED && !response.is_of_a_role()
}
