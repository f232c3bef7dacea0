//! The syntax of authentication fields: challenges, and lists of parameters (RFC 9110, sections
//! 5.6 and 11).
//!
//! It is read generously. What is of no known form is passed over up to the next comma, so that one
//! odd challenge does not hide another; every byte is looked at a fixed number of times.

/// A scheme and its parameters, in the order of the header. Only tests may print it.
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

/// Named values. A value is bytes: a realm may be in any encoding, and is signed as it stands.
#[derive(Default)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) struct Parameters(pub(super) Vec<(String, Vec<u8>)>);

impl Parameters {
    /// The parameters of headers that have no scheme, such as `Authentication-Info`.
    pub(super) fn read<'a>(headers: impl IntoIterator<Item = &'a (impl AsRef<[u8]> + 'a)>) -> Self {
        let elements = headers.into_iter().flat_map(Elements::of);
        let named = elements.filter_map(|(name, value)| Some((name, value?)));
        Self(named.collect())
    }

    /// A parameter by its name in any case. Of a repeated one the first counts.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        let mut all = self.0.iter();
        let (_, value) = all.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Whether a parameter has this value, in any case.
    pub(super) fn says(&self, name: &str, value: &str) -> bool {
        let found = self.get(name);
        found.is_some_and(|found| found.eq_ignore_ascii_case(value.as_bytes()))
    }
}

/// The challenges of one header.
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

/// Parameters by name and value, and schemes, which have no value.
struct Elements<'a> {
    rest: &'a [u8],
    /// Whether a scheme was read and no comma since: a lone token is then its `token68`, as in
    /// `Negotiate YII`, and no scheme.
    after_scheme: bool,
}

impl Iterator for Elements<'_> {
    type Item = (String, Option<Vec<u8>>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // Empty elements of a list are none.
            let passed = self.run(|byte| byte.is_ascii_whitespace() || *byte == b',');
            self.after_scheme &= !passed.contains(&b',');
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
                None => self.pass_over(),
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

    /// What follows a name: `=`, and a token or a quoted string. A value without quotes may hold
    /// what no token may, such as the `/` of base64. None where it is missing or its last quote is.
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

    /// A quoted string without its quotes and escapes; none where its end is missing.
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

    /// Up to the next comma outside quotes.
    fn pass_over(&mut self) {
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

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header's challenges as `scheme name=value…`, for reading.
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
    fn challenges_are_told_apart_with_and_without_white_space() {
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
            // What no grammar allows and servers send.
            ("A x=1 y=2", &["A x=1 y=2"]),
            (r#"A x="1" B y=2"#, &["A x=1", "B y=2"]),
            ("A nonce=ab/c==, y=2", &["A nonce=ab/c== y=2"]),
        ] {
            assert_eq!(read(header), challenges, "{header}");
        }
    }

    #[test]
    fn what_is_of_no_form_hides_nothing_else() {
        for (header, challenges) in [
            ("Negotiate YII, A x=1", &["Negotiate", "A x=1"][..]),
            ("Negotiate YII==, A x=1", &["Negotiate", "A x=1"]),
            ("Negotiate Y/I+I=, A x=1", &["Negotiate", "A x=1"]),
            ("x=1, A y=2", &["A y=2"]),
            ("@, \"a, B\", A x=1", &["A x=1"]),
            (r#"@ "a, B x=1", A y=2"#, &["A y=2"]),
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
        assert!(parameters.says("qop", "auth") && !parameters.says("nc", "1"));
        assert!(parameters.says("opaque", "o") && !parameters.says("nc", "2"));
        assert_eq!(parameters.get("rspauth"), None);
    }
}
