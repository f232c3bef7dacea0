//! An OpenAPI document, and its operations.

use serde_json::Value;

use crate::reader::{self, Operation, entries};

/// A document, and the prefix of its paths.
pub(crate) struct Document {
    root: Value,
    prefix: String,
}

/// A server of the fragment: one version of the API.
pub(crate) struct Server<'a> {
    /// Such as `v2`.
    pub(crate) version: &'a str,
    /// The prefix of its paths, such as `/api/atlas/v2`.
    pub(crate) root: String,
    /// The media type that `application/json` in the fragment stands for.
    pub(crate) media_type: &'a str,
}

impl Document {
    /// The project's own document.
    pub(crate) fn fragment() -> Self {
        Self::read(include_str!("../../../spec/peering.json"), "")
    }

    pub(crate) fn read(text: &str, prefix: &str) -> Self {
        Self {
            root: serde_json::from_str(text).unwrap(),
            prefix: prefix.to_owned(),
        }
    }

    /// The servers, one for each version.
    pub(crate) fn servers(&self) -> impl Iterator<Item = Server<'_>> {
        self.root["servers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|server| {
                let url = server["url"].as_str().unwrap();
                let path = url.splitn(4, '/').nth(3).unwrap();
                Server {
                    version: url.rsplit('/').next().unwrap(),
                    root: format!("/{path}"),
                    media_type: server["x-media-type"]
                        .as_str()
                        .unwrap_or("application/json"),
                }
            })
    }

    /// The named schemas.
    pub(crate) fn schemas(&self) -> &Value {
        &self.root["components"]["schemas"]
    }

    /// All operations under the prefix; their paths are without it.
    pub(crate) fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        reader::operations(&self.root).filter_map(|mut operation| {
            operation.path = operation.path.strip_prefix(&self.prefix)?;
            Some(operation)
        })
    }

    /// The operation of a request, by its path on the wire below the root of the version.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let fits = |template: &str| {
            let mut steps = template.split('/').zip(path.split('/'));
            template.split('/').count() == path.split('/').count()
                && steps.all(|(own, given)| own == given || own.starts_with('{'))
        };
        let of_method = self
            .operations()
            .filter(|own| own.method == method.to_lowercase());
        let fitting = of_method.filter(|own| fits(own.path));
        // A path without parameters takes precedence.
        fitting.min_by_key(|own| own.path.matches('{').count())
    }

    /// The target of a reference, or the value itself.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        reader::resolve(&self.root, value).unwrap_or(value)
    }
}

impl<'a> Operation<'a> {
    /// Its place in the differences, such as `GET /groups/{groupId}/peers`.
    pub(crate) fn place(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// The statuses of its responses.
    pub(crate) fn statuses(&self) -> impl Iterator<Item = u16> {
        entries(&self.value["responses"]).map(|(status, _)| status.parse().unwrap())
    }

    /// The names of its parameters in the query.
    pub(crate) fn query(&self) -> impl Iterator<Item = &'a str> {
        let parameters = self
            .parameters()
            .into_iter()
            .filter(|of| of["in"] == "query");
        parameters.map(|of| of["name"].as_str().unwrap())
    }
}
