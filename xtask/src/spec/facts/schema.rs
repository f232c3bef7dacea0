//! The facts of a schema.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Side, Way};
use super::{Fact, Node, others};

/// The keys with a place of their own among the facts. Any other key of a schema is a fact by its name.
const KNOWN: [&str; 12] = [
    "$ref",
    "allOf",
    "discriminator",
    "enum",
    "items",
    "nullable",
    "oneOf",
    "properties",
    "readOnly",
    "required",
    "type",
    "writeOnly",
];

impl<'a> Document<'a> {
    /// The facts of a schema; `open` has the references on the way to it, so that recursion ends.
    pub(super) fn schema(
        &self,
        schema: &Node<'a>,
        way: Way,
        open: &mut Vec<String>,
    ) -> Result<Fact, String> {
        let depth = open.len();
        let Some(schema) = self.follow(schema.clone(), open)? else {
            open.truncate(depth);
            return Ok(Fact::new("the same again", &schema.at));
        };
        let shape = self.shape(&schema)?;
        let mut fact = Fact::group(&schema.at);
        fact.add("type", Fact::new(shape.type_name(), &schema.at));
        for (name, node) in &shape.others {
            fact.add(*name, Fact::of(node));
        }
        for value in &shape.values {
            fact.add(format!("value {}", value.text()), Fact::group(&value.at));
        }
        if let Some(name) = self.published_name(&schema) {
            fact.add("schema", name);
        }
        let discriminator = schema.get("discriminator");
        if discriminator.is_there() {
            fact.add(
                "discriminator",
                Fact::of(&discriminator.get("propertyName")),
            );
        }
        // A variant that the mapping lacks is visible in this number only.
        let alternatives = schema.get("oneOf");
        if alternatives.is_there() {
            let count = alternatives.items().count().to_string();
            fact.add("variants", Fact::new(count, &alternatives.at));
        }
        let variants = self.variants(&schema)?;
        if variants.is_empty() {
            let properties = self.properties(&shape, way, open)?;
            fact.parts.extend(properties);
        }
        for (value, node) in variants {
            let mut variant = self.shape(&node)?;
            for (name, property) in &shape.properties {
                variant.properties.entry(name).or_insert(property.clone());
            }
            variant.required.extend(&shape.required);
            let mut group = Fact::group(&node.at);
            for (name, node) in &variant.others {
                group.add(*name, Fact::of(node));
            }
            group.parts.extend(self.properties(&variant, way, open)?);
            if let Some(name) = self.published_name(&node) {
                group.add("schema", name);
            }
            fact.add(format!("provider {value}"), group);
        }
        if let Some(items) = &shape.items {
            fact.add("items", self.schema(items, way, open)?);
        }
        open.truncate(depth);
        Ok(fact)
    }

    /// The published name of a schema. A reference with a description of its own is in an `allOf` of one.
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
                name.is_there().then(|| Fact::of(&name))
            }
            Side::Theirs { .. } => {
                let name = holder.at.strip_prefix("/components/schemas/")?;
                (!name.contains('/')).then(|| Fact::new(name, &holder.at))
            }
        })
    }

    fn properties(
        &self,
        shape: &Shape<'a>,
        way: Way,
        open: &mut Vec<String>,
    ) -> Result<BTreeMap<String, Fact>, String> {
        let hidden = match way {
            Way::Request => "readOnly",
            Way::Response => "writeOnly",
        };
        let mut facts = BTreeMap::new();
        for (name, property) in &shape.properties {
            let resolved = self.resolve(property.clone())?;
            if property.get(hidden).is_true() || resolved.get(hidden).is_true() {
                continue;
            }
            let mut fact = self.schema(property, way, open)?;
            fact.at.clone_from(&property.at);
            let required = shape.required.contains(name).to_string();
            fact.add("required", Fact::new(required, &property.at));
            facts.insert(format!("property {name}"), fact);
        }
        Ok(facts)
    }

    /// The variants of a union under the values of its discriminator.
    fn variants(&self, schema: &Node<'a>) -> Result<Vec<(&'a str, Node<'a>)>, String> {
        let mapping = schema.get("discriminator").get("mapping");
        let mapped = mapping
            .fields()
            .map(|(value, reference)| Ok((value, self.target(reference.text())?)));
        mapped.collect()
    }

    /// A schema merged with its `allOf`. A `oneOf` in a part is left out: a variant lists its parent, and
    /// the parent lists its variants.
    fn shape(&self, schema: &Node<'a>) -> Result<Shape<'a>, String> {
        let mut shape = Shape::default();
        for part in schema.get("allOf").items() {
            let part = self.shape(&self.resolve(part)?)?;
            shape.types.extend(part.types);
            shape.values.extend(part.values);
            shape.properties.extend(part.properties);
            shape.required.extend(part.required);
            shape.items = shape.items.or(part.items);
            shape.others.extend(part.others);
            shape.nullable |= part.nullable;
        }
        shape.types.extend(schema.value["type"].as_str());
        shape.nullable |= schema.get("nullable").is_true();
        // An extensible enum has the known values; the published documents have closed enums only.
        for values in ["enum", "x-extensible-enum"] {
            shape.values.extend(schema.get(values).items());
        }
        let required = schema.get("required");
        let required = required.items().map(|name| name.text());
        shape.required.extend(required);
        let items = Some(schema.get("items")).filter(Node::is_there);
        shape.items = shape.items.or(items);
        shape.others.extend(others(schema, &KNOWN));
        shape.properties.extend(schema.get("properties").fields());
        Ok(shape)
    }

    /// As `resolve`, and adds the references to `open`; `None` if one is in `open` already.
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
}

#[derive(Default)]
struct Shape<'a> {
    types: BTreeSet<&'a str>,
    nullable: bool,
    values: Vec<Node<'a>>,
    properties: BTreeMap<&'a str, Node<'a>>,
    required: BTreeSet<&'a str>,
    items: Option<Node<'a>>,
    /// Formats, bounds, patterns, defaults and all other rules for a value.
    others: BTreeMap<&'a str, Node<'a>>,
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
