//! The spans of calls, attempts and workflows.

mod recorder;

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use atlas_peering::types::ListPeeringConnectionsOptions;
use atlas_peering::{Client, RetryPolicy};
use atlas_peering_sandbox::{Canned, Sandbox};
use serde_json::json;

use crate::support::{
    api_key, aws, builder, created, json_response, list, serve, server, service_account, some_key,
    some_project, start,
};
use recorder::{Fields, Recorder, Span};

/// These fields in the form of the recorder.
fn fields<const N: usize>(pairs: [(&str, &str); N]) -> Fields {
    pairs.map(|(name, text)| (name.into(), text.into())).into()
}

/// A client that makes several attempts without backoff.
fn repeating(sandbox: &Sandbox) -> Client {
    let policy = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    let builder = builder(sandbox.base_url(), api_key(sandbox));
    builder.retry(policy).build().unwrap()
}

/// The spans with this name.
fn named<'a>(spans: &'a [Span], name: &str) -> Vec<&'a Span> {
    spans.iter().filter(|span| span.name == name).collect()
}

/// The operations of the calls inside a span.
fn calls(spans: &[Span], parent: Option<usize>) -> Vec<&str> {
    let calls = named(spans, "call");
    let calls = calls.iter().filter(|call| call.parent == parent);
    calls.map(|call| &*call.fields["atlas.operation"]).collect()
}

#[tokio::test]
async fn no_span_and_no_event_of_any_credentials_holds_a_secret() {
    let (sandbox, _, project) = start().await;
    let (recorder, guard) = Recorder::start();
    for credentials in [api_key(&sandbox), service_account(&sandbox)] {
        let builder = builder(sandbox.base_url(), credentials);
        let atlas = builder.retry(RetryPolicy::default()).build().unwrap();
        for status in [401, 503, 404] {
            sandbox.queue_response(Canned::new(status, "text/plain", "a body"));
            let page = atlas.list_peering_connections(&project);
            // The outcome is irrelevant here.
            let _ = page.await;
        }
        atlas.peerings(&project).into_vec().await.unwrap();
        let peering = atlas.ensure_peering(&project, aws()).await.unwrap();
        let wait = atlas.wait_for_peering(&project, peering.id());
        wait.timeout(Duration::ZERO).await.unwrap_err();
        atlas.revoke_token().await.unwrap();
    }
    drop(guard);
    let mut secrets = vec![sandbox.api_key().1, sandbox.service_account().1];
    for request in sandbox.requests() {
        let header = request
            .header("authorization")
            .unwrap_or_default()
            .to_owned();
        let response = header.split("response=\"").nth(1);
        let response = response.map(|rest| rest.split('"').next().unwrap().to_owned());
        secrets.extend(response.or(header.split_once(' ').map(|(_, token)| token.to_owned())));
    }
    let texts = recorder.texts();
    assert!(recorder.spans().len() > 30 && secrets.len() > 10);
    for secret in &secrets {
        assert!(!texts.iter().any(|text| text.contains(secret)), "{secret}");
    }
}

#[tokio::test]
async fn each_attempt_is_a_span_inside_the_span_of_its_call() {
    let (sandbox, _, project) = start().await;
    let atlas = repeating(&sandbox);
    sandbox.queue_response(Canned::new(503, "text/plain", "a body"));
    let (recorder, guard) = Recorder::start();
    let options = ListPeeringConnectionsOptions::default()
        .page_num(1)
        .provider_name("AWS");
    let page = atlas.list_peering_connections_with_options(&project, options);
    page.await.unwrap();
    drop(guard);

    let spans = recorder.spans();
    let names: Vec<_> = spans.iter().map(|span| (span.name, span.parent)).collect();
    let attempt = ("attempt", Some(0));
    assert_eq!(names, [("call", None), attempt, attempt]);
    let operation = "list_peering_connections";
    let call = fields([("otel.name", operation), ("atlas.operation", operation)]);
    assert_eq!(spans[0].fields, call);

    let base_url = sandbox.base_url();
    let port = base_url.rsplit(':').next().unwrap();
    let url =
        format!("{base_url}/api/atlas/v1.0/groups/{project}/peers?pageNum=1&providerName=AWS");
    let attempt = |own: &[(&str, &str)]| {
        let mut all = fields([
            ("otel.name", "GET /groups/{groupId}/peers"),
            ("otel.kind", "client"),
            ("http.request.method", "GET"),
            ("url.full", &url),
            ("url.template", "/groups/{groupId}/peers"),
            ("server.address", "127.0.0.1"),
            ("server.port", port),
        ]);
        all.extend(
            own.iter()
                .map(|(name, text)| ((*name).into(), (*text).into())),
        );
        all
    };
    let failed = attempt(&[
        ("http.response.status_code", "503"),
        ("error.type", "503"),
        ("otel.status_code", "ERROR"),
    ]);
    let repeated = attempt(&[
        ("http.request.resend_count", "1"),
        ("http.response.status_code", "200"),
    ]);
    assert_eq!(spans[1].fields, failed);
    assert_eq!(spans[2].fields, repeated);
}

