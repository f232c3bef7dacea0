//! A wait polls the container of a peering only while the next step needs it.

use std::time::Duration;

use atlas_peering::types::NewAwsPeering;
use atlas_peering::{NextStep, PeeringId};
use atlas_peering_sandbox::{Recorded, Sandbox};
use serde_json::{Value, json};

use super::{POLL, STEP};
use crate::support::{
    CONTAINER, aws, client, client_at, gcp, json_response as response, made, project, server_of,
    some_key, some_project, start, until,
};

const PEERING: &str = "111111111111111111111111";

/// A server of a peering on Google Cloud that waits for its user. Its container is missing at the first
/// request for it, not provisioned at the second, and complete from the third on.
fn slow_container() -> String {
    let mut requests = 0;
    server_of(move |target| {
        if target.contains("/peers") {
            let peering = json!({
                "id": PEERING, "providerName": "GCP", "containerId": CONTAINER,
                "status": "WAITING_FOR_USER", "gcpProjectId": "mine", "networkName": "default",
            });
            return response(200, &peering);
        }
        requests += 1;
        let network = if requests > 2 {
            json!("nt-1")
        } else {
            Value::Null
        };
        let container = json!({
            "id": CONTAINER, "providerName": "GCP", "atlasCidrBlock": "10.128.0.0/18",
            "gcpProjectId": "p-1", "networkName": network,
        });
        match (requests > 1, target.ends_with(CONTAINER)) {
            (true, true) => response(200, &container),
            (true, false) => response(200, &json!({"results": [container]})),
            (false, true) => {
                let code = "CLOUD_PROVIDER_CONTAINER_NOT_FOUND";
                response(404, &json!({"error": 404, "errorCode": code}))
            }
            (false, false) => response(200, &json!({"results": []})),
        }
    })
}

#[tokio::test]
async fn a_container_that_is_complete_later_shows_its_project_and_network() {
    let (atlas, project) = (client_at(&slow_container(), some_key()), some_project());
    let wait = atlas.wait_for_peering(&project, &PEERING.parse().unwrap());
    let turn = wait
        .poll_interval(POLL)
        .timeout(Duration::from_secs(10))
        .await;
    let Some(NextStep::CreateReciprocalPeering {
        atlas_gcp_project_id,
        atlas_network_name,
        ..
    }) = turn.unwrap().next_step()
    else {
        panic!("it is the user's turn")
    };
    assert_eq!(atlas_gcp_project_id.as_deref(), Some("p-1"));
    assert_eq!(atlas_network_name.as_deref(), Some("nt-1"));
}

/// The number of requests that a wait sends to paths of containers, while the peering waits for its user
/// for ten polls and becomes available.
async fn requests_for_containers(sandbox: &Sandbox, id: &PeeringId) -> usize {
    let (atlas, project) = (client(sandbox), project(sandbox));
    let start = sandbox.requests().len();
    let wait = atlas.wait_for_peering(&project, id).poll_interval(POLL);
    let wait = wait.until(|peering| peering.state().is_available());
    let waiting = tokio::spawn(wait.into_future());
    let sent = |path: &str| {
        let requests = sandbox.requests().split_off(start);
        let is_sent = |of: &&Recorded| of.status != 401 && of.path.contains(path);
        requests.iter().filter(is_sent).count()
    };
    until(|| sent("/peers") >= 10).await;
    sandbox.accept(id.as_str()).unwrap();
    sandbox.advance(STEP);
    waiting.await.unwrap().unwrap();
    sent("/containers")
}

#[tokio::test]
async fn a_container_is_polled_if_the_next_step_needs_it_until_it_is_complete() {
    let (sandbox, atlas, project) = start().await;
    let mut elsewhere = NewAwsPeering::new("vpc-1", "123456789012", "192.168.1.0/24");
    elsewhere.accepter_region_name = Some("us-west-2".into());
    let elsewhere = made(&atlas, &project, elsewhere).await;
    let in_its_region = made(&atlas, &project, aws()).await;
    let on_google_cloud = made(&atlas, &project, gcp(&sandbox)).await;
    sandbox.advance(STEP);
    for (peering, expected) in [(elsewhere, 0), (in_its_region, 1), (on_google_cloud, 1)] {
        let requests = requests_for_containers(&sandbox, peering.id()).await;
        assert_eq!(requests, expected, "{peering:?}");
    }
}
