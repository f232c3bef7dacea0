//! The five operations on the peerings of the project.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::attributes::{self, is_id};
use crate::blocks;
use crate::body::{self, Outcome};
use crate::cloud::Cloud;
use crate::container::Container;
use crate::containers::Containers;
use crate::page::Page;
use crate::peer::Peer;
use crate::reply::{Reply, Violation};

/// The limits and rules of a project.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// The maximum of peerings.
    pub(crate) peerings: usize,
    /// The maximum of pending peerings.
    pub(crate) pending: usize,
    /// Whether a network on AWS may have a peering for each container.
    pub(crate) for_each_container: bool,
    /// How long a peering waits until its user is played; never if `None`.
    pub(crate) play_user: Option<Duration>,
}

/// The service's own.
impl Default for Rules {
    fn default() -> Self {
        Self {
            peerings: 50,
            pending: 25,
            for_each_container: false,
            play_user: None,
        }
    }
}

pub(crate) struct Peers {
    all: Vec<Peer>,
    rules: Rules,
}

impl Peers {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            all: Vec::new(),
            rules,
        }
    }

    /// All peerings, as the service shows them.
    pub(crate) fn show(&mut self, now: Duration) -> impl Iterator<Item = Value> {
        self.sweep(now);
        self.all.iter().map(move |peer| peer.show(now))
    }

    /// Whether a peering uses the container.
    pub(crate) fn use_container(&mut self, id: &str, now: Duration) -> bool {
        self.sweep(now);
        self.all.iter().any(|peer| peer.container_id() == id)
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
    }

    /// Adds a peering, past all rules.
    pub(crate) fn add(&mut self, peer: Peer) {
        self.all.push(peer);
    }

    /// The peering with this id, unless its deletion has ended.
    pub(crate) fn find(&mut self, id: &str, now: Duration) -> Option<&mut Peer> {
        self.sweep(now);
        self.all.iter_mut().find(|peer| peer.id == id)
    }

    /// Drops the peerings whose deletion has ended, and plays the user of those that have waited.
    fn sweep(&mut self, now: Duration) {
        self.all.retain(|peer| !peer.is_deleted(now));
        if let Some(delay) = self.rules.play_user {
            self.all
                .iter_mut()
                .for_each(|peer| peer.play_user(delay, now));
        }
    }

    pub(crate) fn create(
        &mut self,
        body: &[u8],
        containers: &mut Containers,
        now: Duration,
    ) -> Outcome {
        let body = body::object(body)?;
        let cloud = body::provider(&body)?;
        attributes::check(cloud, &body, true)?;
        self.sweep(now);
        if self.all.iter().any(|peer| self.is_same(peer, cloud, &body)) {
            let detail = "A peering with this network exists in the project.";
            return Err(body::conflict(cloud.identity().1, detail, &json!([])));
        }
        let pending = self.all.iter().filter(|peer| peer.is_pending(now)).count();
        if self.all.len() >= self.rules.peerings || pending >= self.rules.pending {
            let detail = "The project has as many peerings as it may have.";
            let about = json!([self.all.len()]);
            return Err(body::conflict("PEER_MAXIMUM_REACHED", detail, &about));
        }
        let container = match named_container(containers, cloud, &body)? {
            Some(container) => container,
            None => containers.of_oldest_form(now),
        };
        let (container_id, atlas) = (container.id.clone(), container.block().to_owned());
        let block = body.get("routeTableCidrBlock").and_then(Value::as_str);
        self.refuse_overlap("", &container_id, &atlas, block)?;
        container.begin_use(now);
        let peer = Peer::new(cloud, &body, &container_id, now);
        let shown = peer.show(now);
        self.all.push(peer);
        Ok(Reply::ok(shown))
    }

    /// Refuses a block on AWS that overlaps Atlas's own, or that of another peering in the same
    /// container.
    fn refuse_overlap(
        &self,
        id: &str,
        container: &str,
        atlas: &str,
        block: Option<&str>,
    ) -> Result<(), Reply> {
        let Some(block) = block else { return Ok(()) };
        if blocks::overlap(block, atlas) {
            let detail = "The block overlaps that of the container.";
            let about = json!([block, atlas]);
            return Err(body::conflict(
                "OVERLAPPING_ATLAS_CIDR_BLOCK",
                detail,
                &about,
            ));
        }
        let in_container = |peer: &&Peer| peer.id != id && peer.container_id() == container;
        let mut blocks = self.all.iter().filter(in_container).filter_map(Peer::block);
        if let Some(other) = blocks.find(|other| blocks::overlap(block, other)) {
            let detail = "The block overlaps that of another peering.";
            let about = json!([block, other]);
            return Err(body::conflict("OVERLAPPING_CIDR_BLOCK", detail, &about));
        }
        Ok(())
    }

    pub(crate) fn list(&mut self, query: &[(String, String)], now: Duration, url: &str) -> Outcome {
        let page = Page::of(query)?;
        let cloud = body::cloud_of_list(query)?;
        self.sweep(now);
        let shown = |peer: &&Peer| peer.cloud == cloud && !peer.hidden;
        let of_cloud: Vec<_> = self.all.iter().filter(shown).collect();
        let show = |peer: &&Peer| peer.show(now);
        Ok(Reply::ok(page.cut(&of_cloud, show, query, url)))
    }

    pub(crate) fn get(&mut self, id: &str, now: Duration) -> Outcome {
        Ok(Reply::ok(self.existing(id, now)?.show(now)))
    }

    pub(crate) fn update(
        &mut self,
        id: &str,
        body: &[u8],
        containers: &mut Containers,
        now: Duration,
    ) -> Outcome {
        let body = body::object(body)?;
        let cloud = body::provider(&body)?;
        let peer = self.existing(id, now)?;
        if peer.cloud != cloud {
            // The service searches only the cloud that the body names, or AWS if it names none.
            return Err(not_found(id));
        }
        attributes::check(cloud, &body, false)?;
        if peer.is_deleting() {
            return Err(requested_deletion(id));
        }
        if cloud == Cloud::Azure {
            refuse_new_identity(peer, &body)?;
        }
        let current = peer.container_id().to_owned();
        let container = match named_container(containers, cloud, &body)? {
            Some(container) => Some(container),
            None => containers.find(&current),
        };
        let (container, atlas) = container.map_or_else(Default::default, |of| {
            of.begin_use(now);
            (of.id.clone(), of.block().to_owned())
        });
        let block = body.get("routeTableCidrBlock").and_then(Value::as_str);
        self.refuse_overlap(id, &container, &atlas, block)?;
        let peer = self.existing(id, now)?;
        peer.change(&body);
        let whole_identity = cloud
            .identity()
            .0
            .iter()
            .all(|name| body.contains_key(*name));
        if cloud == Cloud::Aws && whole_identity && peer.state(now).0 == "FAILED" {
            peer.restart(now);
        }
        Ok(Reply::ok(peer.show(now)))
    }

    pub(crate) fn delete(&mut self, id: &str, now: Duration) -> Outcome {
        let peer = self.existing(id, now)?;
        if peer.is_deleting() {
            return Err(requested_deletion(id));
        }
        peer.delete(now);
        Ok(Reply::new(StatusCode::ACCEPTED, json!({})))
    }

    /// Whether a request is for a peering that exists.
    fn is_same(&self, peer: &Peer, cloud: Cloud, body: &Map<String, Value>) -> bool {
        let elsewhere = |id: &Value| id.as_str() != Some(peer.container_id());
        let several = cloud == Cloud::Aws && self.rules.for_each_container;
        let apart = several && body.get("containerId").is_some_and(elsewhere);
        peer.cloud == cloud && peer.is_same(body) && !apart
    }

    pub(crate) fn existing(&mut self, id: &str, now: Duration) -> Result<&mut Peer, Reply> {
        if !is_id(id) {
            let detail = "The id of a peering has 24 hexadecimal digits.";
            let refused = Reply::error(
                StatusCode::NOT_FOUND,
                "INVALID_PEER_ID",
                detail,
                &json!([id]),
            );
            return Err(refused);
        }
        self.find(id, now).ok_or_else(|| not_found(id))
    }
}

