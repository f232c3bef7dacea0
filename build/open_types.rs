//! Enums and unions that keep what they do not know. No spelling of `enum` or `oneOf` alone makes
//! the generator write one, so they are read from the document and written out here; the generator is
//! told to use those types. What they share at run time is in `src/model/open_types.rs`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::document::{self, entries};
use super::fragment::Fragment;
use super::{Fault, unions};

/// The words for each value of an enum.
pub(super) const VALUE_DESCRIPTIONS: &str = "x-enum-descriptions";

/// The open types of the adapted document: the name of each, and its definition. With
/// `with_schemars` they describe their JSON.
pub(super) fn open_types(
    document: &Value,
    fragment: &Fragment,
    with_schemars: bool,
) -> Result<Vec<(String, TokenStream)>, Fault> {
    let schemas = &document["components"]["schemas"];
    let derive = with_schemars.then(|| quote!(#[derive(::schemars::JsonSchema)]));
    let mut found = Vec::new();
    for (name, schema) in entries(schemas) {
        let definition = if schema.get("enum").is_some() {
            open_enum(name, schema, with_schemars)?
        } else if schema.get("oneOf").is_some() {
            unions::union(schemas, fragment, name, schema, derive.as_ref())?
        } else {
            continue;
        };
        found.push((name.clone(), definition));
    }
    Ok(found)
}

/// An enum of the values that are known, with `Unknown` for the rest.
fn open_enum(name: &str, schema: &Value, with_schemars: bool) -> Result<TokenStream, Fault> {
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

        impl From<&str> for #name {
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
        impl From<String> for #name {
            fn from(value: String) -> Self {
                Self::from(value.as_str())
            }
        }

        impl ::std::str::FromStr for #name {
            type Err = ::std::convert::Infallible;
            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(value))
            }
        }

        impl AsRef<str> for #name {
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
            fn partial_cmp(&self, other: &Self) -> Option<::std::cmp::Ordering> {
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
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
                de.deserialize_str(crate::model::open_types::Text(::std::marker::PhantomData))
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

/// The field of a property.
pub(super) fn field(key: &str) -> Ident {
    format_ident!("{}", document::snake(key))
}

/// The variants of values, such as `PendingAcceptance` of `PENDING_ACCEPTANCE`.
pub(super) fn variants(place: &str, values: &[&str]) -> Result<Vec<Ident>, Fault> {
    let mut variants = Vec::new();
    for value in values {
        let fault = |reason| Fault::new(place, format!("{value} {reason}"));
        let words = value.split('_').map(|word| {
            let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
            first.to_uppercase() + &rest.to_lowercase()
        });
        let variant: Ident =
            syn::parse_str(&words.collect::<String>()).map_err(|_| fault("is no name in Rust"))?;
        if variant == "Unknown" {
            return Err(fault("is the name of what is not known"));
        }
        if variants.contains(&variant) {
            return Err(fault("is one name in Rust with another value"));
        }
        variants.push(variant);
    }
    Ok(variants)
}

pub(super) fn description(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}
