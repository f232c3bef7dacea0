//! What only the generator needs: each function changes one thing of the document, and says why.
//! What the fragment says of the service stays as it is in the fragment.

use serde_json::{Map, Value, json};

use super::document::entries;
use super::fragment::Fragment;

/// The parameters that the transport sets on any call; in a signature they would be `None, None`.
const OF_THE_TRANSPORT: [&str; 2] = ["envelope", "pretty"];

/// The document as the generator can take it.
pub(super) fn adapt(fragment: &Fragment) -> Value {
    let mut document = fragment.document.clone();
    take_transport_parameters_away(&mut document);
    join_error_answers(&mut document);
    empty_answers_have_no_content(&mut document);
    drop_value_rules(&mut document);
    for name in &fragment.in_answers {
        require_little_of_answers(&mut document, name);
    }
    optional_may_be_null(&mut document);
    name_the_base_of_unions(&mut document);
    for name in &fragment.in_requests {
        take_the_tag_away(&mut document, name);
        refuse_unknown_fields(&mut document, name);
    }
    document
}

/// `envelope` and `pretty` are the same for every call of a client: the transport adds them.
fn take_transport_parameters_away(document: &mut Value) {
    let own = |parameter: &Value| {
        let name = parameter["$ref"]
            .as_str()
            .and_then(|reference| reference.rsplit('/').next());
        !OF_THE_TRANSPORT.contains(&name.or(parameter["name"].as_str()).unwrap_or_default())
    };
    each_operation(document, |operation| {
        if let Some(parameters) = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
        {
            parameters.retain(own);
        }
    });
}

/// One arm for each class of error: the generator would write ten equal arms, and panics at
/// `default` beside a typed status.
fn join_error_answers(document: &mut Value) {
    each_operations_answers(document, |answers| {
        for class in ["4", "5"] {
            let found = answers.iter().find(|(status, _)| status.starts_with(class));
            if let Some(answer) = found.map(|(_, answer)| answer.clone()) {
                answers.retain(|status, _| !status.starts_with(class));
                answers.insert(format!("{class}XX"), answer);
            }
        }
    });
}

/// An answer that carries nothing is `()`: the generator panics at content without a schema, and
/// at a typed 202 beside an empty 204.
fn empty_answers_have_no_content(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let empty = |answer: &Value| {
        entries(&answer["content"]).all(|(_, content)| {
            let Some(reference) = content["schema"]["$ref"].as_str() else {
                return content["schema"].is_null();
            };
            let schema = &schemas[reference.rsplit('/').next().unwrap_or_default()];
            is_empty_object(schema)
        })
    };
    each_operations_answers(document, |answers| {
        let found = answers
            .iter()
            .find(|(status, answer)| status.starts_with('2') && empty(answer));
        if let Some((status, answer)) =
            found.map(|(status, answer)| (status.clone(), answer.clone()))
        {
            answers.remove(&status);
            answers.insert(
                "2XX".to_owned(),
                json!({"description": answer["description"]}),
            );
        }
    });
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|_, schema| !is_empty_object(schema));
    }
}

fn is_empty_object(schema: &Value) -> bool {
    let fields = ["properties", "oneOf", "allOf"];
    schema["type"] == "object" && fields.iter().all(|key| schema.get(key).is_none())
}

/// Patterns, lengths, bounds and defaults become crates and newtypes that refuse what the service
/// really sends. Requests are checked by our own code, with better words.
fn drop_value_rules(document: &mut Value) {
    const RULES: [&str; 7] = [
        "pattern",
        "format",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "default",
    ];
    each_schema(document, &|schema| {
        // The width of an integer is its Rust type, not a rule.
        let integer = schema["type"] == "integer";
        if let Some(schema) = schema.as_object_mut() {
            schema.retain(|key, _| !RULES.contains(&key.as_str()) || (integer && key == "format"));
        }
    });
}

/// Reading is tolerant: an answer that lacks what was always there must not lose the rest, and an
/// error that lacks its code is still an error. Without these two there is nothing to hold on to.
fn require_little_of_answers(document: &mut Value, name: &str) {
    const NEEDED: [&str; 2] = ["id", "results"];
    let schema = document["components"]["schemas"].get_mut(name);
    let required = schema.and_then(|schema| schema.get_mut("required"));
    if let Some(required) = required.and_then(Value::as_array_mut) {
        required.retain(|property| NEEDED.iter().any(|needed| property == needed));
    }
}

