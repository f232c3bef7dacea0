//! The gate takes a right digest once, and tells an old nonce from a wrong key.

use super::*;

const URI: &str = "/api/atlas/v1.0/groups/5356823b3794dee37132bb7b/peers?pageNum=1";

fn gate() -> Gate {
    Gate::new(("public".to_owned(), "private".to_owned()))
}

/// The nonce of a challenge.
fn nonce(answer: &Answer) -> String {
    parameters(answer.challenge.as_deref().unwrap())["nonce"].clone()
}

fn header(nonce: &str, count: u32, private: &str) -> String {
    let secret = hash(&["public", REALM, private]);
    let nc = format!("{count:08x}");
    let response = hash(&[&secret, nonce, &nc, "c", "auth", &hash(&["GET", URI])]);
    format!(
        "Digest username=\"public\", realm=\"{REALM}\", nonce=\"{nonce}\", uri=\"{URI}\", \
         qop=auth, nc={nc}, cnonce=\"c\", response=\"{response}\", algorithm=MD5"
    )
}

/// Whether the challenge of a refusal says that the nonce is stale.
fn stale(outcome: Result<(), Answer>) -> bool {
    let challenge = outcome.unwrap_err().challenge.unwrap();
    challenge.ends_with("stale=true")
}

#[test]
fn a_count_is_taken_once_and_in_any_order() {
    let mut gate = gate();
    let given = nonce(&gate.admit(Duration::ZERO, "GET", URI, None).unwrap_err());
    for count in [1, 3, 2] {
        let header = header(&given, count, "private");
        assert!(
            gate.admit(Duration::ZERO, "GET", URI, Some(&header))
                .is_ok()
        );
        assert!(!stale(gate.admit(
            Duration::ZERO,
            "GET",
            URI,
            Some(&header)
        )));
    }
    let zero = header(&given, 0, "private");
    assert!(!stale(gate.admit(Duration::ZERO, "GET", URI, Some(&zero))));
}

#[test]
fn a_nonce_lives_60_seconds_and_an_unknown_one_is_stale() {
    let mut gate = gate();
    let given = nonce(&gate.admit(Duration::ZERO, "GET", URI, None).unwrap_err());
    let almost = Duration::from_millis(59_999);
    assert!(
        gate.admit(almost, "GET", URI, Some(&header(&given, 1, "private")))
            .is_ok()
    );
    let late = Duration::from_secs(60);
    assert!(stale(gate.admit(
        late,
        "GET",
        URI,
        Some(&header(&given, 2, "private"))
    )));
    assert!(stale(gate.admit(
        late,
        "GET",
        URI,
        Some(&header("unknown", 1, "private"))
    )));
}

#[test]
fn a_digest_of_something_else_is_refused() {
    let mut gate = gate();
    let given = nonce(&gate.admit(Duration::ZERO, "GET", URI, None).unwrap_err());
    let right = header(&given, 1, "private");
    assert!(!stale(gate.admit(
        Duration::ZERO,
        "POST",
        URI,
        Some(&right)
    )));
    assert!(!stale(gate.admit(
        Duration::ZERO,
        "GET",
        "/other",
        Some(&right)
    )));
    let wrong = header(&given, 1, "wrong");
    assert!(!stale(gate.admit(Duration::ZERO, "GET", URI, Some(&wrong))));
    assert!(!stale(gate.admit(
        Duration::ZERO,
        "GET",
        URI,
        Some("Basic cHVibGljOnByaXZhdGU=")
    )));
    assert!(gate.admit(Duration::ZERO, "GET", URI, Some(&right)).is_ok());
}
