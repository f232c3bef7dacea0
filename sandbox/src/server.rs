//! The server: every request is recorded, let in or not, and answered.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use serde_json::json;
use tokio::net::TcpListener;

use crate::answer::{Answer, Canned, Envelope, Form, JSON};
use crate::auth::{Admitted, Attempt, Gate};
use crate::clock::Clock;
use crate::peers::{Outcome, Peers};
use crate::record::Recorded;
use crate::routes::Call;
use crate::tokens::Tokens;
use crate::version::Version;

/// The largest body that is read: 1 MiB.
const LARGEST_BODY: usize = 1024 * 1024;

const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");

/// All that the sandbox knows.
pub(crate) struct Service {
    base_url: String,
    project: String,
    clock: Clock,
    gate: Gate,
    tokens: Tokens,
    envelope: Envelope,
    peers: Peers,
    requests: Vec<Recorded>,
    canned: VecDeque<Canned>,
    address_allowed: bool,
    writes_allowed: bool,
}

impl Service {
    pub(crate) fn new(
        base_url: String,
        gate: Gate,
        tokens: Tokens,
        project: String,
        clock: Clock,
        envelope: Envelope,
    ) -> Self {
        Self {
            base_url,
            gate,
            tokens,
            envelope,
            project,
            clock,
            peers: Peers::new(),
            requests: Vec::new(),
            canned: VecDeque::new(),
            address_allowed: true,
            writes_allowed: true,
        }
    }

    pub(crate) fn key(&self) -> &(String, String) {
        self.gate.key()
    }

    pub(crate) fn tokens_mut(&mut self) -> &mut Tokens {
        &mut self.tokens
    }

    pub(crate) fn project(&self) -> &str {
        &self.project
    }

    pub(crate) fn clock_mut(&mut self) -> &mut Clock {
        &mut self.clock
    }

    pub(crate) fn peers_mut(&mut self) -> &mut Peers {
        &mut self.peers
    }

    pub(crate) fn requests(&self) -> &[Recorded] {
        &self.requests
    }

    pub(crate) fn answer_next(&mut self, answer: Canned) {
        self.canned.push_back(answer);
    }

    pub(crate) fn allow_address(&mut self, allowed: bool) {
        self.address_allowed = allowed;
    }

    pub(crate) fn allow_writes(&mut self, allowed: bool) {
        self.writes_allowed = allowed;
    }

    fn answer(&mut self, peer: SocketAddr, head: &Parts, body: &[u8]) -> Response<Vec<u8>> {
        let query = head.uri.query().unwrap_or_default();
        let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let asks = |name: &str| {
            parameters
                .iter()
                .any(|(key, value)| key == name && value == "true")
        };
        let version = Version::of(head.uri.path());
        let form = Form {
            envelope: asks("envelope").then_some(self.envelope),
            pretty: asks("pretty"),
            media_type: version.map_or(JSON, |(version, _)| version.media_type()),
        };
        let plain = Form {
            envelope: None,
            ..form
        };
        let oauth = head.uri.path().strip_prefix("/api/oauth/");
        let response = match oauth.map(|path| (path, authorization(head))) {
            Some((path, authorization)) => {
                let now = self.clock.now();
                self.tokens
                    .answer(now, path, authorization, body)
                    .write(&plain)
            }
            None => match self.admit(head, body) {
                Ok(admitted) => {
                    let response = match self.canned.pop_front() {
                        Some(canned) => canned.write(),
                        None => self
                            .carry_out(head, version, &parameters, body)
                            .unwrap_or_else(|error| error)
                            .write(&form),
                    };
                    self.with_info(response, admitted.as_ref())
                }
                Err(refused) => refused.write(&plain),
            },
        };
        self.requests.push(Recorded {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: query.to_owned(),
            headers: head.headers.clone(),
            body: body.to_vec(),
            peer,
            status: response.status().as_u16(),
        });
        response
    }

    /// Lets a request in by its digest, or by its token.
    fn admit(&mut self, head: &Parts, body: &[u8]) -> Result<Option<Admitted>, Answer> {
        let (now, authorization) = (self.clock.now(), authorization(head));
        if let Some(token) = authorization.and_then(|value| value.strip_prefix("Bearer ")) {
            return self.tokens.admit(now, token).map(|()| None);
        }
        let attempt = Attempt {
            method: head.method.as_str(),
            uri: head.uri.path_and_query().map_or("/", |uri| uri.as_str()),
            body,
            authorization,
        };
        self.gate.admit(now, &attempt).map(Some)
    }

    /// Adds what digest authentication tells of an answer.
    fn with_info(
        &mut self,
        mut response: Response<Vec<u8>>,
        admitted: Option<&Admitted>,
    ) -> Response<Vec<u8>> {
        let now = self.clock.now();
        let info = admitted.and_then(|admitted| self.gate.info(now, admitted, response.body()));
        if let Some(Ok(info)) = info.map(HeaderValue::try_from) {
            response.headers_mut().insert(AUTHENTICATION_INFO, info);
        }
        response
    }

    fn carry_out(
        &mut self,
        head: &Parts,
        version: Option<(Version, &str)>,
        query: &[(String, String)],
        body: &[u8],
    ) -> Outcome {
        if let Some((version, _)) = version {
            version.check(&head.headers, !body.is_empty())?;
        }
        if !self.address_allowed {
            let (code, address) = ("IP_ADDRESS_NOT_ON_ACCESS_LIST", json!(["127.0.0.1"]));
            let detail = "The caller's address is not on the access list.";
            return Err(Answer::error(StatusCode::FORBIDDEN, code, detail, &address));
        }
        if !self.writes_allowed && head.method != "GET" {
            let code = "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES";
            let detail = "The service takes no writes at the moment.";
            let answer = Answer::error(StatusCode::METHOD_NOT_ALLOWED, code, detail, &json!([]));
            return Err(answer);
        }
        let url = format!("{}{}", self.base_url, head.uri.path());
        let call = Call {
            method: head.method.as_str(),
            path: version.map(|(_, rest)| rest),
            query,
            body,
            url: &url,
            now: self.clock.now(),
        };
        call.dispatch(&self.project, &mut self.peers)
    }
}

fn authorization(head: &Parts) -> Option<&str> {
    let value = head.headers.get(header::AUTHORIZATION)?;
    str::from_utf8(value.as_bytes()).ok()
}

/// Serves until the task is aborted.
pub(crate) async fn serve(listener: TcpListener, service: Arc<Mutex<Service>>) {
    let router = Router::new().fallback(handle).with_state(service);
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    // It ends with an error of the listener alone, and then nobody is left to be told.
    let _ = axum::serve(listener, router).await;
}

async fn handle(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    State(service): State<Arc<Mutex<Service>>>,
    request: Request<Body>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let response = match axum::body::to_bytes(body, LARGEST_BODY).await {
        Ok(body) => service
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .answer(peer, &head, &body),
        Err(_) => Canned::new(413, "text/plain", "the body is over 1 MiB").write(),
    };
    response.map(Body::from)
}
