//! Seeded changes of a published document: the comparison reports each at its place. The documents are
//! made of our fragment, so that these tests need no published one.

use serde_json::{Map, json};

use super::*;

const VERSIONS: [&str; 2] = ["v1.0", "v2"];

fn object(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().unwrap()
}

/// Our fragment, with each schema published under its own name.
fn fragment() -> Value {
    let text = read(build::FRAGMENT).unwrap();
    let mut fragment: Value = serde_json::from_str(&text).unwrap();
    for (name, schema) in object(&mut fragment["components"]["schemas"]) {
        schema["x-published-as"] = json!(name);
    }
    fragment
}

/// The fragment in the form of a published document of a version.
fn published(version: &str) -> Value {
    let mut document = fragment();
    let mut paths = Map::new();
    for (path, item) in object(&mut document["paths"]) {
        for operation in object(item).values_mut() {
            operation["x-rolesRequirements"] = json!([operation["x-roles"][version]]);
            if version == "v2" {
                operation["operationId"] = operation["x-operation-ids"]["v2"].clone();
                let responses = object(&mut operation["responses"]).values_mut();
                responses.for_each(date);
                operation.get_mut("requestBody").into_iter().for_each(date);
            }
        }
        paths.insert(format!("/api/atlas/{version}{path}"), item.clone());
    }
    document["paths"] = paths.into();
    document
}

/// Gives a body the dated media type of version 2.
fn date(holder: &mut Value) {
    if let Some(content) = holder.get_mut("content").map(object)
        && let Some(media) = content.remove("application/json")
    {
        content.insert("application/vnd.atlas.2023-01-01+json".to_owned(), media);
    }
}

/// Sets the value at a JSON pointer; `-` is the end of an array, and null deletes the value.
fn set(document: &mut Value, pointer: &str, value: &Value) {
    let (holder, key) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(holder) {
        Some(Value::Array(items)) if key == "-" => items.push(value.clone()),
        Some(Value::Array(items)) => drop(items.remove(key.parse().unwrap())),
        Some(Value::Object(fields)) if value.is_null() => drop(fields.remove(key).unwrap()),
        Some(Value::Object(fields)) => drop(fields.insert(key.to_owned(), value.clone())),
        _ => panic!("{pointer}: no such place"),
    }
}

/// Each line is a change: a JSON pointer (below the path `/groups/{groupId}/peers`, or below the
/// components), the new value (null deletes), and the end of the place that the report must name.
const SEEDS: &str = r##"
peers/get/operationId | "listPeers" | peers / operationId
peers/get/deprecated | true | peers / deprecated
peers/get/servers | [] | peers / servers
peers/get/tags | null | peers / tag Network Peering
peers/get/tags | ["Peers"] | peers / tag Network Peering
peers/get/tags | ["Network Peering", "Peers"] | peers / tag Peers
peers/get/security | [] | peers / security DigestAuth
peers/get/security | [{"DigestAuth": []}] | peers / security ServiceAccounts
peers/post/x-rolesRequirements | ["Project Member"] | peers / roles
peers/post/x-rolesRequirements | null | peers / roles
peers/get/parameters/- | {"in": "query", "name": "color"} | peers / parameter query color
peers/get/parameters/1 | null | peers / parameter query includeCount
peers/parameters | [{"in": "query", "name": "color"}] | peers / parameter query color
peers/put | {"tags": ["Network Peering"]} | PUT /groups/{groupId}/peers
peers/post | null | POST /groups/{groupId}/peers
peers/post/requestBody/required | null | peers / request / required
peers/post/requestBody/required | false | peers / request / required
peers/post/responses/418 | {} | peers / status 418
peers/post/responses/409 | null | peers / status 409
peers/get/responses/200/headers | {"Age": {}} | peers / status 200 / header Age
peers/get/responses/200/content | {"application/new": {}} | status 200 / media type
peers/get/responses/200/content | {"any": {"x-sunset": "2030-01-01"}} | peers / sunset
parameters/itemsPerPage/schema/minimum | 0 | parameter query itemsPerPage / minimum
parameters/itemsPerPage/schema/maximum | 1000 | parameter query itemsPerPage / maximum
parameters/itemsPerPage/schema/default | 50 | parameter query itemsPerPage / default
parameters/pageNum/schema/maximum | 9 | parameter query pageNum / maximum
parameters/pageNum/style | "simple" | parameter query pageNum / style
parameters/providerName/schema/default | null | parameter query providerName / default
parameters/providerName/required | true | parameter query providerName / required
securitySchemes/DigestAuth/scheme | "basic" | security DigestAuth / DigestAuth / scheme
schemas/PeeringPage/properties/totalCount/type | "string" | property totalCount / type
schemas/PeeringPage/properties/totalCount/format | "int64" | property totalCount / format
schemas/PeeringPage/properties/totalCount/format | null | property totalCount / format
schemas/PeeringPage/properties/totalCount/minimum | 1 | property totalCount / minimum
schemas/PeeringPage/properties/totalCount/maximum | 50 | property totalCount / maximum
schemas/PeeringPage/properties/results/minItems | 1 | property results / minItems
schemas/PeeringPage/properties/results/maxItems | 50 | property results / maxItems
schemas/PeeringPage/properties/results/uniqueItems | true | property results / uniqueItems
schemas/PeeringPage/properties/links/items | {} | property links / items / schema
schemas/NewAwsPeering/properties/vpcId/minLength | 8 | provider AWS / property vpcId / minLength
schemas/NewAwsPeering/properties/vpcId/maxLength | 21 | provider AWS / property vpcId / maxLength
schemas/NewAwsPeering/properties/vpcId/pattern | "^vpc" | provider AWS / property vpcId / pattern
schemas/NewAwsPeering/properties/color | {} | request / body / provider AWS / property color
schemas/NewAwsPeering/required/- | "containerId" | property containerId / required
schemas/NewAwsPeering/additionalProperties | false | provider AWS / additionalProperties
schemas/AwsPeering/properties/errorMessage | null | provider AWS / property errorMessage
schemas/GcpPeering/properties/errorMessage/nullable | null | property errorMessage / type
schemas/GcpPeeringState/x-extensible-enum/- | "PAUSED" | provider GCP / property status / value PAUSED
schemas/Peering/discriminator/mapping/OCI | "#/components/schemas/Link" | body / provider OCI
schemas/Peering/discriminator/mapping/GCP | null | body / provider GCP
schemas/Peering/discriminator/propertyName | "cloud" | body / discriminator
schemas/Peering/oneOf/- | {"$ref": "#/components/schemas/Link"} | body / variants
"##;

