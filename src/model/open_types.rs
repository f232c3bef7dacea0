//! Types that keep what they do not know: the service adds states, regions, clouds and fields
//! without notice, and none of them may fail a decode or get lost on the way back.
//!
//! The generated module calls these macros; it names the types, this file says how they behave.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error, Visitor};
use serde_json::{Map, Value};

/// An enum of the values that are known, and [`Unknown`](crate::types::Provider::Unknown) for the
/// rest.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$words:meta])* $variant:ident = $value:literal,)* }) => {
        $(#[$doc])*
        ///
        /// The set is open: a value that this version does not know is kept as the service wrote it.
        /// Values are made from text, and are equal, ordered and hashed as their text is.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$words])* $variant,)*
            /// A value that this version does not know. It is made from text alone, so that it is
            /// never one that is known.
            Unknown(crate::types::UnknownValue<Self>),
        }

        impl $name {
            /// The value as the service writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                match value {
                    $($value => Self::$variant,)*
                    _ => Self::Unknown(crate::types::UnknownValue::new(value)),
                }
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                Self::from(value.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(value))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&crate::model::one_line(self.as_str()))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(crate::model::open_types::Text(std::marker::PhantomData))
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                // Open, so the known values are examples.
                schemars::json_schema!({ "type": "string", "examples": [$($value),*] })
            }
        }
    };
}

/// A union of responses: its discriminator tells the variant, and where that is missing the fields
/// that only one variant has.
///
/// Which variant it is may be told by the last field of an object alone. So all fields of all
/// variants are decoded at once, without types, and moved into the variant that they tell.
macro_rules! open_union {
    ($(#[$doc:meta])* $name:ident by $tag:ident of { $($field:ident = $key:literal,)* } {
        $($(#[$words:meta])* $variant:ident($child:ident) = $value:literal
            told_by [$($telling:ident)*] $own:tt lacks $foreign:tt,)*
    } else $unknown:ident $unknown_own:tt lacks $unknown_foreign:tt) => {
        $(#[$doc])*
        ///
        /// The set is open: a variant that this version does not know is kept with all its fields.
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$words])* $variant($child),)*
            /// One that this version does not know.
            Unknown($unknown),
        }

        impl $name {
            /// The cloud. Where the service left its name out, the fields tell it; where they do not
            /// tell it either, it is `Provider::Unknown` with the value `UNSPECIFIED`.
            #[must_use]
            pub fn provider(&self) -> crate::types::Provider {
                match self {
                    $(Self::$variant(_) => $value.into(),)*
                    Self::Unknown(unknown) => match &unknown.$tag {
                        Some(provider) => provider.clone(),
                        None => crate::model::UNSPECIFIED.into(),
                    },
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use crate::model::open_types::{Object, into_variant};
                use serde_json::Value;

                #[derive(serde::Deserialize)]
                #[serde(expecting = "an object")]
                struct Fields {
                    $(#[serde(rename = $key, default)]
                    $field: Value,)*
                    #[serde(flatten)]
                    extra: Object,
                }

                let fields = Fields::deserialize(deserializer)?;
                let told = match &fields.$tag {
                    Value::String(told) => [$($value),*].into_iter().find(|value| told == value),
                    $(Value::Null if [$(&fields.$telling),*].iter().any(|of| !of.is_null()) => {
                        Some($value)
                    })*
                    _ => None,
                };
                match told {
                    $(Some($value) => into_variant!(fields, $child $own lacks $foreign).map(Self::$variant),)*
                    _ => into_variant!(fields, $unknown $unknown_own lacks $unknown_foreign).map(Self::Unknown),
                }
            }
        }

        crate::model::open_types::from_variants! { $name $($variant($child))* }
    };
}

/// Moves fields into a variant: its own, decoded as their types, and those of other variants beside
/// the ones that nobody knows.
macro_rules! into_variant {
    ($fields:ident, $child:ident { $($own:ident: $read:ident $key:literal,)* } lacks { $($foreign:ident = $other:literal,)* }) => {
        (|| Ok($child {
            $($own: crate::model::open_types::$read($fields.$own, $key)?,)*
            extra: crate::model::open_types::keep($fields.extra, [$(($other, $fields.$foreign)),*]),
        }))()
    };
}

