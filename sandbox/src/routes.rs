//! Dispatch: from a method and a path to an operation.

use std::time::Duration;

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use crate::attributes::is_id;
use crate::body::{self, Outcome};
use crate::project::Project;
use crate::reply::{Reply, Violation};

/// An admitted request.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    /// The path below the root of its version; `None` if it is below neither root.
    pub(crate) path: Option<&'a str>,
    pub(crate) query: &'a [(String, String)],
    pub(crate) body: &'a [u8],
    /// The URL without the query, for links.
    pub(crate) url: &'a str,
    pub(crate) now: Duration,
}

/// The operations of the service, by their ids in version 1.0.
pub(crate) const OPERATIONS: [&str; 13] = [
    "createPeeringConnection",
    "listPeeringConnections",
    "getPeeringConnection",
    "updatePeeringConnection",
    "deletePeeringConnection",
    "createPeeringContainer",
    "listPeeringContainerByCloudProvider",
    "listPeeringContainers",
    "getPeeringContainer",
    "updatePeeringContainer",
    "deletePeeringContainer",
    "verifyConnectViaPeeringOnlyModeForOneProject",
    "disablePeering",
];

/// The id of the operation for a method and a path; `None` if there is none.
pub(crate) fn operation(method: &str, path: &str) -> Option<&'static str> {
    let segments: Vec<_> = path.split('/').skip(2).collect();
    Some(match (method, &segments[..]) {
        ("POST", ["peers"]) => "createPeeringConnection",
        ("GET", ["peers"]) => "listPeeringConnections",
        ("GET", ["peers", _]) => "getPeeringConnection",
        ("PATCH", ["peers", _]) => "updatePeeringConnection",
        ("DELETE", ["peers", _]) => "deletePeeringConnection",
        ("POST", ["containers"]) => "createPeeringContainer",
        ("GET", ["containers"]) => "listPeeringContainerByCloudProvider",
        ("GET", ["containers", "all"]) => "listPeeringContainers",
        (_, ["containers", "all"]) => return None,
        ("GET", ["containers", _]) => "getPeeringContainer",
        ("PATCH", ["containers", _]) => "updatePeeringContainer",
        ("DELETE", ["containers", _]) => "deletePeeringContainer",
        ("GET", ["privateIpMode"]) => "verifyConnectViaPeeringOnlyModeForOneProject",
        ("PATCH", ["privateIpMode"]) => "disablePeering",
        _ => return None,
    })
}

impl Call<'_> {
    /// Carries the request out.
    pub(crate) fn dispatch(&self, project: &mut Project) -> Outcome {
        let Some(path) = self.path else {
            return Err(self.unknown_resource());
        };
        let segments: Vec<_> = path.split('/').collect();
        let ["groups", group, rest @ ..] = segments.as_slice() else {
            return Err(self.unknown_resource());
        };
        let (id, known) = match rest {
            ["peers" | "containers" | "privateIpMode"] => ("", true),
            ["peers" | "containers", id] => (*id, true),
            _ => ("", false),
        };
        if !known {
            return Err(self.unknown_resource());
        }
        if *group != project.id {
            let code = if is_id(group) {
                "GROUP_NOT_FOUND"
            } else {
                "INVALID_GROUP_ID"
            };
            let detail = "There is no such project for this key.";
            let refused = Reply::error(StatusCode::NOT_FOUND, code, detail, &json!([group]));
            return Err(refused);
        }
        match operation(self.method, path) {
            Some(operation) => self.carry_out(operation, id, project),
            None => Err(self.method_not_allowed(path)),
        }
    }

    fn carry_out(&self, operation: &str, id: &str, project: &mut Project) -> Outcome {
        let Self {
            query,
            body,
            url,
            now,
            ..
        } = *self;
        let Project {
            peers, containers, ..
        } = &mut *project;
        match operation {
            "createPeeringConnection" => peers.create(body, containers, now),
            "listPeeringConnections" => peers.list(query, now, url),
            "getPeeringConnection" => peers.get(id, now),
            "updatePeeringConnection" => peers.update(id, body, containers, now),
            "deletePeeringConnection" => peers.delete(id, now),
            "createPeeringContainer" => containers.create(body, now),
            "listPeeringContainerByCloudProvider" => containers.list(query, false, now, url),
            "listPeeringContainers" => containers.list(query, true, now, url),
            "getPeeringContainer" => containers.get(id, now),
            "updatePeeringContainer" => {
                let in_use = peers.use_container(id, now);
                containers.update(id, body, in_use, now)
            }
            "deletePeeringContainer" => {
                let in_use = peers.use_container(id, now);
                containers.delete(id, in_use, now)
            }
            "disablePeering" => disable_peering(body, &mut project.private_ip_mode),
            _ => Ok(Reply::ok(json!({"enabled": project.private_ip_mode}))),
        }
    }

    fn unknown_resource(&self) -> Reply {
        let detail = "There is nothing at this path.";
        let parameters = json!([self.path]);
        Reply::error(
            StatusCode::NOT_FOUND,
            "RESOURCE_NOT_FOUND",
            detail,
            &parameters,
        )
    }

    fn method_not_allowed(&self, path: &str) -> Reply {
        let detail = "The resource has no such method.";
        let (status, parameters) = (StatusCode::METHOD_NOT_ALLOWED, json!([self.method]));
        let mut allowed = vec!["GET", "POST", "PATCH", "DELETE"];
        allowed.retain(|method| operation(method, path).is_some());
        Reply::error(status, "METHOD_NOT_ALLOWED", detail, &parameters)
            .with_header(header::ALLOW, allowed.join(", "))
    }
}

/// Turns the mode off. It cannot be turned on.
fn disable_peering(body: &[u8], mode: &mut bool) -> Outcome {
    let body = body::object(body)?;
    let refuse = |code, description: &str| {
        let violation = Violation {
            field: "enabled",
            description: description.to_owned(),
        };
        Err(Reply::bad_request(code, &[violation]))
    };
    match body.get("enabled") {
        Some(Value::Bool(false)) => {
            *mode = false;
            Ok(Reply::ok(json!({"enabled": false})))
        }
        Some(Value::Bool(true)) => refuse("INVALID_ATTRIBUTE", "enabled can only be turned off"),
        Some(_) => refuse("INVALID_ATTRIBUTE", "enabled is true or false"),
        None => refuse("MISSING_ATTRIBUTE", "enabled is required"),
    }
}

#[cfg(test)]
mod tests;
