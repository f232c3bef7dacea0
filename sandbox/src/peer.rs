//! One peering: its attributes, its state, and its form in responses.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::attributes;
use crate::auth::hash::random_hex;
use crate::cloud::Cloud;

/// The duration of each step of the service.
const STEP: Duration = Duration::from_secs(5);
/// How long an AWS connection can be accepted.
const EXPIRY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The last event of a peering. The state follows from it and from the present time.
#[derive(Clone, Debug)]
enum Event {
    Started(Duration),
    Accepted(Duration),
    Failed(String),
    Deleted(Duration),
    DeletionFailed(String),
}

#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) id: String,
    pub(crate) cloud: Cloud,
    attributes: Map<String, Value>,
    /// Whether its request named neither provider nor container nor region. The service shows such a
    /// peering without them.
    oldest_form: bool,
    /// The container that it is in.
    container: String,
    connection_id: String,
    last: Event,
    /// Whether lists omit it.
    pub(crate) hidden: bool,
    /// Fields that a test set.
    overlay: Map<String, Value>,
}

impl Peer {
    /// Makes a peering of a valid request body.
    pub(crate) fn new(
        cloud: Cloud,
        body: &Map<String, Value>,
        container: &str,
        now: Duration,
    ) -> Self {
        let newer = ["providerName", "containerId", "accepterRegionName"];
        let mut peer = Self {
            id: random_hex::<12>(),
            cloud,
            attributes: Map::new(),
            oldest_form: newer.iter().all(|name| !body.contains_key(*name)),
            container: container.to_owned(),
            connection_id: format!("pcx-{}", &random_hex::<9>()[..17]),
            last: Event::Started(now),
            hidden: false,
            overlay: Map::new(),
        };
        peer.change(body);
        peer
    }

    /// Sets the attributes of a request.
    pub(crate) fn change(&mut self, body: &Map<String, Value>) {
        for attribute in attributes::of(self.cloud) {
            if let Some(value) = body.get(attribute.name) {
                self.attributes
                    .insert(attribute.name.to_owned(), value.clone());
            }
        }
        if let Some(id) = body.get("containerId").and_then(Value::as_str) {
            id.clone_into(&mut self.container);
        }
    }

    /// Whether a request names the network of this peering.
    pub(crate) fn is_same(&self, body: &Map<String, Value>) -> bool {
        let (names, _) = self.cloud.identity();
        names
            .iter()
            .all(|name| self.attributes.get(*name) == body.get(*name))
    }

    pub(crate) fn container_id(&self) -> &str {
        &self.container
    }

    /// The address block of the user's network, on AWS.
    pub(crate) fn block(&self) -> Option<&str> {
        self.attributes.get("routeTableCidrBlock")?.as_str()
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.get(name)
    }

    /// The state, and the cause of a failure.
    pub(crate) fn state(&self, now: Duration) -> (&'static str, Option<&str>) {
        let state = match (&self.last, self.cloud) {
            (Event::Failed(cause), _) => return ("FAILED", Some(cause)),
            (Event::DeletionFailed(cause), _) => return ("DELETION_FAILED", Some(cause)),
            (Event::Started(at), Cloud::Aws) if now < *at + STEP => "INITIATING",
            (Event::Started(at), Cloud::Aws) if now >= *at + STEP + EXPIRY => {
                return ("FAILED", Some("EXPIRED"));
            }
            (Event::Started(_), Cloud::Aws) => "PENDING_ACCEPTANCE",
            (Event::Started(at), _) if now < *at + STEP => "ADDING_PEER",
            (Event::Started(_), Cloud::Gcp) => "WAITING_FOR_USER",
            (Event::Accepted(at), Cloud::Aws) if now < *at + STEP => "FINALIZING",
            (Event::Started(_) | Event::Accepted(_), _) => "AVAILABLE",
            (Event::Deleted(_), Cloud::Aws) => "TERMINATING",
            (Event::Deleted(_), _) => "DELETING",
        };
        (state, None)
    }

