//! Schemas, enums and unions that are refused.

use serde_json::{Value, json};

use super::super::generate;
use super::{CLOSED, LOST, MAPPING, PROVIDER, STATE, UNION, changed, nameless, reference, refused};

#[test]
fn schemas_are_refused() {
    let broken = generate(
        &changed(&[("/components/schemas/Provider/type", json!(7))]),
        false,
    );
    let message = broken.unwrap_err().to_string();
    let place = "spec/peering.json: /components/schemas/Provider: ";
    assert!(message.starts_with(place), "{message}");

    for (schema, key) in nameless().into_iter().zip(["properties", "enum"]) {
        let many = json!({"description": "All.", "type": "array", "items": schema});
        let field = "/components/schemas/NewAwsPeering/properties/vpcId";
        refused([
            (
                &format!("{STATE}/{key}"),
                CLOSED,
                &[(STATE, schema.clone())],
            ),
            (&format!("{STATE}/items/{key}"), CLOSED, &[(STATE, many)]),
            (&format!("{field}/{key}"), CLOSED, &[(field, schema)]),
        ]);
    }
    let peering = json!({"description": "It.", "type": "object"});
    refused([
        (
            STATE,
            "has no description",
            &[(STATE, json!({"type": "string"}))],
        ),
        (
            "/components/schemas/AwsPeering/allOf",
            LOST,
            &[(
                "/components/schemas/AwsPeering/allOf",
                json!([reference("Link")]),
            )],
        ),
        (
            "/components/schemas/Alias",
            "is no object, enum, union or id: write it out where it is used",
            &[("/components/schemas/Alias", reference("Peering"))],
        ),
        (
            "/components/schemas/VPCPeering",
            "is called VPCPeering, which the generator spells otherwise: write it like vpcId",
            &[("/components/schemas/VPCPeering", peering)],
        ),
    ]);
}

#[test]
fn enums_are_refused() {
    let last = format!("{PROVIDER}/enum/-");
    for (value, reason) in [
        (json!("us-east-1"), "us-east-1 is no name in Rust"),
        (json!("1ST"), "1ST is no name in Rust"),
        (json!("SELF"), "SELF is no name in Rust"),
        (json!(""), " is no name in Rust"),
        (json!("UNKNOWN"), "UNKNOWN is the name of what is not known"),
        (json!("Aws"), "Aws is one name in Rust with another value"),
        (json!(7), "has values that are no strings"),
    ] {
        refused([(PROVIDER, reason, &[(&last, value)])]);
    }
    refused([(
        &format!("{PROVIDER}/x-enum-descriptions"),
        "has no description of ORACLE",
        &[(&last, json!("ORACLE"))],
    )]);
}

/// A rule for requests, as a pattern is: the type is that of the whole enum.
#[test]
fn what_refers_to_an_enum_may_take_some_of_its_values() {
    let whole = generate(&changed(&[]), false).unwrap();
    let some = changed(&[
        (&format!("{STATE}/enum"), json!(["FAILED"])),
        (&format!("{STATE}/nullable"), json!(true)),
        (&format!("{STATE}/type"), json!("string")),
    ]);
    assert!(generate(&some, false).unwrap() == whole);
    refused([(
        &format!("{STATE}/format"),
        LOST,
        &[(&format!("{STATE}/format"), json!("uuid"))],
    )]);
}

#[test]
fn a_rule_of_a_request_that_nothing_would_check_is_refused() {
    let reason = "has a rule for its value, and no x-rule that names the function which checks it";
    let label = "/components/schemas/NewAwsPeering/properties/label";
    for (key, value) in [
        ("pattern", json!("^a$")),
        ("format", json!("uuid")),
        ("minLength", json!(1)),
        ("maximum", json!(9)),
        ("x-rule", json!("no function")),
        ("x-rule", json!(7)),
    ] {
        let of = json!({"description": "Its name.", "type": "string", key: value});
        let many = json!({"description": "Names.", "type": "array", "items": of});
        refused([
            (label, reason, &[(label, of)]),
            (label, reason, &[(label, many)]),
        ]);
    }
    let whole = "/components/schemas/NewAwsPeering";
    let rule = format!("{whole}/x-rule");
    refused([(whole, reason, &[(&rule, json!("no function"))])]);
}

#[test]
fn unions_are_refused() {
    let azure = format!("{MAPPING}/AZURE");
    let to_azure = || json!("#/components/schemas/AzurePeering");
    let unequal = "has a discriminator without exactly one value for each $ref of its oneOf";
    refused([
        (UNION, unequal, &[(&azure, Value::Null)]),
        (
            UNION,
            unequal,
            &[(&format!("{MAPPING}/AZURE_GOV"), to_azure())],
        ),
        (
            UNION,
            unequal,
            &[(
                &format!("{MAPPING}/LINK"),
                json!("#/components/schemas/Link"),
            )],
        ),
        (
            UNION,
            unequal,
            &[(&format!("{UNION}/oneOf/-"), json!({"type": "string"}))],
        ),
        (
            UNION,
            "is a oneOf without a discriminator",
            &[(&format!("{UNION}/discriminator"), Value::Null)],
        ),
        (
            UNION,
            "has no properties beside its oneOf, so a variant that is not known has no type",
            &[
                (&format!("{UNION}/properties"), Value::Null),
                (&format!("{UNION}/required"), Value::Null),
            ],
        ),
        (
            "/components/schemas/ContainerUpdate",
            "is a union that no operation uses",
            &[(
                "/paths/~1groups~1{groupId}~1containers~1{containerId}/patch",
                Value::Null,
            )],
        ),
    ]);
    for (value, reason) in [
        ("aws", "aws is one name in Rust with another value"),
        ("azure-gov", "azure-gov is no name in Rust"),
        ("UNKNOWN", "UNKNOWN is the name of what is not known"),
    ] {
        let renamed = format!("{MAPPING}/{value}");
        refused([(
            UNION,
            reason,
            &[(&azure, Value::Null), (&renamed, to_azure())],
        )]);
    }
}
