//! Properties of the parser for any header, and its agreement with the crate `http-auth`, which follows the
//! grammar.

use atlas_peering_parsers::{Offer, offers};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The result of `http-auth`, if it accepts the header.
fn theirs(header: &str) -> Option<Vec<Offer>> {
    let challenges = http_auth::parse_challenges(header).ok()?.into_iter();
    let offer = |challenge: http_auth::ChallengeRef<'_>| {
        let parameters = challenge.params.into_iter();
        let parameters =
            parameters.map(|(name, value)| (name.to_owned(), value.to_unescaped().into_bytes()));
        (challenge.scheme.to_owned(), parameters.collect())
    };
    Some(challenges.map(offer).collect())
}

/// A challenge by the grammar, with one space after its scheme, as `http-auth` requires.
fn challenge() -> impl Strategy<Value = String> {
    let token = "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,8}";
    let quoted = "\"([\t !#-\\[\\]-~]|\\\\[\t -~]){0,12}\"";
    let value = prop_oneof![token, quoted];
    let parameter = (token, "[ \t]{0,2}=[ \t]{0,2}", value);
    let parameter = parameter.prop_map(|(name, equals, value)| name + &equals + &value);
    let comma = "[ \t]{0,2},[ \t,]{0,3}";
    (token, parameter.clone(), vec((comma, parameter), 0..4)).prop_map(|(scheme, first, rest)| {
        let rest = rest
            .into_iter()
            .map(|(comma, parameter)| comma + &parameter);
        format!("{scheme} {first}{}", rest.collect::<String>())
    })
}

/// Bytes that a header can carry; bytes of the syntax are more frequent.
fn header() -> impl Strategy<Value = Vec<u8>> {
    let syntax = select(&b"Digest nonce=\"\\,, \t==\"x"[..]);
    let any = prop_oneof![3 => syntax, 1 => any::<u8>()];
    vec(any, 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read_and_nothing_is_added(header in header()) {
        let offers = offers(&header);
        let length = |(scheme, parameters): &Offer| {
            let parameters = parameters.iter().map(|(name, value)| name.len() + value.len());
            scheme.len() + parameters.sum::<usize>()
        };
        prop_assert!(offers.iter().map(length).sum::<usize>() <= header.len());
    }

    #[test]
    fn both_parsers_agree_on_valid_headers(
        challenges in vec(challenge(), 1..4),
        comma in "[ \t]{0,2},[ \t,]{0,3}",
    ) {
        let header = challenges.join(&comma);
        let theirs = theirs(&header);
        prop_assert!(theirs.is_some(), "{} is of the grammar", header);
        prop_assert_eq!(theirs.unwrap(), offers(header.as_bytes()), "{}", header);
    }

    /// `http-auth` accepts about half of the headers with a few changed letters, and both parsers agree on
    /// these. It gives no result for the others. Ours reads on, because a header with one malformed
    /// challenge may hold another that a client can use.
    #[test]
    fn both_parsers_agree_on_headers_that_http_auth_accepts(
        challenges in vec(challenge(), 1..3),
        comma in "[ \t]{0,2},[ \t,]{0,3}",
        edits in vec((any::<Index>(), option::of(select(&b"aD=\"\\, \t/"[..]))), 0..4),
    ) {
        let mut header = challenges.join(&comma).into_bytes();
        for (at, letter) in edits {
            match letter {
                Some(letter) => header.insert(at.index(header.len() + 1), letter),
                None => drop(header.remove(at.index(header.len()))),
            }
        }
        let header = String::from_utf8(header).unwrap();
        if let Some(theirs) = theirs(&header) {
            prop_assert_eq!(theirs, offers(header.as_bytes()), "{}", header);
        }
    }
}

/// A megabyte of each pattern that makes a careless parser backtrack.
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
        let offers = offers(header.as_bytes());
        let parameters: usize = offers.iter().map(|(_, all)| all.len()).sum();
        assert!(parameters <= header.len());
    }
}