#[tokio::test]
async fn a_failure_has_a_type_of_few_values() {
    let closed = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let refused = json_response(404, &json!({"error": 404, "errorCode": "GROUP_NOT_FOUND"}));
    let page = json_response(200, &json!({"results": 1}));
    for (base_url, attempt, call) in [
        (server(refused), Some("404"), "404"),
        (server(""), Some("interrupted"), "interrupted"),
        (serve(false, |_| String::new()), Some("timeout"), "timeout"),
        (closed, Some("connect"), "connect"),
        // The response is complete, but its content is invalid.
        (server(page), None, "decode"),
    ] {
        let builder = builder(&base_url, some_key());
        let brief = builder.timeout(Duration::from_millis(200));
        let atlas = brief.build().unwrap();
        let (recorder, guard) = Recorder::start();
        list(&atlas, &some_project()).await.unwrap_err();
        drop(guard);
        let spans = recorder.spans();
        let of = |name| named(&spans, name)[0].fields.get("error.type");
        assert_eq!(of("call").map(|text| &**text), Some(call));
        assert_eq!(of("attempt").map(|text| &**text), attempt, "{call}");
        assert_eq!(spans[0].fields["otel.status_code"], "ERROR");
    }
}

#[tokio::test]
async fn a_challenge_and_its_response_are_one_attempt() {
    let (sandbox, atlas, project) = start().await;
    let (recorder, guard) = Recorder::start();
    list(&atlas, &project).await.unwrap();
    drop(guard);
    assert_eq!(sandbox.requests().len(), 2, "the challenge came first");
    let spans = recorder.spans();
    let attempts = named(&spans, "attempt");
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].fields["http.response.status_code"], "200");
}

#[tokio::test]
async fn a_wait_is_one_span_with_its_polls_inside() {
    let (sandbox, atlas, project) = start().await;
    let id = created(&atlas, &project).await.id().clone();
    let wait = || {
        let wait = atlas.wait_for_peering(&project, &id);
        wait.poll_interval(Duration::from_millis(1))
    };
    let brief = Duration::from_millis(50);
    let (recorder, guard) = Recorder::start();
    wait().timeout(brief).await.unwrap_err();
    let mut states = wait().timeout(brief).states();
    while let Some(state) = states.next().await {
        drop(state);
    }
    drop((states, guard));
    assert!(sandbox.requests().len() > 4);
    let spans = recorder.spans();
    let waits: Vec<_> = (0..spans.len())
        .filter(|number| spans[*number].name == "workflow")
        .collect();
    assert_eq!(waits.len(), 2, "one of the future, one of the stream");
    for wait in waits {
        let expected = fields([
            ("otel.name", "wait_for_peering"),
            ("atlas.operation", "wait_for_peering"),
            ("error.type", "timeout"),
            ("otel.status_code", "ERROR"),
        ]);
        assert_eq!(spans[wait].fields, expected);
        let polls = calls(&spans, Some(wait));
        assert!(polls.len() > 1, "{polls:?}");
        assert!(polls.iter().all(|poll| *poll == "get_peering_connection"));
    }
    assert!(calls(&spans, None).is_empty());
}

#[tokio::test]
async fn the_calls_of_a_workflow_are_inside_its_span() {
    let (_sandbox, atlas, project) = start().await;
    let (recorder, guard) = Recorder::start();
    let peering = atlas.ensure_peering(&project, aws()).await.unwrap();
    let deletion = atlas.ensure_peering_deleted(&project, peering.id());
    let deletion = deletion.timeout(Duration::from_millis(10));
    deletion.await.unwrap_err();
    atlas.peerings(&project).into_vec().await.unwrap();
    drop(guard);
    let spans = recorder.spans();
    let workflows = named(&spans, "workflow");
    let names: Vec<_> = workflows
        .iter()
        .map(|of| &*of.fields["otel.name"])
        .collect();
    assert_eq!(names, ["ensure_peering", "ensure_peering_deleted"]);
    let place = |name| {
        spans
            .iter()
            .position(|span| span.fields["otel.name"] == name)
    };
    let ensured = calls(&spans, place("ensure_peering"));
    // A page is requested in a task of its own.
    assert_eq!(
        ensured,
        ["list_peering_connections", "create_peering_connection"]
    );
    let deleted = calls(&spans, place("ensure_peering_deleted"));
    assert_eq!(deleted[0], "delete_peering_connection");
    // A list alone is no workflow: its calls are the program's.
    assert_eq!(calls(&spans, None), ["list_peering_connections"; 3]);
}
