//! What a document says of the service, without names and words: a tree of facts in which each
//! place means the same in every document, whatever its schemas are called.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const TAG: &str = "Network Peering";

/// A fact, or a group of them.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Fact {
    /// What the document says here; empty where being there says all.
    pub(crate) value: String,
    pub(crate) parts: BTreeMap<String, Fact>,
}

impl Fact {
    fn of(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            parts: BTreeMap::new(),
        }
    }

    fn with(mut self, name: impl Into<String>, part: Fact) -> Self {
        self.parts.insert(name.into(), part);
        self
    }

    /// How many facts there are from here on.
    pub(crate) fn count(&self) -> usize {
        1 + self.parts.values().map(Fact::count).sum::<usize>()
    }
}

/// Which way a body goes: what is read-only is in no request, and what is write-only in no answer.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Request,
    Answer,
}

pub(crate) struct Document<'a> {
    root: &'a Value,
    /// The path that comes before `/groups`, such as `/api/atlas/v2`; empty in our fragment.
    prefix: &'a str,
}

impl<'a> Document<'a> {
    pub(crate) fn new(root: &'a Value, prefix: &'a str) -> Self {
        Self { root, prefix }
    }

    /// The facts of every operation that is tagged Network Peering.
    pub(crate) fn facts(&self) -> Result<Fact, String> {
        let mut facts = Fact::default();
        let paths = self.root["paths"]
            .as_object()
            .ok_or("the document has no paths")?;
        for (path, item) in paths {
            for method in METHODS {
                let operation = &item[method];
                let tagged = operation["tags"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .any(|tag| tag == TAG);
                let Some(path) = path.strip_prefix(self.prefix).filter(|_| tagged) else {
                    continue;
                };
                let place = format!("{} {path}", method.to_uppercase());
                let fact = self.operation(operation, item);
                facts.parts.insert(
                    place.clone(),
                    fact.map_err(|error| format!("{place}: {error}"))?,
                );
            }
        }
        Ok(facts)
    }

    fn operation(&self, operation: &Value, item: &Value) -> Result<Fact, String> {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let mut fact = Fact::default().with("operationId", Fact::of(id));
        let parameters = [&item["parameters"], &operation["parameters"]];
        for parameter in parameters.into_iter().filter_map(Value::as_array).flatten() {
            let parameter = self.resolve(parameter)?;
            let name = format!(
                "parameter {} {}",
                text(&parameter["in"]),
                text(&parameter["name"])
            );
            let required = parameter["required"] == true;
            let schema = self.schema(&parameter["schema"], Way::Request, &mut Vec::new())?;
            fact = fact.with(
                name,
                schema.with("required", Fact::of(required.to_string())),
            );
        }
        if !operation["requestBody"].is_null() {
            let body = self.resolve(&operation["requestBody"])?;
            fact = fact.with("request", self.content(body, Way::Request)?);
        }
        for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
            let answer = self.content(self.resolve(answer)?, Way::Answer)?;
            fact = fact.with(format!("status {status}"), answer);
        }
        Ok(fact)
    }

    fn content(&self, holder: &Value, way: Way) -> Result<Fact, String> {
        let mut fact = Fact::default();
        let content = holder["content"].as_object();
        if let Some(content) = content.filter(|content| !content.is_empty()) {
            let media_types: Vec<_> = content.keys().map(String::as_str).collect();
            fact = fact.with("media type", Fact::of(media_types.join(", ")));
            if let Some(schema) = content.values().find_map(|media| media.get("schema")) {
                fact = fact.with("body", self.schema(schema, way, &mut Vec::new())?);
            }
        }
        Ok(fact)
    }

    /// The facts of a schema; `open` holds the references on the way to it, so that a circle ends.
    fn schema(&self, schema: &Value, way: Way, open: &mut Vec<String>) -> Result<Fact, String> {
        let depth = open.len();
        let Some(schema) = self.follow(schema, open)? else {
            open.truncate(depth);
            return Ok(Fact::of("the same again"));
        };
        let shape = self.shape(schema)?;
        let mut fact = Fact::default().with("type", Fact::of(shape.type_name()));
        for value in &shape.values {
            fact = fact.with(format!("value {value}"), Fact::default());
        }
        let children = self.children(schema)?;
        if children.is_empty() {
            fact.parts.extend(self.properties(&shape, way, open)?.parts);
        }
        for (value, child) in children {
            let mut child = self.shape(child)?;
            child.properties.extend(&shape.properties);
            child.required.extend(&shape.required);
            let properties = self.properties(&child, way, open)?;
            fact = fact.with(format!("provider {value}"), properties);
        }
        if let Some(items) = shape.items {
            fact = fact.with("items", self.schema(items, way, open)?);
        }
        open.truncate(depth);
        Ok(fact)
    }

    fn properties(&self, shape: &Shape, way: Way, open: &mut Vec<String>) -> Result<Fact, String> {
        let mut fact = Fact::default();
        for (name, property) in &shape.properties {
            let hidden = if way == Way::Request {
                "readOnly"
            } else {
                "writeOnly"
            };
            if property[hidden] == true || self.resolve(property)?[hidden] == true {
                continue;
            }
            let required = shape.required.contains(name).to_string();
            let schema = self.schema(property, way, open)?;
            fact = fact.with(
                format!("property {name}"),
                schema.with("required", Fact::of(required)),
            );
        }
        Ok(fact)
    }

