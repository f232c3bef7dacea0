//! The schema of each Rust type says what the fragment's schema of the same name says: properties,
//! which of them are required, and types.

mod types;

use std::collections::{BTreeMap, BTreeSet};

use atlas_peering::types::{ContainerUpdate, NewContainer, NewPeering, PeeringUpdate};
use atlas_peering_contract::{Document, FRAGMENT};
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

/// What a schema says of its properties: the types of each, and whether it is required.
type Properties = BTreeMap<String, (BTreeSet<String>, bool)>;

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"]
        .as_str()
        .or(schema["allOf"][0]["$ref"].as_str());
    match reference.and_then(|reference| root.pointer(reference.strip_prefix('#')?)) {
        Some(target) => resolve(root, target),
        None => schema,
    }
}

/// The JSON types of a value.
fn types_of(root: &Value, schema: &Value) -> BTreeSet<String> {
    let schema = resolve(root, schema);
    let mut types = BTreeSet::new();
    match &schema["type"] {
        Value::String(name) => {
            types.insert(name.clone());
        }
        Value::Array(names) => {
            types.extend(names.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        _ => {}
    }
    for part in schema["anyOf"].as_array().into_iter().flatten() {
        types.extend(types_of(root, part));
    }
    types
}

fn properties(root: &Value, schema: &Value) -> Properties {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let properties = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let properties = properties.into_iter().map(|(name, property)| {
        let mut types = types_of(root, &property);
        // What may be absent may be null as well, in Rust.
        types.remove("null");
        let required = required.contains(&name.clone().into());
        (name, (types, required))
    });
    properties.collect()
}

/// Holds the Rust type against the fragment, with what `build.rs` changes on the way: the tag of a
/// request is written by its union, and of an answer only what it is nothing without is required.
fn agrees<T: JsonSchema>(fragment: &Value) {
    let name = T::schema_name().into_owned();
    let ours = schema_for!(T).to_value();
    let ours = properties(&ours, &ours);
    let promised = &fragment["components"]["schemas"][&name];
    let mut promised = properties(fragment, promised);
    if name.starts_with("New") || name.ends_with("Update") {
        promised.remove("providerName");
    } else {
        for (name, (_, required)) in &mut promised {
            *required &= ["id", "results"].contains(&name.as_str());
        }
    }
    assert!(!promised.is_empty(), "{name}");
    assert_eq!(ours, promised, "{name}");
}

/// A union of requests is told by its tag, whose values are those of the mapping.
fn is_told_by_its_tag<T: JsonSchema>(fragment: &Value) {
    let schema = schema_for!(T).to_value();
    let children = schema["oneOf"].as_array().unwrap().iter();
    let tags = children.map(|child| {
        child["properties"]["providerName"]["const"]
            .as_str()
            .unwrap()
    });
    let name = T::schema_name();
    let mapping = &fragment["components"]["schemas"][&*name]["discriminator"]["mapping"];
    let promised = mapping.as_object().unwrap().keys().map(String::as_str);
    assert_eq!(
        tags.collect::<Vec<_>>(),
        promised.collect::<Vec<_>>(),
        "{name}"
    );
}

#[test]
fn every_type_says_what_its_schema_says() {
    let fragment: Value = serde_json::from_str(FRAGMENT).unwrap();
    macro_rules! agree {
        ($($name:ident)*) => { $(agrees::<atlas_peering::types::$name>(&fragment);)* };
    }
    types::structs!(agree);
    is_told_by_its_tag::<NewPeering>(&fragment);
    is_told_by_its_tag::<PeeringUpdate>(&fragment);
    is_told_by_its_tag::<NewContainer>(&fragment);
    is_told_by_its_tag::<ContainerUpdate>(&fragment);
}

#[test]
fn no_schema_is_left_out() {
    let document = Document::read(FRAGMENT, "").unwrap();
    let mut listed: BTreeSet<&str> = BTreeSet::new();
    macro_rules! list {
        ($($name:ident)*) => { listed.extend([$(stringify!($name)),*]) };
    }
    types::structs!(list);
    types::unions!(list);
    types::enums!(list);
    types::ids!(list);
    // An accepted request is answered with nothing.
    listed.insert("RequestAccepted");
    let promised: BTreeSet<_> = document.schemas().keys().map(String::as_str).collect();
    assert_eq!(listed, promised);
}
