//! The facts in an OpenAPI document, without its prose, as a tree. A place in the tree means the same in
//! every document, whatever the names of its schemas.

mod document;
mod node;
mod schema;

use std::collections::BTreeMap;

use node::Node;

pub(crate) use document::Document;

/// Fields that explain, and that no program depends on.
const PROSE: [&str; 6] = [
    "description",
    "example",
    "examples",
    "externalDocs",
    "summary",
    "title",
];

/// A fact, or a group of them.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Fact {
    /// The value here; empty if its presence is the whole fact.
    pub(crate) value: String,
    /// The place in the document: a JSON pointer (RFC 6901).
    pub(crate) at: String,
    pub(crate) parts: BTreeMap<String, Fact>,
}

impl Fact {
    fn new(value: impl Into<String>, at: &str) -> Self {
        Self {
            value: value.into(),
            at: at.to_owned(),
            parts: BTreeMap::new(),
        }
    }

    fn group(at: &str) -> Self {
        Self::new("", at)
    }

    /// The value of a node: its string, or its JSON.
    fn of(node: &Node<'_>) -> Self {
        let text = node.value.as_str().map(str::to_owned);
        Self::new(text.unwrap_or_else(|| node.value.to_string()), &node.at)
    }

    fn add(&mut self, name: impl Into<String>, part: Fact) {
        self.parts.insert(name.into(), part);
    }

    /// Adds a part for each key that is not in `known`, so that no key is left out.
    fn add_others(&mut self, node: &Node<'_>, known: &[&str]) {
        for (key, other) in others(node, known) {
            self.add(key, Fact::of(&other));
        }
    }

    /// The number of facts in this tree.
    pub(crate) fn count(&self) -> usize {
        1 + self.parts.values().map(Fact::count).sum::<usize>()
    }
}

/// The fields that are neither in `known`, nor prose, nor extensions.
fn others<'a>(node: &Node<'a>, known: &[&str]) -> impl Iterator<Item = (&'a str, Node<'a>)> {
    node.fields()
        .filter(|(key, _)| !known.contains(key) && !PROSE.contains(key) && !key.starts_with("x-"))
}

#[cfg(test)]
mod tests;
