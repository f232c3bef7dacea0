//! Refuses a fragment that the build would get wrong, with the place and a remedy.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::{Operation, children, entries, escape, operations, resolve, snake};
use super::{Fault, IDS};

/// Each kind of object, and the keys that it may have: any other would be lost silently. After
/// a colon is the kind of what a key holds; `*` stands for each entry or item of that. Another
/// key that starts with `x-` is for other readers.
const GRAMMAR: &str = "
document openapi info servers security tags paths:*path components:components
components securitySchemes schemas:*schema parameters:*parameter responses:*body requestBodies:*body
path parameters:*parameter get:operation post:operation put:operation patch:operation delete:operation
operation operationId summary description tags deprecated parameters:*parameter requestBody:body responses:*body
parameter name in required description schema:part
body description required content:*media
media schema:part example
enum type description nullable enum x-combines:*part
union type description required oneOf discriminator properties:*part
object type description nullable required properties:*part
part type description nullable format pattern minLength maxLength minimum maximum default example items:part
reference type description nullable default enum pattern allOf:*part
";

/// Names with another meaning: constructors of the generator, and a name that only the generator takes
/// for a keyword of Rust.
const TAKEN: [&str; 3] = ["new", "new_with_client", "gen"];

pub(super) fn check(document: &Value) -> Result<(), Fault> {
    let there = document["components"]["schemas"].is_object();
    must(there, "/components/schemas", "is not an object")?;
    check_kind(document, "document", "", document)?;
    let mut seen = BTreeMap::new();
    for operation in operations(document) {
        check_operation(document, &operation)?;
        let own = format!("{} {}", operation.method.to_uppercase(), operation.path);
        let other = seen.insert(operation.id(), own).unwrap_or_default();
        let reason = format!("has the operationId of {other}");
        must(other.is_empty(), &operation.pointer, reason)?;
    }
    must(!seen.is_empty(), "/paths", "holds no operation")
}

fn must(holds: bool, place: &str, reason: impl std::fmt::Display) -> Result<(), Fault> {
    let fault = || Fault::new(place, reason);
    holds.then_some(()).ok_or_else(fault)
}

fn has(place: &str, value: &Value, key: &str) -> Result<(), Fault> {
    let there = value[key].as_str().is_some_and(|text| !text.is_empty());
    must(there, place, format!("has no {key}"))
}

/// The generator and the build spell a name alike where no acronym is in capitals; `ident` is the name
/// in Rust.
fn check_name(place: &str, name: &str, ident: &str) -> Result<(), Fault> {
    let acronym = |pair: &[u8]| pair[0].is_ascii_uppercase() && !pair[1].is_ascii_lowercase();
    let plain = name.bytes().all(|letter| letter.is_ascii_alphanumeric())
        && !name.as_bytes().windows(2).any(acronym)
        && syn::parse_str::<syn::Ident>(ident).is_ok()
        && !TAKEN.contains(&ident);
    let reason =
        format!("is called {name}, which the generator spells otherwise: write it like vpcId");
    must(plain, place, reason)
}

/// Checks an object of a kind, and all that it holds.
fn check_kind(document: &Value, kind: &str, place: &str, value: &Value) -> Result<(), Fault> {
    let kind = match kind {
        "schema" => kind_of_schema(place, value)?,
        // Of an enum that it refers to it may take some values alone.
        "part" if value.get("allOf").is_some() => "reference",
        kind => kind,
    };
    if let Some(reference) = value["$ref"].as_str() {
        let reason = format!("refers to {reference}, which is not there");
        must(resolve(document, value).is_some(), place, reason)?;
        let alone = entries(value).count() == 1;
        let reason = "has more than its $ref: wrap the $ref in an allOf";
        return must(alone, place, reason);
    }
    check_own(kind, place, value)?;
    let keys = GRAMMAR
        .lines()
        .find_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
    for (key, value) in entries(value) {
        let place = format!("{place}/{}", escape(key));
        let mut keys = keys.into_iter().flat_map(|keys| keys.split(' '));
        let Some(known) = keys.find(|known| known.split(':').next() == Some(key)) else {
            let reason = match kind {
                "part" if ["enum", "oneOf", "properties"].contains(&key.as_str()) => {
                    "is only for a named schema: move it to /components/schemas and refer to it"
                }
                _ if key.starts_with("x-") => continue,
                _ => "is not known to the build, which would lose it",
            };
            return Err(Fault::new(place, reason));
        };
        match known.split_once(':') {
            None => {}
            Some((_, kind)) => match kind.strip_prefix('*') {
                None => check_kind(document, kind, &place, value)?,
                Some(kind) => children(value).try_for_each(|(step, value)| {
                    check_kind(document, kind, &format!("{place}/{step}"), value)
                })?,
            },
        }
    }
    Ok(())
}

