//! The fragment as written: read, checked, and asked what it says.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{Operation, children, operations, resolve, snake};
use super::{Fault, check};

/// The fragment, sound enough to be adapted.
pub(super) struct Fragment {
    pub(super) document: Value,
    /// Names of the schemas that requests reach.
    pub(super) in_requests: BTreeSet<String>,
    /// Names of the schemas that answers reach.
    pub(super) in_answers: BTreeSet<String>,
}

/// The least and the greatest value of an integer in the query.
pub(super) struct Bounds {
    pub(super) parameter: String,
    pub(super) least: i64,
    pub(super) greatest: Option<i64>,
}

impl Fragment {
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let document: Value = serde_json::from_str(text)
            .map_err(|error| Fault::new(format!("line {}", error.line()), error))?;
        check::check(&document)?;
        let (mut in_requests, mut in_answers) = (BTreeSet::new(), BTreeSet::new());
        for Operation { value, .. } in operations(&document) {
            reach(&document, &value["requestBody"], &mut in_requests);
            reach(&document, &value["responses"], &mut in_answers);
        }
        // Ids and enums are the same both ways.
        let schemas = &document["components"]["schemas"];
        let differs = |name: &&String| schemas[*name]["type"] == "object";
        if let Some(name) = in_requests.intersection(&in_answers).find(differs) {
            let reason = "is in requests and in responses, which differ in what they refuse: \
                          write one for each";
            return Err(Fault::new(format!("/components/schemas/{name}"), reason));
        }
        Ok(Self {
            document,
            in_requests,
            in_answers,
        })
    }

    /// The operation whose generated method is `method`.
    pub(super) fn operation_of(&self, method: &str) -> Option<&Value> {
        self.called(method).map(|operation| operation.value).next()
    }

    /// The bounded integers in the query of the operation whose generated method is `method`.
    pub(super) fn query_bounds(&self, method: &str) -> Vec<Bounds> {
        let parameters = self
            .called(method)
            .flat_map(|operation| operation.parameters());
        let bounds = parameters.filter_map(|parameter| {
            Some(Bounds {
                parameter: parameter["name"].as_str()?.to_owned(),
                least: parameter["schema"]["minimum"].as_i64()?,
                greatest: parameter["schema"]["maximum"].as_i64(),
            })
        });
        bounds.collect()
    }

    fn called(&self, method: &str) -> impl Iterator<Item = Operation<'_>> {
        operations(&self.document).filter(move |operation| snake(operation.id()) == method)
    }

    /// What `value` refers to, or itself.
    pub(super) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        resolve(&self.document, value).unwrap_or(value)
    }
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
