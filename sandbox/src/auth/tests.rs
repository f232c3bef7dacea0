//! The gate admits a right digest once, distinguishes a stale nonce from a wrong key, and follows its
//! settings.

use super::*;

const URI: &str = "/api/atlas/v1.0/groups/5356823b3794dee37132bb7b/peers?pageNum=1";

fn gate(digest: Digest) -> Gate {
    Gate::new(("public".to_owned(), "private".to_owned()), digest)
}

fn attempt<'a>(method: &'a str, uri: &'a str, authorization: Option<&'a str>) -> Attempt<'a> {
    Attempt {
        method,
        uri,
        body: b"",
        authorization,
    }
}

/// The nonce of a refusal's first challenge.
fn nonce(gate: &mut Gate) -> String {
    let refused = gate.admit(Duration::ZERO, &attempt("GET", URI, None));
    let challenge = Authorization::read(&refused.err().unwrap().headers[0].1);
    challenge.unwrap().get("nonce").to_owned()
}

fn header(nonce: &str, count: u32, private: &str) -> String {
    let md5 = Algorithm::named("MD5").unwrap();
    let realm = "MMS Public API";
    let secret = md5.hash(&["public", realm, private]);
    let nc = format!("{count:08x}");
    let response = md5.hash(&[&secret, nonce, &nc, "c", "auth", &md5.hash(&["GET", URI])]);
    format!(
        "Digest username=\"public\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{URI}\", \
         qop=auth, nc={nc}, cnonce=\"c\", response=\"{response}\", algorithm=MD5"
    )
}

fn admit(gate: &mut Gate, now: Duration, header: &str) -> Result<Admitted, Reply> {
    gate.admit(now, &attempt("GET", URI, Some(header)))
}

/// Whether the challenge of a refusal has `stale=true`.
fn stale(outcome: Result<Admitted, Reply>) -> bool {
    let refused = outcome.err().expect("it is refused");
    refused.headers[0].1.ends_with("stale=true")
}

#[test]
fn a_count_is_accepted_once_and_in_any_order() {
    let mut gate = gate(Digest::default());
    let given = nonce(&mut gate);
    for count in [1, 3, 2] {
        let header = header(&given, count, "private");
        assert!(admit(&mut gate, Duration::ZERO, &header).is_ok());
        assert!(!stale(admit(&mut gate, Duration::ZERO, &header)));
    }
}

#[test]
fn a_client_may_count_from_0_and_write_its_scheme_in_any_case() {
    let mut gate = gate(Digest::default());
    let given = nonce(&mut gate);
    for (count, scheme) in [(0, "digest"), (1, "DIGEST  ")] {
        let header = header(&given, count, "private").replace("Digest", scheme);
        assert!(
            admit(&mut gate, Duration::ZERO, &header).is_ok(),
            "{scheme}"
        );
        assert!(!stale(admit(&mut gate, Duration::ZERO, &header)));
    }
    for count in ["nc=2", "nc=+0000002", "nc=0000000g"] {
        let header = header(&given, 2, "private").replace("nc=00000002", count);
        assert!(!stale(admit(&mut gate, Duration::ZERO, &header)), "{count}");
    }
}

#[test]
fn a_nonce_is_valid_for_60_seconds_and_an_unknown_one_is_stale() {
    let mut gate = gate(Digest::default());
    let given = nonce(&mut gate);
    let almost = Duration::from_millis(59_999);
    assert!(admit(&mut gate, almost, &header(&given, 1, "private")).is_ok());
    let late = Duration::from_secs(60);
    assert!(stale(admit(&mut gate, late, &header(&given, 2, "private"))));
    let unknown = header("unknown", 1, "private");
    assert!(stale(admit(&mut gate, late, &unknown)));
}

