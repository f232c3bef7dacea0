//! The tokens of a service account (OAuth 2.0 client credentials, RFC 6749, section 4.4).
//!
//! However many calls want a token, one asks for it; the others wait for its outcome. Whoever asks
//! may be dropped at any time: the next one in the queue takes over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::header::AUTHORIZATION;
use http::{Method, StatusCode};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use tokio::time::Instant;

use super::store::{StoredToken, TokenStore};
use super::{Sent, is_same_origin, sensitive};
use crate::error::{ErrorCode, Refusal};
use crate::transport::http_client::Connection;
use crate::transport::raw_response::Answer;
use crate::transport::retry::RetryPolicy;
use crate::types::ApiError;
use crate::{Credentials, Error};

/// A token is renewed so long before its end, or a tenth of its life, whichever is less.
const EARLY: Duration = Duration::from_secs(60);

/// How long after a renewal that failed beside calls with a good token the next is begun.
const AGAIN: Duration = Duration::from_secs(5);

/// The tokens of one service account.
pub(crate) struct Tokens {
    credentials: Credentials,
    /// The root of the service; the secret goes nowhere else.
    root: Url,
    retry: RetryPolicy,
    store: Option<Arc<dyn TokenStore>>,
    state: Mutex<State>,
    /// Held by the one who asks.
    asking: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// How often a token was asked for, whatever came of it.
    asked: u64,
    /// The failure of the last time.
    failure: Option<Error>,
    /// Whether the store was asked.
    loaded: bool,
}

#[derive(Clone)]
struct Token {
    value: SecretString,
    /// What `State::asked` was when it came, which tells it from other tokens; 0 of one that was
    /// kept.
    number: u64,
    renewed: Instant,
    ends: Instant,
}

impl Token {
    /// A token with so much of its life left.
    fn of(value: SecretString, left: Duration, number: u64) -> Option<Self> {
        let ends = Instant::now().checked_add(left)?;
        Some(Self {
            value,
            number,
            renewed: ends - EARLY.min(left / 10),
            ends,
        })
    }
}

/// The token endpoint's answer.
#[derive(Deserialize)]
struct Granted {
    #[serde(deserialize_with = "secret")]
    access_token: SecretString,
    /// Seconds.
    expires_in: u64,
}

/// The feature of `secrecy` that does the same asks `serde` for more than the build does, so that it
/// would be compiled once for each.
fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

