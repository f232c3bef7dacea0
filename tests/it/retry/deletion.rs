//! A repeated deletion.

use atlas_peering::ApiVersion;
use serde_json::json;

use super::faulty::{Fault, Faulty, response};
use super::{call, client};
use crate::support::some_key;

#[tokio::test(start_paused = true)]
async fn a_deletion_that_finds_nothing_after_a_lost_response_is_a_success() {
    let refused = |status: &str, code: &str| {
        let body = json!({"error": status[..3].parse::<u16>().unwrap(), "errorCode": code});
        response(status, "", &body.to_string())
    };
    let deleting = refused("409 Conflict", "PEER_ALREADY_REQUESTED_DELETION");
    let deleted = refused("404 Not Found", "PEER_NOT_FOUND");
    let no_container = refused("404 Not Found", "CLOUD_PROVIDER_CONTAINER_NOT_FOUND");
    let no_project = refused("404 Not Found", "GROUP_NOT_FOUND");
    let limited = response("429 Too Many Requests", "Retry-After: 0\r\n", "");
    let failed = response("502 Bad Gateway", "", "");
    for (operation, script, succeeds) in [
        ("DELETE", vec![Fault::ResetAfter, deleting.clone()], true),
        ("DELETE", vec![Fault::Cut, deleting.clone()], true),
        ("DELETE", vec![failed.clone(), deleted.clone()], true),
        (
            "DELETE",
            vec![Fault::ResetAfter, limited.clone(), deleted.clone()],
            true,
        ),
        (
            "DELETE container",
            vec![Fault::ResetAfter, no_container.clone()],
            true,
        ),
        ("DELETE container", vec![failed, no_container.clone()], true),
        // Another resource is missing.
        ("DELETE", vec![Fault::ResetAfter, no_project.clone()], false),
        (
            "DELETE container",
            vec![Fault::ResetAfter, no_project],
            false,
        ),
        (
            "DELETE container",
            vec![Fault::ResetAfter, deleted.clone()],
            false,
        ),
        (
            "DELETE",
            vec![Fault::ResetAfter, no_container.clone()],
            false,
        ),
        // Another client deleted it: none of our attempts can have taken effect.
        ("DELETE", vec![deleting.clone()], false),
        ("DELETE", vec![deleted], false),
        ("DELETE container", vec![no_container], false),
        ("DELETE", vec![limited, deleting], false),
    ] {
        let server = Faulty::start(script.clone()).await;
        let atlas = client(&server, ApiVersion::V1, some_key()).await;
        let outcome = call(&atlas, operation).await;
        assert_eq!(outcome.is_ok(), succeeds, "{operation} {script:?}");
    }
}
