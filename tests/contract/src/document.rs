//! An OpenAPI 3.0 document, whose schemas are turned into JSON Schema.

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// Which way a body goes: what is read-only is in no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client.
    Request,
    /// From the service.
    Answer,
}

/// A document, and what stands before its paths.
#[derive(Debug)]
pub struct Document {
    root: Value,
    prefix: String,
}

/// What of a body does not fit, in the words of `spec/differences.toml`.
#[derive(Debug)]
pub struct Fault {
    /// Where the document says otherwise.
    pub place: String,
    /// What is wrong.
    pub words: String,
}

impl Document {
    /// Reads a document; its paths start with the prefix.
    ///
    /// # Errors
    ///
    /// The text is no JSON.
    pub fn read(text: &str, prefix: &str) -> serde_json::Result<Self> {
        Ok(Self {
            root: serde_json::from_str(text)?,
            prefix: prefix.to_owned(),
        })
    }

    /// The version that the paths of a published document are of.
    #[must_use]
    pub fn version(&self) -> Option<&'static str> {
        let mut paths = self.root["paths"].as_object()?.keys();
        let path = paths.next()?;
        ["v1.0", "v2"]
            .into_iter()
            .find(|version| path.contains(&format!("/{version}/")))
    }

    /// The named schemas.
    ///
    /// # Panics
    ///
    /// The document has none.
    #[must_use]
    pub fn schemas(&self) -> &Map<String, Value> {
        self.root["components"]["schemas"]
            .as_object()
            .expect("schemas")
    }

    /// Every operation that is about peering: its method, its path below the prefix, and itself.
    pub fn operations(&self) -> impl Iterator<Item = (String, &str, &Value)> {
        let paths = self.root["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            let path = path.strip_prefix(&self.prefix).unwrap_or(path);
            let methods = item.as_object().into_iter().flatten();
            methods.map(move |(method, operation)| (method.to_uppercase(), path, operation))
        })
    }

    /// The operation of a request, by its path on the wire below the root of the version.
    #[must_use]
    pub fn operation(&self, method: &str, path: &str) -> Option<(&str, &Value)> {
        let fits = |template: &str| {
            let (one, other) = (template.split('/'), path.split('/'));
            template.split('/').count() == path.split('/').count()
                && one
                    .zip(other)
                    .all(|(own, given)| own == given || own.starts_with('{'))
        };
        let of_method = self.operations().filter(|(own, ..)| own == method);
        let mut fitting: Vec<_> = of_method
            .filter(|(_, template, _)| fits(template))
            .collect();
        // A path without parameters comes before one with them.
        fitting.sort_by_key(|(_, template, _)| template.matches('{').count());
        fitting
            .first()
            .map(|(_, template, operation)| (*template, *operation))
    }

    /// What of a body does not fit the content of a request or an answer.
    #[must_use]
    pub fn faults(&self, holder: &Value, way: Way, place: &str, body: &Value) -> Vec<Fault> {
        let content = self.resolve(holder)["content"].as_object();
        let mut schemas = content
            .into_iter()
            .flatten()
            .filter_map(|(_, media)| media.get("schema"));
        let Some(schema) = schemas.next() else {
            let words = "there is a body".to_owned();
            let place = place.to_owned();
            return if body.is_null() {
                Vec::new()
            } else {
                vec![Fault { place, words }]
            };
        };
        let schema = self.json_schema(schema, way, &format!("{place} / body"));
        faults_of(&schema, body)
    }

    /// What of a value does not fit a named schema.
    #[must_use]
    pub fn faults_of_schema(&self, name: &str, way: Way, value: &Value) -> Vec<Fault> {
        faults_of(&self.json_schema(&self.schemas()[name], way, name), value)
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value["$ref"]
            .as_str()
            .and_then(|reference| reference.strip_prefix('#'));
        let target = pointer.and_then(|pointer| self.root.pointer(pointer));
        target.map_or(value, |target| self.resolve(target))
    }

    /// The JSON Schema of a schema; `x-place` says where in the document each part of it is.
    fn json_schema(&self, schema: &Value, way: Way, place: &str) -> Value {
        let shape = self.shape(self.resolve(schema));
        let children = shape["discriminator"]["mapping"].as_object();
        let plain = match children {
            Some(children) => self.union(&shape, children, way, place),
            None => self.plain(&shape, way, place),
        };
        if shape["nullable"] == true {
            or_null(plain)
        } else {
            plain
        }
    }

    /// A union by its tag; without one it is of AWS, which the oldest form is.
    fn union(&self, base: &Value, children: &Map<String, Value>, way: Way, place: &str) -> Value {
        let tag = &base["discriminator"]["propertyName"];
        let tag = tag.as_str().unwrap_or_default();
        let cases = children.iter().map(|(value, reference)| {
            let child = json!({"$ref": reference});
            let mut child = self.shape(self.resolve(&child));
            merge(&mut child, base);
            let then = self.plain(&child, way, &format!("{place} / provider {value}"));
            let is_it = json!({"properties": {tag: {"const": value}}});
            let condition = if value == "AWS" {
                is_it
            } else {
                json!({"allOf": [is_it, {"required": [tag]}]})
            };
            json!({"if": condition, "then": then})
        });
        let known: Vec<_> = children.keys().collect();
        let tagged = json!({"properties": {tag: {"enum": known}}});
        let cases: Vec<_> = cases.chain([tagged]).collect();
        json!({"allOf": cases, "x-place": place})
    }

    /// A schema that is no union, its parts merged.
    fn plain(&self, shape: &Value, way: Way, place: &str) -> Value {
        let mut plain = json!({"x-place": place});
        for key in [
            "type",
            "enum",
            "pattern",
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
        ] {
            if let Some(value) = shape.get(key) {
                plain[key] = value.clone();
            }
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
            if let Some(required) = shape.get("required") {
                plain["required"] = required.clone();
            }
        }
        plain
    }

    /// A schema with what it is all of. The union that a part may be is left out: a child lists its
    /// parent, and the parent its children.
    fn shape(&self, schema: &Value) -> Value {
        let mut shape = schema.clone();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let mut part = self.shape(self.resolve(part));
            if let Some(part) = part.as_object_mut() {
                part.remove("discriminator");
            }
            merge(&mut shape, &part);
        }
        shape
    }
}

