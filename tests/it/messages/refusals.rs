//! Calls that the service refuses, or a gateway on the way.

use atlas_peering_sandbox::Canned;
use serde_json::json;

use super::Table;
use crate::support::{
    builder, client_at, list, refusal, serve, server, some_key, some_project, start,
};

pub(super) async fn rows(table: &mut Table) {
    credentials(table).await;
    challenges(table).await;
    errors(table).await;
    gateways(table).await;
}

async fn credentials(table: &mut Table) {
    table.section("Refused credentials");
    let (sandbox, atlas, project) = start().await;
    let outcome = list(&client_at(sandbox.base_url(), some_key()), &project).await;
    table.row("an API key that is wrong", outcome);
    let challenge = |number, is_stale| {
        format!(
            "HTTP/1.1 401 \r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"{number}\", qop=\"auth\", \
             stale={is_stale}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    };
    let base_url = server(challenge(1, false));
    let below = client_at(&format!("{base_url}/atlas"), some_key());
    let outcome = list(&below, &some_project()).await;
    table.row(
        "an API key that is wrong, and a path in the base URL",
        outcome,
    );
    let mut given = 0;
    let base_url = serve(true, move |_| {
        given += 1;
        challenge(given, given > 1)
    });
    let outcome = list(&client_at(&base_url, some_key()), &some_project()).await;
    table.row("nodes that do not share their nonces", outcome);
    let body = json!({"error": 401, "errorCode": "NOT_IN_GROUP"});
    sandbox.queue_response(Canned::json(401, &body));
    table.row("an API key without a role", list(&atlas, &project).await);
}

/// Challenges that the client does not respond to.
async fn challenges(table: &mut Table) {
    table.section("A challenge without a response");
    for (situation, challenge) in [
        ("no challenge", ""),
        ("a challenge of another scheme", "Basic realm=\"r\""),
        ("a challenge without a nonce", "Digest realm=\"r\""),
        (
            "an unknown algorithm",
            "Digest realm=\"r\", nonce=\"n\", algorithm=SHA",
        ),
        (
            "an unknown qop",
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth-conf\"",
        ),
        (
            "a session without qop",
            "Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess",
        ),
        (
            "another realm",
            "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"",
        ),
        (
            "another domain",
            "Digest realm=\"own\", nonce=\"n\", domain=\"/other\"",
        ),
    ] {
        let header = match challenge {
            "" => String::new(),
            challenge => format!("WWW-Authenticate: {challenge}\r\n"),
        };
        let base_url = server(format!(
            "HTTP/1.1 401 \r\n{header}Content-Length: 0\r\n\r\n"
        ));
        let atlas = builder(&base_url, some_key()).realm("own").build().unwrap();
        table.row(situation, list(&atlas, &some_project()).await);
    }
}

async fn errors(table: &mut Table) {
    table.section("Errors of the service");
    let (sandbox, atlas, project) = start().await;
    sandbox.allow_address(false);
    table.row(
        "an address that is not on the access list",
        list(&atlas, &project).await,
    );
    sandbox.allow_address(true);
    sandbox.allow_writes(false);
    let upgrade = refusal(&atlas, &project).await;
    table.row(
        "a write during an upgrade of the service",
        Err::<(), _>(upgrade),
    );
    sandbox.allow_writes(true);
    let id = "1112222b3bf99403840e8934".parse().unwrap();
    let outcome = atlas.get_peering_connection(&project, &id).await;
    table.row("a peering that does not exist", outcome);
    let detail = "A peering exists.";
    let fields = json!({"fields": [{"field": "vpcId", "description": "It is unknown."}]});
    for (situation, status, body) in [
        (
            "a field that the service rejects",
            400,
            json!({"errorCode": "VALIDATION_ERROR", "badRequestDetail": fields}),
        ),
        (
            "an Azure role that is missing",
            400,
            json!({"errorCode": "AZURE_CUSTOMER_NETWORK_VALIDATION_FAILED"}),
        ),
        (
            "no means of payment",
            402,
            json!({"errorCode": "NO_PAYMENT_INFORMATION_FOUND"}),
        ),
        (
            "a role that does not suffice",
            403,
            json!({"errorCode": "ACCESS_FORBIDDEN"}),
        ),
        (
            "an Azure subscription out of reach",
            404,
            json!({"errorCode": "AZURE_CUSTOMER_NETWORK_UNREACHABLE"}),
        ),
        (
            "a conflict with parameters",
            409,
            json!({"errorCode": "PEER_ALREADY_EXISTS", "detail": detail, "parameters": ["vpc-1"]}),
        ),
        (
            "a conflict whose detail has the parameters",
            409,
            json!({"errorCode": "X", "detail": "vpc-1 is taken.", "parameters": ["vpc-1", 7]}),
        ),
        (
            "a peering that is being deleted",
            409,
            json!({"errorCode": "PEER_ALREADY_REQUESTED_DELETION"}),
        ),
        (
            "a region without capacity",
            409,
            json!({"errorCode": "NO_CAPACITY"}),
        ),
        (
            "a container that is in use",
            409,
            json!({"errorCode": "CONTAINERS_IN_USE"}),
        ),
        (
            "a container that is too new",
            409,
            json!({"errorCode": "CANNOT_DELETE_RECENTLY_CREATED_CONTAINER"}),
        ),
        (
            "an exceeded rate limit",
            429,
            json!({"errorCode": "RATE_LIMITED"}),
        ),
        (
            "a failure of the service",
            500,
            json!({"errorCode": "UNEXPECTED_ERROR"}),
        ),
    ] {
        sandbox.queue_response(Canned::json(status, &body));
        table.row(situation, list(&atlas, &project).await);
    }
    let limited = json!({"errorCode": "RATE_LIMITED"});
    sandbox.queue_response(Canned::json(429, &limited).header("Retry-After", "30"));
    table.row(
        "an exceeded rate limit with a time",
        list(&atlas, &project).await,
    );
}

async fn gateways(table: &mut Table) {
    table.section("Errors of a gateway");
    let (sandbox, atlas, project) = start().await;
    for (situation, status, media_type, body) in [
        (
            "a page with 403",
            403,
            "text/html",
            "<h1>Blocked by the proxy</h1>",
        ),
        (
            "a JSON message with 404",
            404,
            "application/json",
            "{\"message\": \"no Route matched\"}",
        ),
        ("an empty body with 502", 502, "text/plain", ""),
        ("a page with 429", 429, "text/html", "<h1>Slow down</h1>"),
    ] {
        sandbox.queue_response(Canned::new(status, media_type, body));
        table.row(situation, list(&atlas, &project).await);
    }
    let redirect = "HTTP/1.1 307 \r\nLocation: https://example.com\r\nContent-Length: 0\r\n\r\n";
    let outcome = list(&client_at(&server(redirect), some_key()), &some_project()).await;
    table.row("a redirect", outcome);
}
