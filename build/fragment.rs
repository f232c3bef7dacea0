//! The fragment as written: read, checked, and asked what it says.

use std::collections::BTreeSet;

use openapiv3::OpenAPI;
use serde_json::Value;

use super::Fault;

/// The methods that a path may have.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The fragment, sound enough to be adapted: every reference leads somewhere, every operation has
/// an id, and what will be documented has a description.
pub(super) struct Fragment {
    pub(super) document: Value,
    /// Names of the schemas that requests reach.
    pub(super) in_requests: BTreeSet<String>,
    /// Names of the schemas that answers reach.
    pub(super) in_answers: BTreeSet<String>,
}

/// The least and the greatest value of an integer in the query.
pub(super) struct Bounds {
    pub(super) parameter: String,
    pub(super) least: i64,
    pub(super) greatest: Option<i64>,
}

impl Fragment {
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let document: Value = serde_json::from_str(text).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Fault::new(place, error.to_string())
        })?;
        if !document["components"]["schemas"].is_object() {
            return Err(Fault::new("/components/schemas", "is not an object"));
        }
        check_references(&document, &document, "")?;
        check_operations(&document)?;
        check_descriptions(&document)?;
        let (mut in_requests, mut in_answers) = (BTreeSet::new(), BTreeSet::new());
        for (_, operation) in operations(&document) {
            reach(&document, &operation["requestBody"], &mut in_requests);
            reach(&document, &operation["responses"], &mut in_answers);
        }
        Ok(Self {
            document,
            in_requests,
            in_answers,
        })
    }

    /// The operation whose generated method is `method`.
    pub(super) fn operation_of(&self, method: &str) -> Option<&Value> {
        let mut all = operations(&self.document).map(|(_, operation)| operation);
        all.find(|operation| {
            operation["operationId"].as_str().map(snake).as_deref() == Some(method)
        })
    }

    /// The bounded integers in the query of the operation whose generated method is `method`.
    pub(super) fn query_bounds(&self, method: &str) -> Vec<Bounds> {
        let operation = self.operation_of(method).unwrap_or(&Value::Null);
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        parameters
            .map(|parameter| self.resolve(parameter))
            .filter_map(|parameter| {
                Some(Bounds {
                    parameter: parameter["name"].as_str()?.to_owned(),
                    least: parameter["schema"]["minimum"].as_i64()?,
                    greatest: parameter["schema"]["maximum"].as_i64(),
                })
            })
            .collect()
    }

    /// What `value` refers to, or itself.
    pub(super) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        resolve(&self.document, value)
    }
}

/// What `value` refers to, or itself.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value["$ref"].as_str();
    reference
        .and_then(|reference| target(document, reference))
        .unwrap_or(value)
}

/// The place that a reference leads to.
fn target<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(reference.strip_prefix('#')?)
}

/// Adds the names of all schemas that `value` refers to, and those that they refer to.
fn reach(document: &Value, value: &Value, reached: &mut BTreeSet<String>) {
    for reference in references(value) {
        let new = match reference.strip_prefix("#/components/schemas/") {
            Some(name) => reached.insert(name.to_owned()),
            None => true,
        };
        if let (true, Some(target)) = (new, target(document, reference)) {
            reach(document, target, reached);
        }
    }
}

/// Reads the adapted document; a fault names the smallest part that does not read.
pub(super) fn parse(document: &Value) -> Result<OpenAPI, Fault> {
    serde_json::from_value(document.clone()).map_err(|error| {
        for (name, schema) in entries(&document["components"]["schemas"]) {
            if let Err(error) = serde_json::from_value::<openapiv3::Schema>(schema.clone()) {
                return Fault::new(format!("/components/schemas/{name}"), error.to_string());
            }
        }
        for (place, operation) in operations(document) {
            if let Err(error) = serde_json::from_value::<openapiv3::Operation>(operation.clone()) {
                return Fault::new(place, error.to_string());
            }
        }
        Fault::new("/", error.to_string())
    })
}

/// Every operation with its place.
pub(super) fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    entries(&document["paths"]).flat_map(|(path, item)| {
        let place = format!("/paths/{}", escape(path));
        METHODS
            .iter()
            .filter_map(move |method| Some((format!("{place}/{method}"), item.get(method)?)))
    })
}

/// The entries of an object; none where `value` is no object.
pub(super) fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The name of the method that progenitor makes of an operation id.
pub(crate) fn snake(id: &str) -> String {
    let mut name = String::new();
    for letter in id.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// A key as a step of a JSON pointer (RFC 6901, section 3).
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// All references in `value`.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            own.into_iter()
                .chain(fields.values().flat_map(references))
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

fn check_references(document: &Value, value: &Value, place: &str) -> Result<(), Fault> {
    if let Some(reference) = value.get("$ref").and_then(Value::as_str)
        && target(document, reference).is_none()
    {
        let reason = format!("refers to {reference}, which is not there");
        return Err(Fault::new(place, reason));
    }
    match value {
        Value::Object(fields) => fields.iter().try_for_each(|(key, value)| {
            check_references(document, value, &format!("{place}/{}", escape(key)))
        }),
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, value)| {
            check_references(document, value, &format!("{place}/{index}"))
        }),
        _ => Ok(()),
    }
}

fn check_operations(document: &Value) -> Result<(), Fault> {
    if operations(document).next().is_none() {
        return Err(Fault::new("/paths", "holds no operation"));
    }
    for (place, operation) in operations(document) {
        for key in ["operationId", "summary", "description"] {
            if operation[key].as_str().is_none_or(str::is_empty) {
                return Err(Fault::new(place, format!("has no {key}")));
            }
        }
        for (status, answer) in entries(&operation["responses"]) {
            let place = format!("{place}/responses/{}", escape(status));
            if status.len() != 3 || !status.starts_with(['2', '4', '5']) {
                return Err(Fault::new(place, "is no status of 2xx, 4xx or 5xx"));
            }
            // The transport reads every refusal as one type.
            let content = &resolve(document, answer)["content"]["application/json"];
            let refers_to = content["schema"]["$ref"].as_str();
            let refusal = status.starts_with(['4', '5']);
            if refusal && refers_to != Some("#/components/schemas/ApiError") {
                return Err(Fault::new(place, "is an error whose JSON is no ApiError"));
            }
        }
    }
    Ok(())
}

/// Every schema and property ends up in the documentation, so each needs words.
fn check_descriptions(document: &Value) -> Result<(), Fault> {
    let described = |value: &Value, place: &str| match value["description"].as_str() {
        Some(text) if !text.is_empty() => Ok(()),
        _ => Err(Fault::new(place, "has no description")),
    };
    for (name, schema) in entries(&document["components"]["schemas"]) {
        let place = format!("/components/schemas/{name}");
        described(schema, &place)?;
        for (property, schema) in entries(&schema["properties"]) {
            described(schema, &format!("{place}/properties/{property}"))?;
        }
    }
    for (name, parameter) in entries(&document["components"]["parameters"]) {
        described(parameter, &format!("/components/parameters/{name}"))?;
    }
    Ok(())
}
