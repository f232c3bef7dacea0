//! Reads a document that MongoDB publishes: JSON or YAML, the whole API or a slice of it.

use std::path::Path;

use serde_json::Value;

/// The maximum size of a document: 64 MiB, 25 times that of the present ones.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Reads and checks a document.
pub(crate) fn read(file: &str) -> Result<Value, String> {
    let fail = |error: &dyn std::fmt::Display| format!("{file}: {error}");
    let size = std::fs::metadata(Path::new(file))
        .map_err(|error| fail(&error))?
        .len();
    if size > MAX_BYTES {
        return Err(fail(&format!(
            "too large: it has {size} bytes, the maximum is {MAX_BYTES}"
        )));
    }
    let text = std::fs::read_to_string(file).map_err(|error| fail(&error))?;
    let document = parse(&text).map_err(|error| fail(&error))?;
    let version = document["openapi"].as_str().unwrap_or_default();
    if !version.starts_with("3.") {
        return Err(fail(
            &"not OpenAPI 3: the field `openapi` must start with `3.`",
        ));
    }
    Ok(document)
}

fn parse(text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| format!("invalid JSON: {error}"));
    }
    let value = serde_yaml_ng::from_str(text);
    let value = value.map_err(|error| format!("invalid YAML: {error}"))?;
    Ok(json(value))
}

/// YAML as JSON: keys become strings, such as the statuses of responses.
fn json(value: serde_yaml_ng::Value) -> Value {
    use serde_yaml_ng::Value as Yaml;
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => value.into(),
        Yaml::Number(number) => serde_json::to_value(number).unwrap_or_default(),
        Yaml::String(text) => text.into(),
        Yaml::Sequence(items) => items.into_iter().map(json).collect(),
        Yaml::Mapping(fields) => {
            let fields = fields
                .into_iter()
                .map(|(key, value)| (text(&key), json(value)));
            Value::Object(fields.collect())
        }
        Yaml::Tagged(tagged) => json(tagged.value),
    }
}

fn text(key: &serde_yaml_ng::Value) -> String {
    match json(key.clone()) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn yaml_and_json_parse_to_the_same_document() {
        let yaml = "openapi: 3.0.1\npaths:\n  /x:\n    get:\n      responses:\n        200: {description: \"\"}\n        \"404\":\n          deprecated: true\n      list: [1, null, a]\n";
        let expected = json!({"openapi": "3.0.1", "paths": {"/x": {"get": {
            "responses": {"200": {"description": ""}, "404": {"deprecated": true}},
            "list": [1, null, "a"],
        }}}});
        assert_eq!(parse(yaml).unwrap(), expected);
        assert_eq!(parse(&expected.to_string()).unwrap(), expected);
        assert!(parse("{").unwrap_err().starts_with("invalid JSON: "));
        assert!(parse("a: [").unwrap_err().starts_with("invalid YAML: "));
    }
}
