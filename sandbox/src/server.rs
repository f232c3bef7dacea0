//! The server: it records each request, admits or refuses it, and sends a response.

use std::collections::VecDeque;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::LengthLimitError;
use serde_json::json;
use tokio::net::TcpListener;

use crate::auth::authorization::credentials;
use crate::auth::{Admitted, Attempt, Gate};
use crate::body::Outcome;
use crate::clock::{self, Clock};
use crate::endpoint;
use crate::fault::{self, Faults, Kind};
use crate::project::Project;
use crate::record::{Record, Recorded};
use crate::reply::{Canned, Envelope, Form, JSON, Reply};
use crate::routes::{self, Call};
use crate::tokens::Tokens;
use crate::version::Version;

/// The largest request body: 1 MiB.
const MAX_BODY_BYTES: usize = 1024 * 1024;

const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");

/// The whole state of a sandbox.
pub(crate) struct Service {
    base_url: String,
    project: Project,
    clock: Clock,
    gate: Gate,
    tokens: Tokens,
    envelope: Envelope,
    faults: Faults,
    record: Record,
    canned: VecDeque<Canned>,
    address_allowed: bool,
    writes_allowed: bool,
}

impl Service {
    pub(crate) fn new(
        base_url: String,
        gate: Gate,
        tokens: Tokens,
        project: Project,
        clock: Clock,
        envelope: Envelope,
        record: Record,
    ) -> Self {
        Self {
            base_url,
            gate,
            tokens,
            envelope,
            project,
            clock,
            faults: Faults::default(),
            record,
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

    pub(crate) fn project(&mut self) -> &mut Project {
        &mut self.project
    }

    pub(crate) fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    pub(crate) fn clock_mut(&mut self) -> &mut Clock {
        &mut self.clock
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.record.all()
    }

    pub(crate) fn queue_response(&mut self, response: Canned) {
        self.canned.push_back(response);
    }

    pub(crate) fn allow_address(&mut self, allowed: bool) {
        self.address_allowed = allowed;
    }

    pub(crate) fn allow_writes(&mut self, allowed: bool) {
        self.writes_allowed = allowed;
    }

    /// Carries out a request to the control endpoint; `path` is what follows `/sandbox/`.
    fn control(&mut self, request: &Received, path: &str) -> Outcome {
        let (method, body) = (request.head.method.as_str(), &request.body);
        endpoint::control(&mut self.project, &mut self.clock, method, path, body)
    }

    /// Admits a request and finds the fault that it meets, or gives the response that ends it here.
    fn receive(&mut self, request: &Received) -> Result<Ticket, Reply> {
        let head = &request.head;
        if let Some(path) = head.uri.path().strip_prefix("/api/oauth/") {
            let now = self.clock.now();
            return Err(self.tokens.handle(now, path, &request.attempt()));
        }
        let admitted = self.admit(&request.attempt())?;
        let operation = Version::of(head.uri.path())
            .and_then(|(_, path)| routes::operation(head.method.as_str(), path));
        Ok(Ticket {
            admitted,
            fault: operation.and_then(|operation| self.faults.meet(operation)),
        })
    }

    /// The response to an admitted request: the next canned one, or that of its operation.
    fn respond(&mut self, request: &Received, admitted: Option<&Admitted>) -> Response<Vec<u8>> {
        let response = if let Some(canned) = self.canned.pop_front() {
            canned.write()
        } else {
            let envelope = request.asks("envelope").then_some(self.envelope);
            self.carry_out(request)
                .unwrap_or_else(|error| error)
                .write(&request.form(envelope))
        };
        self.with_info(response, admitted)
    }

    /// The same; records the request too.
    fn act(&mut self, request: &Received, admitted: Option<&Admitted>) -> Response<Vec<u8>> {
        let response = self.respond(request, admitted);
        self.record(request, response.status().as_u16(), response.body());
        response
    }

    /// Records a request; `status` is 0 if it gets no response.
    fn record(&mut self, request: &Received, status: u16, response_body: &[u8]) {
        if self.record.keeps_none() {
            return;
        }
        self.record.push(Recorded {
            method: request.head.method.to_string(),
            path: request.head.uri.path().to_owned(),
            query: request.head.uri.query().unwrap_or_default().to_owned(),
            headers: request.head.headers.clone(),
            body: request.body.to_vec(),
            peer: request.peer,
            status,
            response_body: response_body.to_vec(),
        });
    }

    /// Admits a request by its digest or its token.
    fn admit(&mut self, attempt: &Attempt<'_>) -> Result<Option<Admitted>, Reply> {
        let now = self.clock.now();
        let header = attempt.authorization.unwrap_or_default();
        match credentials(header, "Bearer") {
            Some(token) => self.tokens.admit(now, token).map(|()| None),
            None => self.gate.admit(now, attempt).map(Some),
        }
    }

    /// Adds the `Authentication-Info` of digest authentication, if the settings ask for one.
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

    fn carry_out(&mut self, request: &Received) -> Outcome {
        let version = Version::of(request.head.uri.path());
        let (head, body) = (&request.head, &request.body);
        if let Some((version, _)) = version {
            version.check(&head.headers, !body.is_empty())?;
        }
        if !self.address_allowed {
            let (code, address) = ("IP_ADDRESS_NOT_ON_ACCESS_LIST", json!(["127.0.0.1"]));
            let detail = "The caller's address is not on the access list.";
            return Err(Reply::error(StatusCode::FORBIDDEN, code, detail, &address));
        }
        if !self.writes_allowed && head.method != "GET" {
            let code = "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES";
            let detail = "The service takes no writes at the moment.";
            let refused = Reply::error(StatusCode::METHOD_NOT_ALLOWED, code, detail, &json!([]));
            return Err(refused.with_header(header::ALLOW, "GET"));
        }
        let url = format!("{}{}", self.base_url, head.uri.path());
        let call = Call {
            method: head.method.as_str(),
            path: version.map(|(_, rest)| rest),
            query: &request.query,
            body,
            url: &url,
            now: self.clock.now(),
        };
        call.dispatch(&mut self.project)
    }
}

/// Serves until the task is aborted.
pub(crate) async fn serve(listener: TcpListener, service: Arc<Mutex<Service>>) {
    let router = Router::new().fallback(handle).with_state(service);
    let router = router.into_make_service_with_connect_info::<SocketAddr>();
    // `serve` returns only after an error of the listener, and no caller can receive it.
    let _ = axum::serve(listener, router).await;
}

/// A request with its whole body.
struct Received {
    peer: SocketAddr,
    head: Parts,
    body: Bytes,
    query: Vec<(String, String)>,
}

/// What follows from an admitted request.
struct Ticket {
    admitted: Option<Admitted>,
    fault: Option<Kind>,
}

impl Received {
    fn attempt(&self) -> Attempt<'_> {
        let (head, body) = (&self.head, &self.body);
        let header = head.headers.get(header::AUTHORIZATION);
        Attempt {
            method: head.method.as_str(),
            uri: head.uri.path_and_query().map_or("/", |uri| uri.as_str()),
            body,
            authorization: header.and_then(|value| str::from_utf8(value.as_bytes()).ok()),
        }
    }

    fn asks(&self, name: &str) -> bool {
        let mut query = self.query.iter();
        query.any(|(key, value)| key == name && value == "true")
    }

    /// The form of its response.
    fn form(&self, envelope: Option<Envelope>) -> Form<'static> {
        let version = Version::of(self.head.uri.path());
        Form {
            envelope,
            pretty: self.asks("pretty"),
            media_type: version.map_or(JSON, |(version, _)| version.media_type()),
        }
    }
}

