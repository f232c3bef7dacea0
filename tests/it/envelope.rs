//! `envelope`, `pretty` and the two versions change the form of responses, but not their meaning for the
//! program.

use std::time::Duration;

use atlas_peering::types::ListPeeringConnectionsOptions;
use atlas_peering::{ApiVersion, Client, ErrorCode, PeeringState};
use atlas_peering_sandbox::{Canned, EnvelopedErrors, Sandbox};
use serde_json::json;

use crate::support::{
    api_key, aws, client_at, client_of, created, last_request, project, read, refusal,
    service_account, start,
};

const PEERING: &str = "1112222b3bf99403840e8934";

/// The whole lifecycle of a peering, with each error on the way.
async fn live(sandbox: &Sandbox, atlas: &Client) {
    let project = project(sandbox);
    let peering = created(atlas, &project).await;
    assert_eq!(peering.state(), PeeringState::Initiating);

    let error = refusal(atlas, &project).await;
    assert!(error.is_conflict());
    assert_eq!(error.error_code(), Some(&ErrorCode::PeerAlreadyExists));

    let page = atlas.list_peering_connections(&project);
    let page = page.await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!((page.total_count, page.results.len()), (Some(1), 1));
    assert!(page.extra.is_empty(), "{:?}", page.extra);

    let got = read(atlas, &project, peering.id()).await.unwrap();
    assert_eq!((got.status().as_u16(), got.id()), (200, peering.id()));

    let deleted = atlas
        .delete_peering_connection(&project, peering.id())
        .await;
    assert_eq!(deleted.unwrap().status(), 202);
    sandbox.advance(Duration::from_secs(60));
    let error = read(atlas, &project, peering.id()).await.unwrap_err();
    assert!(error.is_not_found() && error.status().unwrap() == 404);
    assert_eq!(error.error_code(), Some(&ErrorCode::PeerNotFound));
}

