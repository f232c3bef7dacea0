//! Digest authentication against a server, where the public API does not reach.

use atlas_peering_sandbox::{Digest as Settings, Sandbox};
use http::Method;
use reqwest::Request;

use super::*;
use crate::transport::Form;
use crate::transport::http_client::Limits;

/// A server, and the parts to call it.
struct Rig {
    sandbox: Sandbox,
    http: HttpClient,
    credentials: Credentials,
}

impl Rig {
    async fn start(settings: Settings) -> Self {
        let sandbox = Sandbox::builder().digest(settings).start().await.unwrap();
        let (public, private) = sandbox.api_key();
        Self {
            sandbox,
            http: HttpClient {
                connections: reqwest::Client::builder().no_proxy().build().unwrap(),
                limits: Limits {
                    bytes: 1024 * 1024,
                    pause: std::time::Duration::MAX,
                    read: None,
                    write: std::time::Duration::MAX,
                },
                form: Form::default(),
            },
            credentials: Credentials::api_key(public, private),
        }
    }

    fn url(&self, path: &str) -> Url {
        format!("{}{path}", self.sandbox.base_url())
            .parse()
            .unwrap()
    }

    fn digest(&self) -> Digest {
        self.digest_of(self.url("/"))
    }

    fn digest_of(&self, origin: Url) -> Digest {
        Digest::new(self.credentials.clone(), origin, None)
    }

    async fn send(&self, digest: &Digest, request: Request) -> RawResponse {
        digest.send(&self.http, &request).await.unwrap()
    }

    async fn get(&self, digest: &Digest, path: &str) -> RawResponse {
        self.send(digest, Request::new(Method::GET, self.url(path)))
            .await
    }

    /// The requests so far: method, status, and whether it was signed.
    fn seen(&self) -> Vec<(String, u16, bool)> {
        let requests = self.sandbox.requests().into_iter();
        let signed =
            |request: &atlas_peering_sandbox::Recorded| request.header("authorization").is_some();
        requests
            .map(|request| (request.method.clone(), request.status, signed(&request)))
            .collect()
    }
}

#[tokio::test]
async fn nothing_is_signed_for_another_port_or_scheme() {
    let rig = Rig::start(Settings::default()).await;
    let other = Sandbox::start().await.unwrap();
    let own = rig.url("/").to_string();
    for origin in [
        own.replace("http:", "https:"),
        own.replace("127.0.0.1", "localhost"),
        other.base_url().to_owned(),
    ] {
        let digest = rig.digest_of(origin.parse().unwrap());
        let sent = rig.get(&digest, "/x").await;
        assert_eq!(sent.status, StatusCode::UNAUTHORIZED);
        let reason = sent.unauthorized.unwrap().to_string();
        assert!(reason.contains("another origin"), "{origin}: {reason}");
    }
    // The same holds with a nonce from an earlier call.
    let digest = rig.digest();
    rig.get(&digest, "/x").await;
    let elsewhere = format!("{}/x", other.base_url()).parse().unwrap();
    let sent = rig
        .send(&digest, Request::new(Method::GET, elsewhere))
        .await;
    let reason = sent.unauthorized.unwrap().to_string();
    assert!(reason.contains("another origin"), "{reason}");
    let signed = rig.seen().iter().filter(|(_, _, signed)| *signed).count();
    assert_eq!(signed, 1);
    assert!(other.requests()[0].header("authorization").is_none());
}

#[test]
fn debug_does_not_show_a_signature() {
    let header = sensitive(b"Digest response=\"secret\"".to_vec()).unwrap();
    assert!(header.is_sensitive() && !format!("{header:?}").contains("secret"));
    assert!(sensitive(b"\n".to_vec()).is_err());
}

#[tokio::test]
async fn a_challenge_is_accepted_only_within_its_domain() {
    let rig = Rig::start(Settings::default().domain("/a https://other.example/")).await;
    let digest = rig.digest();
    for (path, status, requests) in [("/a/x", 404, 2), ("/a/y", 404, 1), ("/b", 401, 1)] {
        let before = rig.seen().len();
        let sent = rig.get(&digest, path).await;
        assert_eq!(sent.status.as_u16(), status, "{path}");
        assert_eq!(rig.seen().len() - before, requests, "{path}");
    }
    let (_, _, signed) = rig.seen().pop().unwrap();
    assert!(!signed, "the nonce stays in its domain");
}

#[tokio::test]
async fn the_uri_is_signed_as_sent() {
    let rig = Rig::start(Settings::default()).await;
    let digest = rig.digest();
    for path in [
        "/x?y=a%20b&z=|{}\"<>`'&&=#fragment",
        "/\u{e4}?\u{e4}",
        "/x?",
        "/x#y",
        "/a/../b//c;d=e",
    ] {
        let sent = rig.get(&digest, path).await;
        assert_eq!(sent.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_dropped_request_drops_its_nonce() {
    let rig = Rig::start(Settings::default().rising_counts()).await;
    let digest = rig.digest();
    rig.get(&digest, "/x").await;
    let call = rig.get(&digest, "/x");
    // One poll sends the request.
    let mut call = Box::pin(call);
    let _ = std::future::poll_fn(|context| {
        std::task::Poll::Ready(call.as_mut().poll(context).is_ready())
    })
    .await;
    drop(call);
    assert!(digest.nonces.take(&rig.url("/x"), Instant::now()).is_none());
    let sent = rig.get(&digest, "/x").await;
    assert_eq!(sent.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_clients_nonces_are_random() {
    let rig = Rig::start(Settings::default()).await;
    for _ in 0..3 {
        rig.get(&rig.digest(), "/x").await;
    }
    let requests = rig.sandbox.requests().into_iter();
    let nonces: std::collections::BTreeSet<_> = requests
        .filter_map(|request| {
            let header = request.header("authorization")?.to_owned();
            let (_, rest) = header.split_once("cnonce=\"")?;
            let (nonce, _) = rest.split_once('"')?;
            assert!(nonce.len() == 32 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit()));
            Some(nonce.to_owned())
        })
        .collect();
    assert_eq!(nonces.len(), 3);
}
