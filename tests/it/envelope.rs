//! `envelope`, `pretty` and the two versions change the form of answers, and nothing for the
//! program.

use std::time::Duration;

use atlas_peering::{ApiVersion, Client, ErrorCode, PeeringState};
use atlas_peering_sandbox::{EnvelopedErrors, Sandbox};

use crate::support::{client_of, created, last_request, project, read, refusal, start};

/// The whole life of a peering, with every error on its way.
async fn live(sandbox: &Sandbox, atlas: &Client) {
    let project = project(sandbox);
    let peering = created(atlas, &project).await;
    assert_eq!(peering.state(), PeeringState::Initiating);

    let error = refusal(atlas, &project).await;
    assert!(error.is_conflict());
    assert_eq!(error.error_code(), Some(&ErrorCode::PeerAlreadyExists));

    let page = atlas.list_peering_connections(&project, None, None, None, None);
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
async fn a_peering_lives_the_same_life_in_every_form_and_version() {
    let v2 = "application/vnd.atlas.2023-01-01+json";
    for (version, root, media_type) in [
        (ApiVersion::V1, "/api/atlas/v1.0", "application/json"),
        (ApiVersion::V2, "/api/atlas/v2", v2),
    ] {
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
async fn what_is_asked_for_is_in_the_query_of_that_client_alone() {
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
        let page = atlas.list_peering_connections(&project, None, None, Some(1), None);
        page.await.unwrap();
        assert_eq!(last_request(&sandbox).query, query);
    }
}

#[tokio::test]
async fn the_body_can_be_shown_as_it_came() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client_of(&sandbox, ApiVersion::V2), project(&sandbox));
    let created = created(&atlas, &project).await;
    for (atlas, start) in [
        (atlas.clone(), "{\"accepterRegionName\""),
        (atlas.pretty(), "{\n"),
        (atlas.enveloped(), "{\"content\""),
    ] {
        let got = read(&atlas, &project, created.id()).await.unwrap();
        let body = str::from_utf8(got.body()).unwrap();
        assert!(body.starts_with(start), "{body}");
        assert!(body.contains("vpc-0123456789abcdef0"));
    }
    let deleted = atlas
        .delete_peering_connection(&project, created.id())
        .await;
    assert_eq!(deleted.unwrap().body(), b"{}");
}
