//! The tokens of a service account or of a provider: when the next is requested, and who awaits it.
//!
//! However many calls want a token, one request gets it. It runs in a task of its own, whose outcome
//! the calls await: any of them may be dropped, or not polled, without holding up the others.

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

/// A token is renewed so long before its end, or a tenth of its life, whichever is less.
const EARLY: Duration = Duration::from_secs(60);

/// How long after a renewal that failed beside calls with a good token the next is begun.
const AGAIN: Duration = Duration::from_secs(5);

/// How long a provider may take: as long as a request for a token under the default policy and timeout.
const LIMIT: Duration = Duration::from_secs(180);

/// How long a token that the service refused although it was new stays in use before the next is
/// requested: another one would be refused too, as long as the cause stays.
const REFUSED: Backoff = Backoff::poll(Duration::from_secs(2), Duration::from_secs(60));

/// A request without an outcome after that runs on a runtime that nobody drives.
const LOST: Duration = Duration::from_secs(200);

/// What only a service account can do.
pub(super) const NO_ACCOUNT: &str =
    "only a service account requests tokens: give one to ClientBuilder::credentials";

/// Where tokens come from.
pub(super) enum Source {
    Account(Box<ServiceAccount>),
    Provider(Arc<dyn AnyProvider>),
}

/// The tokens of one client and its clones.
pub(super) struct Tokens {
    source: Source,
    /// The root of the service; tokens go nowhere else.
    root: Url,
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
    value: AccessToken,
    /// Tells it from other tokens.
    number: u64,
    renew_at: Instant,
    ends_at: Instant,
}

fn header(token: &AccessToken) -> Result<HeaderValue, Error> {
    let value = format!("Bearer {}", token.expose_secret());
    // The cause would say which of its bytes no header can carry.
    sensitive(value.into_bytes()).map_err(|_| {
        Error::setup(
            "the access token holds a line break or another character that no header can carry",
        )
    })
}

impl Tokens {
    pub(super) fn new(source: Source, root: Url) -> Self {
        Self {
            source,
            root,
            state: Mutex::default(),
        }
    }

    /// Sends a request with a token. A 401 with a token that was at hand renews it once.
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
            let sent = http.send(request, Some(header(&token.value)?)).await;
            sent.inspect(|response| self.note(response, is_new))
        };
        let response = send(&token, is_new).await?;
        if is_new || !is_refusal_of_the_token(&response) {
            return Ok(response);
        }
        let (other, _) = self.token(Some(&token)).await?;
        if other.number == token.number {
            // Where it was provided again, it counts as a new one that was refused.
            self.note(&response, true);
            return Ok(response);
        }
        send(&other, true).await
    }

    /// Requests a token of the service account, and takes it up.
    pub(super) async fn request_new(&self) -> Result<AccessToken, Error> {
        let Source::Account(account) = &self.source else {
            return Err(Error::setup(NO_ACCOUNT));
        };
        let token = account.token().await?;
        self.state().take_up(token.clone());
        Ok(token)
    }

    /// Revokes the token that is at hand, and forgets it once the service has: a revocation that
    /// fails, or that is dropped, can be asked for again. What a provider provided is its own.
    pub(super) async fn revoke(&self) -> Result<(), Error> {
        let last = self.state().token.clone();
        let (Source::Account(account), Some(token)) = (&self.source, last) else {
            return Ok(());
        };
        account.revoke(&token.value).await?;
        let mut state = self.state();
        state.token.take_if(|last| last.number == token.number);
        Ok(())
    }

    /// A token that is not the refused one, and whether it is new: that which is at hand, or one that
    /// is requested. While new tokens are refused as well, it is the refused one. Near its end a token
    /// is renewed beside the calls that have it.
    async fn token(self: &Arc<Self>, refused: Option<&Token>) -> Result<(Token, bool), Error> {
        let running = {
            let mut state = self.state();
            let may_request = state.may_request();
            let is_refused = |token: &Token| refused.is_some_and(|of| of.number == token.number);
            let now = Instant::now();
            let is_good = |token: &Token| now < token.ends_at && !is_refused(token);
            match state.token.clone() {
                Some(token) if !may_request || is_good(&token) => {
                    if may_request && now >= token.renew_at {
                        self.request(&mut state, None);
                    }
                    return Ok((token, false));
                }
                _ => self.request(&mut state, refused),
            }
        };
        // A provider may have cached its first.
        let is_new = refused.is_some() || matches!(self.source, Source::Account(_));
        Ok((self.outcome_of(running, refused).await?, is_new))
    }

    /// The request that runs, or one that is begun.
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
            let outcome = tokens.obtain(refused).await;
            // Those who await it are dropped where this fails.
            let _ = sender.send(Some(outcome));
        });
        receiver
    }

    /// The outcome of a request that runs, once it is there.
    async fn outcome_of(
        self: &Arc<Self>,
        mut running: watch::Receiver<Outcome>,
        refused: Option<&Token>,
    ) -> Result<Token, Error> {
        for _ in 0..2 {
            let outcome = timeout(LOST, running.wait_for(Option::is_some)).await;
            if let Some(Some(outcome)) = outcome.ok().and_then(Result::ok).as_deref() {
                return outcome.clone();
            }
            // Nobody drives the runtime that it ran on; this one may go on.
            let mut state = self.state();
            state.request.take_if(|other| other.same_channel(&running));
            running = self.request(&mut state, refused);
        }
        Err(Error::setup(
            "nobody drives the tokio runtime that a token was requested on",
        ))
    }

    /// Gets a token and takes it up.
    async fn obtain(&self, refused: Option<AccessToken>) -> Result<Token, Error> {
        let obtained = match &self.source {
            Source::Account(account) => account.token().await,
            Source::Provider(provider) => {
                let token = provided(Arc::clone(provider).provide(refused), LIMIT).await;
                token.map_err(|error| Error::from(Kind::Provider).because(error))
            }
        };
        let mut state = self.state();
        state.request = None;
        if let (Err(_), Some(token)) = (&obtained, &mut state.token) {
            token.renew_at = Instant::now() + AGAIN;
        }
        Ok(state.take_up(obtained?))
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
    /// Takes up a token. One that is provided again is no other.
    fn take_up(&mut self, value: AccessToken) -> Token {
        let is_same = |last: &&Token| last.value.expose_secret() == value.expose_secret();
        let last = self.token.as_ref().filter(is_same);
        let number = last.map_or(self.granted + 1, |last| last.number);
        self.granted = self.granted.max(number);
        let left = value.left();
        let ends_at = Instant::now() + left;
        let token = Token {
            value,
            number,
            renew_at: ends_at - EARLY.min(left / 10),
            ends_at,
        };
        self.token.insert(token).clone()
    }

    fn may_request(&self) -> bool {
        self.request_after.is_none_or(|at| Instant::now() >= at)
    }
}

/// A missing role is a 401 as well, and another token has the same roles.
fn is_refusal_of_the_token(response: &RawResponse) -> bool {
    response.status == StatusCode::UNAUTHORIZED && !response.is_of_a_role()
}