#[test]
fn every_seeded_change_is_reported_at_its_place() {
    for version in VERSIONS {
        let peers = format!("/paths/~1api~1atlas~1{version}~1groups~1{{groupId}}~1peers");
        for seed in SEEDS.lines().filter(|line| !line.is_empty()) {
            let [place, value, expected]: [&str; 3] =
                seed.split(" | ").collect::<Vec<_>>().try_into().unwrap();
            let pointer = match place.strip_prefix("peers") {
                Some(below) => format!("{peers}{below}"),
                None => format!("/components/{place}"),
            };
            let mut document = published(version);
            set(
                &mut document,
                &pointer,
                &serde_json::from_str(value).unwrap(),
            );
            let report = compare(&fragment(), &document, &[]).unwrap();
            let mut unlisted = report.unlisted.iter();
            let seen = unlisted.any(|difference| difference.place.ends_with(expected));
            assert!(seen, "{seed}: {report}");
        }
    }
}

#[test]
fn the_fragment_does_not_differ_from_itself() {
    for version in VERSIONS {
        let report = compare(&fragment(), &published(version), &[]).unwrap();
        assert!(report.is_clean(), "{report}");
        assert_eq!(report.version, version);
        assert!(report.facts > 5000, "{}", report.facts);
    }
}

#[test]
fn a_listed_difference_is_counted_and_a_stale_entry_fails() {
    let place = "* / provider GCP / property status / value PAUSED";
    let entries = format!(
        "[[difference]]\nplace = {place:?}\ntheirs = \"\"\nreason = \"a\"\nsource = \"b\"\n"
    );
    let entries = differences::parse(&entries).unwrap();
    let mut document = published("v2");
    let states = "/components/schemas/GcpPeeringState/x-extensible-enum/-";
    set(&mut document, states, &json!("PAUSED"));
    let report = compare(&fragment(), &document, &entries).unwrap();
    assert!(report.is_clean() && report.listed > 0);
    let report = compare(&fragment(), &published("v2"), &entries).unwrap();
    assert_eq!(report.stale, [place]);
    assert!(!report.is_clean());
}

#[test]
fn a_report_shows_the_value_and_the_place_of_each_side() {
    let mut document = published("v2");
    let count = "/components/schemas/PeeringPage/properties/totalCount";
    set(&mut document, &format!("{count}/format"), &json!("int64"));
    set(&mut document, &format!("{count}/maximum"), &json!(50));
    let report = compare(&fragment(), &document, &[]).unwrap().to_string();
    for expected in [
        format!(
            "/ property totalCount / format: ours \"int32\" ({count}/format), theirs \"int64\" ({count}/format)"
        ),
        format!(
            "/ property totalCount / maximum: ours nothing in {count}, theirs \"50\" ({count}/maximum)"
        ),
    ] {
        assert!(report.contains(&expected), "{report}");
    }
}

#[test]
fn a_document_of_another_api_or_with_a_dangling_reference_is_refused() {
    let other = json!({"openapi": "3.0.1", "paths": {"/other": {}}});
    let error = compare(&fragment(), &other, &[]).err().unwrap();
    assert!(error.contains("no path under /api/atlas/v1.0"), "{error}");
    let mut nowhere = published("v2");
    set(&mut nowhere, "/components/schemas/Link", &json!(null));
    let error = compare(&fragment(), &nowhere, &[]).err().unwrap();
    let expected = "the reference #/components/schemas/Link has no target";
    assert!(error.ends_with(expected), "{error}");
}
