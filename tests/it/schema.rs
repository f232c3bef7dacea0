//! With the feature `schemars`: the schema of each Rust type has the properties of the fragment's.

use std::collections::BTreeSet;

use atlas_peering::types::{
    ApiError, AwsContainer, AwsContainerUpdate, AwsPeering, AwsPeeringUpdate, AzureContainer,
    AzureContainerUpdate, AzurePeering, AzurePeeringUpdate, ContainerPage, GcpContainer,
    GcpContainerUpdate, GcpPeering, GcpPeeringUpdate, NewAwsContainer, NewAwsPeering,
    NewAzureContainer, NewAzurePeering, NewGcpContainer, NewGcpPeering, NewPeering, PeeringPage,
    PrivateIpMode, PrivateIpModeUpdate,
};
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

fn properties(schema: &Value) -> BTreeSet<&str> {
    schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn agrees<T: JsonSchema>() {
    let fragment: Value = serde_json::from_str(include_str!("../../spec/peering.json")).unwrap();
    let name = T::schema_name().into_owned();
    let mut promised = properties(&fragment["components"]["schemas"][&name]);
    if name.starts_with("New") || name.ends_with("Update") {
        // The union writes it.
        promised.remove("providerName");
    }
    let schema = schema_for!(T).to_value();
    assert_eq!(properties(&schema), promised, "{name}");
}

#[test]
fn every_type_has_the_properties_of_its_schema() {
    agrees::<ApiError>();
    agrees::<AwsPeering>();
    agrees::<AwsPeeringUpdate>();
    agrees::<AzurePeering>();
    agrees::<AzurePeeringUpdate>();
    agrees::<GcpPeering>();
    agrees::<GcpPeeringUpdate>();
    agrees::<NewAwsPeering>();
    agrees::<NewAzurePeering>();
    agrees::<NewGcpPeering>();
    agrees::<PeeringPage>();
    agrees::<AwsContainer>();
    agrees::<AwsContainerUpdate>();
    agrees::<AzureContainer>();
    agrees::<AzureContainerUpdate>();
    agrees::<GcpContainer>();
    agrees::<GcpContainerUpdate>();
    agrees::<NewAwsContainer>();
    agrees::<NewAzureContainer>();
    agrees::<NewGcpContainer>();
    agrees::<ContainerPage>();
    agrees::<PrivateIpMode>();
    agrees::<PrivateIpModeUpdate>();
}

#[test]
fn a_request_is_told_by_its_tag() {
    let schema = schema_for!(NewPeering).to_value();
    let tags: Vec<_> = schema["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|child| {
            child["properties"]["providerName"]["const"]
                .as_str()
                .unwrap()
        })
        .collect();
    assert_eq!(tags, ["AWS", "AZURE", "GCP"]);
}