impl Tokens {
    pub(crate) fn new(
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
            state: Mutex::default(),
            asking: Arc::default(),
        }
    }

    /// Sends a request with a token. A 401 with a token that was at hand renews it once.
    pub(crate) async fn send(
        self: &Arc<Self>,
        http: &Connection,
        request: reqwest::Request,
        again: Option<&reqwest::Request>,
    ) -> Result<Sent, Error> {
        if !is_same_origin(request.url(), &self.root) {
            let response = http.execute(request).await?;
            return Ok(http.read(response).await?.into());
        }
        let (token, new) = match self.good(http) {
            Some(token) => (token, false),
            None => self.renewed(http, None).await?,
        };
        let answer = bear(http, request, &token).await?;
        if new || !is_refusal_of_the_token(&answer) {
            return Ok(answer.into());
        }
        let Some(again) = again.and_then(reqwest::Request::try_clone) else {
            return Ok(answer.into());
        };
        let (token, _) = self.renewed(http, Some(token.number)).await?;
        Ok(bear(http, again, &token).await?.into())
    }

    /// Revokes the token that is at hand, and forgets it.
    pub(crate) async fn revoke(&self, http: &Connection) -> Result<(), Error> {
        self.load();
        let Some(token) = self.state().token.take() else {
            return Ok(());
        };
        if let Some(store) = &self.store {
            store.save(None);
        }
        let form = [
            ("token", token.value.expose_secret()),
            ("token_type_hint", "access_token"),
        ];
        self.post(http, "revoke", &form).await.map(|_| ())
    }

    /// The token that is at hand and lives. Near its end it is renewed beside the calls that have it.
    fn good(self: &Arc<Self>, http: &Connection) -> Option<Token> {
        let now = Instant::now();
        let token = self
            .state()
            .token
            .clone()
            .filter(|token| now < token.ends)?;
        if now >= token.renewed
            && let Ok(asking) = Arc::clone(&self.asking).try_lock_owned()
            // Nobody renewed it in between.
            && self.is_at_hand(&token)
        {
            let (tokens, http) = (Arc::clone(self), http.clone());
            tokio::spawn(async move {
                // A failure is met by the calls that find no good token.
                let _ = tokens.ask(&http).await;
                drop(asking);
            });
        }
        Some(token)
    }

    fn is_at_hand(&self, token: &Token) -> bool {
        let state = self.state();
        let number = state.token.as_ref().map(|token| token.number);
        number == Some(token.number)
    }

    /// A token that is not the refused one, and whether it is new: that which another caller got
    /// meanwhile, the one that was kept, or one that is asked for.
    async fn renewed(
        &self,
        http: &Connection,
        refused: Option<u64>,
    ) -> Result<(Token, bool), Error> {
        let asked = self.state().asked;
        let _asking = self.asking.lock().await;
        self.load();
        {
            let state = self.state();
            let now = Instant::now();
            let token = state.token.as_ref();
            let token = token.filter(|token| now < token.ends && Some(token.number) != refused);
            if let Some(token) = token {
                return Ok((token.clone(), token.number > 0));
            }
            // Who came while it was asked for in vain shares the failure.
            if let Some(failure) = state.failure.as_ref().filter(|_| state.asked > asked) {
                return Err(failure.clone());
            }
        }
        self.ask(http).await.map(|token| (token, true))
    }

    /// Takes up the token that was kept, once.
    fn load(&self) {
        let first = !std::mem::replace(&mut self.state().loaded, true);
        let Some(store) = self.store.as_ref().filter(|_| first) else {
            return;
        };
        let token = store.load().and_then(|kept| {
            let left = kept.ends().duration_since(SystemTime::now()).ok()?;
            Token::of(SecretString::from(kept.expose_secret().to_owned()), left, 0)
        });
        self.state().token = token;
    }

    /// Asks for a token. The caller holds `asking`.
    async fn ask(&self, http: &Connection) -> Result<Token, Error> {
        let form = [("grant_type", "client_credentials")];
        let granted = self.post(http, "token", &form).await.and_then(|answer| {
            serde_json::from_slice::<Granted>(&answer.body)
                .map_err(|error| Error::decode(answer.status, error))
        });
        let mut state = self.state();
        state.asked += 1;
        let outcome = granted.and_then(|granted| {
            let life = Duration::from_secs(granted.expires_in);
            Token::of(granted.access_token, life, state.asked)
                .ok_or_else(|| Error::setup("the life of a token has no end"))
        });
        match &outcome {
            Ok(token) => state.token = Some(token.clone()),
            Err(_) => {
                if let Some(token) = &mut state.token {
                    token.renewed = Instant::now() + AGAIN;
                }
            }
        }
        state.failure = outcome.as_ref().err().cloned();
        drop(state);
        if let (Some(store), Ok(token)) = (&self.store, &outcome) {
            let left = token.ends.saturating_duration_since(Instant::now());
            if let Some(ends) = SystemTime::now().checked_add(left) {
                store.save(Some(&StoredToken::new(token.value.expose_secret(), ends)));
            }
        }
        outcome
    }

    /// Posts a form to an endpoint of OAuth, again where the policy allows it: a token that got lost
    /// on its way harms nobody.
    async fn post(
        &self,
        http: &Connection,
        endpoint: &str,
        form: &[(&str, &str)],
    ) -> Result<Answer, Error> {
        let mut url = self.root.clone();
        url.set_path(&format!(
            "{}/api/oauth/{endpoint}",
            url.path().trim_end_matches('/')
        ));
        let secret = self.credentials.private().expose_secret();
        let (start, mut tries) = (Instant::now(), 0);
        loop {
            tries += 1;
            let request = http
                .request(Method::POST, url.clone())
                .basic_auth(self.credentials.public(), Some(secret))
                .form(form)
                .build()
                .map_err(Error::from_reqwest)?;
            let outcome = match http.execute(request).await {
                Ok(response) => http.read(response).await,
                Err(error) => Err(error),
            };
            let error = match outcome {
                Ok(answer) if answer.status.is_success() => return Ok(answer),
                Ok(answer) => Refusal::read(&answer, self.credentials.name(), false),
                Err(error) => error,
            };
            match self
                .retry
                .wait(&Method::GET, &error, tries, start.elapsed())
            {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(error.after(tries)),
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn bear(
    http: &Connection,
    mut request: reqwest::Request,
    token: &Token,
) -> Result<Answer, Error> {
    let value = format!("Bearer {}", token.value.expose_secret());
    let header = sensitive(value.into_bytes()).map_err(|_| {
        // The cause would say which of its bytes no header can carry.
        Error::setup("the token endpoint gave a token that no header can carry")
    })?;
    request.headers_mut().insert(AUTHORIZATION, header);
    let response = http.execute(request).await?;
    http.read(response).await
}

/// A missing role is a 401 as well, and another token has the same roles.
fn is_refusal_of_the_token(answer: &Answer) -> bool {
    let of_a_role = || {
        let code = serde_json::from_slice::<ApiError>(&answer.body)
            .ok()?
            .error_code?;
        Some(ErrorCode::from(code).is_of_a_role())
    };
    answer.status == StatusCode::UNAUTHORIZED && !of_a_role().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_a_minute_or_a_tenth_of_its_life_early() {
        for (life, early) in [(3600, 60), (601, 60), (600, 60), (100, 10), (0, 0)] {
            let life = Duration::from_secs(life);
            let token = Token::of("t".to_owned().into(), life, 1).unwrap();
            assert_eq!(token.ends, Instant::now() + life);
            assert_eq!(token.ends - token.renewed, Duration::from_secs(early));
        }
    }

    #[tokio::test]
    async fn a_failure_is_shared_by_those_who_waited_for_it_alone() {
        let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let root = format!("http://{}", nobody.local_addr().unwrap());
        drop(nobody);
        let tokens = Tokens::new(
            Credentials::service_account("id", "secret"),
            root.parse().unwrap(),
            RetryPolicy::none(),
            None,
        );
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let http = Connection::new(http, 1024);
        for asked in 1..=2 {
            assert!(tokens.renewed(&http, None).await.is_err());
            assert_eq!(tokens.state().asked, asked);
        }
        let together = tokio::join!(tokens.renewed(&http, None), tokens.renewed(&http, None));
        assert!(together.0.is_err() && together.1.is_err());
        assert_eq!(tokens.state().asked, 3);
        // Where it fails beside calls that have a good token, the next renewal waits.
        let minute = Duration::from_secs(60);
        tokens.state().token = Token::of("t".to_owned().into(), minute, 3);
        assert!(tokens.ask(&http).await.is_err());
        let renewed = tokens.state().token.as_ref().map(|token| token.renewed);
        let left = renewed.unwrap().saturating_duration_since(Instant::now());
        assert!(left > Duration::ZERO && left <= AGAIN, "{left:?}");
    }
}
