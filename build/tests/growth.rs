//! What a change of the fragment becomes, without a handwritten line.

use serde_json::{Value, json};

use super::super::generate;
use super::{changed, reference, refused};

const PEERING: &str = "/components/schemas/Peering";
const LIST: &str = "/paths/~1groups~1{groupId}~1peers/get/parameters/-";

fn code(changes: &[(&str, Value)]) -> String {
    let code = generate(&changed(changes), false).unwrap();
    // However long its lines are.
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_new_state_of_a_cloud_is_one_of_its_enum_and_of_the_union_of_all_states() {
    let state = "/components/schemas/AwsPeeringState";
    let code = code(&[
        (
            &format!("{state}/x-extensible-enum/-"),
            json!("NEVER_HEARD_OF"),
        ),
        (
            &format!("{state}/x-enum-descriptions/NEVER_HEARD_OF"),
            json!("It warms up."),
        ),
    ]);
    for name in ["AwsPeeringState", "PeeringState"] {
        let known = format!("impl From<&str> for {name} {{");
        let known = code.split(&known).nth(1).unwrap();
        let known = known.split("_ => Self::Unknown").next().unwrap();
        assert!(known.contains("\"NEVER_HEARD_OF\" => Self::NeverHeardOf,"));
    }
}

#[test]
fn a_new_parameter_is_an_option_of_its_operation_and_nobodys_argument() {
    let parameter = json!({
        "in": "query", "name": "neverHeardOf", "description": "The order.",
        "schema": {"type": "string", "default": "id"},
    });
    let code = code(&[(LIST, parameter)]);
    assert!(code.contains("never_heard_of: impl ::std::convert::Into<::std::string::String>"));
    assert!(code.contains(
        "pub async fn list_peering_connections( &self, project: &crate::ProjectId, ) ->"
    ));
    assert!(code.contains("pub never_heard_of: ::std::option::Option<::std::string::String>,"));
}

#[test]
fn the_first_parameter_of_an_operation_adds_a_method() {
    let parameter = json!({
        "in": "query", "name": "withHistory", "description": "Whether the history is included.",
        "schema": {"type": "boolean", "default": true},
    });
    let get = "/paths/~1groups~1{groupId}~1peers~1{peerId}/get/parameters/-";
    let code = code(&[(get, parameter)]);
    for signature in [
        "pub async fn get_peering_connection( &self, project: &crate::ProjectId, peering: &crate::PeeringId, ) ->",
        "pub async fn get_peering_connection_with_options( &self, project: &crate::ProjectId, \
         peering: &crate::PeeringId, options: types::GetPeeringConnectionOptions, ) ->",
        "let options = GetPeeringConnectionOptions::default().with_history(true);",
    ] {
        assert!(code.contains(signature), "{signature}");
    }
}

#[test]
fn a_new_field_of_a_request_is_a_setter_and_keeps_the_rule_that_it_names() {
    let field = json!({"description": "Its name.", "type": "string", "x-rule": "name"});
    let width = json!({"description": "A number.", "type": "integer", "format": "int32"});
    let code = code(&[
        ("/components/schemas/NewAwsPeering/properties/label", field),
        ("/components/schemas/NewAwsPeering/properties/lane", width),
    ]);
    assert!(code.contains("pub fn lane(mut self, lane: i32) -> Self"));
    assert!(code.contains(
        "for value in self.label.iter() { crate::model::validation::name(\"label\", value.as_ref())?; }"
    ));
    assert!(code.contains("label: impl ::std::convert::Into<::std::string::String>"));
    assert!(code.contains("route_table_cidr_block: route_table_cidr_block.into(), accepter_region_name: None, container_id: None, label: None, lane: None,"));
}

#[test]
fn texts_that_look_alike_are_no_arguments_of_a_public_constructor() {
    let code = code(&[]);
    let constructor = |name: &str| {
        let own = code.split(&format!("impl {name} {{")).nth(1).unwrap();
        own.split("fn new(")
            .next()
            .unwrap()
            .rsplit("#[must_use]")
            .next()
            .unwrap()
            .trim()
            .to_owned()
    };
    let public = [
        "NewAwsPeering",
        "NewAwsContainer",
        "NewAzureContainer",
        "PrivateIpModeUpdate",
    ];
    assert_eq!(public.map(constructor), ["pub"; 4]);
    assert_eq!(
        ["NewAzurePeering", "NewGcpPeering"].map(constructor),
        ["pub(crate)"; 2]
    );
}

#[test]
fn a_new_cloud_is_a_variant_with_all_that_is_asked_of_each() {
    let field = |words: &str| json!({"description": words, "type": "string"});
    let id = |schema: &str| json!({"description": "The id.", "allOf": [reference(schema)]});
    let code = code(&[
        ("/components/schemas/Provider/enum/-", json!("OCI")),
        (
            "/components/schemas/Provider/x-enum-descriptions/OCI",
            json!("Oracle."),
        ),
        (
            "/components/schemas/OciPeering",
            json!({
                "type": "object", "description": "On Oracle.", "required": ["id"],
                "properties": {
                    "id": id("PeeringId"), "containerId": id("ContainerId"),
                    "providerName": id("Provider"), "status": id("GcpPeeringState"),
                    "vcnId": field("The network."),
                },
            }),
        ),
        (&format!("{PEERING}/oneOf/-"), reference("OciPeering")),
        (
            &format!("{PEERING}/discriminator/mapping/OCI"),
            json!("#/components/schemas/OciPeering"),
        ),
    ]);
    for part in [
        "Self::Oci(of) => &of.id",
        "Self::Oci(of) => of.container_id.as_ref()",
        "Self::Oci(of) => of.status.as_ref().map(AsRef::<str>::as_ref)",
        "Oci(OciPeering),",
        "(\"OCI\", &[&fields.vcn_id])",
    ] {
        assert!(code.contains(part), "{part}");
    }
}

#[test]
fn versions_are_those_of_the_servers() {
    let server = json!({"description": "Next.", "url": "https://cloud.mongodb.com/api/atlas/v3"});
    let code = code(&[("/servers/-", server)]);
    assert!(code.contains("pub const ALL: &[Self] = &[Self::V1, Self::V2, Self::V3];"));
    assert!(code.contains("Self::V3 => \"/api/atlas/v3\""));
    let server = |url: &str| json!([{"description": "Other.", "url": url}]);
    let second = |url: &str| json!({"description": "Other.", "url": url});
    refused([
        ("/servers", "names no version", &[("/servers", json!([]))]),
        (
            "/servers/0",
            "has no url with the path of a version, such as /api/atlas/v2",
            &[("/servers", server("https://cloud.mongodb.com"))],
        ),
        (
            "/servers/0",
            "has a url that ends with no version",
            &[(
                "/servers",
                server("https://cloud.mongodb.com/api/atlas/latest"),
            )],
        ),
        (
            "/servers/2",
            "has the version of another server",
            &[(
                "/servers/-",
                second("https://cloud.mongodb.com/api/atlas/v2.0"),
            )],
        ),
        (
            "/servers/2",
            "has another origin than the first",
            &[("/servers/-", second("https://other.example/api/atlas/v3"))],
        ),
    ]);
}

#[test]
fn an_accessor_of_what_no_variant_has_is_refused() {
    let place = format!("{PEERING}/x-accessors/state/properties");
    let reason = "is no list of properties of the variants";
    refused([
        (&place, reason, &[(&place, json!(["stat"]))]),
        (&place, reason, &[(&place, json!([]))]),
    ]);
}
