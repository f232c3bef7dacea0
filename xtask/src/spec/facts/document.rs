//! Reads the facts of a document: ours, or one that MongoDB publishes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Fact, Node};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const TAG: &str = "Network Peering";

/// Which way a body goes: what is read-only is in no request, and what is write-only in no answer.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Request,
    Answer,
}

/// How a document says what differs from version to version, and what it calls its schemas.
enum Side<'a> {
    /// The fragment, read for a version: `x-operation-ids`, `x-media-type` of the version's server,
    /// and `x-published-as` say what the published document of that version has there.
    Ours { version: &'a str },
    /// A published document; its paths start with this.
    Theirs { prefix: &'a str },
}

pub(crate) struct Document<'a> {
    root: &'a Value,
    side: Side<'a>,
}

impl<'a> Document<'a> {
    pub(crate) fn ours(root: &'a Value, version: &'a str) -> Self {
        let side = Side::Ours { version };
        Self { root, side }
    }

    pub(crate) fn theirs(root: &'a Value, prefix: &'a str) -> Self {
        let side = Side::Theirs { prefix };
        Self { root, side }
    }

    /// The facts of every operation that is tagged Network Peering.
    pub(crate) fn facts(&self) -> Result<Fact, String> {
        let paths = Node::root(self.root).get("paths");
        if !paths.value.is_object() {
            return Err("the document has no paths".to_owned());
        }
        let mut facts = Fact::group(&paths.at);
        for (path, item) in paths.fields() {
            for method in METHODS {
                let operation = item.get(method);
                let tagged = operation.get("tags").items().any(|tag| tag.text() == TAG);
                let Some(path) = self.path(path).filter(|_| tagged) else {
                    continue;
                };
                let place = format!("{} {path}", method.to_uppercase());
                let fact = self.operation(&operation, &item);
                let fact = fact.map_err(|error| format!("{place}: {error}"))?;
                facts = facts.with(place, fact);
            }
        }
        Ok(facts)
    }

