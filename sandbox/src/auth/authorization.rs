//! The `Authorization` header of digest authentication.

use std::collections::HashMap;

/// The parameters, by their names in lower case.
pub(super) struct Authorization(HashMap<String, String>);

impl Authorization {
    /// Reads a header; `None` if it has another scheme.
    pub(super) fn read(header: &str) -> Option<Self> {
        let mut parameters = HashMap::new();
        let mut rest = credentials(header, "Digest")?;
        while let Some((name, after)) = rest.split_once('=') {
            let after = after.trim_start();
            let (value, after) = if let Some(quoted) = after.strip_prefix('"') {
                unquote(quoted)
            } else {
                let end = after.find(',').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            };
            parameters.insert(name.trim().to_ascii_lowercase(), value);
            rest = after.trim_start_matches([',', ' ']);
        }
        Some(Self(parameters))
    }

    /// A parameter; empty if it is missing.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The user name, decoded if it is in `username*` (RFC 8187); `None` if it is missing, invalid, or
    /// in both parameters.
    pub(super) fn username(&self) -> Option<String> {
        let Some(extended) = self.0.get("username*") else {
            return self.0.get("username").cloned();
        };
        let (charset, value) = extended.split_once("''")?;
        if !charset.eq_ignore_ascii_case("UTF-8") {
            return None;
        }
        let mut bytes = Vec::new();
        let mut parts = value.split('%');
        bytes.extend(parts.next()?.bytes());
        for part in parts {
            let digits = part.get(..2)?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            bytes.extend(part[2..].bytes());
        }
        let name = String::from_utf8(bytes).ok()?;
        (!self.0.contains_key("username")).then_some(name)
    }
}

/// What follows the scheme of a header. Schemes match in any case (RFC 9110, section 11.1).
pub(crate) fn credentials<'a>(header: &'a str, scheme: &str) -> Option<&'a str> {
    let (named, credentials) = header.split_once(' ')?;
    let same = named.eq_ignore_ascii_case(scheme);
    same.then(|| credentials.trim_start_matches(' '))
}

/// Reads a quoted string after its opening quote; also returns what follows its closing quote.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            _ => value.push(letter),
        }
    }
    (value, "")
}
