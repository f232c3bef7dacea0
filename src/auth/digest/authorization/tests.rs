//! The examples of RFC 7616, and cases beyond them.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

use super::super::algorithm::Hash;
use super::*;

const CNONCE: &str = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

fn nonce(challenge: &[u8], credentials: &Credentials) -> Nonce {
    let header = http::HeaderValue::from_bytes(challenge).unwrap();
    let headers = HeaderMap::from_iter([(WWW_AUTHENTICATE, header)]);
    let challenge = Challenge::choose(&headers, |_| Ok(())).unwrap();
    let origin = "https://cloud.example".parse().unwrap();
    let key = key(&challenge, credentials, CNONCE.as_bytes());
    Nonce::new(challenge, &origin, CNONCE.into(), key)
}

fn get(uri: &str) -> Message<'static> {
    Message {
        method: "GET",
        uri: uri.into(),
        body: b"",
    }
}

/// The value of `Authorization` for a challenge, a user name and a password.
fn authorization(challenge: &str, name: &str, password: &str, message: &Message<'_>) -> String {
    let credentials = Credentials::api_key(name, password);
    let mut nonce = nonce(challenge.as_bytes(), &credentials);
    text(sign(&mut nonce, &credentials, message))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(&format!(" {name}="))?;
    rest.split(", ").next().map(|value| value.trim_matches('"'))
}

#[test]
fn the_example_of_section_3_9_1_has_the_printed_response() {
    for (algorithm, response) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        (
            "SHA-256",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ] {
        let challenge = format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        );
        let expected = format!(
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", \
             algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
             nc=00000001, cnonce=\"{CNONCE}\", qop=auth, response=\"{response}\", \
             opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        );
        let header = authorization(
            &challenge,
            "Mufasa",
            "Circle of Life",
            &get("/dir/index.html"),
        );
        assert_eq!(header, expected);
    }
}

/// The example of section 3.9.2. The user name's hash and the response that the RFC prints are of
/// SHA-512 cut to 256 bits (erratum 4897); these are of SHA-512/256 as FIPS 180-4 defines it, and
/// were computed with another implementation of it.
#[test]
fn the_example_of_section_3_9_2_has_the_response_of_true_sha_512_256() {
    let challenge = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
        nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", \
        opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true";
    let cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v";
    let expected = format!(
        "Digest username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\", \
         realm=\"api@example.org\", uri=\"/doe.json\", algorithm=SHA-512-256, \
         nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, \
         cnonce=\"{cnonce}\", qop=auth, \
         response=\"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5\", \
         opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", userhash=true"
    );
    // The name with its accents apart from their letters is the same name.
    for name in ["J\u{e4}s\u{f8}n Doe", "Ja\u{308}s\u{f8}n Doe"] {
        let credentials = Credentials::api_key(name, "Secret, or not?");
        let message = get("/doe.json");
        let mut nonce = nonce(challenge.as_bytes(), &credentials);
        nonce.cnonce = cnonce.into();
        let header = sign(&mut nonce, &credentials, &message);
        assert_eq!(text(header), expected);
    }
}

#[test]
fn a_name_beyond_ascii_is_sent_as_the_challenge_allows() {
    let name = "J\u{e4}s\u{f8}n Doe";
    let header = |parameters: &str| {
        let challenge = format!("Digest realm=r, nonce=n, qop=auth{parameters}");
        authorization(&challenge, name, "p", &get("/"))
    };
    assert!(
        header(", charset=UTF-8").starts_with("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, ")
    );
    assert!(header("").starts_with("Digest username=\"J\u{e4}s\u{f8}n Doe\", "));
    let apart = "Ja\u{308}s\u{f8}n Doe";
    let as_given = authorization("Digest realm=r, nonce=n", apart, "p", &get("/"));
    assert!(as_given.contains(apart), "{as_given}");
    let plain = authorization(
        "Digest realm=r, nonce=n, charset=UTF-8",
        "Mufasa",
        "p",
        &get("/"),
    );
    assert!(plain.starts_with("Digest username=\"Mufasa\", "), "{plain}");
}

#[test]
fn without_a_quality_there_is_no_count_and_without_an_algorithm_none_is_named() {
    let header = authorization("Digest realm=r, nonce=n", "Mufasa", "p", &get("/"));
    // MD5(MD5("Mufasa:r:p"):n:MD5("GET:/"))
    let key = Hash::Md5.hex(&[b"Mufasa", b"r", b"p"]);
    let message = Hash::Md5.hex(&[b"GET", b"/"]);
    let response = text(Hash::Md5.hex(&[&key, b"n", &message]));
    let expected = format!(
        "Digest username=\"Mufasa\", realm=\"r\", uri=\"/\", nonce=\"n\", response=\"{response}\""
    );
    assert_eq!(header, expected);
}

