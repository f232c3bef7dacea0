//! Enums and unions that keep what they do not know. No spelling of `enum` or `oneOf` alone makes
//! the generator write one, so they are read from the document and written out here; the generator is
//! told to use those types. What they share at run time is in `src/model/open_types.rs`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::document::{self, entries};
use super::fragment::Fragment;
use super::{Fault, open_enums, unions};

/// Each open type: its name, and its definition.
pub(super) struct OpenTypes(Vec<(String, TokenStream)>);

impl OpenTypes {
    /// Finds those of the adapted document. With `with_schemars` they describe their JSON.
    pub(super) fn find(
        document: &Value,
        fragment: &Fragment,
        with_schemars: bool,
    ) -> Result<Self, Fault> {
        let schemas = &document["components"]["schemas"];
        let with = |key| entries(schemas).filter(move |(_, schema)| schema.get(key).is_some());
        let enums = with("enum").map(|(name, schema)| {
            let definition = open_enums::open_enum(name, schema, with_schemars)?;
            Ok((name.clone(), definition))
        });
        let derive = with_schemars.then(|| quote!(#[derive(::schemars::JsonSchema)]));
        let unions = with("oneOf").map(|(name, schema)| {
            let definition = unions::union(schemas, fragment, name, schema, derive.as_ref())?;
            Ok((name.clone(), definition))
        });
        enums.chain(unions).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn definitions(&self) -> impl Iterator<Item = TokenStream> {
        self.0.iter().map(|(_, definition)| definition.clone())
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
