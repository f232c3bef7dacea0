//! The whole way, from the text of a fragment to code: what comes out, and what is refused.

mod growth;
mod schemas;

use serde_json::{Value, json};

use super::generate;

const FRAGMENT: &str = include_str!("../spec/peering.json");

/// The fragment after changes: each puts a value at a JSON pointer, `-` being the end of an array,
/// and null takes away what is there.
fn changed(changes: &[(&str, Value)]) -> String {
    let mut fragment: Value = serde_json::from_str(FRAGMENT).unwrap();
    for (pointer, value) in changes {
        let (holder, key) = pointer.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/");
        match fragment.pointer_mut(holder).expect(pointer) {
            Value::Array(items) if key == "-" => items.push(value.clone()),
            holder if value.is_null() => {
                holder.as_object_mut().unwrap().remove(&key).unwrap();
            }
            holder => holder[key] = value.clone(),
        }
    }
    fragment.to_string()
}

/// A place, the reason why it is refused, and the changes that lead to that.
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, Value)]);

fn refused<const N: usize>(table: [Row<'_>; N]) {
    for (place, reason, changes) in table {
        let expected = format!("spec/peering.json: {place}: {reason}");
        let Err(fault) = generate(&changed(changes), false) else {
            panic!("was not refused: {expected}");
        };
        assert_eq!(fault.to_string(), expected);
    }
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn content(media_type: &str, schema: &Value) -> Value {
    json!({"description": "A body.", "content": {media_type: {"schema": schema}}})
}

#[test]
fn the_fragment_generates_with_and_without_schemars() {
    for with_schemars in [false, true] {
        let code = generate(FRAGMENT, with_schemars).unwrap();
        assert!(code.contains("pub async fn create_peering_connection"));
        assert!(code.contains("pub enum Peering {"));
        assert_eq!(code.contains("JsonSchema"), with_schemars);
    }
}

#[test]
fn no_type_of_the_generators_is_in_a_signature() {
    let code = generate(FRAGMENT, false).unwrap();
    let signatures = code.split("pub async fn ").skip(1);
    for signature in signatures.map(|text| text.split_once('{').unwrap().0) {
        assert!(signature.contains("crate::Response<"), "{signature}");
        assert!(signature.contains("crate::Error>"), "{signature}");
    }
    assert!(!code.contains("pub use progenitor_client"));
    assert!(!code.contains("pub fn new_with_client"));
}

#[test]
fn an_operation_whose_name_starts_like_a_constructor_stays() {
    let renamed = FRAGMENT.replace("\"getPeeringConnection\"", "\"newestPeeringConnection\"");
    let code = generate(&renamed, false).unwrap();
    assert!(code.contains("pub async fn newest_peering_connection"));
}

#[test]
fn a_deprecated_operation_is_a_deprecated_method() {
    let code = generate(FRAGMENT, false).unwrap();
    let marked: Vec<_> = code
        .split("#[deprecated")
        .skip(1)
        .filter_map(|text| text.split_once("pub async fn ")?.1.split('(').next())
        .collect();
    assert_eq!(
        marked,
        [
            "verify_connect_via_peering_only_mode_for_one_project",
            "disable_peering",
        ]
    );
}

/// A parameter of a path is one of each of its operations: with its bounds, and without those that
/// the transport sets.
#[test]
fn parameters_of_a_path_are_those_of_its_operations() {
    const ITEM: &str = "/paths/~1groups~1{groupId}~1containers~1all";
    let parameters = format!("{ITEM}/get/parameters");
    let own: Value = serde_json::from_str::<Value>(FRAGMENT)
        .unwrap()
        .pointer(&parameters)
        .unwrap()
        .clone();
    let on_the_path = changed(&[
        (&format!("{ITEM}/parameters"), own),
        (&parameters, Value::Null),
    ]);
    assert!(generate(&on_the_path, false).unwrap() == generate(FRAGMENT, false).unwrap());
}

#[test]
fn text_that_is_no_json_is_refused_with_its_line() {
    let fault = generate("{\n  \"openapi\": ", false).unwrap_err();
    let message = fault.to_string();
    assert!(
        message.starts_with("spec/peering.json: line 2"),
        "{message}"
    );
}

#[test]
fn what_the_generator_panics_at_is_a_sentence() {
    let two_types = changed(&[(
        "/paths/~1groups~1{groupId}~1peers/get/responses/201",
        content("application/json", &reference("Link")),
    )]);
    let message = generate(&two_types, false).unwrap_err().to_string();
    assert!(message.contains("the generator panicked"), "{message}");
}

const PEERS: &str = "/paths/~1groups~1{groupId}~1peers";
const LIST: &str = "/paths/~1groups~1{groupId}~1peers/get";
const LIST_ID: &str = "/paths/~1groups~1{groupId}~1peers/get/operationId";
const OK: &str = "/paths/~1groups~1{groupId}~1peers/get/responses/200";
const OK_SCHEMA: &str =
    "/paths/~1groups~1{groupId}~1peers/get/responses/200/content/application~1json/schema";
const BODY: &str = "/paths/~1groups~1{groupId}~1peers/post/requestBody";
const CONFLICT: &str = "/components/responses/Conflict";
const STATE: &str = "/components/schemas/AwsPeering/properties/statusName";
const PROVIDER: &str = "/components/schemas/Provider";
const UNION: &str = "/components/schemas/Peering";
const MAPPING: &str = "/components/schemas/Peering/discriminator/mapping";

const LOST: &str = "is not known to the build, which would lose it";
const CLOSED: &str = "is only for a named schema: move it to /components/schemas and refer to it";

/// What has no name of its own: an object and an enum.
fn nameless() -> [Value; 2] {
    [
        json!({"description": "It.", "type": "object", "properties": {"id": {"type": "string"}}}),
        json!({"description": "It.", "type": "string", "enum": ["A", "B"]}),
    ]
}

#[test]
fn documents_and_references_are_refused() {
    let nowhere = reference("Nothing");
    let circle = json!({"$ref": "#/components/responses/Conflict"});
    let beside = json!({"$ref": "#/components/schemas/PeeringId", "description": "The VPC."});
    let two = json!({"description": "It.", "allOf": [reference("Link"), reference("PeeringId")]});
    refused([
        ("/paths", "holds no operation", &[("/paths", json!({}))]),
        (
            "/components/schemas",
            "is not an object",
            &[("/components", json!(7))],
        ),
        ("/servers2", LOST, &[("/servers2", json!([]))]),
        (
            OK_SCHEMA,
            "refers to #/components/schemas/Nothing, which is not there",
            &[(OK_SCHEMA, nowhere)],
        ),
        (
            CONFLICT,
            "refers to #/components/responses/Conflict, which is not there",
            &[(CONFLICT, circle)],
        ),
        (
            STATE,
            "has more than its $ref: wrap the $ref in an allOf",
            &[(STATE, beside)],
        ),
        (
            STATE,
            "has an allOf that is not one $ref: write out what it joins",
            &[(STATE, two)],
        ),
    ]);
}

#[test]
fn operations_are_refused() {
    for id in [
        "listVPCPeerings",
        "List_Peers",
        "listVPC",
        "move",
        "gen",
        "newWithClient",
    ] {
        let reason =
            format!("is called {id}, which the generator spells otherwise: write it like vpcId");
        refused([(LIST, &reason, &[(LIST_ID, json!(id))])]);
    }
    refused([
        (LIST, "has no operationId", &[(LIST_ID, Value::Null)]),
        (
            LIST,
            "has the operationId of POST /groups/{groupId}/containers",
            &[(LIST_ID, json!("createPeeringContainer"))],
        ),
        (
            &format!("{LIST}/servers"),
            LOST,
            &[(&format!("{LIST}/servers"), json!([]))],
        ),
        (
            &format!("{PEERS}/head"),
            LOST,
            &[(&format!("{PEERS}/head"), json!({}))],
        ),
    ]);
}

/// The place of a parameter that is added to a list.
fn next_parameter() -> String {
    let fragment: Value = serde_json::from_str(FRAGMENT).unwrap();
    let parameters = fragment.pointer(&format!("{LIST}/parameters"));
    let next = parameters.unwrap().as_array().unwrap().len();
    format!("{LIST}/parameters/{next}")
}

#[test]
fn a_parameter_of_several_values_is_refused() {
    let schema = json!({"type": "array", "items": {"type": "string"}});
    let many = json!({"name": "names", "in": "query", "description": "All.", "schema": schema});
    let reason = "is more than one value, which no query is made of";
    let last = format!("{LIST}/parameters/-");
    refused([(&next_parameter(), reason, &[(&last, many)])]);
}

#[test]
fn parameters_are_refused() {
    let last = format!("{LIST}/parameters/-");
    let place = next_parameter();
    let page = |place: &str, schema: Value| json!({"name": "page", "in": place, "description": "A page.", "schema": schema});
    let with = |mut parameter: Value, key: &str, value: Value| {
        parameter[key] = value;
        parameter
    };
    let bounds = || json!({"type": "integer", "minimum": 1, "maximum": 9});
    for bounded in [
        page("path", bounds()),
        with(page("query", bounds()), "required", json!(true)),
        page("query", with(bounds(), "format", json!("int32"))),
        page("query", with(bounds(), "type", json!("number"))),
        page("query", with(bounds(), "minimum", json!(0.5))),
        page("query", with(bounds(), "maximum", json!(9.5))),
        page("query", json!({"type": "integer", "maximum": 9})),
        page(
            "query",
            json!({"allOf": [reference("Provider")], "maximum": 9}),
        ),
    ] {
        let reason = "has a bound that nothing would check: only an optional integer in the query \
                      may have bounds, a minimum and perhaps a maximum";
        refused([(&place, reason, &[(&last, bounded)])]);
    }
    let text = json!({"type": "string"});
    let number = json!({"description": "A page.", "type": "integer", "minimum": 1, "maximum": 9});
    refused([
        (
            "/components/schemas/PageNumber",
            "is no object, enum, union or id: write it out where it is used",
            &[
                ("/components/schemas/PageNumber", number),
                (
                    "/components/parameters/pageNum/schema",
                    reference("PageNumber"),
                ),
            ],
        ),
        (
            &format!("{place}/schema/exclusiveMinimum"),
            LOST,
            &[(
                &last,
                page("query", with(bounds(), "exclusiveMinimum", json!(true))),
            )],
        ),
        (
            &place,
            "is neither in the path nor the query",
            &[(&last, page("header", text.clone()))],
        ),
        (
            &place,
            "has a rule for its text that nothing would check",
            &[(
                &last,
                page("query", json!({"type": "string", "pattern": "^a$"})),
            )],
        ),
        (
            &place,
            "is called page-num, which the generator spells otherwise: write it like vpcId",
            &[(
                &last,
                with(page("query", text.clone()), "name", json!("page-num")),
            )],
        ),
        (
            LIST,
            "has two parameters \"pageNum\"",
            &[(
                &last,
                with(page("path", text.clone()), "name", json!("pageNum")),
            )],
        ),
        (
            &place,
            "has no description",
            &[(
                &last,
                with(page("query", text.clone()), "description", json!("")),
            )],
        ),
        (
            &format!("{place}/explode"),
            LOST,
            &[(&last, with(page("query", text), "explode", json!(false)))],
        ),
    ]);
    for (schema, key) in nameless().into_iter().zip(["properties", "enum"]) {
        let place = format!("{place}/schema/{key}");
        refused([(&place, CLOSED, &[(&last, page("query", schema))])]);
    }
}

#[test]
fn bodies_are_refused() {
    let of = |schema: &Value| content("application/json", schema);
    for (schema, key) in nameless().into_iter().zip(["properties", "enum"]) {
        let many = json!({"type": "array", "items": {"type": "array", "items": schema}});
        for place in [OK, BODY] {
            let within = format!("{place}/content/application~1json/schema");
            refused([
                (&format!("{within}/{key}"), CLOSED, &[(place, of(&schema))]),
                (
                    &format!("{within}/items/items/{key}"),
                    CLOSED,
                    &[(place, of(&many))],
                ),
            ]);
        }
    }
    refused([
        (
            &format!("{OK_SCHEMA}/oneOf"),
            CLOSED,
            &[(OK_SCHEMA, json!({"oneOf": [reference("Link")]}))],
        ),
        (
            OK,
            "is not application/json: that of a version is x-media-type of its server",
            &[(OK, content("application/xml", &reference("Link")))],
        ),
        (
            &format!("{CONFLICT}/headers"),
            LOST,
            &[(&format!("{CONFLICT}/headers"), json!({}))],
        ),
        (
            "/paths/~1groups~1{groupId}~1containers/post/responses/409",
            "is an error whose JSON is no ApiError",
            &[(CONFLICT, of(&reference("Link")))],
        ),
        (
            &format!("{LIST}/responses/default"),
            "is no status of 2xx, 4xx or 5xx",
            &[(
                &format!("{LIST}/responses/default"),
                of(&reference("ApiError")),
            )],
        ),
        (
            "/components/schemas/AwsPeering",
            "is in requests and in responses, which differ in what they refuse: write one for each",
            &[(BODY, of(&reference("Peering")))],
        ),
    ]);
}
