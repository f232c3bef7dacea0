//! Reads the facts of a document: ours, or one that MongoDB publishes.

use serde_json::Value;

use super::{Fact, Node};
use crate::build::document;

const TAG: &str = "Network Peering";

/// The direction of a body: a request has no read-only fields, a response no write-only ones.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Way {
    Request,
    Response,
}

/// How a document expresses what differs between versions, and how it names its schemas.
#[derive(Clone, Copy)]
pub(super) enum Side<'a> {
    /// The fragment, for a version. `x-operation-ids`, `x-roles`, `x-published-as`, and `x-media-type` of
    /// the version's server hold what the published document of that version has.
    Ours { version: &'a str },
    /// A published document; its paths start with `prefix`.
    Theirs { prefix: &'a str },
}

pub(crate) struct Document<'a> {
    pub(super) root: Node<'a>,
    pub(super) side: Side<'a>,
}

impl<'a> Document<'a> {
    pub(crate) fn ours(root: &'a Value, version: &'a str) -> Self {
        let (root, side) = (Node::root(root), Side::Ours { version });
        Self { root, side }
    }

    pub(crate) fn theirs(root: &'a Value, prefix: &'a str) -> Self {
        let (root, side) = (Node::root(root), Side::Theirs { prefix });
        Self { root, side }
    }

