//! One VPC and two containers, as of a cluster in two regions. The service decides whether both can have a
//! peering with the VPC.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use atlas_peering::types::NewAwsPeering;
use atlas_peering::{Client, ContainerId, ProjectId};
use atlas_peering_sandbox::{Canned, Sandbox};
use serde_json::{Value, json};

use super::{persistent, sent};
use crate::support::{
    CONTAINER, api_key, aws, client, client_at, code, container, json_response as response,
    project, serve, some_key, some_project, start, until,
};

const ONE: &str = "111111111111111111111111";
const OTHER: &str = "222222222222222222222222";

fn within(container: &ContainerId) -> NewAwsPeering {
    aws().container_id(container.clone())
}

/// A server that allows a peering with the VPC for each of two containers. It refuses the second creation
/// `refusals` times with `PEER_ALREADY_EXISTS`. Returns a client, its project, and the created peerings.
fn accepting(refusals: usize) -> (Client, ProjectId, Arc<Mutex<Vec<Value>>>) {
    let peerings = Arc::new(Mutex::new(Vec::new()));
    let (shown, mut refusals) = (Arc::clone(&peerings), refusals);
    let base_url = serve(true, move |head| {
        let target = head.split(' ').nth(1).unwrap_or_default();
        let mut shown = shown.lock().unwrap();
        if head.starts_with("POST") && !shown.is_empty() && refusals > 0 {
            refusals -= 1;
            let exists = json!({"error": 409, "errorCode": "PEER_ALREADY_EXISTS"});
            return response(409, &exists);
        }
        if head.starts_with("POST") {
            let container = if shown.is_empty() { ONE } else { OTHER };
            let peering = json!({
                "id": format!("{:024x}", shown.len() + 1), "providerName": "AWS",
                "containerId": container, "statusName": "INITIATING", "vpcId": aws().vpc_id,
                "awsAccountId": aws().aws_account_id, "routeTableCidrBlock": "192.168.0.0/24",
            });
            shown.push(peering.clone());
            return response(200, &peering);
        }
        if target.contains("/containers") {
            let id = if target.ends_with(ONE) { ONE } else { OTHER };
            return response(200, &json!({"id": id, "providerName": "AWS"}));
        }
        response(200, &json!({"results": *shown, "totalCount": shown.len()}))
    });
    (client_at(&base_url, some_key()), some_project(), peerings)
}

