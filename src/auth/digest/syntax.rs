//! A parser for authentication headers: challenges, and lists of parameters (RFC 9110, sections 5.6
//! and 11).
//!
//! The parser is lenient. It skips invalid text up to the next comma, so that an invalid challenge does
//! not hide a valid one. Its time is linear in the length of the header.

/// A challenge of any scheme. It has no `Debug` outside tests, because logs must not show it.
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) struct Offer {
    pub(super) scheme: String,
    pub(super) parameters: Parameters,
}

impl Offer {
    pub(super) fn is_digest(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("Digest")
    }
}

/// Names and values, in the order of the header. A value is bytes: a realm may have any encoding, and its
/// bytes are signed unchanged.
#[derive(Default)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) struct Parameters(pub(super) Vec<(String, Vec<u8>)>);

impl Parameters {
    /// Parses headers without a scheme, such as `Authentication-Info`.
    pub(super) fn read<'a>(headers: impl IntoIterator<Item = &'a (impl AsRef<[u8]> + 'a)>) -> Self {
        let elements = headers.into_iter().flat_map(Elements::of);
        let named = elements.filter_map(|(name, value)| Some((name, value?)));
        Self(named.collect())
    }

    /// The first value of a parameter. The case of the name does not matter.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        let mut all = self.0.iter();
        let (_, value) = all.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Whether a parameter has this value. The case of both does not matter.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        let found = self.get(name);
        found.is_some_and(|found| found.eq_ignore_ascii_case(value.as_bytes()))
    }
}

/// Parses the challenges of one header.
pub(super) fn offers(header: &(impl AsRef<[u8]> + ?Sized)) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for (name, value) in Elements::of(header) {
        match (value, offers.last_mut()) {
            (Some(value), Some(offer)) => offer.parameters.0.push((name, value)),
            (Some(_), None) => {}
            (None, _) => offers.push(Offer {
                scheme: name,
                parameters: Parameters::default(),
            }),
        }
    }
    offers
}

/// An iterator over parameters, with a value, and schemes, without.
struct Elements<'a> {
    rest: &'a [u8],
    /// Whether no comma followed the last scheme yet. The next lone token is then its `token68`, as in
    /// `Negotiate YII`, and not another scheme.
    after_scheme: bool,
}

impl Iterator for Elements<'_> {
    type Item = (String, Option<Vec<u8>>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // A list may have empty elements (RFC 9110, section 5.6.1).
            let skipped = self.run(|byte| byte.is_ascii_whitespace() || *byte == b',');
            self.after_scheme &= !skipped.contains(&b',');
            if self.rest.is_empty() {
                return None;
            }
            let name = String::from_utf8_lossy(self.run(|byte| is_token(*byte)));
            let spaced = !self.run(u8::is_ascii_whitespace).is_empty();
            let value = match self.rest.first() {
                _ if name.is_empty() => None,
                Some(b'=') => self.value().map(Some),
                None | Some(b',') => Some(None),
                Some(_) => spaced.then_some(None),
            };
            match value.filter(|value| value.is_some() || !self.after_scheme) {
                Some(value) => {
                    self.after_scheme = value.is_none();
                    return Some((name.into_owned(), value));
                }
                None => self.skip_element(),
            }
        }
    }
}

impl<'a> Elements<'a> {
    fn of(header: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self {
            rest: header.as_ref(),
            after_scheme: false,
        }
    }

    /// Parses `=` and a token or quoted string. A value without quotes may also contain characters that
    /// are invalid in a token, such as the `/` of base64. `None` if the value or its last quote is missing.
    fn value(&mut self) -> Option<Vec<u8>> {
        self.skip();
        self.run(u8::is_ascii_whitespace);
        match self.rest.first() {
            Some(b'"') => self.quoted(),
            Some(byte) if is_token(*byte) => {
                let value = self.run(|byte| !byte.is_ascii_whitespace() && *byte != b',');
                Some(value.to_vec())
            }
            _ => None,
        }
    }

