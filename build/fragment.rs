//! The fragment as written: reads and checks it, and finds what it defines.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{Operation, children, operations, resolve, snake};
use super::{Fault, check};

/// The fragment, sound enough to be adapted.
pub(super) struct Fragment {
    pub(super) document: Value,
    /// Names of the schemas that requests reach.
    pub(super) in_requests: BTreeSet<String>,
    /// Names of the schemas that responses reach.
    pub(super) in_responses: BTreeSet<String>,
}

impl Fragment {
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let document: Value = serde_json::from_str(text)
            .map_err(|error| Fault::new(format!("line {}", error.line()), error))?;
        check::check(&document)?;
        let (mut in_requests, mut in_responses) = (BTreeSet::new(), BTreeSet::new());
        for Operation { value, .. } in operations(&document) {
            reach(&document, &value["requestBody"], &mut in_requests);
            reach(&document, &value["responses"], &mut in_responses);
        }
        // Ids and enums are the same both ways.
        let schemas = &document["components"]["schemas"];
        let differs = |name: &&String| schemas[*name]["type"] == "object";
        if let Some(name) = in_requests.intersection(&in_responses).find(differs) {
            let reason = "is in requests and in responses, which differ in what they refuse: \
                          write one for each";
            return Err(Fault::new(format!("/components/schemas/{name}"), reason));
        }
        Ok(Self {
            document,
            in_requests,
            in_responses,
        })
    }

    /// The operation whose generated method is `method`.
    pub(super) fn operation(&self, method: &str) -> Option<Operation<'_>> {
        operations(&self.document).find(|operation| snake(operation.id()) == method)
    }

    /// What `value` refers to, or itself.
    pub(super) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        resolve(&self.document, value).unwrap_or(value)
    }
}

/// The named schema that a value refers to, also where the reference is wrapped in an `allOf`.
pub(super) fn named_schema(value: &Value) -> Option<&str> {
    let of = value["allOf"].get(0).unwrap_or(value);
    of["$ref"].as_str()?.rsplit('/').next()
}

/// Adds the names of all schemas that `value` refers to, and those that they refer to.
fn reach(document: &Value, value: &Value, reached: &mut BTreeSet<String>) {
    if let Some(reference) = value["$ref"].as_str() {
        let name = reference.strip_prefix("#/components/schemas/");
        if name.is_none_or(|name| reached.insert(name.to_owned())) {
            let target = resolve(document, value).unwrap_or(&Value::Null);
            reach(document, target, reached);
        }
    }
    children(value).for_each(|(_, value)| reach(document, value, reached));
}
