//! A value of a document, with its place.

use serde_json::Value;

use crate::build::document::escape;

/// A value, and the JSON pointer to it.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pub(super) at: String,
}

impl<'a> Node<'a> {
    pub(super) fn root(document: &'a Value) -> Self {
        Self {
            value: document,
            at: String::new(),
        }
    }

    /// A field; null if it is missing.
    pub(super) fn get(&self, key: &str) -> Self {
        Self {
            value: &self.value[key],
            at: format!("{}/{}", self.at, escape(key)),
        }
    }

    /// The fields of an object with their names; empty for any other value.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        let (keys, at) = (self.value.as_object(), self.at.clone());
        keys.into_iter().flatten().map(move |(key, value)| {
            let at = format!("{at}/{}", escape(key));
            (key.as_str(), Self { value, at })
        })
    }

    /// The items of an array; empty for any other value.
    pub(super) fn items(&self) -> impl Iterator<Item = Self> + use<'a> {
        let (items, at) = (self.value.as_array(), self.at.clone());
        let items = items.into_iter().flatten().enumerate();
        items.map(move |(index, value)| Self {
            value,
            at: format!("{at}/{index}"),
        })
    }

    /// The string here; empty for any other value.
    pub(super) fn text(&self) -> &'a str {
        self.value.as_str().unwrap_or_default()
    }

    pub(super) fn is_true(&self) -> bool {
        *self.value == Value::Bool(true)
    }

    pub(super) fn is_there(&self) -> bool {
        !self.value.is_null()
    }
}
