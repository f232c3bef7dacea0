//! The change of our fragment that takes a difference away, as a JSON Patch (RFC 6902).

mod adopt;
mod schema;

use std::collections::BTreeSet;

use json_patch::{Patch, PatchOperation};
use serde_json::{Value, json};

use super::differences::{Difference, Entry};
use super::facts::escape;
use adopt::Adoption;

/// What a change is made of.
pub(crate) struct Context<'a> {
    /// The published document.
    pub(crate) published: &'a Value,
    /// The version that it describes.
    pub(crate) version: &'a str,
    /// The differences that are meant.
    pub(crate) entries: &'a [Entry],
}

/// The first version's names are the fragment's own.
const FIRST_VERSION: &str = "v1.0";

/// The operations that take a difference away from `fragment`; none where a person has to.
pub(crate) fn amend(
    fragment: &Value,
    difference: &Difference,
    context: &Context<'_>,
) -> Vec<PatchOperation> {
    let amendment = Amendment {
        fragment,
        difference,
        context,
    };
    let operations = amendment.operations().unwrap_or_default();
    serde_json::from_value::<Patch>(operations.into())
        .map(|patch| patch.0)
        .unwrap_or_default()
}

struct Amendment<'a> {
    fragment: &'a Value,
    difference: &'a Difference,
    context: &'a Context<'a>,
}

