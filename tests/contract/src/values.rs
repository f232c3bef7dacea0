//! Arbitrary values of each type survive decoding and encoding, and fit the fragment's schema.

use proptest::prelude::*;
use proptest::strategy::Union;
use proptest::test_runner::{Config, TestRunner};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::document::Document;
use crate::reader::entries;
use crate::schema::Way;
use crate::types::{enums, ids, structs, unions, way_of};

type Values = BoxedStrategy<Value>;

/// Any value of a schema. An optional property is absent, null or present.
fn values(fragment: &Document, schema: &Value) -> Values {
    let target = match schema.get("allOf") {
        // Values of an enum only.
        Some(parts) if schema.get("enum").is_none() => fragment.resolve(&parts[0]),
        _ => fragment.resolve(schema),
    };
    let plain = plain(fragment, target);
    if schema["nullable"] == true {
        prop_oneof![3 => plain, 1 => Just(Value::Null)].boxed()
    } else {
        plain
    }
}

fn plain(fragment: &Document, schema: &Value) -> Values {
    if let Some(mapping) = schema["discriminator"]["mapping"].as_object() {
        let variants = mapping.iter().map(|(value, reference)| {
            let value = value.clone();
            let variant = values(fragment, &json!({"$ref": reference}));
            let reported = variant.prop_map(move |mut variant| {
                variant["providerName"] = value.clone().into();
                variant
            });
            reported.boxed()
        });
        return Union::new(variants).boxed();
    }
    let known = schema.get("x-extensible-enum").unwrap_or(&schema["enum"]);
    if let Some(values) = known.as_array() {
        return proptest::sample::select(values.clone()).boxed();
    }
    match schema["type"].as_str() {
        Some("object") => objects(fragment, schema),
        Some("array") => {
            let items = proptest::collection::vec(values(fragment, &schema["items"]), 0..3);
            items.prop_map(Value::from).boxed()
        }
        Some("integer") => (0..=i32::MAX).prop_map(Value::from).boxed(),
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        Some("string") => {
            let pattern = schema["pattern"].as_str().unwrap_or(".*");
            let inside = pattern.trim_start_matches('^').trim_end_matches('$');
            let texts = proptest::string::string_regex(inside).unwrap();
            texts.prop_map(Value::from).boxed()
        }
        _ => {
            let text = any::<String>().prop_map(Value::from);
            prop_oneof![text, any::<i64>().prop_map(Value::from)].boxed()
        }
    }
}

fn objects(fragment: &Document, schema: &Value) -> Values {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut fields = Just(Map::new()).boxed();
    for (name, property) in entries(&schema["properties"]) {
        let there = values(fragment, property).prop_map(Some).boxed();
        let value = if required.contains(&json!(name)) {
            there
        } else {
            prop_oneof![2 => there, 1 => Just(None)].boxed()
        };
        let name = name.clone();
        let with = (fields, value).prop_map(move |(mut fields, value)| {
            fields.extend(value.map(|value| (name.clone(), value)));
            fields
        });
        fields = with.boxed();
    }
    fields.prop_map(Value::Object).boxed()
}

/// Checks that a value of a type fits, and is the same after decoding and encoding. The variant of a request
/// has no discriminator: its union writes it.
fn survive<T: DeserializeOwned + Serialize>(name: &str) {
    let fragment = Document::fragment();
    let mut schema = fragment.schemas()[name].clone();
    // Null and absent properties decode to the same value.
    schema["nullable"] = false.into();
    let values = values(&fragment, &schema);
    let clouds = ["Aws", "Azure", "Gcp"];
    let way = way_of(name);
    let is_variant = way == Way::Request && clouds.iter().any(|cloud| name.contains(cloud));
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(64)
    });
    let outcome = runner.run(&values, |mut value| {
        if is_variant {
            value.as_object_mut().unwrap().remove("providerName");
        }
        let decoded: T = serde_json::from_value(value.clone())
            .map_err(|error| TestCaseError::fail(format!("{name}: {value}: {error}")))?;
        let encoded = serde_json::to_value(&decoded).unwrap();
        prop_assert_eq!(&encoded, &without_nulls(&value));
        let mut faults = fragment.faults_of_schema(name, way, &encoded);
        faults.retain(|fault| !fault.place.ends_with("property providerName / required"));
        prop_assert!(faults.is_empty(), "{name}: {value}: {faults:?}");
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Null and absent mean the same in a response.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let there = fields.iter().filter(|(_, value)| !value.is_null());
            there
                .map(|(name, value)| (name.clone(), without_nulls(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        scalar => scalar.clone(),
    }
}

#[test]
fn each_type_survives() {
    macro_rules! survive {
        ($($name:ident)*) => { $(survive::<atlas_peering::types::$name>(stringify!($name));)* };
    }
    macro_rules! survive_as_id {
        ($($name:ident)*) => { $(survive::<atlas_peering::$name>(stringify!($name));)* };
    }
    structs!(survive);
    unions!(survive);
    enums!(survive);
    ids!(survive_as_id);
}

#[test]
fn a_value_that_does_not_fit_fails() {
    let value = json!({"id": "x", "providerName": "AWS", "vpcId": 7});
    let faults = Document::fragment().faults_of_schema("Peering", Way::Response, &value);
    assert!(faults.len() >= 2);
}