#[tokio::test]
async fn each_container_has_a_peering_if_the_service_accepts_both() {
    let (atlas, project, peerings) = accepting(0);
    let [one, other] = [ONE, OTHER].map(|id| id.parse().unwrap());
    let ensure = |container| atlas.ensure_peering(&project, within(container));
    let first = ensure(&one).await.unwrap();
    let second = ensure(&other).await.unwrap();
    assert!(first.is_created() && second.is_created());
    assert_ne!(first.id(), second.id());
    for (container, made) in [(&one, first), (&other, second)] {
        let same = ensure(container).await.unwrap();
        assert!(!same.is_created());
        assert_eq!(same.id(), made.id());
    }
    // A request without a container fits either peering.
    let any = atlas.ensure_peering(&project, aws()).await.unwrap();
    assert!(!any.is_created());
    // A peering without differences is preferred.
    peerings.lock().unwrap()[0]["routeTableCidrBlock"] = json!("10.9.0.0/24");
    let fits = atlas.ensure_peering(&project, aws()).await.unwrap();
    assert_eq!(fits.container_id(), Some(&other));
    peerings.lock().unwrap()[1]["statusName"] = json!("FAILED");
    let error = ensure(&other).await.unwrap_err();
    assert!(error.is_peering_failure(), "{error}");
    assert_eq!(peerings.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn the_container_differs_if_the_service_refuses_a_second_peering() {
    let (sandbox, _, project) = start().await;
    // The policy allows further attempts, but none is made.
    let atlas = persistent(&sandbox, api_key(&sandbox));
    let one = container(&sandbox, "AWS", "US_EAST_1");
    let other = container(&sandbox, "AWS", "EU_WEST_1");
    let made = atlas.ensure_peering(&project, within(&one)).await.unwrap();
    let error = atlas.ensure_peering(&project, within(&other)).await;
    let error = error.unwrap_err();
    assert!(error.is_conflict() && error.status().is_none(), "{error}");
    let phrase = format!("with the containerId \"{one}\", and \"{other}\" was requested");
    assert!(error.to_string().contains(&phrase), "{error}");
    assert_eq!((sent(&sandbox, "POST"), sandbox.peerings().len()), (2, 1));
    // A failed peering in the other container differs too.
    sandbox.fail(made.id().as_str(), "REJECTED").unwrap();
    let error = atlas.ensure_peering(&project, within(&other)).await;
    assert!(error.unwrap_err().to_string().contains(&phrase));
}

#[tokio::test]
async fn ensure_waits_if_the_service_refuses_until_the_other_peering_is_deleted() {
    let (sandbox, atlas, project) = start().await;
    let one = container(&sandbox, "AWS", "US_EAST_1");
    let other = container(&sandbox, "AWS", "EU_WEST_1");
    let made = atlas.ensure_peering(&project, within(&one)).await.unwrap();
    atlas
        .ensure_peering_deleted(&project, made.id())
        .await
        .unwrap();
    let reported = Arc::<AtomicBool>::default();
    let ensure = atlas.ensure_peering(&project, within(&other)).on_change({
        let reported = Arc::clone(&reported);
        move |_| reported.store(true, Ordering::SeqCst)
    });
    let ensuring = tokio::spawn(ensure.into_future());
    until(|| reported.load(Ordering::SeqCst)).await;
    assert_eq!(sent(&sandbox, "POST"), 2);
    sandbox.advance(Duration::from_secs(5));
    let second = ensuring.await.unwrap().unwrap();
    assert!(second.is_created());
    assert_eq!(second.container_id(), Some(&other));
}

#[tokio::test]
async fn another_refusal_is_not_reported_as_a_difference() {
    let sandbox = Sandbox::builder().limits(1, 1);
    let sandbox = sandbox.start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let one = container(&sandbox, "AWS", "US_EAST_1");
    atlas.ensure_peering(&project, within(&one)).await.unwrap();
    let full = json!({"error": 409, "errorCode": "PEER_MAXIMUM_REACHED"});
    let other = container(&sandbox, "AWS", "EU_WEST_1");
    let list = json!({"results": sandbox.peerings(), "totalCount": 1});
    let found = json!({"id": other.as_str(), "providerName": "AWS"});
    for (status, body) in [(200, list.clone()), (200, found), (409, full), (200, list)] {
        sandbox.queue_response(Canned::json(status, &body));
    }
    let error = atlas.ensure_peering(&project, within(&other)).await;
    assert_eq!(code(error), "409 PEER_MAXIMUM_REACHED");
}

#[tokio::test]
async fn a_peering_with_a_container_is_preferred_to_one_without() {
    let peering = |id: &str, container: Option<&str>| {
        json!({
            "id": id, "vpcId": "vpc-0123456789abcdef0", "awsAccountId": "123456789012",
            "routeTableCidrBlock": "192.168.0.0/24", "statusName": "AVAILABLE",
            "containerId": container,
        })
    };
    let (oldest, exact) = ("a".repeat(24), "b".repeat(24));
    for (list, id) in [
        (
            vec![peering(&oldest, None), peering(&exact, Some(CONTAINER))],
            &exact,
        ),
        (vec![peering(&oldest, None)], &oldest),
    ] {
        let body = json!({"results": list, "totalCount": list.len(), "links": []});
        let base_url = serve(true, move |_| response(200, &body));
        let request = aws().container_id(CONTAINER.parse().unwrap());
        let atlas = client_at(&base_url, some_key());
        let found = atlas.ensure_peering(&some_project(), request).await;
        assert_eq!(found.unwrap().id().as_str(), id);
    }
}
