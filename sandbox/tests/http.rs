//! The sandbox over HTTP: methods, headers, malformed requests, and faults on the wire.

mod support;

use std::time::{Duration, Instant};

use atlas_peering_sandbox::{Fault, Sandbox};
use support::{BASIC, Connection, PROJECT, bearer, send};

const JSON: &str = "content-type: application/json";
const FORM: &str = "grant_type=client_credentials";

async fn sandbox() -> Sandbox {
    let builder = Sandbox::builder().service_account("id", "secret");
    builder.start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_token_endpoints_accept_only_post() {
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
async fn a_401_names_the_scheme_that_is_required() {
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
async fn a_405_lists_the_methods_of_its_resource() {
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
async fn faults_act_on_a_response_without_a_body() {
    let sandbox = sandbox().await;
    let token = bearer(sandbox.base_url());
    for fault in [Fault::drop_after(), Fault::cut_response()] {
        let container = sandbox.make_cluster("AWS", "US_EAST_1").unwrap();
        sandbox.delete_cluster(&container).unwrap();
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

/// A request for a peering on AWS.
fn new(container: &str) -> String {
    format!(
        r#"{{"awsAccountId": "123456789012", "vpcId": "vpc-1", "routeTableCidrBlock": "10.0.0.0/24", "containerId": "{container}"}}"#
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_network_has_one_peering_or_one_for_each_container() {
    for (builder, status) in [
        (Sandbox::builder(), 409),
        (Sandbox::builder().peering_for_each_container(), 200),
    ] {
        let builder = builder.service_account("id", "secret");
        let sandbox = builder.start().await.unwrap();
        let headers = [&*bearer(sandbox.base_url()), JSON];
        let regions = ["US_EAST_1", "EU_WEST_1"];
        let [one, other] = regions.map(|region| sandbox.make_cluster("AWS", region).unwrap());
        let post = |container: &str| {
            let line = peers("POST");
            send(sandbox.base_url(), &line, &headers, &new(container)).unwrap()
        };
        assert_eq!(post(&one).status, 200);
        assert_eq!(post(&other).status, status);
        let again = post(&one);
        assert_eq!(again.header("x-error-code"), Some("PEER_ALREADY_EXISTS"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_container_can_be_too_young_to_be_deleted() {
    let builder = Sandbox::builder().service_account("id", "secret");
    let builder = builder.deletable_after(Duration::from_secs(60));
    let sandbox = builder.start().await.unwrap();
    let headers = [&*bearer(sandbox.base_url()), JSON];
    let containers = format!("/api/atlas/v1.0/groups/{PROJECT}/containers");
    let (line, body) = (
        format!("POST {containers}"),
        r#"{"regionName": "US_EAST_1"}"#,
    );
    let made = send(sandbox.base_url(), &line, &headers, body)
        .unwrap()
        .json();
    let line = format!("DELETE {containers}/{}", made["id"].as_str().unwrap());
    let delete = || send(sandbox.base_url(), &line, &headers, "").unwrap();
    sandbox.advance(Duration::from_secs(59));
    let code = "CANNOT_DELETE_RECENTLY_CREATED_CONTAINER";
    assert_eq!(delete().header("x-error-code"), Some(code));
    sandbox.advance(Duration::from_secs(1));
    assert_eq!(delete().status, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_unreachable_network_is_reported_after_a_time_of_the_clock() {
    for speed in [0, 1000] {
        let builder = Sandbox::builder().service_account("id", "secret");
        // The loop below advances the clock by any amount before the call ends.
        let builder = builder.token_lifetime(Duration::from_secs(1 << 40));
        let sandbox = builder.clock_speed(speed).start().await.unwrap();
        let fault = Fault::unreachable_network(Duration::from_secs(120));
        let elsewhere = sandbox.inject("getPeeringConnection", fault.clone());
        assert!(elsewhere.is_err(), "only creation can meet it");
        sandbox.inject("createPeeringConnection", fault).unwrap();
        let token = bearer(sandbox.base_url());
        let (base_url, start) = (sandbox.base_url().to_owned(), Instant::now());
        let sent =
            std::thread::spawn(move || send(&base_url, &peers("POST"), &[&token, JSON], "{}"));
        while speed == 0 && !sent.is_finished() {
            sandbox.advance(Duration::from_secs(40));
        }
        let refused = sent.join().unwrap().unwrap();
        let code = refused.header("x-error-code");
        assert_eq!(
            (refused.status, code),
            (404, Some("AZURE_CUSTOMER_NETWORK_UNREACHABLE"))
        );
        assert!(speed == 0 || start.elapsed() >= Duration::from_millis(120));
        assert!(sandbox.peerings().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_full_record_drops_the_oldest_requests() {
    for (bytes, kept) in [(0, 0), (16 * 1024, 1)] {
        let sandbox = Sandbox::builder()
            .record_bytes(bytes)
            .start()
            .await
            .unwrap();
        for _ in 0..20 {
            send(sandbox.base_url(), &peers("GET"), &[], "").unwrap();
        }
        let body = "x".repeat(8 * 1024);
        send(sandbox.base_url(), &peers("POST"), &[], &body).unwrap();
        let requests = sandbox.requests();
        assert!(
            requests.len() >= kept && requests.len() <= 16 * kept,
            "{}",
            requests.len()
        );
        assert!(requests.last().is_none_or(|last| last.method == "POST"));
    }
}
