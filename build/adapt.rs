//! Adapts the document to the generator. Each function changes one thing, for the reason in its comment.
//! The fragment itself does not change.

use serde_json::{Map, Value, json};

use super::IDS;
use super::document::{children, entries, operations, resolve};
use super::fragment::{Fragment, named_schema};
use super::open_types::VALUE_DESCRIPTIONS;

/// The parameters that the transport sets on any call; in a signature they would be `None, None`.
const OF_THE_TRANSPORT: [&str; 2] = ["envelope", "pretty"];

/// The document as the generator can take it.
pub(super) fn adapt(fragment: &Fragment) -> Value {
    let mut document = fragment.document.clone();
    take_transport_parameters_away(&mut document, &fragment.document);
    extensible_enums_are_enums(&mut document);
    join_error_answers(&mut document);
    empty_answers_have_no_content(&mut document);
    drop_value_rules(&mut document);
    for name in &fragment.in_responses {
        require_little_of_answers(&mut document, name);
    }
    optional_may_be_null(&mut document);
    name_the_base_of_unions(&mut document);
    for name in &fragment.in_requests {
        take_the_tag_away(&mut document, name);
    }
    refuse_or_keep_unknown_fields(&mut document, fragment);
    name_ids_alike(&mut document);
    document
}

/// `envelope` and `pretty` are the same for every call of a client: the transport adds them. What is
/// left is written out in each operation, that of its path as well.
fn take_transport_parameters_away(document: &mut Value, fragment: &Value) {
    for item in paths(document) {
        item.remove("parameters");
    }
    for operation in operations(fragment) {
        let mut parameters = operation.parameters();
        parameters.retain(|of| OF_THE_TRANSPORT.iter().all(|name| of["name"] != *name));
        if let Some(own) = document.pointer_mut(&operation.pointer) {
            own["parameters"] = parameters.into_iter().cloned().collect();
        }
    }
}

/// The argument of an id has the name of its resource, such as `project`, whatever the service calls the
/// parameter of the path.
fn name_ids_alike(document: &mut Value) {
    let Some(paths) = document["paths"].as_object_mut() else {
        return;
    };
    let renamed = std::mem::take(paths)
        .into_iter()
        .map(|(mut path, mut item)| {
            let operations = item.as_object_mut().into_iter().flat_map(Map::values_mut);
            let parameters = operations.filter_map(|of| of.get_mut("parameters")?.as_array_mut());
            for parameter in parameters.flatten().filter(|of| of["in"] == "path") {
                let schema = named_schema(&parameter["schema"]);
                if let Some(id) = IDS.iter().find(|id| schema == Some(id)) {
                    let name = id.trim_end_matches("Id").to_lowercase();
                    let old = parameter["name"].as_str().unwrap_or_default();
                    path = path.replace(&format!("{{{old}}}"), &format!("{{{name}}}"));
                    parameter["name"] = name.into();
                }
            }
            (path, item)
        });
    *paths = renamed.collect();
}

/// Every enum becomes an open type. One that the fragment calls extensible lists the values that are
/// known, where the service documents a string; one that combines others has the values of all.
fn extensible_enums_are_enums(document: &mut Value) {
    let given = document.clone();
    for schema in schemas(document).values_mut() {
        if let Some(values) = schema.get("x-extensible-enum").cloned() {
            schema["enum"] = values;
        }
        let Some(parts) = schema.get("x-combines").cloned() else {
            continue;
        };
        // Its own descriptions come before those of its parts.
        let mut descriptions = Map::new();
        let parts = children(&parts).filter_map(|(_, part)| resolve(&given, part));
        for part in std::iter::once(&schema.clone()).chain(parts) {
            for (value, description) in entries(&part[VALUE_DESCRIPTIONS]) {
                descriptions.entry(value).or_insert(description.clone());
            }
        }
        schema["enum"] = descriptions.keys().cloned().collect();
        schema[VALUE_DESCRIPTIONS] = descriptions.into();
    }
}

/// One arm for each class of error: the generator would write ten equal arms, and panics at
/// `default` beside a typed status.
fn join_error_answers(document: &mut Value) {
    for responses in responses(document) {
        for class in ["4", "5"] {
            let found = responses
                .iter()
                .find(|(status, _)| status.starts_with(class));
            if let Some(response) = found.map(|(_, response)| response.clone()) {
                responses.retain(|status, _| !status.starts_with(class));
                responses.insert(format!("{class}XX"), response);
            }
        }
    }
}

/// A response that carries nothing is `()`: the generator panics at content without a schema, and
/// at a typed 202 beside an empty 204.
fn empty_answers_have_no_content(document: &mut Value) {
    let original = document.clone();
    let empty = |response: &Value| {
        let response = resolve(&original, response).unwrap_or(response);
        entries(&response["content"]).all(|(_, media)| {
            let schema = &media["schema"];
            schema.is_null() || resolve(&original, schema).is_some_and(is_empty_object)
        })
    };
    for responses in responses(document) {
        let before = responses.len();
        responses.retain(|status, response| !(status.starts_with('2') && empty(response)));
        if responses.len() < before {
            responses.insert("2XX".to_owned(), json!({"description": "Nothing."}));
        }
    }
    schemas(document).retain(|_, schema| !is_empty_object(schema));
}