    /// Whether the peering is between two final states.
    pub(crate) fn is_pending(&self, now: Duration) -> bool {
        !matches!(
            self.state(now).0,
            "AVAILABLE" | "FAILED" | "DELETION_FAILED"
        )
    }

    pub(crate) fn is_deleted(&self, now: Duration) -> bool {
        matches!(self.last, Event::Deleted(at) if now >= at + STEP)
    }

    pub(crate) fn is_deleting(&self) -> bool {
        matches!(self.last, Event::Deleted(_))
    }

    pub(crate) fn delete(&mut self, now: Duration) {
        self.last = Event::Deleted(now);
    }

    pub(crate) fn restart(&mut self, now: Duration) {
        self.last = Event::Started(now);
    }

    fn waits_for_user(&self, now: Duration) -> Result<(), String> {
        let state = self.state(now).0;
        if matches!(state, "PENDING_ACCEPTANCE" | "WAITING_FOR_USER") {
            Ok(())
        } else {
            Err(format!(
                "the peering {} is {state}: its user can only act on PENDING_ACCEPTANCE or WAITING_FOR_USER",
                self.id
            ))
        }
    }

    pub(crate) fn accept(&mut self, now: Duration) -> Result<(), String> {
        self.waits_for_user(now)?;
        self.last = Event::Accepted(now);
        Ok(())
    }

    /// Accepts it in the user's place if it has waited for `delay`, as of the time when that was due.
    pub(crate) fn play_user(&mut self, delay: Duration, now: Duration) {
        if let (Event::Started(at), Cloud::Aws | Cloud::Gcp) = (&self.last, self.cloud) {
            let due = at.saturating_add(STEP).saturating_add(delay);
            if now >= due && self.waits_for_user(due).is_ok() {
                self.last = Event::Accepted(due);
            }
        }
    }

    pub(crate) fn reject(&mut self, now: Duration) -> Result<(), String> {
        self.waits_for_user(now)?;
        self.fail("REJECTED")
    }

    pub(crate) fn expire(&mut self, now: Duration) -> Result<(), String> {
        self.waits_for_user(now)?;
        self.fail("EXPIRED")
    }

    pub(crate) fn fail(&mut self, cause: &str) -> Result<(), String> {
        if self.is_deleting() {
            return Err(format!(
                "the peering {} is being deleted: fail it before its deletion",
                self.id
            ));
        }
        self.last = Event::Failed(cause.to_owned());
        Ok(())
    }

    pub(crate) fn fail_deletion(&mut self, cause: &str) -> Result<(), String> {
        if self.cloud != Cloud::Azure || !self.is_deleting() {
            let fault = "is not an Azure peering in state DELETING: delete one first";
            return Err(format!("the peering {} {fault}", self.id));
        }
        self.last = Event::DeletionFailed(cause.to_owned());
        Ok(())
    }

    pub(crate) fn set(&mut self, field: &str, value: Value) {
        self.overlay.insert(field.to_owned(), value);
    }

    /// The peering as the service shows it.
    pub(crate) fn show(&self, now: Duration) -> Value {
        let (state, cause) = self.state(now);
        let mut shown = self.attributes.clone();
        let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        put("id", json!(self.id));
        match self.cloud {
            Cloud::Aws => {
                put("statusName", json!(state));
                put("errorStateName", json!(cause));
                let known = state != "INITIATING";
                put("connectionId", json!(known.then_some(&self.connection_id)));
            }
            Cloud::Azure => {
                put("status", json!(state));
                put("errorState", json!(cause));
            }
            Cloud::Gcp => {
                put("status", json!(state));
                put("errorMessage", json!(cause));
            }
        }
        if !self.oldest_form {
            put("providerName", json!(self.cloud.name()));
            shown.entry("containerId").or_insert(json!(self.container));
            if self.cloud == Cloud::Aws {
                shown.entry("accepterRegionName").or_insert(Value::Null);
            }
        }
        shown.extend(self.overlay.clone());
        Value::Object(shown)
    }
}
