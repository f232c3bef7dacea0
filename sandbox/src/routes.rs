//! Which operation a request means.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;

use crate::answer::Answer;
use crate::attributes::is_id;
use crate::peers::{Outcome, Peers};

/// A request that was let in.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    /// What follows the root of the version; none where the path is under neither.
    pub(crate) path: Option<&'a str>,
    pub(crate) query: &'a [(String, String)],
    pub(crate) body: &'a [u8],
    /// The address of the path, for links.
    pub(crate) url: &'a str,
    pub(crate) now: Duration,
}

impl Call<'_> {
    /// Carries the request out.
    pub(crate) fn dispatch(&self, project: &str, peers: &mut Peers) -> Outcome {
        let Some(path) = self.path else {
            return Err(self.unknown_resource());
        };
        let segments: Vec<_> = path.split('/').collect();
        let ["groups", group, "peers", rest @ ..] = segments.as_slice() else {
            return Err(self.unknown_resource());
        };
        if *group != project {
            let code = if is_id(group) {
                "GROUP_NOT_FOUND"
            } else {
                "INVALID_GROUP_ID"
            };
            let detail = "There is no such project for this key.";
            let answer = Answer::error(StatusCode::NOT_FOUND, code, detail, &json!([group]));
            return Err(answer);
        }
        match (self.method, rest) {
            ("GET", []) => peers.list(self.query, self.now, self.url),
            ("POST", []) => peers.create(self.body, self.now),
            ("GET", [id]) => peers.get(id, self.now),
            ("PATCH", [id]) => peers.update(id, self.body, self.now),
            ("DELETE", [id]) => peers.delete(id, self.now),
            (_, [] | [_]) => Err(self.method_not_allowed()),
            _ => Err(self.unknown_resource()),
        }
    }

    fn unknown_resource(&self) -> Answer {
        let detail = "There is nothing at this path.";
        let parameters = json!([self.path]);
        Answer::error(
            StatusCode::NOT_FOUND,
            "RESOURCE_NOT_FOUND",
            detail,
            &parameters,
        )
    }

    fn method_not_allowed(&self) -> Answer {
        let detail = "The resource has no such method.";
        let (status, parameters) = (StatusCode::METHOD_NOT_ALLOWED, json!([self.method]));
        Answer::error(status, "METHOD_NOT_ALLOWED", detail, &parameters)
    }
}

#[cfg(test)]
mod tests;
