//! The one project, and what is in it.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::cloud::Cloud;
use crate::containers::Containers;
use crate::peer::Peer;
use crate::peers::{Peers, Rules};

pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) peers: Peers,
    pub(crate) containers: Containers,
    /// Whether the project allows connections by peering only: the older, deprecated mode.
    pub(crate) private_ip_mode: bool,
}

impl Project {
    pub(crate) fn new(
        id: String,
        rules: Rules,
        provisioning: Duration,
        deletable_after: Duration,
    ) -> Self {
        Self {
            id,
            peers: Peers::new(rules),
            containers: Containers::new(provisioning, deletable_after),
            private_ip_mode: true,
        }
    }

    /// Adds `count` peerings on a cloud, past all limits and rules; returns their ids.
    pub(crate) fn fill(&mut self, cloud: Cloud, count: usize, now: Duration) -> Vec<String> {
        let region = match cloud {
            Cloud::Aws => "US_EAST_1",
            Cloud::Azure => "US_EAST",
            Cloud::Gcp => "",
        };
        let container = self.containers.of_region(cloud, region, now);
        container.begin_use(now);
        let container = container.id.clone();
        let peers = (0..count).map(|number| {
            let body = network(cloud, number, &container);
            Peer::new(cloud, &body, &container, now)
        });
        let peers: Vec<_> = peers.collect();
        let ids = peers.iter().map(|peer| peer.id.clone()).collect();
        for peer in peers {
            self.peers.add(peer);
        }
        ids
    }
}

/// A request for a peering; each number has a network of its own.
fn network(cloud: Cloud, number: usize, container: &str) -> Map<String, Value> {
    let mut body = match cloud {
        Cloud::Aws => json!({
            "awsAccountId": "123456789012",
            "routeTableCidrBlock": format!("10.{}.{}.0/24", number / 256 % 256, number % 256),
            "vpcId": format!("vpc-{number:017x}"),
        }),
        Cloud::Azure => json!({
            "azureDirectoryId": "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
            "azureSubscriptionId": "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02",
            "resourceGroupName": "network-rg",
            "vnetName": format!("vnet-{number}"),
        }),
        Cloud::Gcp => json!({
            "gcpProjectId": "my-project-1",
            "networkName": format!("network-{number}"),
        }),
    };
    body["containerId"] = json!(container);
    body["providerName"] = json!(cloud.name());
    body.as_object().cloned().unwrap_or_default()
}