    /// The children of a union under the values of its discriminator.
    fn children(&self, schema: &'a Value) -> Result<Vec<(&'a str, &'a Value)>, String> {
        let mapping = schema["discriminator"]["mapping"].as_object();
        let mapped = mapping
            .into_iter()
            .flatten()
            .map(|(value, reference)| Ok((value.as_str(), self.target(text(reference))?)));
        mapped.collect()
    }

    /// A schema and what it is all of, as one. The union that a part may be is left out: a child
    /// lists its parent, and the parent its children.
    fn shape(&self, schema: &'a Value) -> Result<Shape<'a>, String> {
        let mut shape = Shape::default();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let part = self.shape(self.resolve(part)?)?;
            shape.types.extend(part.types);
            shape.values.extend(part.values);
            shape.properties.extend(part.properties);
            shape.required.extend(part.required);
            shape.items = shape.items.or(part.items);
            shape.nullable |= part.nullable;
        }
        shape.types.extend(schema["type"].as_str());
        shape.nullable |= schema["nullable"] == true;
        shape.values.extend(strings(&schema["enum"]));
        shape.required.extend(strings(&schema["required"]));
        shape.items = shape.items.or(schema.get("items"));
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            shape.properties.insert(name, property);
        }
        Ok(shape)
    }

    /// What `value` refers to, or itself.
    fn resolve(&self, value: &'a Value) -> Result<&'a Value, String> {
        match value["$ref"].as_str() {
            Some(reference) => self.resolve(self.target(reference)?),
            None => Ok(value),
        }
    }

    /// As `resolve`, noting the references on the way; none where one of them is open already.
    fn follow(
        &self,
        value: &'a Value,
        open: &mut Vec<String>,
    ) -> Result<Option<&'a Value>, String> {
        let Some(reference) = value["$ref"].as_str() else {
            return Ok(Some(value));
        };
        if open.iter().any(|seen| seen == reference) {
            return Ok(None);
        }
        open.push(reference.to_owned());
        self.follow(self.target(reference)?, open)
    }

    fn target(&self, reference: &str) -> Result<&'a Value, String> {
        let target = reference
            .strip_prefix('#')
            .and_then(|pointer| self.root.pointer(pointer));
        target.ok_or_else(|| format!("{reference} leads nowhere"))
    }
}

#[derive(Default)]
struct Shape<'a> {
    types: BTreeSet<&'a str>,
    nullable: bool,
    values: BTreeSet<&'a str>,
    properties: BTreeMap<&'a str, &'a Value>,
    required: BTreeSet<&'a str>,
    items: Option<&'a Value>,
}

impl Shape<'_> {
    fn type_name(&self) -> String {
        let mut names: Vec<_> = self.types.iter().copied().collect();
        if names.is_empty() {
            names.push("any");
        }
        if self.nullable {
            names.push("null");
        }
        names.join(" or ")
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn place<'a>(facts: &'a Fact, way: &[&str]) -> Option<&'a Fact> {
        way.iter()
            .try_fold(facts, |fact, step| fact.parts.get(*step))
    }

    /// One operation whose request has the schema `Root` of `schemas`.
    fn facts(schemas: &Value) -> Result<Fact, String> {
        let content =
            json!({"application/json": {"schema": {"$ref": "#/components/schemas/Root"}}});
        let root = json!({
            "paths": {"/api/x": {"post": {
                "tags": [TAG],
                "operationId": "make",
                "requestBody": {"content": content},
                "responses": {"200": {"content": content}},
            }}},
            "components": {"schemas": schemas},
        });
        Document::new(&root, "/api").facts()
    }

    #[test]
    fn what_is_read_only_is_in_answers_alone() {
        let facts = facts(&json!({"Root": {"properties": {
            "id": {"type": "string", "readOnly": true},
            "name": {"type": "string"},
        }, "required": ["name"]}}))
        .unwrap();
        let request = place(&facts, &["POST /x", "request", "body"]).unwrap();
        assert!(place(request, &["property id"]).is_none());
        assert_eq!(
            place(request, &["property name", "required"])
                .unwrap()
                .value,
            "true"
        );
        assert!(place(&facts, &["POST /x", "status 200", "body", "property id"]).is_some());
    }

    #[test]
    fn a_union_is_compared_child_by_child_and_a_circle_ends() {
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
        let child = place(&facts, &["POST /x", "request", "body", "provider A"]).unwrap();
        assert!(place(child, &["property id"]).is_some());
        assert_eq!(
            place(child, &["property next"]).unwrap().value,
            "the same again"
        );
    }

    #[test]
    fn a_reference_to_nowhere_is_an_error_with_its_place() {
        let error = facts(&json!({})).unwrap_err();
        assert_eq!(error, "POST /x: #/components/schemas/Root leads nowhere");
    }
}
