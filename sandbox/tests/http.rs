//! What HTTP says of methods, headers and broken requests, and faults on the wire.

mod support;

use atlas_peering_sandbox::{Fault, Sandbox};
use support::{BASIC, Connection, PROJECT, bearer, send};

const JSON: &str = "content-type: application/json";
const FORM: &str = "grant_type=client_credentials";

async fn sandbox() -> Sandbox {
    let builder = Sandbox::builder().service_account("id", "secret");
    builder.start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_token_endpoints_take_post_alone() {
    let sandbox = sandbox().await;
    let basic = format!("authorization: {BASIC}");
    for path in ["/api/oauth/token", "/api/oauth/revoke"] {
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            let line = format!("{method} {path}");
            let refused = send(sandbox.base_url(), &line, &[&basic], FORM).unwrap();
            let allow = refused.header("allow");
            assert_eq!((refused.status, allow), (405, Some("POST")), "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_401_tells_the_scheme_that_is_asked_for() {
    let sandbox = sandbox().await;
    let wrong = ["authorization: Basic eA=="];
    let refused = send(sandbox.base_url(), "POST /api/oauth/token", &wrong, FORM).unwrap();
    let scheme = refused.header("www-authenticate").unwrap();
    assert!(
        refused.status == 401 && scheme.starts_with("Basic realm="),
        "{scheme}"
    );

    let wrong = ["authorization: Bearer x"];
    let refused = send(sandbox.base_url(), &peers("GET"), &wrong, "").unwrap();
    let scheme = refused.header("www-authenticate").unwrap();
    assert!(
        refused.status == 401 && scheme.contains("error=\"invalid_token\""),
        "{scheme}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_405_tells_the_methods_of_its_resource() {
    let sandbox = sandbox().await;
    let token = bearer(sandbox.base_url());
    for (path, methods) in [
        ("peers", "GET, POST"),
        ("peers/1", "GET, PATCH, DELETE"),
        ("containers", "GET, POST"),
        ("containers/all", "GET"),
        ("containers/1", "GET, PATCH, DELETE"),
        ("privateIpMode", "GET, PATCH"),
    ] {
        let line = format!("PUT /api/atlas/v1.0/groups/{PROJECT}/{path}");
        let refused = send(sandbox.base_url(), &line, &[&token], "").unwrap();
        assert_eq!(
            (refused.status, refused.header("allow")),
            (405, Some(methods))
        );
    }
    sandbox.allow_writes(false);
    let refused = send(sandbox.base_url(), &peers("POST"), &[&token, JSON], "{}").unwrap();
    assert_eq!(
        (refused.status, refused.header("allow")),
        (405, Some("GET"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_broken_chunk_is_malformed_and_a_large_body_too_large() {
    let sandbox = sandbox().await;
    let mut connection = Connection::open(sandbox.base_url());
    let head = format!(
        "{} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked",
        peers("POST")
    );
    connection.write(&format!("{head}\r\n\r\nno number\r\n{{}}\r\n0\r\n\r\n"));
    assert_eq!(connection.receive().unwrap().status, 400);

    let large = "x".repeat(1024 * 1024 + 1);
    let refused = send(sandbox.base_url(), &peers("POST"), &[], &large).unwrap();
    assert_eq!(refused.status, 413);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn schemes_and_media_types_are_read_in_any_case() {
    let sandbox = sandbox().await;
    let basic = format!("authorization: {}", BASIC.replace("Basic", "basic"));
    let given = send(sandbox.base_url(), "POST /api/oauth/token", &[&basic], FORM).unwrap();
    assert_eq!(given.status, 200);
    let token = given.json()["access_token"].as_str().unwrap().to_owned();
    let token = format!("authorization: bearer  {token}");
    let headers = [
        &token,
        "content-type: Application/JSON",
        "accept: APPLICATION/json",
    ];
    let refused = send(sandbox.base_url(), &peers("POST"), &headers, "{}").unwrap();
    assert_eq!(
        (refused.status, refused.header("x-error-code")),
        (400, Some("MISSING_ATTRIBUTE"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn faults_act_where_the_response_has_no_body() {
    let sandbox = sandbox().await;
    let token = bearer(sandbox.base_url());
    for fault in [Fault::drop_after(), Fault::cut_answer()] {
        let container = sandbox.make_cluster("AWS", "US_EAST_1").unwrap();
        sandbox.remove_cluster(&container).unwrap();
        sandbox
            .inject("deletePeeringContainer", fault.clone())
            .unwrap();
        let line = format!("DELETE /api/atlas/v1.0/groups/{PROJECT}/containers/{container}");
        let lost = send(sandbox.base_url(), &line, &[&token], "");
        assert!(lost.is_none(), "{fault:?}: {}", lost.unwrap().status);
        assert!(sandbox.containers().is_empty(), "{fault:?}");
    }
}

/// The request line of a method on the peerings.
fn peers(method: &str) -> String {
    format!("{method} /api/atlas/v1.0/groups/{PROJECT}/peers")
}
