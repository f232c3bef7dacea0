//! Types that keep what they do not know: the service adds states, regions, clouds and fields
//! without notice, and none of them may fail a decode or get lost on the way back.
//!
//! The generated module calls these macros; it names the types, this file says how they behave.

use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Map, Value};

/// An enum of the values that are known, and [`Unknown`](crate::types::Provider::Unknown) for the
/// rest.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$words:meta])* $variant:ident = $value:literal,)* }) => {
        $(#[$doc])*
        ///
        /// The set is open: a value that this version does not know is kept as it was written.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$words])* $variant,)*
            /// A value that this version does not know, as the service wrote it.
            Unknown(String),
        }

        impl $name {
            /// The value as the service writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Unknown(value) => value,
                }
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                match value {
                    $($value => Self::$variant,)*
                    _ => Self::Unknown(value.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                Self::from(value.as_str())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Ok(Self::from(value.as_ref()))
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

/// A union of answers, told by their tag, and where that is missing by the fields that only one
/// child has.
macro_rules! open_union {
    ($(#[$doc:meta])* $name:ident by $tag:literal {
        $($(#[$words:meta])* $variant:ident($child:ident) = $value:literal told_by [$($telling:literal),*],)*
    } else $unknown:ident) => {
        $(#[$doc])*
        ///
        /// The set is open: a child that this version does not know is kept with all its fields.
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(untagged))]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$words])* $variant($child),)*
            /// One that this version does not know.
            Unknown($unknown),
        }

        impl $name {
            /// The cloud, told from the fields where the service left its name out. Where they do not
            /// tell it either, it is `Provider::Unknown` with the value `UNSPECIFIED`.
            #[must_use]
            pub fn provider(&self) -> crate::types::Provider {
                match self {
                    $(Self::$variant(_) => $value.into(),)*
                    Self::Unknown(child) => match &child.provider_name {
                        Some(provider) => provider.clone(),
                        None => crate::model::UNSPECIFIED.into(),
                    },
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(child) => child.serialize(serializer),)*
                    Self::Unknown(child) => child.serialize(serializer),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let object = <::serde_json::Map<String, ::serde_json::Value>>::deserialize(deserializer)?;
                let told = crate::model::open_types::tell(&object, $tag, &[$(($value, &[$($telling),*])),*]);
                let decoded = match told.as_deref() {
                    $(Some($value) => crate::model::open_types::child(object).map(Self::$variant),)*
                    _ => crate::model::open_types::child(object).map(Self::Unknown),
                };
                decoded.map_err(|error: serde_json::Error| serde::de::Error::custom(error))
            }
        }

        $(impl From<$child> for $name {
            fn from(child: $child) -> Self {
                Self::$variant(child)
            }
        })*
    };
}

/// A union of requests: closed, for nothing can be asked of a cloud that this version does not
/// know, and always written with its tag.
macro_rules! request_union {
    ($(#[$doc:meta])* $name:ident by $tag:literal {
        $($(#[$words:meta])* $variant:ident($child:ident) = $value:literal told_by [$($telling:literal),*],)*
    }) => {
        $(#[$doc])*
        #[doc = concat!("\n\nEncoded, it always has its `", $tag, "`.")]
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(tag = $tag))]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$words])* #[cfg_attr(feature = "schemars", schemars(rename = $value))] $variant($child),)*
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let (tag, object) = match self {
                    $(Self::$variant(child) => ($value, ::serde_json::to_value(child)),)*
                };
                let mut object = object.map_err(serde::ser::Error::custom)?;
                object[$tag] = tag.into();
                object.serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut object = <::serde_json::Map<String, ::serde_json::Value>>::deserialize(deserializer)?;
                let told = crate::model::open_types::tell(&object, $tag, &[$(($value, &[$($telling),*])),*]);
                object.remove($tag);
                let decoded = match told.as_deref() {
                    $(Some($value) => crate::model::open_types::child(object).map(Self::$variant),)*
                    other => Err(crate::model::open_types::no_child($tag, other, &[$($value),*])),
                };
                decoded.map_err(|error: serde_json::Error| serde::de::Error::custom(error))
            }
        }

        impl $name {
            /// The cloud that the request is for.
            #[must_use]
            pub fn provider(&self) -> crate::types::Provider {
                match self {
                    $(Self::$variant(_) => $value.into(),)*
                }
            }
        }

        impl crate::model::validation::Validate for $name {
            fn validate(&self) -> Result<(), crate::Error> {
                match self {
                    $(Self::$variant(child) => child.validate(),)*
                }
            }
        }

        $(impl From<$child> for $name {
            fn from(child: $child) -> Self {
                Self::$variant(child)
            }
        })*
    };
}

pub(crate) use {open_enum, open_union, request_union};

/// The value of the tag; without one the value that belongs to the fields that are there.
pub(crate) fn tell(
    object: &Map<String, Value>,
    tag: &str,
    children: &[(&str, &[&str])],
) -> Option<String> {
    match object.get(tag) {
        Some(Value::String(value)) => Some(value.clone()),
        Some(Value::Null) | None => {
            let there = |key: &&str| object.get(*key).is_some_and(|value| !value.is_null());
            let told = children
                .iter()
                .find(|(_, telling)| telling.iter().any(there));
            told.map(|(value, _)| (*value).to_owned())
        }
        Some(_) => None,
    }
}

/// Decodes the child of a union; an error names the field.
pub(crate) fn child<T: DeserializeOwned>(object: Map<String, Value>) -> serde_json::Result<T> {
    serde_path_to_error::deserialize(Value::Object(object)).map_err(serde_json::Error::custom)
}

/// No child of a request belongs to the tag.
pub(crate) fn no_child(tag: &str, told: Option<&str>, known: &[&str]) -> serde_json::Error {
    let known = known.join(", ");
    serde_json::Error::custom(match told {
        Some(value) => format!("{tag} {value:?} is not one of {known}"),
        None => format!("{tag} is missing, and no field tells which of {known} is meant"),
    })
}
