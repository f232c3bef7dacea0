//! Each operation of the fragment through the client: its request, and each of its responses. An operation
//! without a call in `calls.rs` fails here.

use std::collections::BTreeSet;

use atlas_peering::Error;
use atlas_peering_sandbox::{Canned, Recorded};
use serde_json::json;

use crate::calls::World;
use crate::document::{Document, Server};

/// The parameters that the transport sets by the settings of a client.
const OF_THE_TRANSPORT: [&str; 2] = ["envelope", "pretty"];

/// A world with the resource of an operation.
async fn world_for(operation: &str, server: &Server<'_>) -> World {
    let mut world = World::new(server).await;
    if operation != "createPeeringContainer" {
        world.make("createPeeringContainer").await;
    }
    if ![
        "createPeeringContainer",
        "createPeeringConnection",
        "deletePeeringContainer",
    ]
    .contains(&operation)
    {
        world.make("createPeeringConnection").await;
    }
    world
}

#[tokio::test]
async fn each_operation_sends_and_accepts_what_the_fragment_declares() {
    let fragment = Document::fragment();
    for server in fragment.servers() {
        for operation in fragment.operations() {
            let world = world_for(operation.id(), &server).await;
            let status = world.call(operation.id()).await.unwrap();
            let response = &operation.value["responses"][status.to_string()];
            assert!(response.is_object(), "{}: {status}", operation.id());
            let has_content = response["content"].is_object();
            assert_eq!(has_content, status != 204, "{}", operation.id());

            let seen = world.last_request();
            assert_eq!(seen.method, operation.method.to_uppercase());
            let path = operation.path.replace("{groupId}", world.project.as_str());
            let path = path.replace("{peerId}", world.peering.as_str());
            let path = path.replace("{containerId}", world.container.as_str());
            assert_eq!(seen.path, server.root.clone() + &path);
            let sent: BTreeSet<_> = seen
                .parameters()
                .into_iter()
                .map(|(name, _)| name)
                .collect();
            let of_call = |name: &&str| !OF_THE_TRANSPORT.contains(name);
            let promised = operation.query().filter(of_call).map(str::to_owned);
            assert_eq!(sent, promised.collect(), "{}", operation.id());
            assert_eq!(seen.header("accept"), Some(server.media_type));
            let has_body = operation.value.get("requestBody").is_some();
            assert_eq!(!seen.body.is_empty(), has_body, "{}", operation.id());
            let media_type = has_body.then_some(server.media_type);
            assert_eq!(
                seen.header("content-type"),
                media_type,
                "{}",
                operation.id()
            );
        }
    }
}

#[tokio::test]
async fn each_error_that_the_fragment_declares_arrives_typed() {
    let fragment = Document::fragment();
    for server in fragment.servers() {
        errors(&fragment, &server).await;
    }
}

/// All errors of all operations, in the form of captured bodies.
pub(crate) async fn errors(fragment: &Document, server: &Server<'_>) -> Vec<Recorded> {
    let mut world = World::new(server).await;
    for operation in fragment.operations() {
        for status in operation.statuses().filter(|status| *status >= 400) {
            let body = json!({
                "badRequestDetail": null,
                "detail": "In phrase.",
                "error": status,
                "errorCode": "SOME_CODE",
                "parameters": ["/groups", 7],
                "reason": null,
            });
            world.renew(server);
            world.sandbox.queue_response(Canned::json(status, &body));
            check_error(
                &world.call(operation.id()).await.unwrap_err(),
                operation.id(),
                status,
            );
        }
    }
    world.sandbox.requests()
}

fn check_error(error: &Error, operation: &str, status: u16) {
    assert_eq!(error.status().unwrap(), status);
    assert_eq!(error.error_code().unwrap().as_str(), "SOME_CODE");
    let name = error.operation().unwrap().replace('_', "");
    assert_eq!(name, operation.to_lowercase());
    for (holds, of) in [
        (error.is_unauthorized(), 401),
        (error.is_forbidden(), 403),
        (error.is_not_found(), 404),
        (error.is_conflict(), 409),
        (error.is_rate_limited(), 429),
    ] {
        assert_eq!(holds, status == of, "{error}");
    }
    assert_eq!(error.is_server_error(), status >= 500);
}