    /// The facts of each operation that is wanted, or has the tag Network Peering.
    pub(crate) fn facts(&self, is_wanted: impl Fn(&str) -> bool) -> Result<Fact, String> {
        let paths = self.root.get("paths");
        if !paths.value.is_object() {
            return Err("missing `paths`".to_owned());
        }
        let mut facts = Fact::group(&paths.at);
        for operation in document::operations(self.root.value) {
            let Some(path) = self.path(operation.path) else {
                continue;
            };
            let place = format!("{} {path}", operation.method.to_uppercase());
            let item = paths.get(operation.path);
            let operation = item.get(operation.method);
            let mut tags = operation.get("tags").items();
            if tags.any(|tag| tag.text() == TAG) || is_wanted(&place) {
                let fact = self.operation(&operation, &item);
                let fact = fact.map_err(|error| format!("{place}: {error}"))?;
                facts.add(place, fact);
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
        const KNOWN: [&str; 6] = [
            "operationId",
            "parameters",
            "requestBody",
            "responses",
            "security",
            "tags",
        ];
        let mut fact = Fact::group(&operation.at);
        fact.add_others(operation, &KNOWN);
        fact.add("operationId", Fact::of(&self.operation_id(operation)));
        for (name, fact_of_version) in [
            ("roles", self.roles(operation)),
            ("sunset", sunset(operation)),
        ] {
            if let Some(part) = fact_of_version {
                fact.add(name, part);
            }
        }
        for tag in operation.get("tags").items() {
            fact.add(format!("tag {}", tag.text()), Fact::group(&tag.at));
        }
        fact.parts.extend(self.security(operation)?.parts);
        // The parameters of the path come first: those of the operation override them.
        for holder in [item, operation] {
            for parameter in holder.get("parameters").items() {
                let (name, parameter) = self.parameter(parameter)?;
                fact.add(name, parameter);
            }
        }
        let body = operation.get("requestBody");
        if body.is_there() {
            let body = self.resolve(body)?;
            let mut content = self.content(operation, &body, Way::Request, true)?;
            content.add("required", required(&body));
            fact.add("request", content);
        }
        for (status, response) in operation.get("responses").fields() {
            let success = status.starts_with('2');
            let response = self.resolve(response)?;
            let content = self.content(operation, &response, Way::Response, success)?;
            fact.add(format!("status {status}"), content);
        }
        Ok(fact)
    }

    fn operation_id(&self, operation: &Node<'a>) -> Node<'a> {
        let of_version = match self.side {
            Side::Ours { version } => Some(operation.get("x-operation-ids").get(version)),
            Side::Theirs { .. } => None,
        };
        let of_version = of_version.filter(Node::is_there);
        of_version.unwrap_or_else(|| operation.get("operationId"))
    }

    /// The roles any of which a caller needs.
    fn roles(&self, operation: &Node<'a>) -> Option<Fact> {
        match self.side {
            Side::Ours { version } => {
                let role = operation.get("x-roles").get(version);
                role.is_there().then(|| Fact::of(&role))
            }
            Side::Theirs { .. } => {
                let roles = operation.get("x-rolesRequirements");
                let names: Vec<_> = roles.items().map(|role| role.text()).collect();
                roles
                    .is_there()
                    .then(|| Fact::new(names.join(" or "), &roles.at))
            }
        }
    }

    /// The ways to authenticate: the operation's own, or those of the document if it has none.
    fn security(&self, operation: &Node<'a>) -> Result<Fact, String> {
        let own = Some(operation.get("security")).filter(Node::is_there);
        let security = own.unwrap_or_else(|| self.root.get("security"));
        let mut fact = Fact::group(&security.at);
        for way in security.items() {
            let schemes: Vec<_> = way.fields().collect();
            let names: Vec<_> = schemes.iter().map(|(name, _)| *name).collect();
            let mut group = Fact::group(&way.at);
            for (name, scopes) in &schemes {
                let scheme = self.target(&format!("#/components/securitySchemes/{name}"))?;
                let mut part = Fact::of(scopes);
                part.add_others(&scheme, &[]);
                group.add(*name, part);
            }
            fact.add(format!("security {}", names.join(" and ")), group);
        }
        Ok(fact)
    }

    fn parameter(&self, parameter: Node<'a>) -> Result<(String, Fact), String> {
        let parameter = self.resolve(parameter)?;
        let (place, name) = (parameter.get("in"), parameter.get("name"));
        let mut fact = self.schema(&parameter.get("schema"), Way::Request, &mut Vec::new())?;
        fact.at.clone_from(&parameter.at);
        fact.add_others(&parameter, &["in", "name", "required", "schema"]);
        fact.add("required", required(&parameter));
        Ok((format!("parameter {} {}", place.text(), name.text()), fact))
    }

    /// The facts of the body of a request or a response.
    fn content(
        &self,
        operation: &Node<'a>,
        holder: &Node<'a>,
        way: Way,
        success: bool,
    ) -> Result<Fact, String> {
        let mut fact = Fact::group(&holder.at);
        fact.add_others(holder, &["content", "headers", "required"]);
        for (name, header) in holder.get("headers").fields() {
            fact.add(format!("header {name}"), Fact::group(&header.at));
        }
        let content = holder.get("content");
        let media_types: Vec<_> = content.fields().map(|(name, _)| name).collect();
        if media_types.is_empty() {
            return Ok(fact);
        }
        let of_version = self.media_type(operation).filter(|_| success);
        let media_type = match of_version {
            Some(node) => Fact::of(&node),
            None => Fact::new(media_types.join(", "), &content.at),
        };
        fact.add("media type", media_type);
        let mut schemas = content.fields().map(|(_, media)| media.get("schema"));
        if let Some(schema) = schemas.find(Node::is_there) {
            fact.add("body", self.schema(&schema, way, &mut Vec::new())?);
        }
        Ok(fact)
    }

    /// The media type that `application/json` of the fragment stands for, if the version has another.
    fn media_type(&self, operation: &Node<'a>) -> Option<Node<'a>> {
        let Side::Ours { version } = self.side else {
            return None;
        };
        let own = operation.get("x-media-types").get(version);
        let mut servers = self.root.get("servers").items();
        let server = servers.find(|server| server.get("url").text().ends_with(version));
        let of_server = server.map(|server| server.get("x-media-type"));
        [Some(own), of_server]
            .into_iter()
            .flatten()
            .find(Node::is_there)
    }

    /// The target of a node's reference, or the node itself.
    pub(super) fn resolve(&self, node: Node<'a>) -> Result<Node<'a>, String> {
        if document::resolve(self.root.value, node.value).is_none() {
            let reference = node.get("$ref");
            return Err(dangling(reference.text()));
        }
        let mut node = node;
        while let Some(reference) = node.value["$ref"].as_str() {
            node = self.target(reference)?;
        }
        Ok(node)
    }

    pub(super) fn target(&self, reference: &str) -> Result<Node<'a>, String> {
        let pointer = reference.strip_prefix('#');
        let target = pointer.and_then(|pointer| {
            let value = self.root.value.pointer(pointer)?;
            let at = pointer.to_owned();
            Some(Node { value, at })
        });
        target.ok_or_else(|| dangling(reference))
    }
}

fn dangling(reference: &str) -> String {
    format!("the reference {reference} has no target")
}

/// Whether a parameter or a body is required.
fn required(holder: &Node<'_>) -> Fact {
    let required = holder.get("required");
    Fact::new(required.is_true().to_string(), &required.at)
}

/// The date of an operation's end, which is in the operation or in one of its contents.
fn sunset(operation: &Node<'_>) -> Option<Fact> {
    let responses = operation.get("responses");
    let contents = responses.fields().flat_map(|(_, response)| {
        let content = response.get("content");
        let media: Vec<_> = content.fields().map(|(_, media)| media).collect();
        media
    });
    let mut places = std::iter::once(operation.clone()).chain(contents);
    places.find_map(|place| {
        let day = place.get("x-sunset");
        day.is_there().then(|| Fact::of(&day))
    })
}
