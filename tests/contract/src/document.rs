//! An OpenAPI document, and the operations in it that requests are of.

use serde_json::Value;

use crate::reader;

/// A document, and what stands before its paths.
#[derive(Debug)]
pub struct Document {
    root: Value,
    prefix: String,
}

/// An operation of a document.
#[derive(Debug)]
pub struct Operation<'a> {
    /// Its `operationId`.
    pub id: &'a str,
    /// Its method, such as `POST`.
    pub method: String,
    /// Its path below the prefix, such as `/groups/{groupId}/peers`.
    pub path: &'a str,
    /// The names of its parameters in the query.
    pub query: Vec<&'a str>,
    /// What the document says of it.
    pub value: &'a Value,
}

impl Operation<'_> {
    /// The statuses of its responses.
    pub fn statuses(&self) -> impl Iterator<Item = u16> {
        let responses = reader::entries(&self.value["responses"]);
        responses.filter_map(|(status, _)| status.parse().ok())
    }
}

/// A server of the fragment: one version of the API.
#[derive(Debug)]
pub struct Server<'a> {
    /// The version, such as `v2`.
    pub version: &'a str,
    /// What stands before its paths, such as `/api/atlas/v2`.
    pub root: String,
    /// What `application/json` in the fragment stands for.
    pub media_type: &'a str,
}

impl Document {
    /// Our own, whose paths have no prefix.
    ///
    /// # Panics
    ///
    /// It is no JSON.
    #[must_use]
    pub fn fragment() -> Self {
        Self::read(crate::FRAGMENT, "").expect("the fragment is JSON")
    }

    /// Reads a document; its paths start with the prefix.
    ///
    /// # Errors
    ///
    /// The text is no JSON.
    pub fn read(text: &str, prefix: &str) -> serde_json::Result<Self> {
        Ok(Self {
            root: serde_json::from_str(text)?,
            prefix: prefix.to_owned(),
        })
    }

    /// The servers, one for each version.
    pub fn servers(&self) -> impl Iterator<Item = Server<'_>> {
        let servers = self.root["servers"].as_array().into_iter().flatten();
        servers.map(|server| {
            let url = server["url"].as_str().unwrap_or_default();
            Server {
                version: url.rsplit('/').next().unwrap_or_default(),
                root: url
                    .splitn(4, '/')
                    .skip(3)
                    .map(|path| format!("/{path}"))
                    .collect(),
                media_type: server["x-media-type"]
                    .as_str()
                    .unwrap_or("application/json"),
            }
        })
    }

    /// A named schema.
    #[must_use]
    pub fn schema(&self, name: &str) -> &Value {
        &self.root["components"]["schemas"][name]
    }

    /// The names of the schemas.
    pub fn schemas(&self) -> impl Iterator<Item = &str> {
        reader::entries(&self.root["components"]["schemas"]).map(|(name, _)| name.as_str())
    }

    /// Every operation under the prefix.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        reader::operations(&self.root).filter_map(|operation| {
            let in_query = |of: &&Value| of["in"] == "query";
            let parameters = operation.parameters().into_iter().filter(in_query);
            Some(Operation {
                id: operation.id(),
                method: operation.method.to_uppercase(),
                path: operation.path.strip_prefix(&self.prefix)?,
                query: parameters.filter_map(|of| of["name"].as_str()).collect(),
                value: operation.value,
            })
        })
    }

    /// The operation of a request, by its path on the wire below the root of the version.
    #[must_use]
    pub fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let fits = |template: &str| {
            template.split('/').count() == path.split('/').count()
                && (template.split('/').zip(path.split('/')))
                    .all(|(own, given)| own == given || own.starts_with('{'))
        };
        let fitting = self
            .operations()
            .filter(|own| own.method == method && fits(own.path));
        // A path without parameters comes before one with them.
        fitting.min_by_key(|own| own.path.matches('{').count())
    }

    /// What a value refers to, or itself.
    #[must_use]
    pub fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        reader::resolve(&self.root, value).unwrap_or(value)
    }
}
