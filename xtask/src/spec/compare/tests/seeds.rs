//! The changes that are seeded.

use serde_json::{Map, Value, json};

use super::object;
use crate::spec::diff::Level;

fn peers(document: &mut Value) -> &mut Value {
    let paths = object(&mut document["paths"]);
    let item = paths.iter_mut().find(|(path, _)| path.ends_with("/peers"));
    item.unwrap().1
}

pub(super) fn schema<'a>(document: &'a mut Value, name: &str) -> &'a mut Value {
    &mut document["components"]["schemas"][name]
}

pub(super) fn push(list: &mut Value, item: Value) {
    list.as_array_mut().unwrap().push(item);
}

fn remove(value: &mut Value, key: &str) {
    object(value).remove(key).unwrap();
}

/// A seeded change, the place that it is told at, and what the patch does to users.
pub(super) struct Seed {
    pub(super) change: fn(&mut Value),
    pub(super) place: &'static str,
    pub(super) level: Level,
}

const fn seed(place: &'static str, level: Level, change: fn(&mut Value)) -> Seed {
    Seed {
        change,
        place,
        level,
    }
}

use Level::{Additive, Breaking, Invisible};

pub(super) const SEEDS: [Seed; 26] = [
    seed(
        "/ status 200 / body / provider GCP / property status / value PAUSED",
        Additive,
        |of| {
            push(&mut schema(of, "GcpPeeringState")["enum"], json!("PAUSED"));
        },
    ),
    seed(
        "/ request / body / provider AWS / property regionName / value MARS_1",
        Additive,
        |of| {
            push(&mut schema(of, "AwsRegion")["enum"], json!("MARS_1"));
        },
    ),
    seed(
        "POST /groups/{groupId}/peers / request / body / provider AWS / property color",
        Breaking,
        |of| {
            schema(of, "NewAwsPeering")["properties"]["color"] = json!({"type": "string"});
        },
    ),
    seed(
        "POST /groups/{groupId}/peers / request / body / provider AWS / property color",
        Breaking,
        |of| {
            schema(of, "NewAwsPeering")["properties"]["color"] = json!({"type": "string"});
            push(&mut schema(of, "NewAwsPeering")["required"], json!("color"));
        },
    ),
    seed(
        "/ status 200 / body / provider AWS / property color",
        Additive,
        |of| {
            schema(of, "AwsPeering")["properties"]["color"] =
                json!({"enum": ["RED"], "type": "string"});
        },
    ),
    seed(
        "/ status 200 / body / provider AWS / property errorMessage",
        Breaking,
        |of| {
            remove(&mut schema(of, "AwsPeering")["properties"], "errorMessage");
        },
    ),
    seed(
        "GET /groups/{groupId}/peers / operationId",
        Breaking,
        |of| {
            peers(of)["get"]["operationId"] = json!("listPeers");
        },
    ),
    seed(
        "GET /groups/{groupId}/peers / status 200 / body / property totalCount / type",
        Breaking,
        |of| {
            schema(of, "PeeringPage")["properties"]["totalCount"] = json!({"type": "string"});
        },
    ),
    seed("/ property errorMessage / type", Invisible, |of| {
        remove(
            &mut schema(of, "GcpPeering")["properties"]["errorMessage"],
            "nullable",
        );
    }),
    seed("PUT /groups/{groupId}/peers", Additive, |of| {
        let mut operation = peers(of)["post"].clone();
        operation["operationId"] = json!("renewPeers");
        operation["description"] = json!("Prose that is not ours.");
        let reference = json!({"$ref": "#/components/schemas/Renewal"});
        let body = operation["requestBody"]["content"].as_object_mut().unwrap();
        body.values_mut().next().unwrap()["schema"] = reference;
        peers(of)["put"] = operation;
        *schema(of, "Renewal") = json!({"type": "object", "properties": {
            "again": {"$ref": "#/components/schemas/Again"}, "days": {"type": "integer"},
        }, "required": ["days"]});
        *schema(of, "Again") = json!({"type": "object", "properties": {"id": {"type": "string"}}});
    }),
    seed("DELETE /groups/{groupId}/peers/{peerId}", Breaking, |of| {
        let paths = object(&mut of["paths"]);
        let item = paths
            .iter_mut()
            .find(|(path, _)| path.ends_with("/peers/{peerId}"));
        remove(item.unwrap().1, "delete");
    }),
    seed(
        "POST /groups/{groupId}/peers / status 418",
        Invisible,
        |of| {
            let reference = json!({"$ref": "#/components/schemas/ApiError"});
            let content = json!({"application/json": {"schema": reference}});
            peers(of)["post"]["responses"]["418"] = json!({"content": content});
        },
    ),
    seed(
        "POST /groups/{groupId}/peers / status 409",
        Invisible,
        |of| {
            remove(&mut peers(of)["post"]["responses"], "409");
        },
    ),
    seed("GET /groups/{groupId}/peers / sunset", Invisible, |of| {
        let content = &mut peers(of)["get"]["responses"]["200"]["content"];
        let media = object(content).values_mut().next().unwrap();
        media["x-sunset"] = json!("2030-01-01");
    }),
    seed("GET /groups/{groupId}/peers / deprecated", Additive, |of| {
        peers(of)["get"]["deprecated"] = json!(true);
    }),
    seed(
        "GET /groups/{groupId}/privateIpMode / deprecated",
        Invisible,
        |of| {
            let paths = object(&mut of["paths"]);
            let item = paths
                .iter_mut()
                .find(|(path, _)| path.ends_with("/privateIpMode"));
            remove(&mut item.unwrap().1["get"], "deprecated");
        },
    ),
    seed(
        "GET /groups/{groupId}/peers / parameter query color",
        Breaking,
        |of| {
            let parameter = json!({"in": "query", "name": "color", "schema": {"type": "string"}});
            push(&mut peers(of)["get"]["parameters"], parameter);
        },
    ),
    seed(
        "GET /groups/{groupId}/peers / parameter query includeCount",
        Breaking,
        |of| {
            let parameters = peers(of)["get"]["parameters"].as_array_mut().unwrap();
            parameters.retain(|of| of["$ref"] != "#/components/parameters/includeCount");
        },
    ),
    seed(
        "/ parameter query providerName / required",
        Breaking,
        |of| {
            of["components"]["parameters"]["providerName"]["required"] = json!(true);
        },
    ),
    seed(
        "POST /groups/{groupId}/peers / request / body / provider GCP / property networkName / required",
        Breaking,
        |of| {
            let required = schema(of, "NewGcpPeering")["required"]
                .as_array_mut()
                .unwrap();
            required.retain(|name| name != "networkName");
        },
    ),
    seed(
        "POST /groups/{groupId}/peers / request / body / provider AWS / property containerId / required",
        Breaking,
        |of| {
            push(
                &mut schema(of, "NewAwsPeering")["required"],
                json!("containerId"),
            );
        },
    ),
    seed(
        "/ request / body / provider AWS / property awsAccountId / pattern",
        Invisible,
        |of| {
            schema(of, "NewAwsPeering")["properties"]["awsAccountId"]["pattern"] =
                json!("^[0-9]+$");
        },
    ),
    seed("/ property links / items / schema", Invisible, |of| {
        let link = object(&mut of["components"]["schemas"])
            .remove("Link")
            .unwrap();
        *schema(of, "Reference") = link;
        let text = of
            .to_string()
            .replace("schemas/Link\"", "schemas/Reference\"");
        *of = serde_json::from_str(&text).unwrap();
    }),
    seed(
        "POST /groups/{groupId}/peers / status 200 / media type",
        Invisible,
        |of| {
            let content = object(&mut peers(of)["post"]["responses"]["200"]["content"]);
            let media = content.values().next().unwrap().clone();
            *content = Map::from_iter([("application/new+json".to_owned(), media.clone())]);
            let content = object(&mut peers(of)["post"]["requestBody"]["content"]);
            let media = content.values().next().unwrap().clone();
            *content = Map::from_iter([("application/new+json".to_owned(), media)]);
        },
    ),
    seed("/ status 200 / body / provider OCI", Additive, |of| {
        let child = "#/components/schemas/OciPeering";
        *schema(of, "OciPeering") = json!({"type": "object", "properties": {
            "id": {"type": "string"}, "vcnId": {"type": "string"},
            "containerId": {"$ref": "#/components/schemas/ContainerId"},
            "providerName": {"$ref": "#/components/schemas/Provider"},
        }, "required": ["id"]});
        push(&mut schema(of, "Peering")["oneOf"], json!({"$ref": child}));
        schema(of, "Peering")["discriminator"]["mapping"]["OCI"] = json!(child);
    }),
    seed("/ request / body / provider GCP", Breaking, |of| {
        let union = schema(of, "NewPeering");
        remove(&mut union["discriminator"]["mapping"], "GCP");
        union["oneOf"].as_array_mut().unwrap().pop();
    }),
];
