//! Waits, deletions and `ensure_*` that fail, beside what their calls fail with.

use std::time::Duration;

use atlas_peering::types::{AwsRegion, NewAwsContainer, NewPeering};
use atlas_peering_sandbox::{Canned, Fault};
use serde_json::json;

use super::Table;
use crate::support::{
    aws, azure, changed, client_at, container, created, gcp, made, some_key, start,
};

const HOUR: Duration = Duration::from_secs(60 * 60);

pub(super) async fn rows(table: &mut Table) {
    table.section("Waits and deletions");
    waits(table).await;
    deletions(table).await;
    table.section("What is to be ensured");
    ensured(table).await;
}

async fn waits(table: &mut Table) {
    let (sandbox, atlas, project) = start().await;
    let id = created(&atlas, &project).await.id().clone();
    let wait = || atlas.wait_for_peering(&project, &id).timeout(HOUR);
    tokio::time::pause();
    let initiating = wait().await;
    sandbox.advance(Duration::from_secs(5));
    let pending = wait().until(|peering| peering.state().is_available()).await;
    let fault = Fault::fail_before(503).times(9999);
    sandbox.inject("getPeeringConnection", fault).unwrap();
    let unread = wait().await;
    tokio::time::resume();
    table.row("a wait that ends before AWS has the request", initiating);
    table.row("a wait that ends before the user accepts", pending);
    table.row("a wait that reads no state", unread);

    let (sandbox, atlas, project) = start().await;
    let id = made(&atlas, &project, gcp(&sandbox)).await.id().clone();
    sandbox.advance(Duration::from_secs(5));
    let wait = atlas.wait_for_peering(&project, &id).timeout(HOUR);
    tokio::time::pause();
    let waiting = wait.until(|peering| peering.state().is_available()).await;
    tokio::time::resume();
    table.row("a wait that ends before the user peers back", waiting);

    let (sandbox, atlas, project) = start().await;
    let id = created(&atlas, &project).await.id().clone();
    let mut states = atlas.wait_for_peering(&project, &id).states();
    states.next().await.unwrap().unwrap();
    sandbox.forget_peerings();
    tokio::time::pause();
    let deleted = states.next().await.unwrap();
    tokio::time::resume();
    table.row("a peering that is deleted during a wait", deleted);
    let nowhere = atlas.wait_for_peering_deleted(&project, &id);
    nowhere.await.unwrap();
}

async fn deletions(table: &mut Table) {
    let (sandbox, atlas, project) = start().await;
    let id = created(&atlas, &project).await.id().clone();
    tokio::time::pause();
    let running = atlas.ensure_peering_deleted(&project, &id).and_wait().await;
    tokio::time::resume();
    table.row("a deletion that takes over an hour", running);
    let on_azure = made(&atlas, &project, azure(&sandbox)).await;
    let id = on_azure.id();
    atlas.ensure_peering_deleted(&project, id).await.unwrap();
    let cause = "Atlas has no access to the network.";
    sandbox.fail_deletion(id.as_str(), cause).unwrap();
    let failed = atlas.wait_for_peering_deleted(&project, id).await;
    table.row("a deletion that fails", failed);

    let (sandbox, atlas, project) = start().await;
    let used = container(&sandbox, "AWS", "US_EAST_1");
    tokio::time::pause();
    let deleted = atlas.ensure_container_deleted(&project, &used).await;
    tokio::time::resume();
    table.row("a container that stays in use", deleted);
}

async fn ensured(table: &mut Table) {
    let (sandbox, atlas, project) = start().await;
    let id = created(&atlas, &project).await.id().clone();
    let other = changed(aws(), |of| of.route_table_cidr_block = "10.9.0.0/24".into());
    let outcome = atlas.ensure_peering(&project, other).await;
    table.row("a peering with another block", outcome);
    sandbox
        .reject(id.as_str())
        .or_else(|_| {
            sandbox.advance(Duration::from_secs(5));
            sandbox.reject(id.as_str())
        })
        .unwrap();
    table.row(
        "a peering that failed",
        atlas.ensure_peering(&project, aws()).await,
    );
    let overlapping = NewPeering::from(changed(
        aws().container_id(container(&sandbox, "AWS", "US_WEST_1")),
        |of| {
            of.vpc_id = "vpc-1".into();
            of.route_table_cidr_block = "192.168.0.0/16".into();
        },
    ));
    let outcome = atlas.ensure_peering(&project, overlapping).await;
    table.row("a peering whose block overlaps the container's", outcome);
    let own = |block| NewAwsContainer::new(AwsRegion::EuWest1).atlas_cidr_block(block);
    atlas
        .ensure_container(&project, own("10.8.0.0/21"))
        .await
        .unwrap();
    let outcome = atlas.ensure_container(&project, own("10.16.0.0/21")).await;
    table.row("a container with another block", outcome);

    let (sandbox, atlas, project) = start().await;
    sandbox
        .inject("createPeeringConnection", Fault::drop_after())
        .unwrap();
    sandbox
        .inject("listPeeringConnections", Fault::fail_before(500).skip(1))
        .unwrap();
    let outcome = atlas.ensure_peering(&project, aws()).await;
    table.row("a lost response, and then a list that fails", outcome);
    let body = json!({"errorCode": "PEER_MAXIMUM_REACHED"});
    sandbox.forget_peerings();
    sandbox.queue_response(Canned::json(200, &json!({"results": []})));
    sandbox.queue_response(Canned::json(409, &body));
    let outcome = atlas.ensure_peering(&project, aws()).await;
    table.row("a project that is full", outcome);
    let nowhere = client_at("http://127.0.0.1:9", some_key());
    let invalid = changed(aws(), |of| of.vpc_id = "my-vpc".into());
    table.row(
        "an invalid request",
        nowhere.ensure_peering(&project, invalid).await,
    );
}