/// A property that may be absent may be null as well, and neither fails a decode. `Option` takes
/// null for scalars already; arrays need to be told, or null fails and `[]` reads as absent.
fn optional_may_be_null(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    for schema in schemas.values_mut() {
        let required = schema["required"].clone();
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
            continue;
        };
        for (name, property) in properties {
            let optional = !required
                .as_array()
                .into_iter()
                .flatten()
                .any(|key| key == name);
            if let (true, Some(fields)) = (optional, property.as_object_mut()) {
                fields.remove("nullable");
                if fields.get("type").is_some_and(|of| of == "array") {
                    fields.insert("nullable".to_owned(), true.into());
                }
            }
        }
    }
}

/// The properties beside a `oneOf` are what any child has. The generator ignores them; as a type of
/// their own they hold a child that this version does not know, and the union is a plain `oneOf`.
fn name_the_base_of_unions(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    let mut bases = Vec::new();
    for (name, schema) in schemas.iter_mut() {
        let Some(union) = schema
            .as_object_mut()
            .filter(|schema| schema.contains_key("oneOf"))
        else {
            continue;
        };
        let (properties, required) = (union.remove("properties"), union.remove("required"));
        union.remove("type");
        if let Some(properties) = properties {
            let description = format!(
                "{} It has a provider that this version does not know; all its other fields are in `extra`.",
                union
                    .get("description")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            );
            let base = json!({
                "type": "object",
                "description": description,
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
    let schemas = &mut document["components"]["schemas"];
    let Some(tag) = schemas[union]["discriminator"]["propertyName"]
        .as_str()
        .map(str::to_owned)
    else {
        return;
    };
    for child in children(&schemas[union]) {
        // `get_mut`, for indexing would put a null where there is nothing.
        let Some(child) = schemas.get_mut(&child) else {
            continue;
        };
        if let Some(properties) = child.get_mut("properties").and_then(Value::as_object_mut) {
            properties.remove(&tag);
        }
        if let Some(required) = child.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| *name != tag);
        }
    }
}

/// A misspelt field of a request that is read from a file would be lost without a word.
fn refuse_unknown_fields(document: &mut Value, name: &str) {
    if let Some(schema) = document["components"]["schemas"].get_mut(name)
        && schema["type"] == "object"
    {
        schema["additionalProperties"] = false.into();
    }
}

/// The names of the schemas in a `oneOf`.
fn children(union: &Value) -> Vec<String> {
    let references = union["oneOf"].as_array().into_iter().flatten();
    references
        .filter_map(|child| Some(child["$ref"].as_str()?.rsplit('/').next()?.to_owned()))
        .collect()
}

fn each_operation(document: &mut Value, change: impl Fn(&mut Value)) {
    let items = document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(|paths| paths.values_mut());
    for item in items {
        item.as_object_mut()
            .into_iter()
            .flat_map(|item| item.values_mut())
            .for_each(&change);
    }
}

fn each_operations_answers(document: &mut Value, change: impl Fn(&mut Map<String, Value>)) {
    each_operation(document, |operation| {
        if let Some(answers) = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut)
        {
            change(answers);
        }
    });
}

/// Changes every schema: the named ones, their properties and items, and those of parameters.
fn each_schema(document: &mut Value, change: &impl Fn(&mut Value)) {
    fn descend(schema: &mut Value, change: &impl Fn(&mut Value)) {
        change(schema);
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties
                .values_mut()
                .for_each(|property| descend(property, change));
        }
        if let Some(items) = schema.get_mut("items") {
            descend(items, change);
        }
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas
            .values_mut()
            .for_each(|schema| descend(schema, change));
    }
    if let Some(parameters) = document["components"]["parameters"].as_object_mut() {
        parameters
            .values_mut()
            .filter_map(|parameter| parameter.get_mut("schema"))
            .for_each(|schema| descend(schema, change));
    }
}

#[cfg(test)]
mod tests;
