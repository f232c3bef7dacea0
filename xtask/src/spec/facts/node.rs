//! A value of a document together with its place.

use serde_json::Value;

/// A value, and the JSON pointer that leads to it.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) value: &'a Value,
    pub(crate) at: String,
}

impl<'a> Node<'a> {
    pub(crate) fn root(document: &'a Value) -> Self {
        Self {
            value: document,
            at: String::new(),
        }
    }

    /// A field; null where there is none.
    pub(crate) fn get(&self, key: &str) -> Self {
        Self {
            value: &self.value[key],
            at: format!("{}/{}", self.at, escape(key)),
        }
    }

    /// The fields of an object with their names; none of anything else.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'a str, Self)> {
        let keys = self.value.as_object().into_iter().flatten();
        keys.map(|(key, value)| {
            let at = format!("{}/{}", self.at, escape(key));
            (key.as_str(), Self { value, at })
        })
    }

    /// The items of an array; none of anything else.
    pub(crate) fn items(&self) -> impl Iterator<Item = Self> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(|(index, value)| Self {
            value,
            at: format!("{}/{index}", self.at),
        })
    }

    /// The text here; empty where it is none.
    pub(crate) fn text(&self) -> &'a str {
        self.value.as_str().unwrap_or_default()
    }

    pub(crate) fn is_true(&self) -> bool {
        *self.value == Value::Bool(true)
    }

    pub(crate) fn is_there(&self) -> bool {
        !self.value.is_null()
    }
}

/// A key as a step of a JSON pointer (RFC 6901, section 3).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
