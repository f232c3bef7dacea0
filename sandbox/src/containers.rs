//! The six operations on the containers of the project.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::attributes::is_id;
use crate::blocks;
use crate::body::{self, Outcome};
use crate::cloud::Cloud;
use crate::container::Container;
use crate::page::Page;
use crate::reply::{Reply, Violation};

pub(crate) struct Containers {
    all: Vec<Container>,
    /// How long the provisioning of a container takes.
    provisioning: Duration,
    /// The minimum age of a container that can be deleted.
    deletable_after: Duration,
}

impl Containers {
    pub(crate) fn new(provisioning: Duration, deletable_after: Duration) -> Self {
        Self {
            all: Vec::new(),
            provisioning,
            deletable_after,
        }
    }

    pub(crate) fn find(&mut self, id: &str) -> Option<&mut Container> {
        self.all.iter_mut().find(|container| container.id == id)
    }

    /// All containers, as the service shows them.
    pub(crate) fn show(&self, now: Duration) -> impl Iterator<Item = Value> {
        self.all
            .iter()
            .map(move |container| container.show(now, self.provisioning))
    }

    /// The container of a region, created if it is missing: for a cluster, or for a peering on AWS that
    /// names no container.
    pub(crate) fn of_region(
        &mut self,
        cloud: Cloud,
        region: &str,
        now: Duration,
    ) -> &mut Container {
        let is_of = |of: &Container| of.cloud == cloud && of.region() == region;
        let at = self.all.iter().position(is_of);
        let at = at.unwrap_or_else(|| {
            let block = match cloud {
                Cloud::Gcp => "192.168.0.0/18".to_owned(),
                _ => self.free_block(),
            };
            let mut attributes = Map::from_iter([("atlasCidrBlock".to_owned(), json!(block))]);
            attributes.extend(cloud.region().map(|name| (name.to_owned(), json!(region))));
            self.all.push(Container::new(cloud, attributes, now));
            self.all.len() - 1
        });
        &mut self.all[at]
    }

    /// The container of a peering on AWS that names none: the project's first on AWS, or a new one.
    pub(crate) fn of_oldest_form(&mut self, now: Duration) -> &mut Container {
        let first = self.all.iter().find(|of| of.cloud == Cloud::Aws);
        let region = first.map_or("US_EAST_1", Container::region).to_owned();
        self.of_region(Cloud::Aws, &region, now)
    }

    pub(crate) fn create(&mut self, body: &[u8], now: Duration) -> Outcome {
        let body = body::object(body)?;
        let cloud = body::provider(&body)?;
        let attributes = check(cloud, &body, None)?;
        let mut new = Container::new(cloud, attributes, now);
        let is_same = |of: &&Container| of.cloud == cloud && of.region() == new.region();
        if let Some(same) = self.all.iter().find(is_same) {
            let detail = "There is a container for this cloud and region.";
            let about = json!([same.id]);
            return Err(body::conflict("CONTAINER_ALREADY_EXISTS", detail, &about));
        }
        if new.block().is_empty() {
            let block = self.free_block();
            new.change(Map::from_iter([(
                "atlasCidrBlock".to_owned(),
                json!(block),
            )]));
        }
        self.refuse_overlap(&new.id, new.block())?;
        let shown = new.show(now, self.provisioning);
        self.all.push(new);
        Ok(Reply::ok(shown))
    }

    /// Lists the containers of one cloud, or of all if `all`.
    pub(crate) fn list(
        &self,
        query: &[(String, String)],
        all: bool,
        now: Duration,
        url: &str,
    ) -> Outcome {
        let page = Page::of(query)?;
        let cloud = if all {
            None
        } else {
            Some(body::cloud_of_list(query)?)
        };
        let fits = |of: &&Container| cloud.is_none_or(|cloud| of.cloud == cloud);
        let shown = self.all.iter().filter(fits).collect::<Vec<_>>();
        let show = |of: &&Container| of.show(now, self.provisioning);
        Ok(Reply::ok(page.cut(&shown, show, query, url)))
    }

    pub(crate) fn get(&mut self, id: &str, now: Duration) -> Outcome {
        let provisioning = self.provisioning;
        Ok(Reply::ok(self.existing(id)?.show(now, provisioning)))
    }

    /// `in_use` is whether a peering uses the container.
    pub(crate) fn update(&mut self, id: &str, body: &[u8], in_use: bool, now: Duration) -> Outcome {
        let body = body::object(body)?;
        let cloud = body::provider(&body)?;
        let container = self.existing(id)?;
        if container.cloud != cloud {
            return Err(not_found(id));
        }
        let changes = check(cloud, &body, Some(container))?;
        let in_use = in_use || container.has_cluster;
        let region = cloud.region().and_then(|name| changes.get(name));
        if in_use && region.is_some_and(|region| region != container.region()) {
            let detail = "The region of a container that is in use stays.";
            let status = StatusCode::BAD_REQUEST;
            let code = "CANNOT_CHANGE_CONTAINER_REGION";
            return Err(Reply::error(status, code, detail, &json!([id])));
        }
        let block = changes.get("atlasCidrBlock").and_then(Value::as_str);
        if in_use && block.is_some_and(|block| block != container.block()) {
            return Err(still_in_use(id));
        }
        if let Some(block) = block {
            self.refuse_overlap(id, block)?;
        }
        let provisioning = self.provisioning;
        let container = self.existing(id)?;
        container.change(changes);
        Ok(Reply::ok(container.show(now, provisioning)))
    }

