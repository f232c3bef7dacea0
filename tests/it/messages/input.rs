//! Values that are refused before anything is sent.

use atlas_peering::types::{
    AwsRegion, AzureRegion, Container, GcpRegion, ListPeeringConnectionsOptions, NewAwsContainer,
    NewAwsPeering, NewAzureContainer, NewAzurePeering, NewContainer, NewGcpContainer,
    NewGcpPeering, NewPeering, Peering, PeeringUpdate,
};
use atlas_peering::{Client, ContainerId, PeeringId, ProjectId};
use serde_json::json;

use super::Table;
use crate::support::{CONTAINER, aws, changed, client_at, create, some_key, some_project};

pub(super) async fn rows(table: &mut Table) {
    let (atlas, project) = (client_at("http://127.0.0.1:9", some_key()), some_project());
    table.section("Ids and names of networks");
    table.row(
        "a project id that is a name",
        "my-project".parse::<ProjectId>(),
    );
    table.row("a peering id that is empty", "".parse::<PeeringId>());
    table.row(
        "a container id that is long",
        "6".repeat(99).parse::<ContainerId>(),
    );
    let arn = "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1";
    table.row(
        "an ARN of a subnet",
        NewAwsPeering::from_arn(arn, "10.0.0.0/24"),
    );
    let container: ContainerId = CONTAINER.parse().unwrap();
    let vnet = NewAzurePeering::from_resource_id(container.clone(), "d", "app-vnet");
    table.row("a resource id that is a name", vnet);
    let network = NewGcpPeering::from_self_link(container.clone(), "default");
    table.row("a self link that is a name", network);

    table.section("Requests");
    peerings(table, &atlas, &project).await;
    containers(table, &atlas, &project).await;
    let zeroth = ListPeeringConnectionsOptions::default().page_num(0);
    let page = atlas.list_peering_connections_with_options(&project, zeroth);
    table.row("a page number that is 0", page.await);
    let mut peerings = atlas.peerings(&project).page_size(501);
    table.row("a page of 501 items", peerings.next().await.unwrap());

    for (situation, fields) in [
        (
            "a request in JSON for an unknown cloud",
            json!({"providerName": "OCI"}),
        ),
        (
            "a request in JSON without a cloud",
            json!({"vcnId": "ocid1.vcn.1"}),
        ),
    ] {
        let request = serde_json::from_value::<NewPeering>(fields);
        table.message(situation, &request.unwrap_err());
    }

    table.section("Containers and restarts");
    let request = NewPeering::from(aws());
    let own = container_on("AWS", "192.168.0.0/21");
    table.row(
        "a block that overlaps the container's",
        request.check_with(&own),
    );
    let other = container_on("AZURE", "10.8.0.0/21");
    table.row("a container of another cloud", request.check_with(&other));
    for (situation, fields) in [
        (
            "a restart on Azure",
            json!({"id": CONTAINER, "providerName": "AZURE"}),
        ),
        (
            "a restart without the account",
            json!({"id": CONTAINER, "vpcId": "vpc-1"}),
        ),
    ] {
        let peering: Peering = serde_json::from_value(fields).unwrap();
        table.row(situation, PeeringUpdate::reinitialize(&peering));
    }
}

async fn peerings(table: &mut Table, atlas: &Client, project: &ProjectId) {
    let container: ContainerId = CONTAINER.parse().unwrap();
    let aws = |vpc, account, block| NewAwsPeering::new(vpc, account, block);
    let valid = || aws("vpc-1", "123456789012", "10.0.0.0/24");
    let uuid = "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02";
    let azure = |directory, group| {
        let vnet = format!(
            "/subscriptions/{uuid}/resourceGroups/{group}/providers/Microsoft.Network/\
             virtualNetworks/app-vnet"
        );
        let azure = NewAzurePeering::from_resource_id(container.clone(), directory, &vnet);
        NewPeering::from(azure.unwrap())
    };
    let gcp = |network: &str| {
        let link = "projects/p/global/networks/default";
        let gcp = NewGcpPeering::from_self_link(container.clone(), link).unwrap();
        changed(gcp, |of| of.network_name = network.into())
    };
    for (situation, request) in [
        (
            "a VPC that is a name",
            aws("my-vpc", "123456789012", "10.0.0.0/24").into(),
        ),
        (
            "an account with hyphens",
            aws("vpc-1", "1234-5678-9012", "10.0.0.0/24").into(),
        ),
        (
            "a block without its length",
            aws("vpc-1", "123456789012", "10.0.0.0").into(),
        ),
        (
            "a block with host bits",
            aws("vpc-1", "123456789012", "10.0.0.1/24").into(),
        ),
        (
            "a region as Atlas writes it",
            valid().accepter_region_name("US_EAST_1").into(),
        ),
        (
            "a region in no form of AWS",
            valid().accepter_region_name("Virginia").into(),
        ),
        ("a directory that is a name", azure("example.com", "rg")),
        ("a resource group with a space", azure(uuid, "my group")),
        ("a network that is empty", gcp("").into()),
    ] {
        table.row(situation, create(atlas, project, request).await);
    }
}

async fn containers(table: &mut Table, atlas: &Client, project: &ProjectId) {
    let aws = |region: &str| NewAwsContainer::new(AwsRegion::from(region));
    let azure = |block: &str| NewAzureContainer::new(AzureRegion::UsEast, block);
    let gcp = || NewGcpContainer::new("10.128.0.0/24");
    for (situation, request) in [
        (
            "a container's region as AWS writes it",
            NewContainer::from(aws("us-east-1")),
        ),
        (
            "a container's region in no form of AWS",
            aws("virginia").into(),
        ),
        (
            "a container's block that is public",
            azure("8.8.8.0/24").into(),
        ),
        (
            "a container's block that is too small",
            azure("10.8.0.0/28").into(),
        ),
        ("a block that is too small for all regions", gcp().into()),
        (
            "a region of Google Cloud as Google writes it",
            gcp().regions([GcpRegion::from("us-east1")]).into(),
        ),
    ] {
        table.row(situation, atlas.ensure_container(project, request).await);
    }
}

/// A container of a cloud, with this block.
fn container_on(provider: &str, block: &str) -> Container {
    let container = json!({"id": CONTAINER, "providerName": provider, "atlasCidrBlock": block});
    serde_json::from_value(container).unwrap()
}