impl Amendment<'_> {
    fn operations(&self) -> Option<Vec<Value>> {
        let what = self.difference.what();
        let (kind, name) = what.split_once(' ').unwrap_or((what, ""));
        let within = self.difference.within.as_str();
        match kind {
            _ if self.difference.place == what => self.operation(),
            "operationId" => Some(self.operation_id()),
            "deprecated" => Some(self.put(within, "deprecated", &json!(true))),
            "sunset" => Some(self.put(within, "x-sunset", &json!(self.theirs_value()))),
            "parameter" => self.parameter(name.split_once(' ')?.1),
            "required" => Some(self.required()),
            "type" => self.type_name(),
            "schema" => Some(self.put(
                &self.plain(within),
                "x-published-as",
                &json!(self.theirs_value()),
            )),
            "pattern" => {
                Some(self.put(&self.plain(within), "pattern", &json!(self.theirs_value())))
            }
            "value" => Some(self.value(name)),
            "property" => self.property(name),
            "items" => Some(self.adopted(&format!("{}/items", self.plain(within)))),
            "status" => Some(self.status(name)),
            "request" => Some(self.request()),
            "media" => self.media_type(),
            "provider" => self.child(name),
            _ => None,
        }
    }

    fn theirs_value(&self) -> Option<&str> {
        self.difference
            .theirs
            .as_ref()
            .map(|said| said.value.as_str())
    }

    /// What the published document has at the difference.
    fn theirs(&self) -> Option<&Value> {
        self.context
            .published
            .pointer(&self.difference.theirs.as_ref()?.at)
    }

    fn at(&self, pointer: &str) -> &Value {
        self.fragment.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// Sets a field to what they say, or removes it where they say nothing.
    fn put(&self, within: &str, key: &str, value: &Value) -> Vec<Value> {
        let path = format!("{within}/{}", escape(key));
        match self.difference.theirs {
            Some(_) => vec![json!({"op": "add", "path": path, "value": value})],
            None => vec![json!({"op": "remove", "path": path})],
        }
    }

    /// Where a schema itself is: behind references and behind an `allOf` of one.
    fn plain(&self, pointer: &str) -> String {
        let schema = self.at(pointer);
        let reference = schema["$ref"]
            .as_str()
            .or(schema["allOf"][0]["$ref"].as_str());
        match reference.and_then(|reference| reference.strip_prefix('#')) {
            Some(target) => self.plain(target),
            None => pointer.to_owned(),
        }
    }

    /// A whole operation, which only one side has.
    fn operation(&self) -> Option<Vec<Value>> {
        let (method, path) = self.difference.place.split_once(' ')?;
        let (method, item) = (method.to_lowercase(), format!("/paths/{}", escape(path)));
        let theirs = self.theirs();
        let Some(theirs) = theirs else {
            let alone = self
                .at(&item)
                .as_object()
                .is_some_and(|item| item.len() == 1);
            let path = if alone {
                item
            } else {
                format!("{item}/{method}")
            };
            let mut operations = vec![json!({"op": "remove", "path": path})];
            operations.extend(self.left_alone_by(&path));
            return Some(operations);
        };
        let mut adoption = self.adoption();
        let mut value = adoption.operation(theirs);
        if self.context.version != FIRST_VERSION {
            let own = value["operationId"].clone();
            value["x-operation-ids"] = json!({self.context.version: own});
        }
        let (path, value) = if self.at(&item).is_object() {
            (format!("{item}/{method}"), value)
        } else {
            (item, json!({method: value}))
        };
        let mut operations = adoption.into_operations();
        operations.push(json!({"op": "add", "path": path, "value": value}));
        Some(operations)
    }

    /// The operations that remove the schemas which nothing reaches without a place.
    fn left_alone_by(&self, path: &str) -> Vec<Value> {
        let mut without = self.fragment.clone();
        if let Some(place) = without.pointer_mut(path) {
            *place = Value::Null;
        }
        let (before, after) = (reached(self.fragment), reached(&without));
        let alone = before.difference(&after);
        let remove = alone.map(|name| {
            let path = format!("/components/schemas/{}", escape(name));
            json!({"op": "remove", "path": path})
        });
        remove.collect()
    }

    fn operation_id(&self) -> Vec<Value> {
        let id = json!(self.theirs_value());
        let within = &self.difference.within;
        if self.context.version == FIRST_VERSION {
            return self.put(within, "operationId", &id);
        }
        let ids = format!("{within}/x-operation-ids");
        if self.at(&ids).is_object() {
            self.put(&ids, self.context.version, &id)
        } else {
            let value = json!({self.context.version: id});
            vec![json!({"op": "add", "path": ids, "value": value})]
        }
    }

    fn parameter(&self, name: &str) -> Option<Vec<Value>> {
        let list = format!("{}/parameters", self.difference.within);
        if let Some(theirs) = self.theirs() {
            let shared = &self.fragment["components"]["parameters"][name];
            let same = shared["in"] == theirs["in"] && shared["name"] == theirs["name"];
            let mut adoption = self.adoption();
            let value = if same {
                json!({"$ref": format!("#/components/parameters/{name}")})
            } else {
                adoption.parameter(theirs)
            };
            let mut operations = adoption.into_operations();
            operations.push(json!({"op": "add", "path": format!("{list}/-"), "value": value}));
            return Some(operations);
        }
        let own = &self.difference.ours.as_ref()?.at;
        let of_operation = |parameter: &Value| match parameter["$ref"].as_str() {
            Some(reference) => reference.strip_prefix('#') == Some(own),
            None => parameter["name"] == name,
        };
        let index = self.at(&list).as_array()?.iter().position(of_operation)?;
        Some(vec![
            json!({"op": "remove", "path": format!("{list}/{index}")}),
        ])
    }

    /// Whether a property of a schema, or a parameter, has to be there.
    fn required(&self) -> Vec<Value> {
        let within = self.difference.within.as_str();
        let wanted = self.theirs_value() == Some("true");
        match within.rsplit_once("/properties/") {
            Some((holder, name)) => self.require(holder, name, wanted),
            None => {
                vec![json!({"op": "add", "path": format!("{within}/required"), "value": wanted})]
            }
        }
    }

    fn status(&self, status: &str) -> Vec<Value> {
        let path = format!("{}/responses/{status}", self.difference.within);
        let Some(theirs) = self.theirs() else {
            return vec![json!({"op": "remove", "path": path})];
        };
        let mut adoption = self.adoption();
        let value = adoption.answer(status, theirs);
        let mut operations = adoption.into_operations();
        operations.push(json!({"op": "add", "path": path, "value": value}));
        operations
    }

    fn request(&self) -> Vec<Value> {
        let path = format!("{}/requestBody", self.difference.within);
        let Some(theirs) = self.theirs() else {
            return vec![json!({"op": "remove", "path": path})];
        };
        let mut adoption = self.adoption();
        let value = adoption.body(theirs);
        let mut operations = adoption.into_operations();
        operations.push(json!({"op": "add", "path": path, "value": value}));
        operations
    }

    /// The media type of the version's successes, for this operation.
    fn media_type(&self) -> Option<Vec<Value>> {
        let (operation, _) = self.difference.place.split_once(" / ")?;
        let (method, path) = operation.split_once(' ')?;
        let operation = format!("/paths/{}/{}", escape(path), method.to_lowercase());
        // Where there is no content there is nothing to be named, and an error's is plain JSON.
        let ours = self.difference.ours.as_ref()?;
        if !ours.at.contains("x-media-type") && self.context.version != FIRST_VERSION {
            return None;
        }
        let value = json!({self.context.version: self.theirs_value()?});
        let path = format!("{operation}/x-media-types");
        Some(vec![json!({"op": "add", "path": path, "value": value})])
    }

    fn adoption(&self) -> Adoption<'_> {
        Adoption::new(
            self.fragment,
            self.context.published,
            &self.difference.place,
        )
    }
}

/// The names of the schemas that the operations of a document reach.
fn reached(document: &Value) -> BTreeSet<String> {
    fn visit(document: &Value, value: &Value, reached: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => {
                let Some(pointer) = text.strip_prefix("#/components/") else {
                    return;
                };
                let new = match pointer.strip_prefix("schemas/") {
                    Some(name) => reached.insert(name.to_owned()),
                    None => true,
                };
                if let (true, Some(target)) = (new, document.pointer(&text[1..])) {
                    visit(document, target, reached);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| visit(document, item, reached)),
            Value::Object(fields) => fields.values().for_each(|of| visit(document, of, reached)),
            _ => {}
        }
    }
    let mut reached_names = BTreeSet::new();
    visit(document, &document["paths"], &mut reached_names);
    reached_names
}