fn is_empty_object(schema: &Value) -> bool {
    let fields = ["properties", "oneOf", "allOf"];
    schema["type"] == "object" && fields.iter().all(|key| schema.get(key).is_none())
}

/// Patterns, lengths, bounds and defaults become crates and newtypes that refuse what the service
/// really sends. Our own code checks requests, with better messages.
fn drop_value_rules(value: &mut Value) {
    const RULES: &str = "pattern nullable minLength maxLength minimum maximum default";
    let refers = value["allOf"].is_array();
    let integer = value["type"] == "integer";
    let is_rule = |key: &str| match key {
        // The width of an integer is its Rust type, not a rule.
        "format" => !integer,
        // What refers to a type has it from there, with all its values.
        "type" | "enum" => refers,
        _ => RULES.split(' ').any(|rule| rule == key),
    };
    // What has no type is no schema: it may hold properties that are called like a rule.
    let is_schema = value["type"].is_string() || refers;
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| !(is_schema && is_rule(key)));
            fields.values_mut().for_each(drop_value_rules);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_value_rules),
        _ => {}
    }
}

/// Reading is tolerant: a response that lacks what was always there must not lose the rest, and an
/// error that lacks its code is still an error. Without these two there is nothing to hold on to.
fn require_little_of_answers(document: &mut Value, name: &str) {
    const NEEDED: [&str; 2] = ["id", "results"];
    let schema = schemas(document).get_mut(name);
    let required = schema.and_then(|schema| schema.get_mut("required"));
    if let Some(required) = required.and_then(Value::as_array_mut) {
        required.retain(|property| NEEDED.iter().any(|needed| property == needed));
    }
}

/// A property that may be absent may be null as well, and neither fails a decode. `Option` takes
/// null for scalars already. Arrays need `nullable`, or null fails and `[]` reads as absent.
fn optional_may_be_null(document: &mut Value) {
    for schema in schemas(document).values_mut() {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            if property["type"] == "array" && !required.contains(&json!(name)) {
                property["nullable"] = true.into();
            }
        }
    }
}

/// The properties beside a `oneOf` are those of any variant. The generator ignores them. As a type of
/// their own they are the variant that this version does not know, and the union is a plain `oneOf`.
fn name_the_base_of_unions(document: &mut Value) {
    let mut bases = Vec::new();
    let schemas = schemas(document);
    for (name, schema) in schemas.iter_mut() {
        let Some(union) = schema.as_object_mut().filter(|of| of.contains_key("oneOf")) else {
            continue;
        };
        let (properties, required) = (union.remove("properties"), union.remove("required"));
        union.remove("type");
        if let Some(properties) = properties {
            let description = schema["description"].as_str().unwrap_or_default();
            let base = json!({
                "type": "object",
                "description": format!(
                    "{description} This version does not know its provider. All other fields are in `extra`."
                ),
                "properties": properties,
                "required": required.unwrap_or_else(|| json!([])),
            });
            bases.push((format!("Unknown{name}"), base));
        }
    }
    schemas.extend(bases);
}

/// The tag of a request is written by the union, always: a request without it means AWS, whatever
/// else it holds, so a user must not be able to leave it out.
fn take_the_tag_away(document: &mut Value, union: &str) {
    let union = document["components"]["schemas"][union].clone();
    let tag = union["discriminator"]["propertyName"]
        .as_str()
        .unwrap_or_default();
    for variant in union["oneOf"].as_array().into_iter().flatten() {
        let reference = variant["$ref"].as_str().unwrap_or_default();
        let Some(variant) = document.pointer_mut(reference.trim_start_matches('#')) else {
            continue;
        };
        if let Some(properties) = variant.get_mut("properties").and_then(Value::as_object_mut) {
            properties.remove(tag);
        }
        if let Some(required) = variant.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name != tag);
        }
    }
}

/// A request refuses an unknown field, for a misspelt one would be lost silently. A
/// response keeps it, so that encoding loses nothing: the generator makes a flattened map of these.
fn refuse_or_keep_unknown_fields(document: &mut Value, fragment: &Fragment) {
    for (name, schema) in schemas(document) {
        if schema["type"] == "object" {
            let is_request = fragment.in_requests.contains(name);
            let others = if is_request { json!(false) } else { json!({}) };
            schema["additionalProperties"] = others;
        }
    }
}

/// The named schemas.
fn schemas(document: &mut Value) -> &mut Map<String, Value> {
    document["components"]["schemas"]
        .as_object_mut()
        .expect("the schemas are checked")
}

/// The path items.
fn paths(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = document["paths"].as_object_mut().into_iter();
    paths
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
}

/// The responses of each operation, by status.
fn responses(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let operations = paths(document).flat_map(Map::values_mut);
    operations.filter_map(|operation| operation.get_mut("responses")?.as_object_mut())
}

#[cfg(test)]
mod tests;