    /// `in_use` is whether a peering uses the container.
    pub(crate) fn delete(&mut self, id: &str, in_use: bool, now: Duration) -> Outcome {
        let deletable_after = self.deletable_after;
        let container = self.existing(id)?;
        if container.has_cluster || in_use {
            return Err(still_in_use(id));
        }
        if now < container.created.saturating_add(deletable_after) {
            let code = "CANNOT_DELETE_RECENTLY_CREATED_CONTAINER";
            let detail = "The container was created a moment ago.";
            return Err(body::conflict(code, detail, &json!([id])));
        }
        self.all.retain(|container| container.id != id);
        Ok(Reply::new(StatusCode::NO_CONTENT, Value::Null))
    }

    fn free_block(&self) -> String {
        let taken: Vec<_> = self.all.iter().map(Container::block).collect();
        blocks::free(&taken)
    }

    /// The containers of a project must not overlap, also across clouds.
    fn refuse_overlap(&self, id: &str, block: &str) -> Result<(), Reply> {
        let overlaps = |of: &&Container| of.id != id && blocks::overlap(of.block(), block);
        match self.all.iter().find(overlaps) {
            Some(other) => {
                let detail = "The block overlaps that of another container.";
                let code = "OVERLAPPING_ATLAS_CIDR_BLOCK";
                Err(body::conflict(code, detail, &json!([block, other.block()])))
            }
            None => Ok(()),
        }
    }

    /// The container that a request names.
    pub(crate) fn existing(&mut self, id: &str) -> Result<&mut Container, Reply> {
        self.find(id).ok_or_else(|| not_found(id))
    }
}

fn not_found(id: &str) -> Reply {
    let code = if is_id(id) {
        "CLOUD_PROVIDER_CONTAINER_NOT_FOUND"
    } else {
        "RESOURCE_NOT_FOUND"
    };
    let detail = "The project has no such container.";
    Reply::error(StatusCode::NOT_FOUND, code, detail, &json!([id]))
}

fn still_in_use(id: &str) -> Reply {
    let detail = "A cluster or a peering uses the container.";
    body::conflict("CONTAINERS_IN_USE", detail, &json!([id]))
}

/// Checks the attributes that a request sets, and returns them. `current` is the container before an
/// update; a new container must have the required attributes.
fn check(
    cloud: Cloud,
    body: &Map<String, Value>,
    current: Option<&Container>,
) -> Result<Map<String, Value>, Reply> {
    let whole = current.is_none();
    let refuse = |code, field, description| {
        let violation = Violation { field, description };
        Err(Reply::bad_request(code, &[violation]))
    };
    let missing = |field| refuse("MISSING_ATTRIBUTE", field, format!("{field} is required"));
    let mut attributes = Map::new();
    if let Some(field) = cloud.region() {
        match body.get(field) {
            Some(Value::String(region)) if is_region(region) => {
                attributes.insert(field.to_owned(), json!(region));
            }
            None if !whole => {}
            None => return missing(field),
            Some(_) => return refuse("INVALID_REGION", field, format!("{field} is a region")),
        }
    } else if let Some(regions) = body.get("regions") {
        if !are_regions(regions) {
            let description = "regions is a list of regions".to_owned();
            return refuse("INVALID_REGION", "regions", description);
        }
        attributes.insert("regions".to_owned(), regions.clone());
    }
    let regions = attributes.get("regions");
    let regions = regions
        .or_else(|| current?.regions())
        .and_then(Value::as_array);
    let all_regions = regions.is_none_or(Vec::is_empty);
    let field = "atlasCidrBlock";
    match body.get(field) {
        Some(Value::String(block)) => {
            if let Some((code, rule)) = blocks::fault(cloud, block, all_regions) {
                return refuse(code, field, format!("{field} {rule}"));
            }
            attributes.insert(field.to_owned(), json!(block));
        }
        None if !whole || cloud == Cloud::Aws => {}
        None => return missing(field),
        Some(_) => return refuse("INVALID_ATTRIBUTE", field, format!("{field} is a text")),
    }
    Ok(attributes)
}

fn are_regions(value: &Value) -> bool {
    let is_one = |of: &Value| of.as_str().is_some_and(is_region);
    value.as_array().is_some_and(|all| all.iter().all(is_one))
}

fn is_region(text: &str) -> bool {
    let known = |byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    !text.is_empty() && text.bytes().all(known)
}