#[tokio::test]
async fn the_lifecycle_of_a_peering_is_the_same_in_each_form_and_version() {
    for version in ApiVersion::ALL.iter().copied() {
        let (root, media_type) = match version {
            ApiVersion::V1 => ("/api/atlas/v1.0", "application/json"),
            ApiVersion::V2 => ("/api/atlas/v2", "application/vnd.atlas.2023-01-01+json"),
            other => panic!("{other:?} has no row"),
        };
        for errors in [
            EnvelopedErrors::Bare,
            EnvelopedErrors::Wrapped,
            EnvelopedErrors::InSuccess,
        ] {
            for builder in [Sandbox::builder(), Sandbox::builder().older_envelope()] {
                let sandbox = builder.enveloped_errors(errors).start().await.unwrap();
                let atlas = client_of(&sandbox, version);
                live(&sandbox, &atlas).await;
                live(&sandbox, &atlas.enveloped()).await;
                live(&sandbox, &atlas.pretty()).await;
                live(&sandbox, &atlas.pretty().enveloped()).await;
                assert!(atlas.base_url().ends_with(root));
                for request in sandbox.requests() {
                    assert!(request.path.starts_with(root), "{request:?}");
                    assert_eq!(request.header("accept"), Some(media_type));
                    let sent = (!request.body.is_empty()).then_some(media_type);
                    assert_eq!(request.header("content-type"), sent);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_client_sends_the_parameters_of_its_own_form_only() {
    let (sandbox, atlas, project) = start().await;
    for (atlas, query) in [
        (atlas.enveloped(), "pageNum=1&envelope=true"),
        (atlas.pretty(), "pageNum=1&pretty=true"),
        (
            atlas.enveloped().pretty(),
            "pageNum=1&envelope=true&pretty=true",
        ),
        (atlas, "pageNum=1"),
    ] {
        let options = ListPeeringConnectionsOptions::default().page_num(1);
        let page = atlas.list_peering_connections_with_options(&project, options);
        page.await.unwrap();
        assert_eq!(last_request(&sandbox).query, query);
    }
}

#[tokio::test]
async fn the_unopened_body_is_available() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client_of(&sandbox, ApiVersion::V2), project(&sandbox));
    let created = created(&atlas, &project).await;
    for (atlas, start) in [
        (atlas.clone(), "{\"accepterRegionName\""),
        (atlas.pretty(), "{\n"),
        (atlas.enveloped(), "{\"content\""),
    ] {
        let got = read(&atlas, &project, created.id()).await.unwrap();
        assert!(got.headers().contains_key("content-type"));
        let body = str::from_utf8(got.body()).unwrap();
        assert!(body.starts_with(start), "{body}");
        assert!(body.contains("vpc-0123456789abcdef0"));
    }
    let deleted = atlas
        .delete_peering_connection(&project, created.id())
        .await;
    assert_eq!(deleted.unwrap().body(), b"{}");
}

/// A body with the status beside its fields, and without `content`.
fn beside(status: u16, code: &str) -> Canned {
    Canned::json(
        200,
        &json!({"status": status, "error": status, "errorCode": code}),
    )
}

#[tokio::test]
async fn a_status_beside_the_fields_is_the_status_of_the_response() {
    let (sandbox, atlas, project) = start().await;
    let (id, atlas) = (
        created(&atlas, &project).await.id().clone(),
        atlas.enveloped(),
    );
    sandbox.queue_response(beside(409, "PEER_INVALID_STATE"));
    let deleted = atlas.delete_peering_connection(&project, &id).await;
    assert!(deleted.unwrap_err().is_conflict());

    let posts = |sandbox: &Sandbox| {
        let requests = sandbox.requests().into_iter();
        requests.filter(|request| request.method == "POST").count()
    };
    let before = posts(&sandbox);
    let list = json!({"status": 200, "results": [], "totalCount": 0});
    sandbox.queue_response(Canned::json(200, &list));
    sandbox.queue_response(beside(402, "NO_PAYMENT_INFORMATION_FOUND"));
    let error = atlas.ensure_peering(&project, aws()).await.unwrap_err();
    assert_eq!(error.status().unwrap(), 402);
    assert_eq!(posts(&sandbox) - before, 1);
}

#[tokio::test]
async fn a_401_inside_an_envelope_renews_a_token_or_a_nonce() {
    let sandbox = Sandbox::start().await.unwrap();
    let project = project(&sandbox);
    for (credentials, requests) in [(service_account(&sandbox), 3), (api_key(&sandbox), 3)] {
        let atlas = client_at(sandbox.base_url(), credentials).enveloped();
        read(&atlas, &project, &PEERING.parse().unwrap())
            .await
            .unwrap_err();
        let before = sandbox.requests().len();
        sandbox.queue_response(beside(401, "UNEXPECTED_ERROR"));
        let error = read(&atlas, &project, &PEERING.parse().unwrap()).await;
        assert!(error.unwrap_err().is_not_found());
        assert_eq!(sandbox.requests().len() - before, requests);
    }
}

#[tokio::test]
async fn an_error_inside_a_success_is_an_error() {
    let (sandbox, atlas, project) = start().await;
    let id = created(&atlas, &project).await.id().clone();
    let atlas = atlas.enveloped();
    let error = json!({"error": 409, "errorCode": "PEER_INVALID_STATE"});
    let both = json!({"status": 409, "error": 409, "errorCode": "PEER_INVALID_STATE"});
    for body in [
        json!({"status": 200, "content": error}),
        json!({"status": 200, "content": both}),
        json!({"status": 200, "error": 409, "errorCode": "PEER_INVALID_STATE"}),
        json!({"content": both}),
        json!({"content": error}),
        json!({"envelope": error}),
        json!({"error": 409, "reason": "Conflict"}),
    ] {
        sandbox.queue_response(Canned::json(200, &body));
        let deleted = atlas.delete_peering_connection(&project, &id).await;
        assert!(deleted.unwrap_err().is_conflict(), "{body}");
    }
}
