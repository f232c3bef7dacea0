//! Digest authentication against servers that ask for it in another form than the service.

use std::error::Error as _;
use std::time::Duration;

use atlas_peering_sandbox::{Digest, Recorded, Rspauth, Sandbox};

use super::{parameter, sandbox};
use crate::support::{
    api_key, builder, client, client_at, created, last_request, list, project, refusal, server,
    some_key, some_project,
};

fn authorization(request: &Recorded) -> &str {
    str::from_utf8(request.headers["authorization"].as_bytes()).unwrap()
}

#[tokio::test]
async fn each_algorithm_and_quality_of_protection_is_supported() {
    for name in [
        "MD5",
        "md5-SESS",
        "SHA-256",
        "SHA-256-sess",
        "sha-512-256",
        "SHA-512-256-sess",
    ] {
        for (qop, chosen) in [
            ("auth", "auth"),
            ("auth-int", "auth-int"),
            ("auth-int, auth", "auth"),
        ] {
            let digest = Digest::default().algorithms([name]).qop(qop).userhash();
            let sandbox = sandbox(digest.rspauth(Rspauth::Right)).await;
            let (atlas, project) = (client(&sandbox), project(&sandbox));
            // With and without a body to hash.
            created(&atlas, &project).await;
            list(&atlas, &project).await.unwrap();
            let last = last_request(&sandbox);
            assert_eq!(parameter(authorization(&last), "algorithm"), name);
            assert_eq!(parameter(authorization(&last), "qop"), chosen);
            assert_eq!(sandbox.requests().len(), 3, "{name} {qop}");
        }
    }
}

#[tokio::test]
async fn the_strongest_of_several_challenges_is_chosen() {
    let digest = Digest::default().algorithms(["MD5", "SHA-256", "SHA-512-256-sess", "MD5-sess"]);
    for digest in [digest.clone(), digest.one_header()] {
        let sandbox = sandbox(digest).await;
        list(&client(&sandbox), &project(&sandbox)).await.unwrap();
        let last = last_request(&sandbox);
        assert_eq!(
            parameter(authorization(&last), "algorithm"),
            "SHA-512-256-sess"
        );
    }
}

#[tokio::test]
async fn a_user_name_beyond_ascii_is_admitted() {
    let base = Digest::default().algorithms(["SHA-512-256"]);
    for (digest, sent) in [
        (base.clone(), "Digest username=\"J\u{e4}s\u{f8}n\", "),
        (
            base.clone().utf8(),
            "Digest username*=UTF-8''J%C3%A4s%C3%B8n, ",
        ),
        (base.utf8().userhash(), "Digest username=\""),
    ] {
        let sandbox = Sandbox::builder()
            .api_key("J\u{e4}s\u{f8}n", "Secret,\u{a0}or\u{a0}not?")
            .digest(digest)
            .start()
            .await
            .unwrap();
        list(&client(&sandbox), &project(&sandbox)).await.unwrap();
        let last = last_request(&sandbox);
        assert!(authorization(&last).starts_with(sent), "{last:?}");
    }
}

#[tokio::test]
async fn a_response_with_a_wrong_proof_is_refused() {
    for (digest, rspauth) in [
        (Digest::default(), Rspauth::Wrong),
        (Digest::default().qop("auth-int"), Rspauth::Wrong),
        (Digest::default().without_qop(), Rspauth::Wrong),
        (Digest::default().without_qop(), Rspauth::Right),
    ] {
        let sandbox = sandbox(digest.rspauth(rspauth)).await;
        let outcome = list(&client(&sandbox), &project(&sandbox)).await;
        if rspauth == Rspauth::Right {
            outcome.unwrap();
            continue;
        }
        let error = outcome.unwrap_err();
        assert_eq!(error.status().unwrap(), 200);
        assert!(!error.is_unauthorized() && error.api_error().is_none());
        assert!(error.is_unproven() && error.may_have_taken_effect());
        let message = error.to_string();
        assert!(message.contains("does not know the key"), "{message}");
    }
}

#[tokio::test]
async fn a_short_lifetime_costs_only_one_request_more() {
    for digest in [
        Digest::default().lifetime(Duration::from_secs(1)),
        Digest::default()
            .lifetime(Duration::from_secs(1))
            .next_nonces(),
    ] {
        let sandbox = sandbox(digest).await;
        let (atlas, project) = (client(&sandbox), project(&sandbox));
        for call_number in 1..=20 {
            sandbox.advance(Duration::from_secs(1));
            list(&atlas, &project).await.unwrap();
            assert_eq!(sandbox.requests().len(), 2 * call_number);
        }
    }
}

#[tokio::test]
async fn only_a_pinned_realm_gets_a_signed_request() {
    let sandbox = sandbox(Digest::default().realm("Another API")).await;
    let project = project(&sandbox);
    let pinned = |realm: &str| {
        let builder = builder(sandbox.base_url(), api_key(&sandbox));
        builder.realm(realm).build().unwrap()
    };
    let error = list(&pinned("MMS Public API"), &project).await.unwrap_err();
    assert!(error.is_unauthorized());
    let phrase = "no credentials were sent for its challenge";
    assert!(error.to_string().contains(phrase), "{error}");
    assert_eq!(
        error.source().unwrap().to_string(),
        "the realm \"Another API\" is not that of ClientBuilder::realm: check the base URL and any proxy \
         before the service"
    );
    assert_eq!(sandbox.requests().len(), 1, "nothing was signed");
    list(&pinned("Another API"), &project).await.unwrap();
}

#[tokio::test]
async fn a_challenge_for_other_paths_gets_no_signed_request() {
    let sandbox = sandbox(Digest::default().domain("/other")).await;
    let error = list(&client(&sandbox), &project(&sandbox))
        .await
        .unwrap_err();
    assert_eq!(
        error.source().unwrap().to_string(),
        "the challenge is for \"/other\", not for this request: check the base URL and any proxy before \
         the service"
    );
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn an_unusable_challenge_is_the_cause_of_the_error() {
    for (headers, cause) in [
        ("", "the 401 has no challenge in WWW-Authenticate"),
        (
            "WWW-Authenticate: Bearer\r\nWWW-Authenticate: Negotiate YII=\r\n",
            "the 401 has no digest challenge, but challenges of the schemes Bearer, Negotiate",
        ),
        (
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=SCRAM\r\n",
            "the digest algorithm \"SCRAM\" is not supported",
        ),
        (
            "WWW-Authenticate: Digest realm=\"r\", qop=\"auth\"\r\n",
            "the digest challenge has no nonce",
        ),
    ] {
        let base_url = server(format!(
            "HTTP/1.1 401 Unauthorized\r\n{headers}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"
        ));
        let error = refusal(&client_at(&base_url, some_key()), &some_project()).await;
        assert!(error.is_unauthorized());
        assert!(!error.to_string().contains("was refused"), "{error}");
        let source = error.source().unwrap().to_string();
        assert!(source.starts_with(&format!("{cause}: check ")), "{source}");
    }
}