/// The same schema, which takes null as well.
fn or_null(mut schema: Value) -> Value {
    if schema["type"].is_string() {
        schema["type"] = json!([schema["type"], "null"]);
    }
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.push(Value::Null);
    }
    schema
}

/// Adds what a schema lacks of another: properties and requirements are joined.
fn merge(shape: &mut Value, part: &Value) {
    for (key, value) in part.as_object().into_iter().flatten() {
        match key.as_str() {
            "properties" => {
                for (name, property) in value.as_object().into_iter().flatten() {
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
            "discriminator" | "allOf" | "oneOf" => {}
            _ if shape.get(key).is_none() => shape[key] = value.clone(),
            _ => {}
        }
    }
}

fn faults_of(schema: &Value, body: &Value) -> Vec<Fault> {
    let validator: Validator = jsonschema::draft202012::new(schema).expect("a JSON Schema");
    let faults = validator
        .iter_errors(body)
        .map(|error| fault(schema, &error));
    faults.collect()
}

fn fault(schema: &Value, error: &jsonschema::ValidationError<'_>) -> Fault {
    use jsonschema::error::ValidationErrorKind as Kind;
    let pointer = error.schema_path().as_str();
    // The place of the nearest part above.
    let mut above = pointer;
    let place = loop {
        if let Some(place) = schema
            .pointer(above)
            .and_then(|part| part["x-place"].as_str())
        {
            break place;
        }
        match above.rsplit_once('/') {
            Some((parent, _)) => above = parent,
            None => break "",
        }
    };
    let part = match error.kind() {
        Kind::Type { .. } => "type".to_owned(),
        Kind::Pattern { .. } => "pattern".to_owned(),
        // A null is of another type than the values are.
        Kind::Enum { .. } => match error.instance().as_str() {
            Some(value) => format!("value {value}"),
            None => "type".to_owned(),
        },
        Kind::Required { property } => {
            format!(
                "property {} / required",
                property.as_str().unwrap_or_default()
            )
        }
        Kind::AdditionalProperties { unexpected } => format!("property {}", unexpected.join(", ")),
        _ => String::new(),
    };
    let place = if part.is_empty() {
        place.to_owned()
    } else {
        format!("{place} / {part}")
    };
    Fault {
        place,
        words: format!("{} at {}", error, error.instance_path()),
    }
}
