//! Enums and unions that keep what they do not know. No spelling of `enum` or `oneOf` alone makes
//! the generator write one, so they are read from the document and emitted as calls of the macros
//! in `src/model/open_types.rs`; the generator is told to use those types.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::document::{self, entries};
use super::fragment::Fragment;
use super::{Fault, IDS};

/// The words for each value of an enum.
pub(super) const VALUE_DESCRIPTIONS: &str = "x-enum-descriptions";

/// Each open type: its name, and the macro call that defines it.
pub(super) struct OpenTypes(Vec<(String, TokenStream)>);

impl OpenTypes {
    /// Finds those of the adapted document.
    pub(super) fn find(document: &Value, fragment: &Fragment) -> Result<Self, Fault> {
        let schemas = &document["components"]["schemas"];
        let with = |key| entries(schemas).filter(move |(_, schema)| schema.get(key).is_some());
        let enums = with("enum").map(|(name, schema)| (name, open_enum(name, schema)));
        let unions =
            with("oneOf").map(|(name, schema)| (name, open_union(schemas, fragment, name, schema)));
        let found = enums
            .chain(unions)
            .map(|(name, definition)| Ok((name.clone(), definition?)));
        found.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The macro calls that define the types.
    pub(super) fn definitions(&self) -> Vec<TokenStream> {
        let definitions = self.0.iter().map(|(_, definition)| definition.clone());
        definitions.collect()
    }
}

fn open_enum(name: &str, schema: &Value) -> Result<TokenStream, Fault> {
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
    Ok(quote! { crate::model::open_types::open_enum! {
        #[doc = #description] #name { #(#[doc = #words] #variants = #values,)* }
    } })
}

fn open_union(
    schemas: &Value,
    fragment: &Fragment,
    name: &str,
    schema: &Value,
) -> Result<TokenStream, Fault> {
    let place = format!("/components/schemas/{name}");
    let fault = |reason: &str| Err(Fault::new(&place, reason));
    let Some(tag) = schema["discriminator"]["propertyName"].as_str() else {
        return fault("is a oneOf without a discriminator");
    };
    let in_requests = fragment.in_requests.contains(name);
    if !in_requests && !fragment.in_answers.contains(name) {
        return fault("is a union that no operation uses");
    }
    let unknown = format!("Unknown{name}");
    if !in_requests && schemas.get(&unknown).is_none() {
        return fault(
            "has no properties beside its oneOf, so a variant that is not known has no type",
        );
    }
    let mapping = &schema["discriminator"]["mapping"];
    let mapped: Vec<_> = entries(mapping).map(|(_, to)| to.as_str()).collect();
    let mut listed: Vec<_> = document::children(&schema["oneOf"])
        .map(|(_, of)| of["$ref"].as_str())
        .collect();
    listed.sort_unstable_by_key(|of| mapped.iter().position(|to| to == of));
    if mapped != listed {
        return fault("has a discriminator without exactly one value for each $ref of its oneOf");
    }
    let values: Vec<_> = entries(mapping).map(|(value, _)| value.as_str()).collect();
    let children = mapped
        .iter()
        .flatten()
        .filter_map(|to| to.rsplit('/').next());
    let children: Vec<_> = children.collect();
    let mut lines = TokenStream::new();
    let variants = variants(&place, &values)?;
    for (index, variant) in variants.iter().enumerate() {
        let (value, child) = (values[index], children[index]);
        let words = format!("`{value}`: {}", description(&schemas[child]));
        // The properties that no other child has tell the child where the tag is missing.
        let alone = |name: &&String| {
            let has = |of: &&&str| schemas[**of]["properties"].get(*name).is_some();
            *name != tag && children.iter().filter(has).count() == 1
        };
        let telling = entries(&schemas[child]["properties"])
            .map(|(name, _)| name)
            .filter(alone);
        let child = format_ident!("{child}");
        lines.extend(quote! {
            #[doc = #words] #variant(#child) = #value told_by [#(#telling),*],
        });
    }
    let (name, unknown) = (format_ident!("{name}"), format_ident!("{unknown}"));
    let description = description(schema);
    Ok(if in_requests {
        quote! { crate::model::open_types::request_union! {
            #[doc = #description] #name by #tag { #lines }
        } }
    } else {
        let ids = ids(&schemas[unknown.to_string().as_str()], &variants);
        quote! { crate::model::open_types::open_union! {
            #[doc = #description] #name by #tag { #lines } else #unknown
        }
        impl #name { #ids } }
    })
}

/// A method for each id that the variants of a union share.
fn ids(base: &Value, variants: &[Ident]) -> TokenStream {
    let mut methods = TokenStream::new();
    for (key, property) in entries(&base["properties"]) {
        let reference = property["allOf"].get(0).unwrap_or(property);
        let schema = reference["$ref"]
            .as_str()
            .and_then(|to| to.rsplit('/').next());
        let Some(schema) = schema.filter(|schema| IDS.contains(schema)) else {
            continue;
        };
        let name = format_ident!("{}", document::snake(key));
        let id = format_ident!("{schema}");
        let is_required = document::children(&base["required"]).any(|(_, of)| of == key);
        let (returned, of_child) = if is_required {
            (quote!(&crate::#id), quote!(&child.#name))
        } else {
            (quote!(Option<&crate::#id>), quote!(child.#name.as_ref()))
        };
        let words = description(property);
        methods.extend(quote! {
            #[doc = #words]
            #[must_use]
            pub fn #name(&self) -> #returned {
                match self {
                    #(Self::#variants(child) => #of_child,)*
                    Self::Unknown(child) => #of_child,
                }
            }
        });
    }
    methods
}

/// The variants of values, such as `PendingAcceptance` of `PENDING_ACCEPTANCE`.
fn variants(place: &str, values: &[&str]) -> Result<Vec<Ident>, Fault> {
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

fn description(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}
