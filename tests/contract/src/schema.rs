//! The schemas of a document, turned into JSON Schema.

use serde_json::{Map, Value, json};

use crate::document::Document;
use crate::reader::entries;

/// The direction of a body: a request has no read-only fields.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Way {
    /// From the client.
    Request,
    /// From the service.
    Response,
}

/// A part of a body that does not fit; its place has the form of `spec/differences.toml`.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The place in the document.
    pub(crate) place: String,
    /// Why it does not fit.
    #[expect(dead_code, reason = "a failed test prints it")]
    pub(crate) detail: String,
}

/// The keys that OpenAPI and JSON Schema share.
const SHARED: [&str; 7] = [
    "type",
    "enum",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
];

impl Document {
    /// The parts of a body that do not fit a request body or a response.
    pub(crate) fn faults(&self, holder: &Value, way: Way, place: &str, body: &Value) -> Vec<Fault> {
        let mut content = entries(&self.resolve(holder)["content"]);
        let schema = content.find_map(|(_, media)| media.get("schema"));
        match schema {
            Some(schema) => {
                let schema = self.json_schema(schema, way, &format!("{place} / body"));
                faults_of(&schema, body)
            }
            None if body.is_null() => Vec::new(),
            None => vec![Fault {
                place: place.to_owned(),
                detail: "there is a body".to_owned(),
            }],
        }
    }

    /// The parts of a value that do not fit a named schema.
    pub(crate) fn faults_of_schema(&self, name: &str, way: Way, value: &Value) -> Vec<Fault> {
        faults_of(&self.json_schema(&self.schemas()[name], way, name), value)
    }

    /// The JSON Schema of a schema; each part has its place in the document under `x-place`.
    fn json_schema(&self, schema: &Value, way: Way, place: &str) -> Value {
        let shape = self.shape(schema);
        let mut plain = match shape["discriminator"]["mapping"].as_object() {
            Some(mapping) => self.union(&shape, mapping, way, place),
            None => self.plain(&shape, way, place),
        };
        if shape["nullable"] == true {
            if plain["type"].is_string() {
                plain["type"] = json!([plain["type"], "null"]);
            }
            if let Some(values) = plain.get_mut("enum").and_then(Value::as_array_mut) {
                values.push(Value::Null);
            }
        }
        plain
    }

    /// A union by its discriminator. A value without one is for AWS, as in the oldest form.
    fn union(&self, base: &Value, mapping: &Map<String, Value>, way: Way, place: &str) -> Value {
        let tag = base["discriminator"]["propertyName"]
            .as_str()
            .unwrap_or_default();
        let cases = mapping.iter().map(|(value, reference)| {
            let mut variant = self.shape(&json!({"$ref": reference}));
            merge(&mut variant, base);
            let required: &[&str] = if value == "AWS" { &[] } else { &[tag] };
            json!({
                "if": {"properties": {tag: {"const": value}}, "required": required},
                "then": self.plain(&variant, way, &format!("{place} / provider {value}")),
            })
        });
        let known: Vec<_> = mapping.keys().collect();
        let known = json!({"properties": {tag: {"enum": known}}});
        let cases: Vec<_> = cases.chain([known]).collect();
        json!({"allOf": cases, "x-place": place})
    }

    /// A schema that is no union, with its parts merged.
    fn plain(&self, shape: &Value, way: Way, place: &str) -> Value {
        let mut plain = json!({"x-place": place});
        for key in SHARED.into_iter().filter(|key| shape.get(key).is_some()) {
            plain[key] = shape[key].clone();
        }
        if let Some(items) = shape.get("items") {
            plain["items"] = self.json_schema(items, way, &format!("{place} / items"));
        }
        if let Some(properties) = shape["properties"].as_object() {
            let properties = properties.iter().map(|(name, property)| {
                let place = format!("{place} / property {name}");
                let hidden = way == Way::Request && self.resolve(property)["readOnly"] == true;
                let schema = if hidden {
                    json!({"not": {}, "x-place": place})
                } else {
                    self.json_schema(property, way, &place)
                };
                (name.clone(), schema)
            });
            plain["properties"] = properties.collect::<Map<_, _>>().into();
            plain["additionalProperties"] = false.into();
            plain["required"] = shape.get("required").cloned().unwrap_or_else(|| json!([]));
        }
        plain
    }

    /// A schema merged with its `allOf`. A `oneOf` in a part is left out: a variant lists its parent, and the
    /// parent lists its variants.
    fn shape(&self, schema: &Value) -> Value {
        let mut shape = self.resolve(schema).clone();
        let parts = shape["allOf"].as_array().cloned();
        for part in parts.iter().flatten() {
            merge(&mut shape, &self.shape(part));
        }
        shape
    }
}

/// Adds to a schema what it lacks of another; properties and required names are joined.
fn merge(shape: &mut Value, part: &Value) {
    for (key, value) in entries(part) {
        match key.as_str() {
            "discriminator" | "allOf" | "oneOf" => {}
            "properties" => {
                for (name, property) in entries(value) {
                    if shape["properties"][name].is_null() {
                        shape["properties"][name] = property.clone();
                    }
                }
            }
            "required" => {
                let mut names = shape["required"].as_array().cloned().unwrap_or_default();
                names.extend(value.as_array().into_iter().flatten().cloned());
                names.sort_by_key(ToString::to_string);
                names.dedup();
                shape["required"] = names.into();
            }
            _ if shape.get(key).is_none() => shape[key] = value.clone(),
            _ => {}
        }
    }
}

fn faults_of(schema: &Value, body: &Value) -> Vec<Fault> {
    let validator = jsonschema::draft202012::new(schema).expect("a JSON Schema");
    let errors = validator.iter_errors(body);
    errors.map(|error| fault(schema, &error)).collect()
}

fn fault(schema: &Value, error: &jsonschema::ValidationError<'_>) -> Fault {
    use jsonschema::error::ValidationErrorKind as Kind;
    // The nearest enclosing part with a place.
    let pointer = error.schema_path().as_str();
    let above = std::iter::successors(Some(pointer), |at| Some(at.rsplit_once('/')?.0));
    let mut places = above.filter_map(|at| schema.pointer(at)?["x-place"].as_str());
    let part = match error.kind() {
        Kind::Type { .. } => " / type".to_owned(),
        Kind::Pattern { .. } => " / pattern".to_owned(),
        // Null has another type than the values.
        Kind::Enum { .. } => match error.instance().as_str() {
            Some(value) => format!(" / value {value}"),
            None => " / type".to_owned(),
        },
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            format!(" / property {name} / required")
        }
        Kind::AdditionalProperties { unexpected } => {
            format!(" / property {}", unexpected.join(", "))
        }
        _ => String::new(),
    };
    Fault {
        place: places.next().unwrap_or_default().to_owned() + &part,
        detail: format!("{error} at {}", error.instance_path()),
    }
}
