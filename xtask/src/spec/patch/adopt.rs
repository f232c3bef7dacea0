//! What a published document has, in the form of our fragment: without its prose, which is under
//! another licence, in plain JSON, and with our own schemas where we have them.

use serde_json::{Map, Value, json};

use crate::spec::facts::escape;

/// The parts of a schema that are facts. Words are the maintainer's: the build names what lacks them.
const FACTS: [&str; 11] = [
    "type",
    "enum",
    "format",
    "nullable",
    "required",
    "pattern",
    "readOnly",
    "writeOnly",
    "minimum",
    "maximum",
    "default",
];

pub(super) struct Adoption<'a> {
    fragment: &'a Value,
    published: &'a Value,
    /// Where what is adopted is used.
    place: &'a str,
    /// The schemas that come along, each with its name.
    schemas: Vec<(String, Value)>,
}

impl<'a> Adoption<'a> {
    pub(super) fn new(fragment: &'a Value, published: &'a Value, place: &'a str) -> Self {
        Self {
            fragment,
            published,
            place,
            schemas: Vec::new(),
        }
    }

    /// The operations that add the schemas that come along.
    pub(super) fn into_operations(self) -> Vec<Value> {
        let schemas = self.schemas.into_iter();
        let add = schemas.map(|(name, schema)| {
            let path = format!("/components/schemas/{}", escape(&name));
            json!({"op": "add", "path": path, "value": schema})
        });
        add.collect()
    }

