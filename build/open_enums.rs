//! Enums of the values that are known, with `Unknown` for the rest.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::Fault;
use super::open_types::{description, variants};

/// The words for each value of an enum.
pub(super) const VALUE_DESCRIPTIONS: &str = "x-enum-descriptions";

/// The definition of an enum.
pub(super) fn open_enum(
    name: &str,
    schema: &Value,
    with_schemars: bool,
) -> Result<TokenStream, Fault> {
    let place = format!("/components/schemas/{name}");
    let values = schema["enum"].as_array().into_iter().flatten();
    let values: Option<Vec<_>> = values.map(Value::as_str).collect();
    let values = values.ok_or_else(|| Fault::new(&place, "has values that are no strings"))?;
    let variants = variants(&place, &values)?;
    let mut words = Vec::new();
    for value in &values {
        let Some(text) = schema[VALUE_DESCRIPTIONS][value].as_str() else {
            let place = format!("{place}/{VALUE_DESCRIPTIONS}");
            return Err(Fault::new(place, format!("has no description of {value}")));
        };
        words.push(format!("`{value}`: {text}"));
    }
    let (name, description) = (format_ident!("{name}"), description(schema));
    let traits = traits(&name);
    let json_schema = with_schemars.then(|| json_schema(&name, &values));
    Ok(quote! {
        #[doc = #description]
        ///
        /// The set is open: a value that this version does not know is kept as the service wrote it.
        /// Values are made from text, and are equal, ordered and hashed as their text is.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum #name {
            #(#[doc = #words] #variants,)*
            /// A value that this version does not know. It is made from text alone, so that it is
            /// never one that is known.
            Unknown(crate::types::UnknownValue<Self>),
        }

        impl #name {
            /// The value as the service writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #values,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }

        impl ::std::convert::From<&str> for #name {
            fn from(value: &str) -> Self {
                match value {
                    #(#values => Self::#variants,)*
                    _ => Self::Unknown(crate::types::UnknownValue::new(value)),
                }
            }
        }

        #traits
        #json_schema
    })
}

/// What follows from `as_str` and from `From<&str>`.
fn traits(name: &Ident) -> TokenStream {
    quote! {
        impl ::std::convert::From<::std::string::String> for #name {
            fn from(value: ::std::string::String) -> Self {
                Self::from(value.as_str())
            }
        }

        impl ::std::str::FromStr for #name {
            type Err = ::std::convert::Infallible;
            fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
                Ok(Self::from(value))
            }
        }

        impl ::std::convert::AsRef<str> for #name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq for #name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl Eq for #name {}

        impl PartialOrd for #name {
            fn partial_cmp(&self, other: &Self) -> ::std::option::Option<::std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for #name {
            fn cmp(&self, other: &Self) -> ::std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl ::std::hash::Hash for #name {
            fn hash<H: ::std::hash::Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&crate::model::one_line(self.as_str()))
            }
        }

        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(
                &self, serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                deserializer.deserialize_str(crate::model::open_types::Text::default())
            }
        }
    }
}

/// The known values are examples, for the set is open.
fn json_schema(name: &Ident, values: &[&str]) -> TokenStream {
    let text = name.to_string();
    quote! {
        impl ::schemars::JsonSchema for #name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                #text.into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "type": "string", "examples": [#(#values),*] })
            }
        }
    }
}
