//! Types that keep what they do not know: the service adds states, regions, clouds and fields
//! without notice, and none of them may fail a decode or get lost on the way back.
//!
//! `build/` writes the types; this file is what they share.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error, Visitor};
use serde_json::{Map, Value};

/// The text of a value that this version of an open enum does not know.
#[derive(Clone)]
pub struct UnknownValue<T>(Box<str>, PhantomData<fn() -> T>);

impl<T> UnknownValue<T> {
    pub(crate) fn new(value: &str) -> Self {
        Self(value.into(), PhantomData)
    }

    /// The value as the service writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T> fmt::Debug for UnknownValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Makes an open enum of a text without a copy of it.
pub(crate) struct Text<T>(pub(crate) PhantomData<T>);

impl<T: for<'a> From<&'a str>> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, value: &str) -> Result<T, E> {
        Ok(T::from(value))
    }
}

pub(crate) type Object = Map<String, Value>;

/// A field that may be absent, or null. An error names it as a path: `.regions[1]: …`.
pub(crate) fn take<T: DeserializeOwned, E: Error>(value: Value, key: &str) -> Result<Option<T>, E> {
    let decoded = match value {
        Value::Null => return Ok(None),
        // Nothing lies below a text, and most are texts.
        Value::String(_) => T::deserialize(value).map_err(|error| format!(": {error}")),
        _ => serde_path_to_error::deserialize(value).map_err(|error| place(&error)),
    };
    let named = |error| E::custom(format_args!(".{key}{error}"));
    decoded.map(Some).map_err(named)
}

/// What went wrong, after its path as what follows another path: `.name: …`, `[1]: …`, `: …`.
pub(crate) fn place<E: fmt::Display>(error: &serde_path_to_error::Error<E>) -> String {
    let (path, inner) = (error.path().to_string(), error.inner().to_string());
    let is_path = |text: &str| text.starts_with(['.', '[']);
    let dot = if is_path(&path) { "" } else { "." };
    // A union's own error begins with the rest of the path.
    let colon = if is_path(&inner) { "" } else { ": " };
    format!("{dot}{}{colon}{inner}", path.trim_end_matches('.'))
}

/// A field that has to be there.
pub(crate) fn need<T: DeserializeOwned, E: Error>(value: Value, key: &'static str) -> Result<T, E> {
    take(value, key)?.ok_or_else(|| E::missing_field(key))
}

/// Keeps a field that a variant has left: it has no place for it.
#[inline]
pub(crate) fn keep(extra: &mut Object, key: &str, left: Value) {
    if !left.is_null() {
        extra.insert(key.to_owned(), left);
    }
}

/// The value of a discriminator; without one the value that belongs to the fields that are there.
pub(crate) fn tell<'a>(tag: &'a Value, variants: &[(&'a str, &[&Value])]) -> Option<&'a str> {
    if !tag.is_null() {
        return tag.as_str();
    }
    let is_told = |(_, telling): &&(&str, &[&Value])| telling.iter().any(|of| !of.is_null());
    variants.iter().find(is_told).map(|(value, _)| *value)
}

/// Decodes the variant of a request; an error names the field.
pub(crate) fn variant<T: DeserializeOwned, E: Error>(mut fields: Value, tag: &str) -> Result<T, E> {
    // Variants refuse fields that they do not know, the discriminator included.
    fields.as_object_mut().and_then(|fields| fields.remove(tag));
    serde_path_to_error::deserialize(fields).map_err(E::custom)
}

/// No variant of a request belongs to the discriminator.
pub(crate) fn no_variant<E: Error>(tag: &str, told: Option<&str>, known: &[&str]) -> E {
    let known = known.join(", ");
    E::custom(match told {
        Some(value) => format!("{tag} {value:?} is not one of {known}"),
        None => format!("{tag} is missing, and no field tells which of {known} is meant"),
    })
}
