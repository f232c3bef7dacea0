//! The five operations on the peerings of the project.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Violation};
use crate::attributes::{self, is_id};
use crate::auth::hash::random_hex;
use crate::cloud::Cloud;
use crate::page::Page;
use crate::peer::Peer;

/// How many peerings a project may have, and how many of them may be pending.
const MAXIMUM: usize = 50;
const MAXIMUM_PENDING: usize = 25;

/// An operation's answer; its error is an answer as well.
pub(crate) type Outcome = Result<Answer, Answer>;

pub(crate) struct Peers {
    /// The container of AWS peerings that name none.
    container: String,
    all: Vec<Peer>,
}

impl Peers {
    pub(crate) fn new() -> Self {
        Self {
            container: random_hex::<12>(),
            all: Vec::new(),
        }
    }

    /// The peering with this id, unless it is gone by now.
    pub(crate) fn find(&mut self, id: &str, now: Duration) -> Option<&mut Peer> {
        self.sweep(now);
        self.all.iter_mut().find(|peer| peer.id == id)
    }

    /// Forgets the peerings that are gone by now.
    fn sweep(&mut self, now: Duration) {
        self.all.retain(|peer| !peer.is_gone(now));
    }

    pub(crate) fn create(&mut self, body: &[u8], now: Duration) -> Outcome {
        let body = object(body)?;
        let cloud = provider(&body)?;
        attributes::check(cloud, &body, true)?;
        self.sweep(now);
        if self
            .all
            .iter()
            .any(|peer| peer.cloud == cloud && peer.is_same(&body))
        {
            let detail = "A peering with this network exists in the project.";
            return Err(conflict(cloud.identity().1, detail, &json!([])));
        }
        let pending = self.all.iter().filter(|peer| peer.is_pending(now)).count();
        if self.all.len() >= MAXIMUM || pending >= MAXIMUM_PENDING {
            let detail = "The project has as many peerings as it may have.";
            return Err(conflict(
                "PEER_MAXIMUM_REACHED",
                detail,
                &json!([self.all.len()]),
            ));
        }
        let peer = Peer::new(cloud, &body, &self.container, now);
        let shown = peer.show(now);
        self.all.push(peer);
        Ok(Answer::ok(shown))
    }

    pub(crate) fn list(&mut self, query: &[(String, String)], now: Duration, url: &str) -> Outcome {
        let page = Page::of(query)?;
        let cloud = match query.iter().find(|(name, _)| name == "providerName") {
            None => Cloud::Aws,
            Some((_, name)) => Cloud::from_name(name).ok_or_else(|| invalid_provider(name))?,
        };
        self.sweep(now);
        let of_cloud = self.all.iter().filter(|peer| peer.cloud == cloud);
        let shown = of_cloud.map(|peer| peer.show(now)).collect();
        Ok(Answer::ok(page.cut(shown, query, url)))
    }

    pub(crate) fn get(&mut self, id: &str, now: Duration) -> Outcome {
        Ok(Answer::ok(self.existing(id, now)?.show(now)))
    }

    pub(crate) fn update(&mut self, id: &str, body: &[u8], now: Duration) -> Outcome {
        let body = object(body)?;
        let cloud = provider(&body)?;
        let peer = self.existing(id, now)?;
        if peer.cloud != cloud {
            // Looked for among the peerings of the cloud that the body names, or of AWS.
            return Err(not_found(id));
        }
        attributes::check(cloud, &body, false)?;
        if peer.is_being_removed() {
            return Err(requested_deletion(id));
        }
        let (identity, _) = cloud.identity();
        if cloud == Cloud::Azure {
            let changes = |name: &&&str| {
                body.get(**name)
                    .is_some_and(|value| peer.attribute(name) != Some(value))
            };
            if let Some(field) = identity.iter().find(changes) {
                let description = format!("{field} cannot be changed");
                return Err(Answer::bad_request(
                    "INVALID_ATTRIBUTE",
                    &[Violation { field, description }],
                ));
            }
        }
        peer.change(&body);
        let whole_identity = identity.iter().all(|name| body.contains_key(*name));
        if cloud == Cloud::Aws && whole_identity && peer.state(now).0 == "FAILED" {
            peer.restart(now);
        }
        Ok(Answer::ok(peer.show(now)))
    }

    pub(crate) fn delete(&mut self, id: &str, now: Duration) -> Outcome {
        let peer = self.existing(id, now)?;
        if peer.is_being_removed() {
            return Err(requested_deletion(id));
        }
        peer.delete(now);
        Ok(Answer::new(StatusCode::ACCEPTED, json!({})))
    }

    fn existing(&mut self, id: &str, now: Duration) -> Result<&mut Peer, Answer> {
        if !is_id(id) {
            let detail = "The id of a peering has 24 hexadecimal digits.";
            let answer = Answer::error(
                StatusCode::NOT_FOUND,
                "INVALID_PEER_ID",
                detail,
                &json!([id]),
            );
            return Err(answer);
        }
        self.find(id, now).ok_or_else(|| not_found(id))
    }
}

/// The body as a JSON object.
fn object(body: &[u8]) -> Result<Map<String, Value>, Answer> {
    let refuse =
        |code, detail: &str| Answer::error(StatusCode::BAD_REQUEST, code, detail, &json!([]));
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(refuse("INVALID_JSON", "The body is not a JSON object.")),
        Err(_) => Err(refuse("MALFORMED_JSON", "The body is not JSON.")),
    }
}

/// The cloud that a request means: AWS where it names none.
fn provider(body: &Map<String, Value>) -> Result<Cloud, Answer> {
    match body.get("providerName") {
        None | Some(Value::Null) => Ok(Cloud::Aws),
        Some(Value::String(name)) => Cloud::from_name(name).ok_or_else(|| invalid_provider(name)),
        Some(other) => Err(invalid_provider(&other.to_string())),
    }
}

fn invalid_provider(name: &str) -> Answer {
    let description = format!("{name} is not AWS, AZURE or GCP");
    let violation = Violation {
        field: "providerName",
        description,
    };
    Answer::bad_request("INVALID_PROVIDER", &[violation])
}

fn not_found(id: &str) -> Answer {
    let detail = "The project has no such peering.";
    Answer::error(
        StatusCode::NOT_FOUND,
        "PEER_NOT_FOUND",
        detail,
        &json!([id]),
    )
}

fn requested_deletion(id: &str) -> Answer {
    let detail = "The peering is being removed already.";
    conflict("PEER_ALREADY_REQUESTED_DELETION", detail, &json!([id]))
}

fn conflict(code: &str, detail: &str, parameters: &Value) -> Answer {
    Answer::error(StatusCode::CONFLICT, code, detail, parameters)
}
