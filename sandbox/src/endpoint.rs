//! The control endpoint `/sandbox/…`: a client in another language acts for users, and moves the clock.
//! It is outside the API's paths, needs no authentication, and its requests are not recorded.

use std::time::Duration;

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use crate::body::{self, Outcome, conflict};
use crate::clock::Clock;
use crate::peer::Peer;
use crate::project::Project;
use crate::reply::{Reply, Violation};

/// An action of a user on a peering.
type Act = fn(&mut Peer, Duration) -> Result<(), String>;

/// The path below `/sandbox/`; `None` if it is elsewhere.
pub(crate) fn below(path: &str) -> Option<&str> {
    path.strip_prefix("/sandbox/")
}

/// Carries out a request to the endpoint.
pub(crate) fn control(
    project: &mut Project,
    clock: &mut Clock,
    method: &str,
    path: &str,
    body: &[u8],
) -> Outcome {
    let segments: Vec<_> = path.split('/').collect();
    let act: Option<(&str, Act)> = match segments[..] {
        ["clock"] => None,
        ["peers", id, "accept"] => Some((id, Peer::accept)),
        ["peers", id, "reject"] => Some((id, Peer::reject)),
        _ => {
            let (status, detail) = (StatusCode::NOT_FOUND, "There is nothing at this path.");
            return Err(Reply::error(
                status,
                "RESOURCE_NOT_FOUND",
                detail,
                &json!([path]),
            ));
        }
    };
    if method != "POST" {
        let (status, detail) = (
            StatusCode::METHOD_NOT_ALLOWED,
            "The resource takes POST alone.",
        );
        let refused = Reply::error(status, "METHOD_NOT_ALLOWED", detail, &json!([method]));
        return Err(refused.with_header(header::ALLOW, "POST"));
    }
    let Some((id, act)) = act else {
        return advance(clock, body);
    };
    let now = clock.now();
    let peer = project.peers.existing(id, now)?;
    act(peer, now).map_err(|reason| conflict("PEER_INVALID_STATE", &reason, &json!([id])))?;
    Ok(Reply::ok(peer.show(now)))
}

/// Advances the clock; the response has the seconds since the start.
fn advance(clock: &mut Clock, body: &[u8]) -> Outcome {
    let body = body::object(body)?;
    let seconds = body.get("seconds").and_then(Value::as_u64);
    let Some(seconds) = seconds.and_then(|seconds| u32::try_from(seconds).ok()) else {
        let violation = Violation {
            field: "seconds",
            description: format!("seconds is a whole number from 0 to {}", u32::MAX),
        };
        return Err(Reply::bad_request("INVALID_ATTRIBUTE", &[violation]));
    };
    clock.advance(Duration::from_secs(seconds.into()));
    Ok(Reply::ok(json!({"seconds": clock.now().as_secs()})))
}
