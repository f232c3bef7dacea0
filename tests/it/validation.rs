//! Invalid input never panics and is never sent: it is an error that names the field and the value.

use atlas_peering::types::{
    AwsRegion, AzureRegion, ContainerUpdate, GcpRegion, ListPeeringConnectionsOptions,
    NewAwsContainer, NewAwsPeering, NewAzureContainer, NewAzurePeering, NewContainer,
    NewGcpContainer, NewGcpPeering, NewPeering, PeeringUpdate,
};
use atlas_peering::{ContainerId, Error, PeeringId, ProjectId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{CONTAINER, aws, azure, create, gcp, start};

fn names(error: &Error, field: &str, value: &str) {
    assert!(error.is_input(), "{error:?}");
    let phrase = format!("the {field} {value:?} is invalid: ");
    assert!(error.to_string().contains(&phrase), "{error}");
}

/// A request with one of its fields changed.
fn with<T: Serialize + DeserializeOwned>(request: &T, field: &str, value: impl Into<Value>) -> T {
    let mut body = serde_json::to_value(request).unwrap();
    body[field] = value.into();
    serde_json::from_value(body).unwrap()
}

#[test]
fn malformed_ids_are_named() {
    for text in [
        "",
        "5356823b3794dee37132bb7",
        "5356823b3794dee37132bb7bb",
        "g356823b3794dee37132bb7b",
        "５356823b3794dee37132bb7",
        "../5356823b3794dee37132b",
    ] {
        names(&text.parse::<ProjectId>().unwrap_err(), "project id", text);
        names(&text.parse::<PeeringId>().unwrap_err(), "peering id", text);
        let error = text.parse::<ContainerId>().unwrap_err();
        names(&error, "container id", text);
    }
}

#[test]
fn ids_are_compared_in_lower_case() {
    let upper: ProjectId = "5356823B3794DEE37132BB7B".parse().unwrap();
    assert_eq!(upper, "5356823b3794dee37132bb7b".parse().unwrap());
}

#[tokio::test]
async fn a_malformed_request_is_named_and_not_sent() {
    let (sandbox, atlas, project) = start().await;
    let aws: NewPeering = aws().into();
    let azure: NewPeering = azure(&sandbox).into();
    let gcp: NewPeering = gcp(&sandbox).into();
    let accounts = ["", "12345678901", "abc123abc123", "1234-5678-90"];
    for (request, field, values) in [
        (&aws, "vpcId", &["", "vpc-", "pcx-0123", "vpc-7b64b41g"][..]),
        (&aws, "awsAccountId", &accounts),
        (&aws, "routeTableCidrBlock", &["10.0.0.0", "anywhere"]),
        (&aws, "accepterRegionName", &[""]),
        (&azure, "azureDirectoryId", &["none"]),
        (&azure, "vnetName", &["", "a\tb", "a\u{1b}b"]),
        (&gcp, "gcpProjectId", &["my project"]),
        (&gcp, "networkName", &[""]),
    ] {
        for value in values {
            let created = create(&atlas, &project, with(request, field, *value)).await;
            let error = created.unwrap_err();
            names(&error, field, value);
            assert_eq!(error.operation(), Some("create_peering_connection"));
        }
    }
    for (block, remedy) in [
        ("10.0.0.1/24", "use the network, 10.0.0.0/24"),
        ("fd00::1/64", "use the network, fd00::/64"),
        ("10.0.0.0/33", "CIDR notation"),
        ("10.0.0/24", "CIDR notation"),
    ] {
        let request = with(&aws, "routeTableCidrBlock", block);
        let error = create(&atlas, &project, request).await.unwrap_err();
        names(&error, "routeTableCidrBlock", block);
        assert!(error.to_string().contains(remedy), "{error}");
    }
    assert!(sandbox.requests().is_empty());
}

/// A cloud and Atlas spell a region differently; the message has the right spelling.
#[tokio::test]
async fn a_region_in_the_wrong_spelling_is_named_in_the_right_one() {
    let (sandbox, atlas, project) = start().await;
    let peering: NewPeering = aws().into();
    for (value, remedy) in [
        ("US_EAST_1", "use the spelling of AWS: us-east-1"),
        ("US-GOV-WEST-1", "use the spelling of AWS: us-gov-west-1"),
        ("us_east_1 ", "use the spelling of AWS: us-east-1"),
        ("", "use the spelling of AWS, such as us-east-1"),
        ("useast1", "use the spelling of AWS, such as us-east-1"),
        ("us-east-1a", "use the spelling of AWS, such as us-east-1"),
        ("GLOBAL", "use the spelling of AWS, such as us-east-1"),
    ] {
        let request = with(&peering, "accepterRegionName", value);
        let error = create(&atlas, &project, request).await.unwrap_err();
        names(&error, "accepterRegionName", value);
        assert!(error.to_string().ends_with(remedy), "{error}");
        let update = json!({"providerName": "AWS", "accepterRegionName": value});
        let update: PeeringUpdate = serde_json::from_value(update).unwrap();
        let id = "1112222b3bf99403840e8934".parse().unwrap();
        let updated = atlas.update_peering_connection(&project, &id, &update);
        assert!(updated.await.unwrap_err().to_string().ends_with(remedy));
    }
    let container = NewAwsContainer::new(AwsRegion::UsEast1).atlas_cidr_block("10.8.0.0/21");
    for (value, remedy) in [
        ("us-east-1", "use the spelling of Atlas: US_EAST_1"),
        ("us-gov-west-1", "use the spelling of Atlas: US_GOV_WEST_1"),
        ("us_east_1", "use the spelling of Atlas: US_EAST_1"),
        ("", "use the spelling of Atlas, such as US_EAST_1"),
        ("useast1", "use the spelling of Atlas, such as US_EAST_1"),
    ] {
        let request = with(&container, "regionName", value);
        let made = atlas.create_peering_container(&project, &request).await;
        let error = made.unwrap_err();
        names(&error, "regionName", value);
        assert!(error.to_string().ends_with(remedy), "{error}");
    }
    // The spellings of the other clouds follow no rule.
    let azure = NewAzureContainer::new(AzureRegion::UsEast, "10.8.0.0/21");
    let request = with(&azure, "region", "eastus");
    let made = atlas.create_peering_container(&project, &request).await;
    let error = made.unwrap_err().to_string();
    assert!(error.ends_with("of Atlas, such as US_EAST_2"), "{error}");
    let request = with(
        &NewGcpContainer::new("10.128.0.0/18"),
        "regions",
        vec!["us-east1"],
    );
    let made = atlas.create_peering_container(&project, &request).await;
    let error = made.unwrap_err().to_string();
    assert!(error.ends_with("of Atlas, such as EASTERN_US"), "{error}");
    assert!(sandbox.requests().is_empty());
}

/// The value that a remedy asks for is valid.
#[tokio::test]
async fn a_request_that_follows_the_remedies_is_sent() {
    let (sandbox, atlas, project) = start().await;
    let aws: NewPeering = aws().into();
    let azure: NewPeering = azure(&sandbox).into();
    let gcp: NewPeering = gcp(&sandbox).into();
    for (request, field, values) in [
        (
            &aws,
            "vpcId",
            &["vpc-7b64b41e", "vpc-7B64B41E", "vpc-123456"][..],
        ),
        (&aws, "awsAccountId", &["000000000000"]),
        (
            &aws,
            "routeTableCidrBlock",
            &["192.168.0.0/24", "fd00::/64"],
        ),
        (&aws, "accepterRegionName", &["us-east-1", "us-isob-east-1"]),
        (
            &azure,
            "azureDirectoryId",
            &["0D8F3C56-1C3E-4C6B-8A94-7D2F5B9E6A02"],
        ),
        (&azure, "resourceGroupName", &["größe_(1)"]),
        (&gcp, "gcpProjectId", &["example.com:my-project"]),
    ] {
        for value in values {
            let created = create(&atlas, &project, with(request, field, *value)).await;
            let refused = created.err().is_some_and(|error| error.is_input());
            assert!(!refused, "{field} {value}");
        }
    }
}

#[tokio::test]
async fn a_malformed_update_is_named_and_not_sent() {
    let (sandbox, atlas, project) = start().await;
    let id = "1112222b3bf99403840e8934".parse().unwrap();
    for (provider, field, value) in [
        ("AWS", "vpcId", "x"),
        ("AWS", "awsAccountId", "1"),
        ("AWS", "routeTableCidrBlock", "1"),
        ("AZURE", "azureDirectoryId", "1"),
        ("AZURE", "resourceGroupName", ""),
        ("GCP", "networkName", " "),
    ] {
        let update = json!({"providerName": provider, field: value});
        let update: PeeringUpdate = serde_json::from_value(update).unwrap();
        let updated = atlas.update_peering_connection(&project, &id, &update);
        names(&updated.await.unwrap_err(), field, value);
    }
    let id = CONTAINER.parse().unwrap();
    for (provider, field, value) in [
        ("AWS", "regionName", "x"),
        ("AZURE", "atlasCidrBlock", "10.8.0.0/8"),
        ("GCP", "atlasCidrBlock", "8.8.8.0/24"),
    ] {
        let update = json!({"providerName": provider, field: value});
        let update: ContainerUpdate = serde_json::from_value(update).unwrap();
        let updated = atlas.update_peering_container(&project, &id, &update);
        names(&updated.await.unwrap_err(), field, value);
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn an_invalid_page_is_named_and_not_requested() {
    let (sandbox, atlas, project) = start().await;
    for (size, number, field, value) in [
        (Some(0), None, "itemsPerPage", "0"),
        (Some(501), None, "itemsPerPage", "501"),
        (Some(-1), None, "itemsPerPage", "-1"),
        (None, Some(0), "pageNum", "0"),
        (None, Some(i64::MAX), "pageNum", "9223372036854775807"),
    ] {
        let mut options = ListPeeringConnectionsOptions::default();
        (options.items_per_page, options.page_num) = (size, number);
        let page = atlas.list_peering_connections_with_options(&project, options);
        names(&page.await.unwrap_err(), field, value);
    }
    let mut stream = atlas.peerings(&project).page_size(501);
    let error = stream.next().await.unwrap().unwrap_err();
    names(&error, "itemsPerPage", "501");
    assert!(stream.next().await.is_none());
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_malformed_container_is_named_and_not_sent() {
    let (sandbox, atlas, project) = start().await;
    let aws = NewAwsContainer::new(AwsRegion::UsEast1).atlas_cidr_block("10.8.0.0/21");
    let aws = NewContainer::from(aws);
    let azure = NewContainer::from(NewAzureContainer::new(AzureRegion::UsEast, "10.8.0.0/21"));
    let gcp = NewContainer::from(NewGcpContainer::new("10.128.0.0/18"));
    let private = "use a block in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16";
    let small = "/18 or larger, or name regions";
    for (request, block, remedy) in [
        (&aws, "10.8.1.0/21", "use the network, 10.8.0.0/21"),
        (&aws, "11.8.0.0/21", private),
        (&aws, "172.32.0.0/21", private),
        (&aws, "fd00::/21", private),
        (&aws, "10.8.0.0/20", "use /21 to /24 in these regions"),
        (&aws, "10.8.0.0/25", "use /21 to /24 in these regions"),
        (&azure, "10.8.0.0/16", "use /21 to /24 in these regions"),
        (&gcp, "10.128.0.0/19", small),
        (&gcp, "0.0.0.0/0", private),
    ] {
        let request = with(request, "atlasCidrBlock", block);
        let made = atlas.create_peering_container(&project, &request).await;
        let error = made.unwrap_err();
        names(&error, "atlasCidrBlock", block);
        assert!(error.to_string().contains(remedy), "{error}");
        let ensured = atlas.ensure_container(&project, request).await;
        assert!(ensured.unwrap_err().is_input());
    }
    // The clouds' own spellings of regions are not the service's.
    for (request, field, value) in [
        (&aws, "regionName", "us-east-1"),
        (&azure, "region", "eastus"),
        (&azure, "region", ""),
    ] {
        let request = with(request, field, value);
        let made = atlas.create_peering_container(&project, &request).await;
        names(&made.unwrap_err(), field, value);
    }
    let request = with(&gcp, "regions", vec!["us-east1"]);
    let made = atlas.create_peering_container(&project, &request).await;
    names(&made.unwrap_err(), "regions", "us-east1");
    let regional =
        NewContainer::from(NewGcpContainer::new("10.128.0.0/18").regions([GcpRegion::EasternUs]));
    let made = atlas.create_peering_container(&project, &regional).await;
    names(&made.unwrap_err(), "atlasCidrBlock", "10.128.0.0/18");
    assert!(sandbox.requests().is_empty());
    let regional = with(&regional, "atlasCidrBlock", "10.128.0.0/21");
    let made = atlas.create_peering_container(&project, &regional).await;
    made.unwrap();
}

#[test]
fn a_clouds_own_name_of_a_network_is_parsed_or_refused() {
    for arn in [
        "",
        "vpc-0123456789abcdef0",
        "arn:aws:ec2:us-east-1:123456789012:subnet/subnet-1",
        "arn:aws:ec2::123456789012:vpc/vpc-1",
        "arn:aws:s3:us-east-1:123456789012:vpc/vpc-1",
    ] {
        let error = NewAwsPeering::from_arn(arn, "10.0.0.0/24").unwrap_err();
        names(&error, "ARN of the VPC", arn);
    }
    let container: ContainerId = CONTAINER.parse().unwrap();
    let network = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks";
    for id in [
        "",
        "app-vnet",
        network,
        &format!("{network}/"),
        &format!("{network}/v/subnets/x"),
        &format!("x{network}/v"),
        &(network.replace("/s/", "//") + "/v"),
    ] {
        let error = NewAzurePeering::from_resource_id(container.clone(), "d", id).unwrap_err();
        assert!(error.is_input(), "{id}");
    }
    let in_any_case = format!("{network}/v").replace("resourceGroups", "RESOURCEGROUPS");
    let request = NewAzurePeering::from_resource_id(container.clone(), "d", &in_any_case).unwrap();
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
        let error = NewGcpPeering::from_self_link(container.clone(), link).unwrap_err();
        names(&error, "link of the network", link);
    }
    let link = "https://www.googleapis.com/compute/v1/projects/p/global/networks/n";
    let request = NewGcpPeering::from_self_link(container, link).unwrap();
    assert_eq!([request.gcp_project_id, request.network_name], ["p", "n"]);
}

#[test]
fn a_deserialized_request_loses_no_field_and_needs_a_known_cloud() {
    let unknown = "providerName \"ORACLE\" is not one of AWS, AZURE, GCP";
    for (body, phrase) in [
        (json!({"vpcId": "vpc-1", "newField": 1}), "newField"),
        (json!({"providerName": "ORACLE"}), unknown),
        (json!({"containerId": CONTAINER}), "providerName is missing"),
        (
            json!({"networkName": "default", "containerId": "x"}),
            "id \"x\"",
        ),
    ] {
        let error = serde_json::from_value::<NewPeering>(body).unwrap_err();
        assert!(error.to_string().contains(phrase), "{error}");
    }
}

#[test]
fn a_long_value_is_shortened_in_the_message() {
    let error = "0".repeat(100_000).parse::<ProjectId>().unwrap_err();
    assert!(error.to_string().len() < 200, "{error}");
}