    fn resolve(&self, value: &'a Value) -> &'a Value {
        let reference = value["$ref"].as_str();
        let target =
            reference.and_then(|reference| self.published.pointer(reference.strip_prefix('#')?));
        target.map_or(value, |target| self.resolve(target))
    }

    pub(super) fn operation(&mut self, theirs: &'a Value) -> Value {
        let mut operation = Map::new();
        for key in ["tags", "operationId", "deprecated", "x-sunset"] {
            if let Some(value) = theirs.get(key) {
                operation.insert(key.to_owned(), value.clone());
            }
        }
        let parameters = theirs["parameters"].as_array().into_iter().flatten();
        let parameters: Vec<_> = parameters
            .map(|parameter| self.shared_parameter(parameter))
            .collect();
        operation.insert("parameters".to_owned(), parameters.into());
        if let Some(body) = theirs.get("requestBody") {
            operation.insert("requestBody".to_owned(), self.body(self.resolve(body)));
        }
        let answers = theirs["responses"].as_object().into_iter().flatten();
        let answers: Map<_, _> = answers
            .map(|(status, answer)| (status.clone(), self.answer(status, self.resolve(answer))))
            .collect();
        operation.insert("responses".to_owned(), answers.into());
        operation.into()
    }

    /// Ours, where we have one of the name.
    fn shared_parameter(&mut self, theirs: &'a Value) -> Value {
        let resolved = self.resolve(theirs);
        let name = resolved["name"].as_str().unwrap_or_default();
        let ours = &self.fragment["components"]["parameters"][name];
        if ours["in"] == resolved["in"] && ours["required"] == resolved["required"] {
            return json!({"$ref": format!("#/components/parameters/{}", escape(name))});
        }
        self.parameter(resolved)
    }

    pub(super) fn parameter(&mut self, theirs: &'a Value) -> Value {
        let mut parameter = json!({"in": theirs["in"], "name": theirs["name"]});
        if theirs["required"] == true {
            parameter["required"] = true.into();
        }
        parameter["schema"] = self.schema(&theirs["schema"]);
        parameter
    }

    pub(super) fn body(&mut self, theirs: &'a Value) -> Value {
        let mut body = self.content(theirs);
        body["required"] = true.into();
        body
    }

    /// An answer: that of our other operations, where it is an error.
    pub(super) fn answer(&mut self, status: &str, theirs: &'a Value) -> Value {
        if !status.starts_with('2')
            && let Some(own) = self.own_answer(status)
        {
            return own;
        }
        self.content(theirs)
    }

    fn own_answer(&self, status: &str) -> Option<Value> {
        let items = self.fragment["paths"].as_object()?.values();
        let mut operations = items.filter_map(Value::as_object).flat_map(Map::values);
        operations.find_map(|operation| {
            let answer = &operation["responses"][status];
            answer.get("$ref").is_some().then(|| answer.clone())
        })
    }

    /// Content in plain JSON, whatever media type the version has.
    fn content(&mut self, theirs: &'a Value) -> Value {
        let content = theirs["content"].as_object();
        let mut schemas = content
            .into_iter()
            .flatten()
            .filter_map(|(_, media)| media.get("schema"));
        match schemas.next() {
            Some(schema) => {
                json!({"content": {"application/json": {"schema": self.schema(schema)}}})
            }
            None => json!({}),
        }
    }

    pub(super) fn schema(&mut self, theirs: &'a Value) -> Value {
        if let Some(reference) = theirs["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            return json!({"$ref": self.component(name)});
        }
        let mut schema = Map::new();
        for key in FACTS {
            if let Some(value) = theirs.get(key) {
                schema.insert(key.to_owned(), value.clone());
            }
        }
        if let Some(properties) = theirs["properties"].as_object() {
            let properties = properties
                .iter()
                .map(|(name, of)| (name.clone(), self.schema(of)));
            let properties: Map<_, _> = properties.collect();
            schema.insert("properties".to_owned(), properties.into());
        }
        if let Some(items) = theirs.get("items") {
            schema.insert("items".to_owned(), self.schema(items));
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            if let Some(parts) = theirs[key].as_array() {
                let parts: Vec<_> = parts.iter().map(|part| self.schema(part)).collect();
                schema.insert(key.to_owned(), parts.into());
            }
        }
        if let Some(mapping) = theirs["discriminator"]["mapping"].as_object() {
            let mapping = mapping.iter().map(|(value, reference)| {
                let name = reference.as_str().and_then(|text| text.rsplit('/').next());
                (
                    value.clone(),
                    self.component(name.unwrap_or_default()).into(),
                )
            });
            let mapping: Map<String, Value> = mapping.collect();
            let tag = &theirs["discriminator"]["propertyName"];
            let discriminator = json!({"propertyName": tag, "mapping": mapping});
            schema.insert("discriminator".to_owned(), discriminator);
        }
        schema.into()
    }

    /// A reference to a published schema: to ours of it, or to it as it comes along.
    pub(super) fn component(&mut self, name: &str) -> String {
        let reference = |name: &str| format!("#/components/schemas/{}", escape(name));
        if let Some(own) = self.own_schema(name) {
            return reference(&own);
        }
        if self.schemas.iter().any(|(own, _)| own == name) {
            return reference(name);
        }
        // Noted before it is looked into, for it may refer to itself.
        let index = self.schemas.len();
        self.schemas.push((name.to_owned(), Value::Null));
        let mut schema = self.schema(&self.published["components"]["schemas"][name]);
        schema["x-published-as"] = name.into();
        self.schemas[index].1 = schema;
        reference(name)
    }

    /// Our schema of a published one: for a request, a change or an answer, as the place says.
    fn own_schema(&self, name: &str) -> Option<String> {
        let schemas = self.fragment["components"]["schemas"].as_object()?;
        let is_request = self.place.contains(" / request");
        let (is_new, is_change) = (
            is_request && self.place.starts_with("POST"),
            is_request && self.place.starts_with("PATCH"),
        );
        let fits =
            |own: &str| own.starts_with("New") == is_new && own.ends_with("Update") == is_change;
        let of_name = schemas
            .iter()
            .filter(|(_, schema)| schema["x-published-as"] == name);
        let names: Vec<_> = of_name.map(|(own, _)| own).collect();
        let best = names.iter().find(|own| fits(own)).or(names.first())?;
        Some((*best).clone())
    }
}