async fn handle(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    State(service): State<Arc<Mutex<Service>>>,
    request: Request<Body>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = match axum::body::to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => body,
        Err(error) => {
            let too_large = |of: &&(dyn Error + 'static)| of.is::<LengthLimitError>();
            let (status, text) = match error.source().filter(too_large) {
                Some(_) => (413, "the request body is larger than 1 MiB"),
                None => (400, "the request body is incomplete or malformed"),
            };
            return Canned::new(status, "text/plain", text)
                .write()
                .map(Body::from);
        }
    };
    let query = head.uri.query().unwrap_or_default();
    let query = form_urlencoded::parse(query.as_bytes()).into_owned();
    let request = Received {
        query: query.collect(),
        peer,
        head,
        body,
    };
    if let Some(path) = endpoint::below(request.head.uri.path()) {
        let done = lock(&service).control(&request, path);
        let response = done.unwrap_or_else(|refused| refused);
        return response.write(&request.form(None)).map(Body::from);
    }
    let received = lock(&service).receive(&request);
    match received {
        Ok(ticket) => fulfil(service, request, ticket).await,
        Err(refused) => {
            let refused = refused.write(&request.form(None));
            lock(&service).record(&request, refused.status().as_u16(), refused.body());
            refused.map(Body::from)
        }
    }
}

/// Responds to an admitted request, or makes it meet its fault.
async fn fulfil(service: Arc<Mutex<Service>>, request: Received, ticket: Ticket) -> Response<Body> {
    let Ticket { admitted, fault } = ticket;
    let act = |service: &Mutex<Service>| lock(service).act(&request, admitted.as_ref());
    let record = |status| lock(&service).record(&request, status, &[]);
    let effect = |service: &Mutex<Service>| lock(service).respond(&request, admitted.as_ref());
    match fault {
        None => act(&service).map(Body::from),
        Some(Kind::DropBefore) => {
            record(0);
            fault::breaking_off(Response::default(), 0)
        }
        Some(Kind::DropAfter) => {
            effect(&service);
            record(0);
            fault::breaking_off(Response::default(), 0)
        }
        Some(Kind::CutResponse) => {
            let response = act(&service);
            let half = response.body().len() / 2;
            fault::breaking_off(response, half)
        }
        Some(Kind::FailBefore(status)) => {
            record(status);
            fault::failure(status)
        }
        Some(Kind::FailAfter(status)) => {
            effect(&service);
            record(status);
            fault::failure(status)
        }
        Some(Kind::DelayResponse(by)) => {
            let response = act(&service);
            tokio::time::sleep(by).await;
            response.map(Body::from)
        }
        Some(Kind::UnreachableNetwork(after)) => {
            clock::pass(|| lock(&service).clock.clone(), after).await;
            let response = fault::unreachable_network().write();
            lock(&service).record(&request, response.status().as_u16(), response.body());
            response.map(Body::from)
        }
        Some(Kind::DelayEffect(by)) => {
            // In a task of its own: a client that disconnects ends this future.
            let late = tokio::spawn(async move {
                tokio::time::sleep(by).await;
                lock(&service).act(&request, admitted.as_ref())
            });
            match late.await {
                Ok(response) => response.map(Body::from),
                Err(_) => fault::failure(500),
            }
        }
    }
}

/// Ignores poisoning: a panic elsewhere leaves a state that is still usable.
pub(crate) fn lock(service: &Mutex<Service>) -> MutexGuard<'_, Service> {
    service.lock().unwrap_or_else(PoisonError::into_inner)
}
