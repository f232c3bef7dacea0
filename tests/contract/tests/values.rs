//! Arbitrary values of every type survive decoding and encoding, and fit the fragment's schema.

mod types;

use atlas_peering_contract::{Document, FRAGMENT, Way};
use proptest::prelude::*;
use proptest::strategy::Union;
use proptest::test_runner::{Config, TestRunner};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

type Values = BoxedStrategy<Value>;

/// The fragment, as a source of values.
struct Source(Value);

impl Source {
    fn schema(&self, name: &str) -> &Value {
        &self.0["components"]["schemas"][name]
    }

    /// Any value of a schema: what may be absent is absent, null or there.
    fn values(&self, schema: &Value) -> Values {
        let reference = schema["$ref"]
            .as_str()
            .or(schema["allOf"][0]["$ref"].as_str());
        let target = reference.and_then(|reference| self.0.pointer(reference.strip_prefix('#')?));
        let plain = match target {
            Some(target) => self.values(target),
            None => self.plain(schema),
        };
        if schema["nullable"] == true {
            prop_oneof![3 => plain, 1 => Just(Value::Null)].boxed()
        } else {
            plain
        }
    }

    fn plain(&self, schema: &Value) -> Values {
        if let Some(mapping) = schema["discriminator"]["mapping"].as_object() {
            let children = mapping.iter().map(|(value, reference)| {
                let value = value.clone();
                let child = self.values(&json!({"$ref": reference}));
                let tagged = child.prop_map(move |mut child| {
                    child["providerName"] = value.clone().into();
                    child
                });
                tagged.boxed()
            });
            return Union::new(children).boxed();
        }
        if let Some(values) = schema["enum"].as_array() {
            return proptest::sample::select(values.clone()).boxed();
        }
        match schema["type"].as_str() {
            Some("object") => self.objects(schema),
            Some("array") => {
                let items = self.values(&schema["items"]);
                proptest::collection::vec(items, 0..3)
                    .prop_map(Value::from)
                    .boxed()
            }
            Some("integer") => (0..=i32::MAX).prop_map(Value::from).boxed(),
            Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
            Some("string") => match schema["pattern"].as_str() {
                Some(pattern) => {
                    let inside = pattern.trim_start_matches('^').trim_end_matches('$');
                    let texts = proptest::string::string_regex(inside).unwrap();
                    texts.prop_map(Value::from).boxed()
                }
                None => any::<String>().prop_map(Value::from).boxed(),
            },
            _ => prop_oneof![
                any::<String>().prop_map(Value::from),
                any::<i64>().prop_map(Value::from)
            ]
            .boxed(),
        }
    }

    fn objects(&self, schema: &Value) -> Values {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let properties = schema["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        let mut fields: BoxedStrategy<Map<String, Value>> = Just(Map::new()).boxed();
        for (name, property) in properties {
            let needed = required.contains(&name.clone().into());
            let there = self.values(&property).prop_map(Some);
            let value = if needed {
                there.boxed()
            } else {
                prop_oneof![2 => there, 1 => Just(None)].boxed()
            };
            let with = (fields, value).prop_map(move |(mut fields, value)| {
                fields.extend(value.map(|value| (name.clone(), value)));
                fields
            });
            fields = with.boxed();
        }
        fields.prop_map(Value::Object).boxed()
    }
}

/// A request without its tag, which its union writes.
fn without_tag(name: &str, mut value: Value) -> Value {
    let is_child = ["Aws", "Azure", "Gcp"]
        .iter()
        .any(|cloud| name.contains(cloud));
    if is_child && (name.starts_with("New") || name.ends_with("Update")) {
        value.as_object_mut().unwrap().remove("providerName");
    }
    value
}

/// Whether a value of a child of requests fits, its tag given back.
fn fits(document: &Document, name: &str, value: &Value) {
    let way = if name.starts_with("New") || name.ends_with("Update") {
        Way::Request
    } else {
        Way::Answer
    };
    let faults = document.faults_of_schema(name, way, value);
    let faults: Vec<_> = faults
        .iter()
        .filter(|fault| !fault.place.ends_with("property providerName / required"))
        .collect();
    assert!(faults.is_empty(), "{name}: {value}: {faults:?}");
}

fn survive<T: DeserializeOwned + Serialize>(name: &str) {
    let document = Document::read(FRAGMENT, "").unwrap();
    let source = Source(serde_json::from_str(FRAGMENT).unwrap());
    let values = source.values(source.schema(name));
    let mut runner = TestRunner::new(Config::with_cases(64));
    let outcome = runner.run(&values, |value| {
        let value = without_tag(name, value);
        let decoded: T = serde_json::from_value(value.clone())
            .map_err(|error| TestCaseError::fail(format!("{name}: {value}: {error}")))?;
        let encoded = serde_json::to_value(&decoded).unwrap();
        prop_assert_eq!(&encoded, &value);
        fits(&document, name, &encoded);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

macro_rules! survive {
    ($($name:ident)*) => { $(survive::<atlas_peering::types::$name>(stringify!($name));)* };
}

#[test]
fn every_struct() {
    types::structs!(survive);
}

#[test]
fn every_union() {
    types::unions!(survive);
}

#[test]
fn every_enum() {
    types::enums!(survive);
}

#[test]
fn every_id() {
    macro_rules! survive_as_id {
        ($($name:ident)*) => { $(survive::<atlas_peering::$name>(stringify!($name));)* };
    }
    types::ids!(survive_as_id);
}

#[test]
fn a_value_that_does_not_fit_is_noticed() {
    let document = Document::read(FRAGMENT, "").unwrap();
    let value = json!({"id": "x", "providerName": "AWS", "vpcId": 7});
    assert!(
        document
            .faults_of_schema("Peering", Way::Answer, &value)
            .len()
            >= 2
    );
}
