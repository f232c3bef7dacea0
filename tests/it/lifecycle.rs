//! The whole lifecycle of a peering on each cloud, as documented.

use std::time::Duration;

use atlas_peering::types::{
    AwsRegion, AzureRegion, NewAwsContainer, NewAwsPeering, NewAzureContainer, NewAzurePeering,
    NewGcpContainer, NewGcpPeering, PeeringUpdate,
};
use atlas_peering::{PeeringState, States, WaitForPeering};
use atlas_peering_sandbox::Sandbox;
use serde_json::json;

use crate::support::{client, code, project, start, until};

/// The duration of one step of the service.
const STEP: Duration = Duration::from_secs(5);
/// Real time between two polls; the states depend on the sandbox's clock only.
const POLL: Duration = Duration::from_millis(2);

async fn next(states: &mut States) -> PeeringState {
    let next = states.next().await.expect("the wait continues");
    next.unwrap().state()
}

fn until_available(wait: WaitForPeering) -> WaitForPeering {
    wait.poll_interval(POLL)
        .until(|peering| peering.state().is_available())
}

#[tokio::test]
async fn on_aws_the_owner_of_the_vpc_accepts() {
    let (sandbox, atlas, project) = start().await;

    let container = NewAwsContainer::new(AwsRegion::UsEast1).atlas_cidr_block("10.8.0.0/21");
    let container = atlas.ensure_container(&project, container).await.unwrap();
    let request = NewAwsPeering::new("vpc-0123456789abcdef0", "123456789012", "10.0.0.0/24")
        .container_id(container.id().clone());
    let peering = atlas.ensure_peering(&project, request).await.unwrap();
    assert!(peering.is_created());
    let id = peering.id();

    // Atlas asks AWS for the connection.
    let mut states = until_available(atlas.wait_for_peering(&project, id)).states();
    assert_eq!(next(&mut states).await, PeeringState::Initiating);
    assert!(sandbox.accept(id.as_str()).is_err());
    sandbox.advance(STEP);
    assert_eq!(next(&mut states).await, PeeringState::PendingAcceptance);

    // The owner has to accept, and the wait returns the values for that.
    let peering = atlas.wait_for_peering(&project, id).await.unwrap();
    let shown = &sandbox.peerings()[0];
    let connection_id = shown["connectionId"].as_str().unwrap();
    let step = peering.next_step().unwrap().to_string();
    assert_eq!(
        step,
        format!(
            "accept {connection_id} in us-east-1, account 123456789012, within 7 days of the \
             request: aws ec2 accept-vpc-peering-connection --region us-east-1 \
             --vpc-peering-connection-id {connection_id}"
        )
    );

    // The owner accepts.
    sandbox.accept(id.as_str()).unwrap();
    assert_eq!(next(&mut states).await, PeeringState::Finalizing);
    sandbox.advance(STEP);
    assert_eq!(next(&mut states).await, PeeringState::Available);
    assert!(states.next().await.is_none(), "available ends it");

    // The peering is deleted, and then the container.
    let delete = || atlas.delete_peering_connection(&project, id);
    assert_eq!(delete().await.unwrap().status(), 202);
    let again = delete().await;
    assert_eq!(code(again), "409 PEER_ALREADY_REQUESTED_DELETION");
    let wait = atlas
        .wait_for_peering_deleted(&project, id)
        .poll_interval(POLL);
    let waiting = tokio::spawn(wait.into_future());
    sandbox.advance(STEP);
    waiting.await.unwrap().unwrap();
    let deletion = atlas.ensure_container_deleted(&project, container.id());
    deletion.await.unwrap();
    assert!(sandbox.peerings().is_empty() && sandbox.containers().is_empty());
}

#[tokio::test]
async fn on_aws_a_failed_peering_starts_anew() {
    let (sandbox, atlas, project) = start().await;
    let request = NewAwsPeering::new("vpc-0123456789abcdef0", "123456789012", "10.0.0.0/24");
    let peering = atlas.ensure_peering(&project, request).await.unwrap();
    let id = peering.id();
    let seven_days = Duration::from_secs(7 * 24 * 60 * 60);

    for (cause, helps) in [
        ("REJECTED", "ask the owner of the VPC"),
        ("EXPIRED", "accept the new request within 7 days"),
        ("INVALID_ARGUMENT", "check the account"),
    ] {
        sandbox.advance(STEP);
        atlas.wait_for_peering(&project, id).await.unwrap();
        let failed = match cause {
            "REJECTED" => sandbox.reject(id.as_str()),
            "EXPIRED" => sandbox.expire(id.as_str()),
            _ => sandbox.fail(id.as_str(), cause),
        };
        failed.unwrap();
        let error = atlas.wait_for_peering(&project, id).await.unwrap_err();
        assert!(error.is_peering_failure(), "{error}");
        let message = error.to_string();
        let phrase = format!("is FAILED ({cause}): ");
        assert!(
            message.contains(&phrase) && message.contains(helps),
            "{message}"
        );

        let failed = error.failed_peering().unwrap();
        let change = PeeringUpdate::reinitialize(&failed.peering).unwrap();
        let changed = atlas.update_peering_connection(&project, id, &change).await;
        assert_eq!(changed.unwrap().state(), PeeringState::Initiating);
    }

    // The owner does not accept for 7 days.
    sandbox.advance(STEP);
    atlas.wait_for_peering(&project, id).await.unwrap();
    sandbox.advance(seven_days);
    let error = atlas.wait_for_peering(&project, id).await.unwrap_err();
    assert_eq!(
        error.failed_peering().unwrap().peering.cause().as_deref(),
        Some("EXPIRED")
    );
}

