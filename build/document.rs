//! Reads OpenAPI 3.0 documents: the fragment, and those that MongoDB publishes.
//!
//! The build, `xtask` and `tests/contract` compile this file, so it needs nothing but `serde_json`.

use serde_json::Value;

/// The keys of a path item that hold an operation.
const METHODS: [&str; 8] = [
    "get", "post", "put", "patch", "delete", "head", "options", "trace",
];

/// An operation of a document.
pub(crate) struct Operation<'a> {
    document: &'a Value,
    item: &'a Value,
    /// Its method in lower case, as in the document.
    pub(crate) method: &'static str,
    /// Its path as in the document, such as `/groups/{groupId}/peers`.
    pub(crate) path: &'a str,
    /// The JSON pointer to it.
    pub(crate) pointer: String,
    /// The object of the operation.
    pub(crate) value: &'a Value,
}

impl<'a> Operation<'a> {
    /// Its `operationId`; empty where it has none.
    pub(crate) fn id(&self) -> &'a str {
        self.value["operationId"].as_str().unwrap_or_default()
    }

    /// Its parameters, resolved: first those of its path, then its own. A parameter of its own
    /// replaces one of its path that has the same name and the same place (`in`).
    pub(crate) fn parameters(&self) -> Vec<&'a Value> {
        let of = |holder: &'a Value| {
            let all = holder["parameters"].as_array().into_iter().flatten();
            all.filter_map(|parameter| resolve(self.document, parameter))
        };
        let is_own = |other: &Value| {
            of(self.value).any(|own| ["name", "in"].iter().all(|key| own[key] == other[key]))
        };
        of(self.item)
            .filter(|parameter| !is_own(parameter))
            .chain(of(self.value))
            .collect()
    }
}

/// Every operation of a document.
pub(crate) fn operations(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    entries(&document["paths"]).flat_map(move |(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            Some(Operation {
                document,
                item,
                method,
                path,
                pointer: format!("/paths/{}/{method}", escape(path)),
                value: item.get(method)?,
            })
        })
    })
}

/// The value that a `$ref` refers to, through further references. Without a `$ref`, the value itself.
/// `None` where a reference leads nowhere, in a circle or out of the document.
pub(crate) fn resolve<'a>(document: &'a Value, value: &'a Value) -> Option<&'a Value> {
    let mut value = value;
    // A longer chain is a circle.
    for _ in 0..32 {
        let Some(reference) = value["$ref"].as_str() else {
            return Some(value);
        };
        value = document.pointer(reference.strip_prefix('#')?)?;
    }
    None
}

/// The entries of an object; none where the value is no object.
pub(crate) fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The entries of an object or the items of an array, each with its step of a JSON pointer.
pub(crate) fn children(value: &Value) -> impl Iterator<Item = (String, &Value)> {
    let items = value.as_array().into_iter().flatten().enumerate();
    let items = items.map(|(index, value)| (index.to_string(), value));
    items.chain(entries(value).map(|(key, value)| (escape(key), value)))
}

/// A key as a step of a JSON pointer (RFC 6901, section 3).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A name in camel case as one in snake case: `listPeeringConnections` as
/// `list_peering_connections`.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