fn refuse_new_identity(peer: &Peer, body: &Map<String, Value>) -> Result<(), Reply> {
    let (identity, _) = peer.cloud.identity();
    let changes = |name: &&&str| {
        let new = body.get(**name);
        new.is_some_and(|value| peer.attribute(name) != Some(value))
    };
    let Some(field) = identity.iter().find(changes) else {
        return Ok(());
    };
    let description = format!("{field} cannot be changed");
    let violation = Violation { field, description };
    Err(Reply::bad_request("INVALID_ATTRIBUTE", &[violation]))
}

/// The container that a request names; `None` if it names none.
fn named_container<'a>(
    containers: &'a mut Containers,
    cloud: Cloud,
    body: &Map<String, Value>,
) -> Result<Option<&'a mut Container>, Reply> {
    let Some(id) = body.get("containerId").and_then(Value::as_str) else {
        return Ok(None);
    };
    let container = containers.existing(id)?;
    if container.cloud != cloud {
        let violation = Violation {
            field: "containerId",
            description: format!("containerId is one of {}", container.cloud.name()),
        };
        return Err(Reply::bad_request("INVALID_ATTRIBUTE", &[violation]));
    }
    Ok(Some(container))
}

fn not_found(id: &str) -> Reply {
    let detail = "The project has no such peering.";
    Reply::error(
        StatusCode::NOT_FOUND,
        "PEER_NOT_FOUND",
        detail,
        &json!([id]),
    )
}

fn requested_deletion(id: &str) -> Reply {
    let detail = "The peering is being deleted already.";
    body::conflict("PEER_ALREADY_REQUESTED_DELETION", detail, &json!([id]))
}