#[test]
fn the_body_is_part_of_auth_int() {
    let challenge = "Digest realm=r, nonce=n, qop=auth-int";
    let post = |body: &'static [u8]| {
        let message = Message {
            method: "POST",
            uri: "/x".into(),
            body,
        };
        authorization(challenge, "Mufasa", "p", &message)
    };
    let header = post(b"{}");
    let key = Hash::Md5.hex(&[b"Mufasa", b"r", b"p"]);
    let body = Hash::Md5.hex(&[b"{}"]);
    let message = Hash::Md5.hex(&[b"POST", b"/x", &body]);
    let parts = [
        &*key,
        b"n",
        b"00000001",
        CNONCE.as_bytes(),
        b"auth-int",
        &message,
    ];
    let response = text(Hash::Md5.hex(&parts));
    assert_eq!(parameter(&header, "response"), Some(&*response));
    assert_eq!(parameter(&header, "qop"), Some("auth-int"));
    assert_ne!(header, post(b"[]"));
}

#[test]
fn a_session_keeps_the_key_of_its_first_request() {
    let challenge = b"Digest realm=r, nonce=first, qop=auth, algorithm=SHA-256-sess";
    let credentials = Credentials::api_key("Mufasa", "p");
    let mut nonce = nonce(challenge, &credentials);
    let header = |nonce: &mut Nonce| text(sign(nonce, &credentials, &get("/")));
    let plain = Hash::Sha256.hex(&[b"Mufasa", b"r", b"p"]);
    let key = Hash::Sha256.hex(&[&plain, b"first", CNONCE.as_bytes()]);
    let message = Hash::Sha256.hex(&[b"GET", b"/"]);
    let expected = |nonce: &[u8], count: &[u8]| {
        let parts = [&*key, nonce, count, CNONCE.as_bytes(), b"auth", &message];
        text(Hash::Sha256.hex(&parts))
    };
    let first = header(&mut nonce);
    let second = header(&mut nonce);
    nonce.turn_into(b"second");
    let third = header(&mut nonce);
    for (header, nonce, count) in [
        (first, "first", "00000001"),
        (second, "first", "00000002"),
        (third, "second", "00000001"),
    ] {
        let response = expected(nonce.as_bytes(), count.as_bytes());
        assert_eq!(parameter(&header, "response"), Some(&*response), "{header}");
        assert_eq!(parameter(&header, "nc"), Some(count));
        assert_eq!(parameter(&header, "cnonce"), Some(CNONCE));
    }
}

#[test]
fn a_quoted_string_is_escaped_and_its_bytes_are_unchanged() {
    let challenge = r#"Digest realm="a\"b\\c", nonce="n", opaque="\"""#;
    let header = authorization(challenge, "Mu\"fasa", "p", &get("/"));
    assert!(
        header.starts_with(r#"Digest username="Mu\"fasa", realm="a\"b\\c", "#),
        "{header}"
    );
    assert!(header.ends_with(r#", opaque="\"""#), "{header}");

    let credentials = Credentials::api_key("Mufasa", "p");
    let mut nonce = nonce(b"Digest realm=\"caf\xe9\", nonce=n", &credentials);
    let header = sign(&mut nonce, &credentials, &get("/"));
    let realm = b"realm=\"caf\xe9\"";
    assert!(header.windows(realm.len()).any(|window| window == realm));
}

#[test]
fn a_valid_proof_of_the_service_is_accepted_and_an_invalid_one_is_not() {
    let challenge = b"Digest realm=r, nonce=n, qop=auth, algorithm=SHA-256";
    let credentials = Credentials::api_key("Mufasa", "p");
    let mut nonce = nonce(challenge, &credentials);
    sign(&mut nonce, &credentials, &get("/x"));
    let key = Hash::Sha256.hex(&[b"Mufasa", b"r", b"p"]);
    let (bare, body) = (Hash::Sha256.hex(&[b"", b"/x"]), Hash::Sha256.hex(&[b"{}"]));
    let whole = Hash::Sha256.hex(&[b"", b"/x", &body]);
    let rspauth = |qop: &str, message: &[u8]| {
        let parts = [
            &*key,
            b"n",
            b"00000001",
            CNONCE.as_bytes(),
            qop.as_bytes(),
            message,
        ];
        text(Hash::Sha256.hex(&parts))
    };
    for (rspauth, qop, given) in [
        (None, None, true),
        (Some(rspauth("auth", &bare)), None, true),
        (
            Some(rspauth("auth", &bare).to_uppercase()),
            Some("AUTH"),
            true,
        ),
        (Some(rspauth("auth-int", &whole)), Some("auth-int"), true),
        (Some(rspauth("auth-int", &whole)), None, false),
        (Some(rspauth("auth", &bare)), Some("auth-int"), false),
        (Some(rspauth("auth", &bare)), Some("other"), false),
        (Some(rspauth("auth", &whole)), None, false),
        (Some(String::new()), None, false),
    ] {
        let named =
            |name: &str, value: Option<String>| Some((name.to_owned(), value?.into_bytes()));
        let parameters = [
            named("rspauth", rspauth),
            named("qop", qop.map(str::to_owned)),
        ];
        let info = Parameters(parameters.into_iter().flatten().collect());
        assert_eq!(is_proven(&nonce, "/x", &info, b"{}"), given, "{qop:?}");
    }
}
