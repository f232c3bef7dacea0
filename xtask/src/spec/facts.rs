//! What a document says of the service, without its words: a tree of facts in which each place means
//! the same in every document, whatever its schemas are called.

mod document;
mod node;

use std::collections::BTreeMap;

pub(crate) use document::Document;
pub(crate) use node::{Node, escape};

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
    fn of(value: impl Into<String>, at: &str) -> Self {
        Self {
            value: value.into(),
            at: at.to_owned(),
            parts: BTreeMap::new(),
        }
    }

    fn group(at: &str) -> Self {
        Self::of("", at)
    }

    fn with(mut self, name: impl Into<String>, part: Fact) -> Self {
        self.parts.insert(name.into(), part);
        self
    }

    /// Adds a part where there is one.
    fn with_some(self, name: &str, part: Option<Fact>) -> Self {
        match part {
            Some(part) => self.with(name, part),
            None => self,
        }
    }

    /// How many facts there are from here on.
    pub(crate) fn count(&self) -> usize {
        1 + self.parts.values().map(Fact::count).sum::<usize>()
    }
}

#[cfg(test)]
mod tests;
