//! The fragment as written: read, checked, and asked what it says.

use std::collections::{BTreeMap, BTreeSet};

use openapiv3::OpenAPI;
use serde_json::Value;

use super::Fault;
use super::document::{Operation, entries, escape, operations, resolve, snake};

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
        for Operation { value, .. } in operations(&document) {
            reach(&document, &value["requestBody"], &mut in_requests);
            reach(&document, &value["responses"], &mut in_answers);
        }
        Ok(Self {
            document,
            in_requests,
            in_answers,
        })
    }

    /// The operation whose generated method is `method`.
    pub(super) fn operation_of(&self, method: &str) -> Option<&Value> {
        Some(self.find(method)?.value)
    }

    /// The bounded integers in the query of the operation whose generated method is `method`.
    pub(super) fn query_bounds(&self, method: &str) -> Vec<Bounds> {
        let parameters = self.find(method).map(|operation| operation.parameters());
        let bounds = |parameter: &Value| {
            Some(Bounds {
                parameter: parameter["name"].as_str()?.to_owned(),
                least: parameter["schema"]["minimum"].as_i64()?,
                greatest: parameter["schema"]["maximum"].as_i64(),
            })
        };
        parameters
            .into_iter()
            .flatten()
            .filter_map(bounds)
            .collect()
    }

    fn find(&self, method: &str) -> Option<Operation<'_>> {
        operations(&self.document).find(|operation| snake(operation.id()) == method)
    }

    /// What `value` refers to, or itself.
    pub(super) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        resolve(&self.document, value).unwrap_or(value)
    }
}

/// Adds the names of all schemas that `value` refers to, and those that they refer to.
fn reach(document: &Value, value: &Value, reached: &mut BTreeSet<String>) {
    for reference in references(value) {
        let new = match reference.strip_prefix("#/components/schemas/") {
            Some(name) => reached.insert(name.to_owned()),
            None => true,
        };
        let target = reference
            .strip_prefix('#')
            .and_then(|at| document.pointer(at));
        if let (true, Some(target)) = (new, target) {
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
        for Operation { pointer, value, .. } in operations(document) {
            if let Err(error) = serde_json::from_value::<openapiv3::Operation>(value.clone()) {
                return Fault::new(pointer, error.to_string());
            }
        }
        Fault::new("/", error.to_string())
    })
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
        && resolve(document, value).is_none()
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
    let mut seen = BTreeMap::new();
    for operation in operations(document) {
        let name = snake(operation.id());
        let Operation {
            method,
            path,
            pointer,
            value,
            ..
        } = operation;
        for key in ["operationId", "summary", "description"] {
            if value[key].as_str().is_none_or(str::is_empty) {
                return Err(Fault::new(pointer, format!("has no {key}")));
            }
        }
        let own = format!("{} {path}", method.to_uppercase());
        if let Some(other) = seen.insert(name, own) {
            let reason = format!("has the method name of {other}: its operationId is not unique");
            return Err(Fault::new(pointer, reason));
        }
        for (status, answer) in entries(&value["responses"]) {
            let place = format!("{pointer}/responses/{}", escape(status));
            if status.len() != 3 || !status.starts_with(['2', '4', '5']) {
                return Err(Fault::new(place, "is no status of 2xx, 4xx or 5xx"));
            }
            // The transport reads every refusal as one type.
            let answer = resolve(document, answer).unwrap_or(answer);
            let content = &answer["content"]["application/json"];
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
