//! Each adaptation on the smallest document that needs it.

use serde_json::{Value, json};

use super::*;

/// A document with one operation and one schema.
fn document(operation: &Value, schema: &Value) -> Value {
    json!({
        "paths": {"/x": {"get": operation}},
        "components": {"schemas": {"Thing": schema}},
    })
}

#[test]
fn the_transports_parameters_go_and_others_stay() {
    let own = json!({"name": "pageNum", "in": "query"});
    let of_the_path = json!({"name": "groupId", "in": "path"});
    let operation = json!({"parameters": [
        {"$ref": "#/components/parameters/envelope"}, {"name": "pretty", "in": "query"}, own,
    ]});
    let mut document = document(&operation, &json!({}));
    document["components"]["parameters"] = json!({"envelope": {"name": "envelope", "in": "query"}});
    document["paths"]["/x"]["parameters"] = json!([of_the_path]);
    let fragment = document.clone();
    take_transport_parameters_away(&mut document, &fragment);
    let expected = json!({"get": {"parameters": [of_the_path, own]}});
    assert_eq!(document["paths"]["/x"], expected);
}

#[test]
fn error_answers_are_one_for_each_class() {
    let error = json!({"description": "Refused."});
    let operation = json!({"responses": {"200": {}, "400": error, "409": error, "500": error}});
    let mut document = document(&operation, &json!({}));
    join_error_answers(&mut document);
    let responses = &document["paths"]["/x"]["get"]["responses"];
    assert_eq!(*responses, json!({"200": {}, "4XX": error, "5XX": error}));
}

#[test]
fn an_answer_of_an_empty_object_has_no_content() {
    let schema = json!({"$ref": "#/components/schemas/Thing"});
    let operation = json!({"responses": {
        "202": {"description": "Accepted.", "content": {"application/json": {"schema": schema}}},
    }});
    let mut document = document(
        &operation,
        &json!({"type": "object", "description": "Empty."}),
    );
    empty_answers_have_no_content(&mut document);
    let responses = &document["paths"]["/x"]["get"]["responses"];
    assert_eq!(*responses, json!({"2XX": {"description": "Nothing."}}));
    assert_eq!(document["components"]["schemas"], json!({}));
}

#[test]
fn an_answer_with_properties_keeps_its_content() {
    let schema = json!({"$ref": "#/components/schemas/Thing"});
    let response = json!({
        "description": "Here.", "content": {"application/json": {"schema": schema}},
    });
    let thing = json!({"type": "object", "properties": {"id": {"type": "string"}}});
    // Written out, and shared by operations.
    for of_operation in [
        response.clone(),
        json!({"$ref": "#/components/responses/Found"}),
    ] {
        let mut original = document(&json!({"responses": {"200": of_operation}}), &thing);
        original["components"]["responses"] = json!({"Found": response});
        let mut adapted = original.clone();
        empty_answers_have_no_content(&mut adapted);
        assert_eq!(adapted, original);
    }
}

#[test]
fn rules_for_values_go_and_the_width_of_an_integer_stays() {
    let schema = json!({"type": "object", "properties": {
        "id": {"type": "string", "pattern": "^a$", "minLength": 1, "format": "uuid"},
        "count": {"type": "integer", "format": "int32", "minimum": 0},
        "format": {"type": "string"},
        // `Option` takes null, and an enum stays whole.
        "name": {"type": "string", "nullable": true},
        "kind": {"allOf": [{"$ref": "#"}], "enum": ["A"], "nullable": true, "type": "string"},
    }});
    let mut document = document(&json!({}), &schema);
    drop_value_rules(&mut document);
    let expected = json!({
        "id": {"type": "string"},
        "count": {"type": "integer", "format": "int32"},
        // A property that is called like a rule is none.
        "format": {"type": "string"},
        "name": {"type": "string"},
        "kind": {"allOf": [{"$ref": "#"}]},
    });
    assert_eq!(
        document["components"]["schemas"]["Thing"]["properties"],
        expected
    );
}

#[test]
fn answers_require_what_cannot_be_done_without() {
    let schema = json!({"type": "object", "required": ["id", "vpcId"]});
    let mut document = document(&json!({}), &schema);
    require_little_of_answers(&mut document, "Thing");
    assert_eq!(
        document["components"]["schemas"]["Thing"]["required"],
        json!(["id"])
    );
}

#[test]
fn an_optional_array_may_be_null_and_a_required_one_may_not() {
    let list = json!({"type": "array", "items": {}});
    let schema = json!({"type": "object", "required": ["results"], "properties": {
        "results": list,
        "links": list,
    }});
    let mut document = document(&json!({}), &schema);
    optional_may_be_null(&mut document);
    let expected = json!({
        "results": list,
        "links": {"type": "array", "items": {}, "nullable": true},
    });
    assert_eq!(
        document["components"]["schemas"]["Thing"]["properties"],
        expected
    );
}

#[test]
fn the_base_of_a_union_gets_a_name_and_the_union_is_a_plain_one() {
    let schema = json!({
        "type": "object",
        "description": "A thing.",
        "oneOf": [],
        "discriminator": {"propertyName": "kind"},
        "properties": {"id": {"type": "string"}},
        "required": ["id"],
    });
    let mut document = document(&json!({}), &schema);
    name_the_base_of_unions(&mut document);
    let schemas = &document["components"]["schemas"];
    assert_eq!(
        schemas["UnknownThing"]["properties"],
        json!({"id": {"type": "string"}})
    );
    assert_eq!(schemas["UnknownThing"]["required"], json!(["id"]));
    let plain = json!({
        "description": "A thing.",
        "oneOf": [],
        "discriminator": {"propertyName": "kind"},
    });
    assert_eq!(schemas["Thing"], plain);
}

#[test]
fn a_union_without_a_base_has_no_unknown_child() {
    let schema = json!({"type": "object", "description": "A thing.", "oneOf": []});
    let mut document = document(&json!({}), &schema);
    name_the_base_of_unions(&mut document);
    let plain = json!({"Thing": {"description": "A thing.", "oneOf": []}});
    assert_eq!(document["components"]["schemas"], plain);
}

#[test]
fn the_tag_of_a_request_is_not_the_users_to_set() {
    let union = json!({
        "oneOf": [{"$ref": "#/components/schemas/Child"}],
        "discriminator": {"propertyName": "kind"},
    });
    let mut document = document(&json!({}), &union);
    document["components"]["schemas"]["Child"] =
        json!({"properties": {"kind": {}, "name": {}}, "required": ["kind", "name"]});
    take_the_tag_away(&mut document, "Thing");
    let child = &document["components"]["schemas"]["Child"];
    assert_eq!(
        *child,
        json!({"properties": {"name": {}}, "required": ["name"]})
    );
}

#[test]
fn a_request_without_required_fields_gets_no_list_of_them() {
    let union = json!({
        "oneOf": [{"$ref": "#/components/schemas/Child"}],
        "discriminator": {"propertyName": "kind"},
    });
    let mut document = document(&json!({}), &union);
    document["components"]["schemas"]["Child"] = json!({"properties": {"kind": {}}});
    take_the_tag_away(&mut document, "Thing");
    let child = &document["components"]["schemas"]["Child"];
    assert_eq!(*child, json!({"properties": {}}));
}
