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

/// A union of responses: its discriminator tells the variant, and where that is missing the fields
/// that only one variant has.
macro_rules! open_union {
    ($(#[$doc:meta])* $name:ident by $tag:literal { $($variants:tt)* } else $unknown:ident) => {
        crate::model::open_types::union! {
            $(#[$doc])*
            ///
            /// The set is open: a variant that this version does not know is kept with all its fields.
            #[serde(untagged)]
            $name by $tag { $($variants)* } else $unknown,
            of |object| object,
            or |object, _| crate::model::open_types::variant(object).map(Self::Unknown)
        }
    };
}

/// A union of requests: closed, for nothing can be asked of a cloud that this version does not
/// know, and always written with its discriminator.
macro_rules! request_union {
    ($(#[$doc:meta])* $name:ident by $tag:literal {
        $($(#[$words:meta])* $variant:ident($child:ident) = $value:literal told_by $telling:tt,)*
    }) => {
        crate::model::open_types::union! {
            $(#[$doc])*
            #[doc = concat!("\n\nEncoded, it always has its `", $tag, "`.")]
            #[serde(tag = $tag)]
            $name by $tag {
                $($(#[$words])* #[serde(rename = $value)] $variant($child) = $value told_by $telling,)*
            },
            // Variants of requests refuse fields that they do not know, their discriminator included.
            of |mut object| { object.remove($tag); object },
            or |_, told| Err(crate::model::open_types::no_variant($tag, told, &[$($value),*]))
        }

        impl crate::model::validation::Validate for $name {
            fn validate(&self) -> Result<(), crate::Error> {
                match self {
                    $(Self::$variant(request) => request.validate(),)*
                }
            }
        }
    };
}

/// What both unions have: `of` makes the object that a variant is decoded from, `or` decodes what no
/// variant is told for.
macro_rules! union {
    ($(#[$meta:meta])* $name:ident by $tag:literal {
        $($(#[$words:meta])* $variant:ident($child:ident) = $value:literal told_by $telling:tt,)*
    } $(else $unknown:ident)?, of $of:expr, or $or:expr) => {
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        $(#[$meta])*
        #[non_exhaustive]
        pub enum $name {
            $($(#[$words])* $variant($child),)*
            $(/// One that this version does not know.
            Unknown($unknown),)?
        }

        impl $name {
            /// The cloud. Where the service left its name out, the fields tell it; where they do not
            /// tell it either, it is `Provider::Unknown` with the value `UNSPECIFIED`.
            #[must_use]
            pub fn provider(&self) -> crate::types::Provider {
                match self {
                    $(Self::$variant(_) => $value.into(),)*
                    $(Self::Unknown($unknown { provider_name, .. }) => match provider_name {
                        Some(provider) => provider.clone(),
                        None => crate::model::UNSPECIFIED.into(),
                    },)?
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use crate::model::open_types::{Object, tell, variant};

                let object = Object::deserialize(deserializer)?;
                let told = tell(&object, $tag, &[$(($value, &$telling)),*]);
                let (of, or): (fn(Object) -> Object, fn(Object, Option<&str>) -> _) = ($of, $or);
                let decoded = match told.as_deref() {
                    $(Some($value) => variant(of(object)).map(Self::$variant),)*
                    told => or(object, told),
                };
                decoded.map_err(|error: serde_json::Error| serde::de::Error::custom(error))
            }
        }

        $(impl From<$child> for $name {
            fn from(variant: $child) -> Self {
                Self::$variant(variant)
            }
        })*
    };
}

pub(crate) use {open_enum, open_union, request_union, union};

pub(crate) type Object = Map<String, Value>;

/// The value of the discriminator; without one the value that belongs to the fields that are there.
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

/// Decodes the variant of a union; an error names the field.
pub(crate) fn variant<T: DeserializeOwned>(object: Object) -> serde_json::Result<T> {
    let object = Value::Object(object);
    let fault = |_| serde_path_to_error::deserialize(&object).map_err(serde_json::Error::custom);
    T::deserialize(&object).or_else(fault)
}

/// No variant of a request belongs to the discriminator.
pub(crate) fn no_variant(tag: &str, told: Option<&str>, known: &[&str]) -> serde_json::Error {
    let known = known.join(", ");
    serde_json::Error::custom(match told {
        Some(value) => format!("{tag} {value:?} is not one of {known}"),
        None => format!("{tag} is missing, and no field tells which of {known} is meant"),
    })
}
