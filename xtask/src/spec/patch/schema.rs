//! Changes inside schemas.

use serde_json::{Value, json};

use super::Amendment;
use crate::spec::facts::escape;

impl Amendment<'_> {
    pub(super) fn require(&self, holder: &str, name: &str, wanted: bool) -> Vec<Value> {
        let list = format!("{holder}/required");
        let names = self.at(&list).as_array();
        let index = names.and_then(|names| names.iter().position(|own| own == name));
        match (names, index) {
            (Some(_), None) if wanted => {
                vec![json!({"op": "add", "path": format!("{list}/-"), "value": name})]
            }
            (None, _) if wanted => vec![json!({"op": "add", "path": list, "value": [name]})],
            (_, Some(index)) if !wanted => {
                vec![json!({"op": "remove", "path": format!("{list}/{index}")})]
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn type_name(&self) -> Option<Vec<Value>> {
        let within = self.difference.within.as_str();
        let theirs = self.theirs_value()?;
        let nullable = theirs.ends_with(" or null");
        let name = theirs.trim_end_matches(" or null");
        let own = self.at(within);
        let mut operations = Vec::new();
        if own["type"].is_string() && !name.contains(" or ") && name != "any" {
            if own["type"] != name {
                let path = format!("{within}/type");
                operations.push(json!({"op": "replace", "path": path, "value": name}));
            }
        } else if own["nullable"] == nullable || !self.is_same_but_null(name) {
            return Some(self.adopted(within));
        }
        match (nullable, own["nullable"] == true) {
            (true, false) => {
                let path = format!("{within}/nullable");
                operations.push(json!({"op": "add", "path": path, "value": true}));
            }
            (false, true) => {
                operations.push(json!({"op": "remove", "path": format!("{within}/nullable")}));
            }
            _ => {}
        }
        Some(operations)
    }

    pub(super) fn is_same_but_null(&self, name: &str) -> bool {
        let ours = self.difference.ours.as_ref();
        ours.is_some_and(|said| said.value.trim_end_matches(" or null") == name)
    }

    /// A schema in place of ours; our words stay.
    pub(super) fn adopted(&self, path: &str) -> Vec<Value> {
        let Some(theirs) = self.theirs() else {
            return vec![json!({"op": "remove", "path": path})];
        };
        let mut adoption = self.adoption();
        let mut value = adoption.schema(theirs);
        let words = &self.at(path)["description"];
        if words.is_string() {
            value["description"] = words.clone();
        }
        let mut operations = adoption.into_operations();
        operations.push(json!({"op": "add", "path": path, "value": value}));
        operations
    }

    pub(super) fn value(&self, value: &str) -> Vec<Value> {
        let schema = self.plain(&self.difference.within);
        let list = format!("{schema}/enum");
        let values = self.at(&list).as_array();
        if self.difference.theirs.is_none() {
            let index = values.and_then(|values| values.iter().position(|own| own == value));
            let path = index.map(|index| format!("{list}/{index}"));
            return path
                .map(|path| json!({"op": "remove", "path": path}))
                .into_iter()
                .collect();
        }
        match values {
            Some(_) => vec![json!({"op": "add", "path": format!("{list}/-"), "value": value})],
            None => vec![json!({"op": "add", "path": list, "value": [value]})],
        }
    }

    pub(super) fn property(&self, name: &str) -> Option<Vec<Value>> {
        if self.difference.theirs.is_none() {
            let own = self.difference.ours.as_ref()?.at.as_str();
            let (holder, _) = own.rsplit_once("/properties/")?;
            let mut operations = vec![json!({"op": "remove", "path": own})];
            operations.extend(self.require(holder, name, false));
            return Some(operations);
        }
        let holder = self.plain(&self.difference.within);
        let theirs = self.theirs()?;
        let mut adoption = self.adoption();
        let value = adoption.schema(theirs);
        let mut operations = adoption.into_operations();
        let properties = format!("{holder}/properties");
        let (path, value) = if self.at(&properties).is_object() {
            (format!("{properties}/{}", escape(name)), value)
        } else {
            (properties, json!({name: value}))
        };
        operations.push(json!({"op": "add", "path": path, "value": value}));
        if self.is_required_of_theirs(name) && !self.may_be_optional() {
            operations.extend(self.require(&holder, name, true));
        }
        Some(operations)
    }

    /// Whether the published schema, or one that is merged with it, requires a property.
    pub(super) fn is_required_of_theirs(&self, name: &str) -> bool {
        let at = self
            .difference
            .theirs
            .as_ref()
            .map_or("", |said| said.at.as_str());
        // A part of an `allOf` leaves the requirement to the whole.
        let mut holder = at.rsplit_once("/properties/").map(|(holder, _)| holder);
        while let Some(pointer) = holder {
            let schema = self.context.published.pointer(pointer);
            let required = schema.and_then(|schema| schema["required"].as_array());
            if required.into_iter().flatten().any(|own| own == name) {
                return true;
            }
            holder = pointer.rsplit_once("/allOf/").map(|(whole, _)| whole);
        }
        false
    }

    /// Whether it is meant that ours does not require it: a change of one holds what changes.
    pub(super) fn may_be_optional(&self) -> bool {
        let place = self.difference.part("required");
        let mut entries = self.context.entries.iter();
        entries.any(|entry| {
            entry.is_of(self.context.version)
                && entry.covers_values(&place, Some("false"), Some("true"))
        })
    }

    /// A child of a union.
    pub(super) fn child(&self, value: &str) -> Option<Vec<Value>> {
        let union = self.plain(&self.difference.within);
        let mapping = format!("{union}/discriminator/mapping/{}", escape(value));
        if let Some(ours) = &self.difference.ours {
            let reference = format!("#{}", ours.at);
            let children = self.at(&format!("{union}/oneOf")).as_array()?;
            let index = children
                .iter()
                .position(|child| child["$ref"] == reference)?;
            return Some(vec![
                json!({"op": "remove", "path": format!("{union}/oneOf/{index}")}),
                json!({"op": "remove", "path": mapping}),
            ]);
        }
        let name = self
            .difference
            .theirs
            .as_ref()?
            .at
            .rsplit('/')
            .next()?
            .to_owned();
        let mut adoption = self.adoption();
        let reference = adoption.component(&name);
        let mut operations = adoption.into_operations();
        let child = json!({"$ref": reference});
        operations.push(json!({"op": "add", "path": format!("{union}/oneOf/-"), "value": child}));
        operations.push(json!({"op": "add", "path": mapping, "value": reference}));
        Some(operations)
    }
}
