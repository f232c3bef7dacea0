//! What a program sees of the tries of a call.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use atlas_peering::RetryPolicy;
use atlas_peering_sandbox::Canned;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{api_key, builder, service_account, start};

/// Keeps every event as a line, with its target.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!(
            "{} {}",
            event.metadata().target(),
            event.metadata().level()
        ));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn no_event_of_any_credentials_holds_a_secret() {
    let (sandbox, _, project) = start().await;
    let lines = Lines::default();
    let guard = tracing::subscriber::set_default(lines.clone());
    for credentials in [api_key(&sandbox), service_account(&sandbox)] {
        let builder = builder(sandbox.base_url(), credentials);
        let atlas = builder.retry(RetryPolicy::default()).build().unwrap();
        for status in [401, 503, 404] {
            sandbox.answer_next(Canned::new(status, "text/plain", "a body"));
            let page = atlas.list_peering_connections(&project);
            // What comes of it is not the matter.
            let _ = page.await;
        }
        atlas.peerings(&project).into_vec().await.unwrap();
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
    let lines = lines.0.lock().unwrap();
    assert!(lines.len() > 10 && secrets.len() > 10);
    for secret in &secrets {
        assert!(!lines.iter().any(|line| line.contains(secret)), "{secret}");
    }
}

#[tokio::test]
async fn each_try_is_told_without_headers_query_and_body() {
    let (sandbox, _, project) = start().await;
    let (_, private) = sandbox.api_key();
    let policy = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    let builder = builder(sandbox.base_url(), api_key(&sandbox));
    let atlas = builder.retry(policy).build().unwrap();
    sandbox.answer_next(Canned::new(503, "text/plain", "a body"));
    let lines = Lines::default();
    let guard = tracing::subscriber::set_default(lines.clone());
    let page = atlas.list_peering_connections(&project);
    page.await.unwrap();
    drop(guard);

    let lines = lines.0.lock().unwrap();
    for line in lines.iter() {
        assert!(
            !line.contains(&private) && !line.contains("response="),
            "{line}"
        );
    }
    let path = format!("/api/atlas/v1.0/groups/{project}/peers");
    let line = |status, attempt| {
        format!(
            "atlas_peering::transport DEBUG message=a call was tried method=GET path={path:?} status={status} \
             attempt={attempt}"
        )
    };
    let repeated =
        "atlas_peering::transport::retry DEBUG message=a call is repeated attempt=1 wait_ms=0";
    let expected = [line(503, 1), repeated.to_owned(), line(200, 2)];
    let own = lines
        .iter()
        .filter(|line| line.starts_with("atlas_peering"));
    assert_eq!(own.collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
}