    /// Parses a quoted string, without its quotes and escapes. `None` if the last quote is missing.
    fn quoted(&mut self) -> Option<Vec<u8>> {
        let mut value = Vec::new();
        self.skip();
        while let Some(byte) = self.skip() {
            match byte {
                b'"' => return Some(value),
                b'\\' => value.push(self.skip()?),
                _ => value.push(byte),
            }
        }
        None
    }

    /// Skips to the next comma outside quotes.
    fn skip_element(&mut self) {
        self.run(|byte| !b"\",".contains(byte));
        while self.rest.starts_with(b"\"") {
            self.quoted();
            self.run(|byte| !b"\",".contains(byte));
        }
    }

    fn skip(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn run(&mut self, of: impl Fn(&u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !of(byte));
        let (run, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        run
    }
}

/// Whether a byte is valid in a token (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The challenges of a header as `scheme name=value…`.
    fn read(header: &str) -> Vec<String> {
        let print = |offer: Offer| {
            let parameters = offer.parameters.0.iter();
            let parameters = parameters
                .map(|(name, value)| format!(" {name}={}", String::from_utf8_lossy(value)));
            offer.scheme + &parameters.collect::<String>()
        };
        offers(header).into_iter().map(print).collect()
    }

    #[test]
    fn challenges_are_separate_with_and_without_white_space() {
        for (header, challenges) in [
            ("", &[][..]),
            (" , ,", &[]),
            ("Bearer", &["Bearer"]),
            ("A,B , C", &["A", "B", "C"]),
            (r#"A x="1", y=2,B z="3""#, &["A x=1 y=2", "B z=3"]),
            ("A x = 1 ,\ty =\t\"2\"", &["A x=1 y=2"]),
            (r#",,A ,,x="1",,, y=2,"#, &["A x=1 y=2"]),
            (
                r#"A x="",y="a, B c=\"d\" \\ e""#,
                &[r#"A x= y=a, B c="d" \ e"#],
            ),
            ("A x=1, X=2, x=3", &["A x=1 X=2 x=3"]),
            // Invalid by the grammar, but sent by servers.
            ("A x=1 y=2", &["A x=1 y=2"]),
            (r#"A x="1" B y=2"#, &["A x=1", "B y=2"]),
            ("A nonce=ab/c==, y=2", &["A nonce=ab/c== y=2"]),
        ] {
            assert_eq!(read(header), challenges, "{header}");
        }
    }

    #[test]
    fn invalid_text_does_not_hide_valid_challenges() {
        for (header, challenges) in [
            ("Negotiate YII, A x=1", &["Negotiate", "A x=1"][..]),
            ("Negotiate YII==, A x=1", &["Negotiate", "A x=1"]),
            ("Negotiate Y/I+I=, A x=1", &["Negotiate", "A x=1"]),
            ("x=1, A y=2", &["A y=2"]),
            ("@, \"a, B\", A x=1", &["A x=1"]),
            (r#"@ "a, B x=1", A y=2"#, &["A y=2"]),
            (r#"@ "a" B, A y=2"#, &["A y=2"]),
            ("A/x y=1, B z=2", &["B z=2"]),
            ("A x=, y=2, =3, z=(4), v=5", &["A y=2 v=5"]),
            (r#"A x=1, y="never, B z=2"#, &["A x=1"]),
            (r#"A x=1, y="never\"#, &["A x=1"]),
        ] {
            assert_eq!(read(header), challenges, "{header}");
        }
    }

    #[test]
    fn a_value_is_bytes() {
        let offers = offers(b"A realm=\"caf\xe9 \\\xff\"");
        assert_eq!(
            offers[0].parameters.get("REALM"),
            Some(&b"caf\xe9 \xff"[..])
        );
    }

    #[test]
    fn headers_without_a_scheme_have_parameters_alone() {
        let headers = [
            r#"nextnonce="a", Junk qop=AUTH,, nc=00000001"#,
            "NC=2, Opaque=o",
        ];
        let parameters = Parameters::read(&headers);
        assert_eq!(parameters.get("nextnonce"), Some(&b"a"[..]));
        assert!(parameters.has("qop", "auth") && !parameters.has("nc", "1"));
        assert!(parameters.has("opaque", "o") && !parameters.has("nc", "2"));
        assert_eq!(parameters.get("rspauth"), None);
    }
}
