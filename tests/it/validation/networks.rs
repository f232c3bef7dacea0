//! Blocks of addresses, regions, and the clouds' own names of networks.

use atlas_peering::ContainerId;
use atlas_peering::types::{
    AwsContainerUpdate, AwsRegion, AzureContainerUpdate, AzureRegion, ContainerUpdate,
    GcpContainerUpdate, GcpRegion, NewAwsPeering, NewAzurePeering, NewContainer, NewGcpContainer,
    NewGcpPeering, NewPeering,
};
use atlas_peering_sandbox::Sandbox;

use super::names;
use crate::support::{client, project};

#[tokio::test]
async fn a_block_that_cannot_be_is_named_and_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let vpc = |block: &str| NewAwsPeering::new("vpc-1", "123456789012", block).into();
    for (block, remedy) in [
        ("10.0.0.1/24", "the network is 10.0.0.0/24"),
        ("fd00::1/64", "the network is fd00::/64"),
        ("10.0.0.0/33", "CIDR notation"),
        ("10.0.0/24", "CIDR notation"),
    ] {
        let request: NewPeering = vpc(block);
        let made = atlas.create_peering_connection(&project, &request).await;
        let error = made.unwrap_err();
        names(&error, "routeTableCidrBlock", block);
        assert!(error.to_string().contains(remedy), "{error}");
    }
    let (aws, azure) = (AwsRegion::UsEast1, AzureRegion::UsEast);
    let private = "it lies in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16";
    for (request, block, remedy) in [
        (
            NewContainer::aws(aws.clone(), "10.8.1.0/21"),
            "10.8.1.0/21",
            "the network is 10.8.0.0/21",
        ),
        (
            NewContainer::aws(aws.clone(), "11.8.0.0/21"),
            "11.8.0.0/21",
            private,
        ),
        (
            NewContainer::aws(aws.clone(), "172.32.0.0/21"),
            "172.32.0.0/21",
            private,
        ),
        (
            NewContainer::aws(aws.clone(), "fd00::/21"),
            "fd00::/21",
            private,
        ),
        (
            NewContainer::aws(aws.clone(), "10.8.0.0/20"),
            "10.8.0.0/20",
            "from /21 to /24",
        ),
        (
            NewContainer::aws(aws, "10.8.0.0/25"),
            "10.8.0.0/25",
            "from /21 to /24",
        ),
        (
            NewContainer::azure(azure, "10.8.0.0/16"),
            "10.8.0.0/16",
            "from /21 to /24",
        ),
        (
            NewContainer::gcp("10.128.0.0/19"),
            "10.128.0.0/19",
            "/18 or larger; a smaller one needs regions",
        ),
        (NewContainer::gcp("0.0.0.0/0"), "0.0.0.0/0", private),
    ] {
        let made = atlas.create_peering_container(&project, &request).await;
        let error = made.unwrap_err();
        names(&error, "atlasCidrBlock", block);
        assert!(error.to_string().contains(remedy), "{error}");
        let ensured = atlas.ensure_container(&project, request).await;
        assert!(ensured.unwrap_err().is_input());
    }
    assert!(sandbox.requests().is_empty());
    // With regions a smaller block is the service's to judge.
    let request = NewGcpContainer {
        atlas_cidr_block: "10.128.0.0/21".into(),
        regions: Some(vec![GcpRegion::EasternUs]),
    };
    let made = atlas
        .create_peering_container(&project, &request.into())
        .await;
    made.unwrap();
}

#[tokio::test]
async fn a_region_in_the_clouds_own_spelling_is_named_and_not_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox), project(&sandbox));
    let gcp = NewGcpContainer {
        atlas_cidr_block: "10.128.0.0/18".into(),
        regions: Some(vec!["us-east1".into()]),
    };
    for (request, field, value) in [
        (
            NewContainer::aws("us-east-1".into(), "10.8.0.0/21"),
            "regionName",
            "us-east-1",
        ),
        (
            NewContainer::azure("eastus".into(), "10.8.0.0/21"),
            "region",
            "eastus",
        ),
        (NewContainer::azure("".into(), "10.8.0.0/21"), "region", ""),
        (gcp.into(), "regions", "us-east1"),
    ] {
        let made = atlas.create_peering_container(&project, &request).await;
        names(&made.unwrap_err(), field, value);
    }
    let id = "6746ceedaef48d1cb265896b".parse().unwrap();
    let on_aws = AwsContainerUpdate {
        region_name: Some("x".into()),
        ..Default::default()
    };
    let on_azure = AzureContainerUpdate {
        atlas_cidr_block: Some("10.8.0.0/8".into()),
        ..Default::default()
    };
    let on_gcp = GcpContainerUpdate {
        atlas_cidr_block: Some("8.8.8.0/24".into()),
        ..Default::default()
    };
    let changes: [ContainerUpdate; 3] = [on_aws.into(), on_azure.into(), on_gcp.into()];
    for change in changes {
        let outcome = atlas.update_peering_container(&project, &id, &change).await;
        assert!(outcome.unwrap_err().is_input());
    }
    assert!(sandbox.requests().is_empty());
}

#[test]
fn a_clouds_own_name_of_a_network_is_taken_apart_or_refused() {
    for arn in [
        "",
        "vpc-0123456789abcdef0",
        "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1",
        "arn:aws:ec2::123456789012:vpc/vpc-1",
        "arn:aws:s3:us-east-1:123456789012:vpc/vpc-1",
    ] {
        let error = NewAwsPeering::of_arn(arn, "10.0.0.0/24").unwrap_err();
        names(&error, "ARN of the VPC", arn);
    }
    let container: ContainerId = "6746ceedaef48d1cb265896b".parse().unwrap();
    let network = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks";
    for id in [
        "",
        "app-vnet",
        network,
        &format!("{network}/"),
        &format!("{network}/v/subnets/x"),
        &format!("x{network}/v"),
        &network
            .replace("/s/", "//")
            .replace("virtualNetworks", "virtualNetworks/v"),
    ] {
        let error = NewAzurePeering::of_vnet(container.clone(), "d", id).unwrap_err();
        assert!(error.is_input(), "{id}");
    }
    let in_any_case = format!("{network}/v").replace("resourceGroups", "RESOURCEGROUPS");
    let request = NewAzurePeering::of_vnet(container.clone(), "d", &in_any_case).unwrap();
    let found = [
        request.azure_subscription_id,
        request.resource_group_name,
        request.vnet_name,
    ];
    assert_eq!(found, ["s", "g", "v"]);
    for link in [
        "",
        "default",
        "projects/p/global/networks/",
        "projects//global/networks/n",
        "projects/p/regions/r/networks/n",
    ] {
        let error = NewGcpPeering::of_network(container.clone(), link).unwrap_err();
        names(&error, "link of the network", link);
    }
    let link = "https://www.googleapis.com/compute/v1/projects/p/global/networks/n";
    let request = NewGcpPeering::of_network(container, link).unwrap();
    assert_eq!([request.gcp_project_id, request.network_name], ["p", "n"]);
}
