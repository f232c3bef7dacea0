//! What holds of the parsers on any input.

use atlas_peering_parsers::{Chosen, Offer, choose, info, offers};
use http::HeaderValue;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Bytes that a header can carry, those of the syntax more often than others.
fn header() -> impl Strategy<Value = Vec<u8>> {
    let syntax = select(&b"Digest nonce=\"\\,, \t==\"x"[..]);
    let any = prop_oneof![3 => syntax, 1 => any::<u8>()];
    vec(any, 0..200)
}

fn values(headers: &[Vec<u8>]) -> Vec<HeaderValue> {
    let values = headers.iter().map(|header| HeaderValue::from_bytes(header));
    values.filter_map(Result::ok).collect()
}

fn token() -> impl Strategy<Value = String> {
    "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}"
}

/// What a quoted string can hold: anything printable, tabs, and bytes beyond ASCII.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![6 => 0x20..=0x7e_u8, 1 => 0x80..=0xff_u8, 1 => Just(b'\t')];
    vec(byte, 0..20)
}

fn white_space() -> impl Strategy<Value = &'static str> {
    select(&["", "", " ", "\t", " \t "][..])
}

/// A comma with what a list allows around it.
fn comma() -> impl Strategy<Value = String> {
    (
        white_space(),
        select(&[",", ",", ",,", ", ,"][..]),
        white_space(),
    )
        .prop_map(|(before, comma, after)| format!("{before}{comma}{after}"))
}

/// A parameter, and one of the ways to print it.
fn parameter() -> impl Strategy<Value = (String, Vec<u8>, Vec<u8>)> {
    let plain = token().prop_map(|value| (value.clone().into_bytes(), value.into_bytes()));
    let quoted = (value(), vec(any::<bool>(), 20)).prop_map(|(value, escapes)| {
        let mut printed = vec![b'"'];
        for (&byte, escape) in value.iter().zip(escapes) {
            if escape || matches!(byte, b'"' | b'\\') {
                printed.push(b'\\');
            }
            printed.push(byte);
        }
        printed.push(b'"');
        (value, printed)
    });
    let value = prop_oneof![plain, quoted];
    (token(), white_space(), white_space(), value).prop_map(
        |(name, before, after, (value, printed))| {
            let mut text = format!("{name}{before}={after}").into_bytes();
            text.extend(printed);
            (name, value, text)
        },
    )
}

/// A challenge, and one of the ways to print it.
fn challenge() -> impl Strategy<Value = (Offer, Vec<u8>)> {
    let parameters = vec((parameter(), comma()), 0..5);
    let space = select(&[" ", "  ", " \t"][..]);
    (token(), space, parameters).prop_map(|(scheme, space, parameters)| {
        let mut text = scheme.clone().into_bytes();
        let mut offer = (scheme, Vec::new());
        for (index, ((name, value, printed), comma)) in parameters.into_iter().enumerate() {
            let between = if index == 0 { space } else { &comma };
            text.extend(between.bytes());
            text.extend(printed);
            offer.1.push((name, value));
        }
        (offer, text)
    })
}

fn digest() -> impl Strategy<Value = Chosen> {
    let algorithm = select(&["MD5", "sha-256", "SHA-512-256", "md5-SESS", "SHA-256-sess"][..]);
    let qop = select(&["auth", "auth-int"][..]);
    (
        value(),
        value(),
        option::of(value()),
        option::of((algorithm, qop)),
        any::<(bool, bool)>(),
        value(),
    )
        .prop_map(
            |(realm, nonce, opaque, named, (userhash, utf8), domain)| Chosen {
                realm,
                nonce,
                opaque,
                algorithm: named.map(|(algorithm, _)| algorithm.to_owned()),
                qop: named.map(|(_, qop)| qop),
                userhash,
                utf8,
                domain,
            },
        )
}

/// A digest challenge as a server writes it.
fn print(digest: &Chosen) -> HeaderValue {
    let mut text = b"Digest ".to_vec();
    let mut quoted = |name: &str, value: &[u8]| {
        text.extend(name.bytes());
        text.extend(b"=\"");
        for &byte in value {
            if matches!(byte, b'"' | b'\\') {
                text.push(b'\\');
            }
            text.push(byte);
        }
        text.extend(b"\", ");
    };
    quoted("realm", &digest.realm);
    quoted("domain", &digest.domain);
    quoted("nonce", &digest.nonce);
    for (name, value) in [
        ("opaque", digest.opaque.as_deref()),
        ("algorithm", digest.algorithm.as_deref().map(str::as_bytes)),
        ("qop", digest.qop.map(str::as_bytes)),
        ("userhash", digest.userhash.then_some(b"true")),
        ("charset", digest.utf8.then_some(b"UTF-8")),
    ] {
        if let Some(value) = value {
            quoted(name, value);
        }
    }
    HeaderValue::from_bytes(&text).unwrap()
}

/// How strong an algorithm is, by the words of the issue that it came from: the hash first, then
/// the plain form before that of a session.
fn strength(digest: &Chosen) -> usize {
    let name = digest.algorithm.as_deref().unwrap_or("MD5").to_uppercase();
    let ranked = ["MD5-SESS", "MD5", "SHA-256-SESS", "SHA-256", "SHA-512-256"];
    ranked.iter().position(|known| *known == name).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read_and_nothing_is_made_up(header in header()) {
        let offers = offers(&header);
        let length = |(scheme, parameters): &Offer| {
            let parameters = parameters.iter().map(|(name, value)| name.len() + value.len());
            scheme.len() + parameters.sum::<usize>()
        };
        prop_assert!(offers.iter().map(length).sum::<usize>() <= header.len());
    }

    #[test]
    fn any_headers_are_answered_or_the_reason_is_short(headers in vec(header(), 0..4)) {
        if let Err(reason) = choose(values(&headers)) {
            prop_assert!(!reason.is_empty() && reason.len() < 2000);
        }
        let _ = info(values(&headers));
    }

    #[test]
    fn what_is_printed_is_parsed_back(
        challenges in vec((challenge(), comma()), 0..5),
        before in comma(),
    ) {
        let (mut text, mut expected) = (before.into_bytes(), Vec::new());
        for ((offer, printed), comma) in challenges {
            text.extend(printed);
            text.extend(comma.bytes());
            expected.push(offer);
        }
        prop_assert_eq!(offers(&text), expected);
    }

    #[test]
    fn the_strongest_digest_challenge_is_read_whole(digests in vec(digest(), 1..5)) {
        let headers = digests.iter().map(print).collect();
        let strongest = digests.iter().map(strength).max().unwrap();
        let expected = digests.iter().find(|digest| strength(digest) == strongest).unwrap();
        prop_assert_eq!(&choose(headers).unwrap(), expected);
    }
}

/// A megabyte of what makes a careless parser go back again and again.
#[test]
fn hostile_headers_cost_no_more_than_their_length() {
    for pattern in [
        "\"",
        "\\",
        ",",
        " ",
        "a ",
        "a,",
        "a=",
        "a=\"",
        "=\"",
        "@\"",
        "a=\"\\",
        "Digest ",
        "Digest x=1,",
        "Digest realm=x,",
    ] {
        let header = pattern.repeat((1 << 20) / pattern.len());
        let parameters: usize = offers(header.as_bytes())
            .iter()
            .map(|(_, all)| all.len())
            .sum();
        assert!(parameters <= header.len());
        let _ = choose(vec![HeaderValue::try_from(header.clone()).unwrap()]);
        let _ = info(vec![HeaderValue::try_from(header).unwrap()]);
    }
}
