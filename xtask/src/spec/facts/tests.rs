use serde_json::{Value, json};

use super::*;

const TAG: &str = "Network Peering";

fn place<'a>(facts: &'a Fact, way: &[&str]) -> Option<&'a Fact> {
    way.iter()
        .try_fold(facts, |fact, step| fact.parts.get(*step))
}

/// One operation whose request has the schema `Root` of `schemas`.
fn facts(schemas: &Value) -> Result<Fact, String> {
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Root"}}});
    let root = json!({
        "paths": {"/api/x": {"post": {
            "tags": [TAG],
            "operationId": "make",
            "requestBody": {"content": content},
            "responses": {"200": {"content": content}},
        }}},
        "components": {"schemas": schemas},
    });
    Document::theirs(&root, "/api").facts(|_| false)
}

#[test]
fn a_read_only_field_is_in_responses_only() {
    let facts = facts(&json!({"Root": {"properties": {
        "id": {"type": "string", "readOnly": true},
        "name": {"type": "string"},
    }, "required": ["name"]}}))
    .unwrap();
    let request = place(&facts, &["POST /x", "request", "body"]).unwrap();
    assert!(place(request, &["property id"]).is_none());
    let name = place(request, &["property name"]).unwrap();
    assert_eq!(name.parts["required"].value, "true");
    assert_eq!(name.at, "/components/schemas/Root/properties/name");
    assert!(place(&facts, &["POST /x", "status 200", "body", "property id"]).is_some());
}

#[test]
fn an_extensible_enum_has_the_known_values() {
    for key in ["enum", "x-extensible-enum"] {
        let facts = facts(&json!({"Root": {"type": "string", key: ["A", "B"]}})).unwrap();
        let body = place(&facts, &["POST /x", "request", "body"]).unwrap();
        let values = ["value A", "value B"].map(|value| body.parts.contains_key(value));
        assert_eq!(values, [true, true], "{key}");
        assert!(!body.parts.contains_key(key));
    }
}

#[test]
fn a_union_is_compared_by_variant_and_recursion_ends() {
    let facts = facts(&json!({
        "Root": {
            "oneOf": [{"$ref": "#/components/schemas/A"}],
            "discriminator": {"propertyName": "kind", "mapping": {"A": "#/components/schemas/A"}},
            "properties": {"id": {"type": "string"}},
        },
        "A": {
            "allOf": [
                {"$ref": "#/components/schemas/Root"},
                {"properties": {"next": {"$ref": "#/components/schemas/Root"}}},
            ],
        },
    }))
    .unwrap();
    let variant = place(&facts, &["POST /x", "request", "body", "provider A"]).unwrap();
    assert!(place(variant, &["property id"]).is_some());
    assert_eq!(
        place(variant, &["property next"]).unwrap().value,
        "the same again"
    );
    assert_eq!(place(variant, &["schema"]).unwrap().value, "A");
}

#[test]
fn a_dangling_reference_is_an_error_with_its_place() {
    let error = facts(&json!({})).unwrap_err();
    assert_eq!(
        error,
        "POST /x: the reference #/components/schemas/Root has no target"
    );
}

#[test]
fn the_fragment_has_the_facts_of_each_version() {
    let root = json!({
        "servers": [
            {"url": "https://host/v1.0"},
            {"url": "https://host/v2", "x-media-type": "application/vnd+json"},
        ],
        "paths": {"/x": {"post": {
            "tags": [TAG],
            "operationId": "make",
            "x-operation-ids": {"v2": "makeX"},
            "deprecated": true,
            "x-sunset": "2030-01-01",
            "responses": {
                "200": {"content": {"application/json": {"schema": {"type": "string"}}}},
                "400": {"content": {"application/json": {"schema": {"type": "string"}}}},
            },
        }}},
    });
    for (version, id, media_type) in [
        ("v1.0", "make", "application/json"),
        ("v2", "makeX", "application/vnd+json"),
    ] {
        let facts = Document::ours(&root, version).facts(|_| true).unwrap();
        let value = |way: &[&str]| place(&facts, way).unwrap().value.clone();
        assert_eq!(value(&["POST /x", "operationId"]), id);
        assert_eq!(value(&["POST /x", "deprecated"]), "true");
        assert_eq!(value(&["POST /x", "sunset"]), "2030-01-01");
        assert_eq!(value(&["POST /x", "status 200", "media type"]), media_type);
        // Errors are plain JSON in both versions.
        let of_error = ["POST /x", "status 400", "media type"];
        assert_eq!(value(&of_error), "application/json");
    }
}