    /// The path below the root of the version.
    fn path<'p>(&self, path: &'p str) -> Option<&'p str> {
        match self.side {
            Side::Ours { .. } => Some(path),
            Side::Theirs { prefix } => path.strip_prefix(prefix),
        }
    }

    fn operation(&self, operation: &Node<'a>, item: &Node<'a>) -> Result<Fact, String> {
        let id = self.operation_id(operation);
        let mut fact = Fact::group(&operation.at).with("operationId", Fact::of(id.text(), &id.at));
        let deprecated = operation.get("deprecated");
        let marked = deprecated
            .is_true()
            .then(|| Fact::of("true", &deprecated.at));
        fact = fact
            .with_some("deprecated", marked)
            .with_some("sunset", sunset(operation));
        for parameter in item
            .get("parameters")
            .items()
            .chain(operation.get("parameters").items())
        {
            let parameter = self.resolve(parameter)?;
            let (place, name) = (parameter.get("in"), parameter.get("name"));
            let name = format!("parameter {} {}", place.text(), name.text());
            let required = parameter.get("required");
            let required = Fact::of(required.is_true().to_string(), &required.at);
            let schema = self.schema(&parameter.get("schema"), Way::Request, &mut Vec::new())?;
            let schema = Fact {
                at: parameter.at,
                ..schema
            };
            fact = fact.with(name, schema.with("required", required));
        }
        let body = operation.get("requestBody");
        if body.is_there() {
            let body = self.resolve(body)?;
            fact = fact.with(
                "request",
                self.content(operation, &body, Way::Request, true)?,
            );
        }
        for (status, answer) in operation.get("responses").fields() {
            let success = status.starts_with('2');
            let answer = self.resolve(answer)?;
            let answer = self.content(operation, &answer, Way::Answer, success)?;
            fact = fact.with(format!("status {status}"), answer);
        }
        Ok(fact)
    }

    fn operation_id(&self, operation: &Node<'a>) -> Node<'a> {
        let own = operation.get("operationId");
        match self.side {
            Side::Ours { version } => {
                let of_version = operation.get("x-operation-ids").get(version);
                if of_version.is_there() {
                    of_version
                } else {
                    own
                }
            }
            Side::Theirs { .. } => own,
        }
    }

    fn content(
        &self,
        operation: &Node<'a>,
        holder: &Node<'a>,
        way: Way,
        success: bool,
    ) -> Result<Fact, String> {
        let mut fact = Fact::group(&holder.at);
        let content = holder.get("content");
        let media_types: Vec<_> = content.fields().map(|(name, _)| name).collect();
        if media_types.is_empty() {
            return Ok(fact);
        }
        let of_version = self.media_type(operation).filter(|_| success);
        let media_type = match of_version {
            Some(node) => Fact::of(node.text(), &node.at),
            None => Fact::of(media_types.join(", "), &content.at),
        };
        fact = fact.with("media type", media_type);
        let mut schemas = content.fields().map(|(_, media)| media.get("schema"));
        if let Some(schema) = schemas.find(Node::is_there) {
            fact = fact.with("body", self.schema(&schema, way, &mut Vec::new())?);
        }
        Ok(fact)
    }

    /// What `application/json` of the fragment stands for in the version, where that is another.
    fn media_type(&self, operation: &Node<'a>) -> Option<Node<'a>> {
        let Side::Ours { version } = self.side else {
            return None;
        };
        let own = operation.get("x-media-types").get(version);
        let servers = Node::root(self.root).get("servers");
        let server = servers
            .items()
            .find(|server| server.get("url").text().ends_with(version));
        let of_server = server.map(|server| server.get("x-media-type"));
        [Some(own), of_server]
            .into_iter()
            .flatten()
            .find(Node::is_there)
    }

    /// The facts of a schema; `open` holds the references on the way to it, so that a circle ends.
    fn schema(&self, schema: &Node<'a>, way: Way, open: &mut Vec<String>) -> Result<Fact, String> {
        let depth = open.len();
        let Some(schema) = self.follow(schema.clone(), open)? else {
            open.truncate(depth);
            return Ok(Fact::of("the same again", &schema.at));
        };
        let shape = self.shape(&schema)?;
        let mut fact = Fact::group(&schema.at)
            .with("type", Fact::of(shape.type_name(), &schema.at))
            .with_some("schema", self.published_name(&schema))
            .with_some(
                "pattern",
                shape.pattern.map(|of| Fact::of(of.text(), &of.at)),
            );
        for value in &shape.values {
            fact = fact.with(format!("value {}", value.text()), Fact::group(&value.at));
        }
        let children = self.children(&schema)?;
        if children.is_empty() {
            fact.parts
                .extend(self.properties(&shape.properties, &shape.required, way, open)?);
        }
        for (value, node) in children {
            let child = self.shape(&node)?;
            let mut properties = shape.properties.clone();
            properties.extend(child.properties);
            let required = shape.required.union(&child.required).copied().collect();
            let mut group = Fact::group(&node.at).with_some("schema", self.published_name(&node));
            let parts = self.properties(&properties, &required, way, open)?;
            group.parts.extend(parts);
            fact = fact.with(format!("provider {value}"), group);
        }
        if let Some(items) = &shape.items {
            fact = fact.with("items", self.schema(items, way, open)?);
        }
        open.truncate(depth);
        Ok(fact)
    }

    /// What the published documents call a schema. A reference with words of its own is wrapped in an
    /// `allOf` of one.
    fn published_name(&self, schema: &Node<'a>) -> Option<Fact> {
        let parts: Vec<_> = schema.get("allOf").items().collect();
        let wrapped = match &parts[..] {
            [part] => self.resolve(part.clone()).ok(),
            _ => None,
        };
        let mut holders = std::iter::once(schema.clone()).chain(wrapped);
        holders.find_map(|holder| match self.side {
            Side::Ours { .. } => {
                let name = holder.get("x-published-as");
                name.is_there().then(|| Fact::of(name.text(), &name.at))
            }
            Side::Theirs { .. } => {
                let name = holder.at.strip_prefix("/components/schemas/")?;
                (!name.contains('/')).then(|| Fact::of(name, &holder.at))
            }
        })
    }

    fn properties(
        &self,
        properties: &BTreeMap<&'a str, Node<'a>>,
        required: &BTreeSet<&'a str>,
        way: Way,
        open: &mut Vec<String>,
    ) -> Result<BTreeMap<String, Fact>, String> {
        let mut facts = BTreeMap::new();
        for (name, property) in properties {
            let hidden = if way == Way::Request {
                "readOnly"
            } else {
                "writeOnly"
            };
            let resolved = self.resolve(property.clone())?;
            if property.get(hidden).is_true() || resolved.get(hidden).is_true() {
                continue;
            }
            let is_required = required.contains(name).to_string();
            let schema = self.schema(property, way, open)?;
            let schema = Fact {
                at: property.at.clone(),
                ..schema
            };
            let fact = schema.with("required", Fact::of(is_required, &property.at));
            facts.insert(format!("property {name}"), fact);
        }
        Ok(facts)
    }

    /// The children of a union under the values of its discriminator.
    fn children(&self, schema: &Node<'a>) -> Result<Vec<(&'a str, Node<'a>)>, String> {
        let mapping = schema.get("discriminator").get("mapping");
        let mapped = mapping
            .fields()
            .map(|(value, reference)| Ok((value, self.target(reference.text())?)));
        mapped.collect()
    }

    /// A schema and what it is all of, as one. The union that a part may be is left out: a child
    /// lists its parent, and the parent its children.
    fn shape(&self, schema: &Node<'a>) -> Result<Shape<'a>, String> {
        let mut shape = Shape::default();
        for part in schema.get("allOf").items() {
            let part = self.shape(&self.resolve(part)?)?;
            shape.types.extend(part.types);
            shape.values.extend(part.values);
            shape.properties.extend(part.properties);
            shape.required.extend(part.required);
            shape.items = shape.items.or(part.items);
            shape.pattern = shape.pattern.or(part.pattern);
            shape.nullable |= part.nullable;
        }
        shape.types.extend(schema.value["type"].as_str());
        shape.nullable |= schema.get("nullable").is_true();
        shape.values.extend(schema.get("enum").items());
        let required = schema.get("required");
        shape
            .required
            .extend(required.items().map(|name| name.text()));
        let own = |key| Some(schema.get(key)).filter(Node::is_there);
        shape.items = shape.items.or(own("items"));
        shape.pattern = shape.pattern.or(own("pattern"));
        shape.properties.extend(schema.get("properties").fields());
        Ok(shape)
    }

    /// What a node refers to, or itself.
    fn resolve(&self, node: Node<'a>) -> Result<Node<'a>, String> {
        match node.value["$ref"].as_str() {
            Some(reference) => self.resolve(self.target(reference)?),
            None => Ok(node),
        }
    }

    /// As `resolve`, noting the references on the way; none where one of them is open already.
    fn follow(&self, node: Node<'a>, open: &mut Vec<String>) -> Result<Option<Node<'a>>, String> {
        let Some(reference) = node.value["$ref"].as_str() else {
            return Ok(Some(node));
        };
        if open.iter().any(|seen| seen == reference) {
            return Ok(None);
        }
        open.push(reference.to_owned());
        self.follow(self.target(reference)?, open)
    }

    fn target(&self, reference: &str) -> Result<Node<'a>, String> {
        let pointer = reference.strip_prefix('#');
        let target = pointer.and_then(|pointer| {
            let value = self.root.pointer(pointer)?;
            let at = pointer.to_owned();
            Some(Node { value, at })
        });
        target.ok_or_else(|| format!("{reference} leads nowhere"))
    }
}

/// The day of an operation's end, which is said of it or of one of its contents.
fn sunset(operation: &Node<'_>) -> Option<Fact> {
    let responses = operation.get("responses");
    let contents = responses.fields().flat_map(|(_, answer)| {
        let content = answer.get("content");
        let media: Vec<_> = content.fields().map(|(_, media)| media).collect();
        media
    });
    let mut places = std::iter::once(operation.clone()).chain(contents);
    places.find_map(|place| {
        let day = place.get("x-sunset");
        day.is_there().then(|| Fact::of(day.text(), &day.at))
    })
}

#[derive(Default)]
struct Shape<'a> {
    types: BTreeSet<&'a str>,
    nullable: bool,
    values: Vec<Node<'a>>,
    properties: BTreeMap<&'a str, Node<'a>>,
    required: BTreeSet<&'a str>,
    items: Option<Node<'a>>,
    pattern: Option<Node<'a>>,
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
