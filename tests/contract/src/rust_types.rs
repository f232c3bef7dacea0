//! The schema of each Rust type agrees with the fragment's schema of the same name: properties, which of
//! them are required, and their types.

use std::collections::{BTreeMap, BTreeSet};

use atlas_peering::types::{ContainerUpdate, NewContainer, NewPeering, PeeringUpdate};
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

use crate::document::Document;
use crate::reader::entries;
use crate::schema::Way;
use crate::types::{enums, ids, structs, unions, way_of};

/// The properties of a schema: the types of each, and whether it is required.
type Properties = BTreeMap<String, (BTreeSet<String>, bool)>;

/// The JSON types of a value, without null: in Rust, a property that may be absent may also be null.
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

/// Compares the Rust type with the fragment. `build.rs` makes two differences: the union of a request
/// writes its discriminator, and a response requires only `id` and `results`.
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

/// Checks that a union of requests has a discriminator with the values of the mapping.
fn has_its_discriminator<T: JsonSchema>(fragment: &Document) {
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
fn each_type_agrees_with_its_schema() {
    let fragment = Document::fragment();
    macro_rules! agree {
        ($($name:ident)*) => { $(agrees::<atlas_peering::types::$name>(&fragment);)* };
    }
    structs!(agree);
    has_its_discriminator::<NewPeering>(&fragment);
    has_its_discriminator::<PeeringUpdate>(&fragment);
    has_its_discriminator::<NewContainer>(&fragment);
    has_its_discriminator::<ContainerUpdate>(&fragment);
}

#[test]
fn no_schema_is_left_out() {
    // The response to an accepted request has no type: its body is empty.
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
