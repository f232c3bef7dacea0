//! Which challenge the client chooses, and why it chooses none.

use super::*;

fn choose(headers: &[&str]) -> Result<Challenge, Unauthorized> {
    let mut map = HeaderMap::new();
    for header in headers {
        map.append(WWW_AUTHENTICATE, header.parse().unwrap());
    }
    Challenge::choose(&map, |_| Ok(()))
}

#[test]
fn the_services_own_challenge_is_read() {
    let challenge = choose(&[
        r#"Digest realm="MMS Public API", domain="", nonce="abcdefghijklmnopqrstuvwxyz012345", algorithm=MD5, qop="auth", stale=false"#,
    ])
    .unwrap();
    let expected = Challenge {
        realm: b"MMS Public API".to_vec(),
        nonce: b"abcdefghijklmnopqrstuvwxyz012345".to_vec(),
        opaque: None,
        algorithm: Algorithm::named("MD5").unwrap(),
        algorithm_name: Some("MD5".into()),
        qop: Some(Qop::Auth),
        userhash: false,
        utf8: false,
        domain: Vec::new(),
    };
    assert_eq!(challenge, expected);
}

#[test]
fn every_parameter_is_read_in_any_case_and_form() {
    let challenge = choose(&[
        r#"dIgEsT REALM=r,Nonce = "n",oPaque="o\"o", ALGORITHM="sha-256-SESS" ,QOP="auth-int", stale=TRUE,UserHash="TRUE",charset=utf-8,domain="/a  /b",unknown=x,realm=second"#,
    ])
    .unwrap();
    assert_eq!(
        (&*challenge.realm, &*challenge.nonce),
        (&b"r"[..], &b"n"[..])
    );
    assert_eq!(challenge.opaque.as_deref(), Some(&b"o\"o"[..]));
    assert_eq!(
        challenge.algorithm,
        Algorithm::named("SHA-256-sess").unwrap()
    );
    assert_eq!(challenge.algorithm_name.as_deref(), Some("sha-256-SESS"));
    assert_eq!(challenge.qop, Some(Qop::AuthInt));
    assert!(challenge.userhash && challenge.utf8);
    assert_eq!(challenge.domain, b"/a  /b");
}

#[test]
fn the_strongest_challenge_wins_and_of_equal_ones_the_first() {
    for (headers, nonce) in [
        (
            &[
                "Digest realm=r, nonce=a, qop=auth",
                "Digest realm=r, nonce=b, qop=auth, algorithm=SHA-256, Digest realm=r, nonce=c, qop=auth, algorithm=SHA-512-256",
            ][..],
            "c",
        ),
        (
            &[
                "Digest realm=r, nonce=a, qop=auth, algorithm=SHA-256-sess",
                "Digest realm=r, nonce=b, qop=auth, algorithm=SHA-256",
            ],
            "b",
        ),
        (
            &[
                r#"Basic realm="x", Digest realm=r, nonce=a, Bearer"#,
                "Digest realm=r, nonce=b",
            ],
            "a",
        ),
        (
            &[
                "Digest realm=r, nonce=a, algorithm=SHA-3",
                "Digest nonce=b, algorithm=SHA-512-256",
                "Negotiate YII==, Digest realm=r, nonce=c",
            ],
            "c",
        ),
    ] {
        let challenge = choose(headers).unwrap();
        assert_eq!(challenge.nonce, nonce.as_bytes(), "{headers:?}");
    }
}

#[test]
fn a_challenge_that_is_not_permitted_gives_way_to_a_weaker_one() {
    let mut headers = HeaderMap::new();
    for header in [
        "Digest realm=other, nonce=a, algorithm=SHA-256",
        "Digest realm=own, nonce=b",
    ] {
        headers.append(WWW_AUTHENTICATE, header.parse().unwrap());
    }
    let own = |challenge: &Challenge| match &*challenge.realm {
        b"own" => Ok(()),
        other => Err(Unauthorized::NoResponse(shortened(other))),
    };
    assert_eq!(Challenge::choose(&headers, own).unwrap().nonce, b"b");
    let none = |_: &Challenge| Err(Unauthorized::Stale);
    assert_eq!(Challenge::choose(&headers, none), Err(Unauthorized::Stale));
}

#[test]
fn the_old_documentations_misprint_of_qop_is_an_unknown_parameter() {
    let challenge = choose(&[r#"Digest realm="r", nonce="n", op="auth""#]).unwrap();
    assert_eq!(challenge.qop, None);
}

#[test]
fn the_body_is_hashed_only_where_nothing_else_is_offered() {
    for (offered, qop) in [
        ("auth", Some(Qop::Auth)),
        ("AUTH-INT , auth", Some(Qop::Auth)),
        ("auth-int,auth", Some(Qop::Auth)),
        ("token, auth-int", Some(Qop::AuthInt)),
        ("", None),
    ] {
        let header = format!("Digest realm=r, nonce=n, qop=\"{offered}\"");
        assert_eq!(choose(&[&header]).unwrap().qop, qop, "{offered}");
    }
}

#[test]
fn an_unsupported_challenge_is_an_error_with_its_reason() {
    for (header, message) in [
        ("", "the 401 has no challenge in WWW-Authenticate"),
        (
            "Negotiate abc==, Bearer x=y",
            "the 401 has no digest challenge, but challenges of the schemes Negotiate, Bearer",
        ),
        (r#"Digest realm="r""#, "the digest challenge has no nonce"),
        (
            r#"Digest realm="r", nonce="never closed"#,
            "the digest challenge has no nonce",
        ),
        ("Digest nonce=n", "the digest challenge has no realm"),
        (
            "Digest realm=r, nonce=n, algorithm=SHA-3",
            "the digest algorithm \"SHA-3\" is not supported",
        ),
        (
            r#"Digest realm="r", nonce="n", qop="conf""#,
            "the digest qop \"conf\" is not supported",
        ),
        (
            "Digest realm=r, nonce=n, algorithm=MD5-sess",
            "the digest challenge has a session algorithm and no qop",
        ),
    ] {
        let reason = choose(&[header]).unwrap_err().to_string();
        assert_eq!(reason, format!("{message}{REMEDY}"), "{header}");
    }
    let long = format!("Digest realm=r, nonce=n, algorithm={}", "x".repeat(9000));
    let fault = choose(&[&long]).unwrap_err().to_string();
    assert!(fault.len() < 200, "{fault}");
}
