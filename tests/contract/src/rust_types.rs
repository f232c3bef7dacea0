//! The schema of each Rust type says what the fragment's schema of the same name says: properties,
//! which of them are required, and types.

use std::collections::{BTreeMap, BTreeSet};

use atlas_peering::types::{ContainerUpdate, NewContainer, NewPeering, PeeringUpdate};
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

use crate::document::Document;
use crate::reader::entries;
use crate::schema::Way;
use crate::types::{enums, ids, structs, unions, way_of};

/// What a schema says of its properties: the types of each, and whether it is required.
type Properties = BTreeMap<String, (BTreeSet<String>, bool)>;

/// The JSON types of a value. What may be absent may be null as well, in Rust: null is not counted.
fn types_of<'a>(schema: &'a Value, resolve: &impl Fn(&'a Value) -> &'a Value) -> BTreeSet<String> {
    let schema = resolve(schema.get("allOf").map_or(schema, |parts| &parts[0]));
    let parts = schema["anyOf"].as_array().into_iter().flatten();
    let mut types: BTreeSet<_> = parts.flat_map(|part| types_of(part, resolve)).collect();
    let names = match &schema["type"] {
        Value::Array(names) => &names[..],
        name => std::slice::from_ref(name),
    };
    types.extend(names.iter().filter_map(Value::as_str).map(str::to_owned));
    types.remove("null");
    types
}

fn properties<'a>(schema: &'a Value, resolve: &impl Fn(&'a Value) -> &'a Value) -> Properties {
    let properties = entries(&schema["properties"]).map(|(name, property)| {
        let mut required = schema["required"].as_array().into_iter().flatten();
        let required = required.any(|of| of == name);
        (name.clone(), (types_of(property, resolve), required))
    });
    properties.collect()
}

/// Holds the Rust type against the fragment, with what `build.rs` changes on the way: the
/// discriminator of a request is written by its union, and of a response only what it is nothing
/// without is required.
fn agrees<T: JsonSchema>(fragment: &Document) {
    let name = T::schema_name();
    let ours = schema_for!(T).to_value();
    let ours = properties(&ours, &|of| match of["$ref"].as_str() {
        Some(reference) => ours.pointer(&reference[1..]).unwrap(),
        None => of,
    });
    let mut promised = properties(&fragment.schemas()[&*name], &|of| fragment.resolve(of));
    if way_of(&name) == Way::Request {
        promised.remove("providerName");
    } else {
        for (name, (_, required)) in &mut promised {
            *required &= ["id", "results"].contains(&name.as_str());
        }
    }
    assert!(!promised.is_empty(), "{name}");
    assert_eq!(ours, promised, "{name}");
}

/// A union of requests is told by its discriminator, whose values are those of the mapping.
fn is_told_by_its_discriminator<T: JsonSchema>(fragment: &Document) {
    let name = T::schema_name();
    let ours = schema_for!(T).to_value();
    let ours = ours["oneOf"].as_array().unwrap().iter();
    let ours = ours.map(|of| of["properties"]["providerName"]["const"].as_str().unwrap());
    let mapping = fragment.schemas()[&*name]["discriminator"]["mapping"].as_object();
    let promised = mapping.unwrap().keys().map(String::as_str);
    assert_eq!(
        ours.collect::<Vec<_>>(),
        promised.collect::<Vec<_>>(),
        "{name}"
    );
}

#[test]
fn every_type_says_what_its_schema_says() {
    let fragment = Document::fragment();
    macro_rules! agree {
        ($($name:ident)*) => { $(agrees::<atlas_peering::types::$name>(&fragment);)* };
    }
    structs!(agree);
    is_told_by_its_discriminator::<NewPeering>(&fragment);
    is_told_by_its_discriminator::<PeeringUpdate>(&fragment);
    is_told_by_its_discriminator::<NewContainer>(&fragment);
    is_told_by_its_discriminator::<ContainerUpdate>(&fragment);
}

#[test]
fn no_schema_is_left_out() {
    // An accepted request is answered with nothing.
    let mut listed = BTreeSet::from(["RequestAccepted"]);
    macro_rules! list {
        ($($name:ident)*) => { listed.extend([$(stringify!($name)),*]) };
    }
    structs!(list);
    unions!(list);
    enums!(list);
    ids!(list);
    let fragment = Document::fragment();
    let promised = entries(fragment.schemas()).map(|(name, _)| name.as_str());
    assert_eq!(listed, promised.collect());
}