/// The kind of a named schema.
fn kind_of_schema(place: &str, schema: &Value) -> Result<&'static str, Fault> {
    let name = place.rsplit('/').next().unwrap_or_default();
    check_name(place, name, name)?;
    let has_key = |key| schema.get(key).is_some();
    let is_enum = ["enum", "x-extensible-enum", "x-combines"]
        .into_iter()
        .any(has_key);
    let kind = match [has_key("oneOf"), is_enum, IDS.contains(&name)] {
        [true, ..] => "union",
        [_, true, _] => "enum",
        [.., true] => "part",
        _ => "object",
    };
    let typed = kind != "object" || schema["type"] == "object";
    let reason = "is no object, enum, union or id: write it out where it is used";
    must(typed, place, reason)?;
    has(place, schema, "description")?;
    serde_json::from_value::<openapiv3::Schema>(schema.clone())
        .map_err(|error| Fault::new(place, error))?;
    Ok(kind)
}

/// What a kind asks for beyond its keys.
fn check_own(kind: &str, place: &str, value: &Value) -> Result<(), Fault> {
    match kind {
        "parameter" => check_parameter(place, value),
        "body" => entries(&value["content"]).try_for_each(|(media_type, _)| {
            let reason = "is not application/json: that of a version is x-media-type of its server";
            must(media_type == "application/json", place, reason)
        }),
        "object" | "union" => children(&value["properties"]).try_for_each(|(name, property)| {
            let place = format!("{place}/properties/{name}");
            has(&place, property, "description")
        }),
        "reference" => {
            let one = value["allOf"][0]["$ref"].is_string() && value["allOf"][1].is_null();
            let reason = "has an allOf that is not one $ref: write out what it joins";
            must(one, place, reason)
        }
        _ => Ok(()),
    }
}

fn check_parameter(place: &str, parameter: &Value) -> Result<(), Fault> {
    has(place, parameter, "description")?;
    let sent = parameter["in"] == "path" || parameter["in"] == "query";
    must(sent, place, "is neither in the path nor the query")?;
    let name = parameter["name"].as_str().unwrap_or_default();
    check_name(place, name, &snake(name))?;
    let schema = &parameter["schema"];
    // An object with properties is refused for those.
    let is_object = schema["type"] == "object" && schema.get("properties").is_none();
    let single = schema["type"] != "array" && !is_object;
    must(
        single,
        place,
        "is more than one value, which no query is made of",
    )?;
    let has_any = |keys: &[&str]| keys.iter().any(|key| schema.get(key).is_some());
    let ruled = has_any(&["pattern", "minLength", "maxLength"]);
    let reason = "has a rule for its text that nothing would check";
    must(!ruled, place, reason)?;
    let checked = parameter["in"] == "query"
        && parameter["required"] != true
        && schema["type"] == "integer"
        && schema["format"] != "int32"
        && schema["minimum"].is_i64()
        && schema.get("maximum").is_none_or(Value::is_i64);
    let reason = "has a bound that nothing would check: only an optional integer in the query may \
                  have bounds, a minimum and perhaps a maximum";
    must(checked || !has_any(&["minimum", "maximum"]), place, reason)
}

fn check_operation(document: &Value, operation: &Operation<'_>) -> Result<(), Fault> {
    let Operation { pointer, value, .. } = operation;
    for key in ["operationId", "summary", "description"] {
        has(pointer, value, key)?;
    }
    check_name(pointer, operation.id(), &snake(operation.id()))?;
    serde_json::from_value::<openapiv3::Operation>((*value).clone())
        .map_err(|error| Fault::new(pointer, error))?;
    let mut names = BTreeSet::new();
    for parameter in operation.parameters() {
        // The generator would keep one of them.
        let reason = format!("has two parameters {}", parameter["name"]);
        must(names.insert(parameter["name"].as_str()), pointer, reason)?;
    }
    for (status, response) in entries(&value["responses"]) {
        let place = format!("{pointer}/responses/{}", escape(status));
        let known = status.len() == 3 && status.starts_with(['2', '4', '5']);
        must(known, &place, "is no status of 2xx, 4xx or 5xx")?;
        // The transport reads every refusal as one type.
        let response = resolve(document, response).unwrap_or(response);
        let schema = &response["content"]["application/json"]["schema"]["$ref"];
        let typed = schema == "#/components/schemas/ApiError" || status.starts_with('2');
        must(typed, &place, "is an error whose JSON is no ApiError")?;
    }
    Ok(())
}
