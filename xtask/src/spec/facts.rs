//! What a document says of the service, without its words: a tree of facts in which each place means
//! the same in every document, whatever its schemas are called.

mod document;
mod node;
mod schema;

use std::collections::BTreeMap;

use node::Node;

pub(crate) use document::Document;

/// What explains, and says nothing of the service that a program could see.
const WORDS: [&str; 6] = [
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
    /// What the document says here; empty where being there says all.
    pub(crate) value: String,
    /// Where the document says it: a JSON pointer (RFC 6901).
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

    /// What a node says: its text, or its JSON.
    fn of(node: &Node<'_>) -> Self {
        let text = node.value.as_str().map(str::to_owned);
        Self::new(text.unwrap_or_else(|| node.value.to_string()), &node.at)
    }

    fn add(&mut self, name: impl Into<String>, part: Fact) {
        self.parts.insert(name.into(), part);
    }

    /// Adds a part for each key that is not one of `known`, so that no key is overlooked.
    fn add_others(&mut self, node: &Node<'_>, known: &[&str]) {
        for (key, other) in others(node, known) {
            self.add(key, Fact::of(&other));
        }
    }

    /// How many facts there are from here on.
    pub(crate) fn count(&self) -> usize {
        1 + self.parts.values().map(Fact::count).sum::<usize>()
    }
}

/// The fields that are neither known, nor words, nor an extension.
fn others<'a>(node: &Node<'a>, known: &[&str]) -> impl Iterator<Item = (&'a str, Node<'a>)> {
    node.fields()
        .filter(|(key, _)| !known.contains(key) && !WORDS.contains(key) && !key.starts_with("x-"))
}

#[cfg(test)]
mod tests;