#[test]
fn a_digest_of_something_else_is_refused() {
    let mut gate = gate(Digest::default());
    let given = nonce(&mut gate);
    let right = header(&given, 1, "private");
    let other_algorithm = right.replace("algorithm=MD5", "algorithm=SHA-256");
    let other_name = right.replace("username=\"public", "username=\"other");
    for (method, uri, header) in [
        ("POST", URI, &*right),
        ("GET", "/other", &right),
        ("GET", URI, &header(&given, 1, "wrong")),
        ("GET", URI, "Basic cHVibGljOnByaXZhdGU="),
        ("GET", URI, &other_algorithm),
        ("GET", URI, &right.replace("qop=auth", "qop=auth-int")),
        ("GET", URI, &other_name),
    ] {
        let outcome = gate.admit(Duration::ZERO, &attempt(method, uri, Some(header)));
        assert!(!stale(outcome), "{method} {uri} {header}");
    }
    assert!(admit(&mut gate, Duration::ZERO, &right).is_ok());
}

#[test]
fn memory_is_bounded_under_a_flood_of_challenges_and_uses() {
    let mut gate = gate(Digest::default());
    let first = nonce(&mut gate);
    for count in 1..=1_000 {
        let header = header(&first, count, "private");
        assert!(admit(&mut gate, Duration::ZERO, &header).is_ok());
    }
    let used = gate.nonces.get_mut(&first).unwrap();
    assert!(used.counts.kept() < 2, "{}", used.counts.kept());
    for _ in 0..2 * nonces::MAX_LIVE {
        let given = nonce(&mut gate);
        assert!(gate.nonces.get_mut(&given).is_some());
    }
    assert!(gate.nonces.len() <= nonces::MAX_LIVE + 1);
    let late = Duration::from_secs(60);
    assert!(stale(admit(
        &mut gate,
        late,
        &header(&first, 1_001, "private")
    )));
    assert_eq!(gate.nonces.len(), 1);
}

#[test]
fn counts_must_rise_if_the_settings_ask_for_it() {
    let mut rising = gate(Digest::default().rising_counts());
    let given = nonce(&mut rising);
    for (count, taken) in [(1, true), (5, true), (3, false), (6, true)] {
        let header = header(&given, count, "private");
        let outcome = admit(&mut rising, Duration::ZERO, &header);
        assert_eq!(outcome.is_ok(), taken, "{count}");
    }
}

#[test]
fn the_challenge_follows_the_settings() {
    let refuse = |digest: Digest| {
        let outcome = gate(digest).admit(Duration::ZERO, &attempt("GET", URI, None));
        outcome.err().unwrap()
    };
    let refused = refuse(Digest::default());
    let (before, rest) = refused.headers[0].1.split_once("nonce=\"").unwrap();
    assert_eq!(before, "Digest realm=\"MMS Public API\", domain=\"\", ");
    let (nonce, after) = rest.split_once('"').unwrap();
    assert_eq!(nonce.len(), 32);
    assert_eq!(after, ", algorithm=MD5, qop=\"auth\", stale=false");
    assert_eq!(refused.body.to_string().len(), 142);

    let digest = Digest::default()
        .algorithms(["MD5", "sha-256-SESS"])
        .utf8()
        .userhash();
    let refused = refuse(digest.clone().without_qop().challenge_body(100_000));
    assert_eq!(refused.headers.len(), 2);
    assert_eq!(refused.body.to_string().len(), 100_000);
    let second = &refused.headers[1].1;
    assert!(
        second.ends_with("algorithm=sha-256-SESS, stale=false, charset=UTF-8, userhash=true"),
        "{second}"
    );
    assert_eq!(refuse(digest.one_header()).headers.len(), 1);
}

#[test]
fn an_unknown_or_missing_algorithm_is_invalid() {
    assert!(Digest::default().algorithms(["SHA-512"]).fault().is_some());
    assert!(Digest::default().algorithms([]).fault().is_some());
    assert!(Digest::default().algorithms(["md5-sess"]).fault().is_none());
}