#[tokio::test]
async fn on_azure_the_prerequisites_come_first() {
    let (sandbox, atlas, project) = start().await;
    let container = NewAzureContainer::new(AzureRegion::EuropeWest, "10.8.0.0/21");
    let container = atlas.ensure_container(&project, container).await.unwrap();
    let request = NewAzurePeering::from_resource_id(
        container.id().clone(),
        "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
        "/subscriptions/0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02/resourceGroups/network-rg/providers/\
         Microsoft.Network/virtualNetworks/app-vnet",
    )
    .unwrap();
    let peering = atlas
        .ensure_peering(&project, request.clone())
        .await
        .unwrap();
    let id = peering.id();

    // Without the service principal the peering fails, and names the cause.
    sandbox
        .fail(id.as_str(), "The service principal is not there")
        .unwrap();
    let error = atlas.wait_for_peering(&project, id).await.unwrap_err();
    assert!(
        error.to_string().contains("az ad sp create --id"),
        "{error}"
    );
    let refused = PeeringUpdate::reinitialize(&error.failed_peering().unwrap().peering);
    assert!(refused.unwrap_err().is_input(), "that is for AWS alone");

    // With it, a new peering becomes available by itself.
    let wait = atlas.ensure_peering_deleted(&project, id).and_wait();
    let deletion = tokio::spawn(wait.into_future());
    until(|| sandbox.peerings()[0]["status"] == json!("DELETING")).await;
    sandbox.advance(STEP);
    deletion.await.unwrap().unwrap();
    let peering = atlas.ensure_peering(&project, request).await.unwrap();
    assert!(peering.is_created());
    let id = peering.id();
    let mut states = until_available(atlas.wait_for_peering(&project, id)).states();
    assert_eq!(next(&mut states).await, PeeringState::AddingPeer);
    sandbox.advance(STEP);
    assert_eq!(next(&mut states).await, PeeringState::Available);

    // It fails after AVAILABLE: the role was revoked.
    sandbox.fail(id.as_str(), "AuthorizationFailed").unwrap();
    let error = atlas.wait_for_peering(&project, id).await.unwrap_err();
    assert!(
        error.to_string().contains("virtualNetworkPeerings"),
        "{error}"
    );

    // Without the role, the deletion fails too.
    atlas.ensure_peering_deleted(&project, id).await.unwrap();
    sandbox.fail_deletion(id.as_str(), "No access").unwrap();
    let error = atlas
        .wait_for_peering_deleted(&project, id)
        .await
        .unwrap_err();
    assert!(error.is_peering_failure(), "{error}");
    assert!(
        error.to_string().contains("DELETION_FAILED (No access)"),
        "{error}"
    );
    atlas.ensure_peering_deleted(&project, id).await.unwrap();
    sandbox.advance(STEP);
    atlas.wait_for_peering_deleted(&project, id).await.unwrap();
}

#[tokio::test]
async fn on_google_cloud_the_user_peers_back() {
    // The container takes longer than the peering.
    let sandbox = Sandbox::builder()
        .provisioning(4 * STEP)
        .start()
        .await
        .unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let container = atlas.ensure_container(&project, NewGcpContainer::new("10.128.0.0/18"));
    let container = container.await.unwrap();
    let network = "projects/my-project-1/global/networks/default";
    let request = NewGcpPeering::from_self_link(container.id().clone(), network).unwrap();
    let peering = atlas.ensure_peering(&project, request).await.unwrap();
    let id = peering.id();

    let mut all = atlas
        .wait_for_peering(&project, id)
        .poll_interval(POLL)
        .states();
    assert_eq!(next(&mut all).await, PeeringState::AddingPeer);
    sandbox.advance(STEP);
    let waiting = all.next().await.unwrap().unwrap();
    assert_eq!(waiting.state(), PeeringState::WaitingForUser);
    assert!(
        !waiting.is_users_turn(),
        "there is nothing to peer back to yet"
    );
    let step = waiting.next_step().unwrap().to_string();
    assert!(
        step.contains("until it has gcpProjectId and networkName"),
        "{step}"
    );

    // The user can act when the container shows its project and its network.
    let turn = tokio::spawn(
        atlas
            .wait_for_peering(&project, id)
            .poll_interval(POLL)
            .into_future(),
    );
    sandbox.advance(3 * STEP);
    let turn = turn.await.unwrap().unwrap();
    let shown = &sandbox.containers()[0];
    let [peer_project, peer_network] =
        ["gcpProjectId", "networkName"].map(|name| shown[name].as_str().unwrap());
    assert!(peer_project.starts_with("p-") && peer_network.starts_with("nt-"));
    assert_eq!(
        turn.next_step().unwrap().to_string(),
        format!(
            "create a peering from network default (project my-project-1) to network \
             {peer_network} (project {peer_project}): gcloud compute networks peerings create atlas --project my-project-1 --network default \
             --peer-project {peer_project} --peer-network {peer_network}"
        )
    );

    // The user peers back.
    sandbox.accept(id.as_str()).unwrap();
    let available = until_available(atlas.wait_for_peering(&project, id)).await;
    assert_eq!(available.unwrap().next_step(), None);

    // The network is deleted, and the peering fails.
    sandbox
        .fail(id.as_str(), "The network was deleted.")
        .unwrap();
    let error = atlas.wait_for_peering(&project, id).await.unwrap_err();
    let phrase = "is FAILED (The network was deleted): check the network";
    assert!(error.to_string().contains(phrase), "{error}");
    atlas.ensure_peering_deleted(&project, id).await.unwrap();
    sandbox.advance(STEP);
    atlas.wait_for_peering_deleted(&project, id).await.unwrap();
    assert!(sandbox.peerings().is_empty());
}