/// A union of requests: closed, for nothing can be asked of a cloud that this version does not
/// know, and always written with its discriminator.
macro_rules! request_union {
    ($(#[$doc:meta])* $name:ident by $tag:literal {
        $($(#[$words:meta])* $variant:ident($child:ident) = $value:literal told_by $telling:tt,)*
    }) => {
        $(#[$doc])*
        #[doc = concat!("\n\nEncoded, it always has its `", $tag, "`.")]
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(tag = $tag)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$words])* #[serde(rename = $value)] $variant($child),)*
        }

        impl $name {
            /// The cloud.
            #[must_use]
            pub fn provider(&self) -> crate::types::Provider {
                match self {
                    $(Self::$variant(_) => $value.into(),)*
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use crate::model::open_types::{Object, no_variant, tell, variant};

                let mut object = Object::deserialize(deserializer)?;
                let told = tell(&object, $tag, &[$(($value, &$telling)),*]);
                // Variants refuse fields that they do not know, the discriminator included.
                object.remove($tag);
                match told.as_deref() {
                    $(Some($value) => variant(object).map(Self::$variant),)*
                    told => Err(no_variant($tag, told, &[$($value),*])),
                }
            }
        }

        impl crate::model::validation::Validate for $name {
            fn validate(&self) -> Result<(), crate::Error> {
                match self {
                    $(Self::$variant(request) => request.validate(),)*
                }
            }
        }

        crate::model::open_types::from_variants! { $name $($variant($child))* }

        // So that a request may be given away or lent.
        impl From<&$name> for $name {
            fn from(request: &$name) -> Self {
                request.clone()
            }
        }

        $(impl From<&$child> for $name {
            fn from(request: &$child) -> Self {
                Self::$variant(request.clone())
            }
        })*
    };
}

macro_rules! from_variants {
    ($name:ident $($variant:ident($child:ident))*) => {
        $(impl From<$child> for $name {
            fn from(variant: $child) -> Self {
                Self::$variant(variant)
            }
        })*
    };
}

pub(crate) use {from_variants, into_variant, open_enum, open_union, request_union};

/// The text of a value that this version of an open enum does not know.
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

impl<T> Clone for UnknownValue<T> {
    fn clone(&self) -> Self {
        Self::new(&self.0)
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
    // A union's own error begins with the rest of the path.
    let colon = if inner.starts_with(['.', '[']) {
        ""
    } else {
        ": "
    };
    let dot = if path.starts_with(['.', '[']) {
        ""
    } else {
        "."
    };
    format!("{dot}{}{colon}{inner}", path.trim_end_matches('.'))
}

/// A field that has to be there.
pub(crate) fn need<T: DeserializeOwned, E: Error>(value: Value, key: &'static str) -> Result<T, E> {
    take(value, key)?.ok_or_else(|| E::missing_field(key))
}

/// The fields that a variant has no place for.
pub(crate) fn keep<const N: usize>(mut extra: Object, others: [(&str, Value); N]) -> Object {
    let others = others.into_iter().filter(|(_, value)| !value.is_null());
    extra.extend(others.map(|(key, value)| (key.to_owned(), value)));
    extra
}

/// The value of a request's discriminator; without one the value that belongs to the fields that
/// are there.
pub(crate) fn tell(object: &Object, tag: &str, variants: &[(&str, &[&str])]) -> Option<String> {
    match object.get(tag) {
        Some(Value::String(value)) => Some(value.clone()),
        Some(Value::Null) | None => {
            let there = |key: &&str| object.get(*key).is_some_and(|value| !value.is_null());
            let mut variants = variants.iter();
            let told = variants.find(|(_, telling)| telling.iter().any(there));
            told.map(|(value, _)| (*value).to_owned())
        }
        Some(_) => None,
    }
}

/// Decodes the variant of a request; an error names the field.
pub(crate) fn variant<T: DeserializeOwned, E: Error>(object: Object) -> Result<T, E> {
    serde_path_to_error::deserialize(Value::Object(object)).map_err(E::custom)
}

/// No variant of a request belongs to the discriminator.
pub(crate) fn no_variant<E: Error>(tag: &str, told: Option<&str>, known: &[&str]) -> E {
    let known = known.join(", ");
    E::custom(match told {
        Some(value) => format!("{tag} {value:?} is not one of {known}"),
        None => format!("{tag} is missing, and no field tells which of {known} is meant"),
    })
}
