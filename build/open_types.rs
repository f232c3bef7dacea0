//! Enums and unions that keep what they do not know. No spelling of `enum` or `oneOf` alone makes
//! the generator write one, so they are read from the document and emitted as calls of the macros
//! in `src/model/open_types.rs`; the generator is told to use those types.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::document::{self, entries};
use super::fragment::{Fragment, named_schema};
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
    pub(super) fn definitions(&self) -> impl Iterator<Item = TokenStream> {
        self.0.iter().map(|(_, definition)| definition.clone())
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
    let variants = variants(&place, &values)?;
    let union = Union {
        schemas,
        tag,
        children: children.clone(),
        variants,
        unknown: (!in_requests).then_some(&*unknown),
    };
    let accessors = union.accessors(&place, schema)?;
    let lines = values.iter().enumerate().map(|(index, value)| {
        let (child, variant) = (children[index], &union.variants[index]);
        let words = format!("`{value}`: {}", description(&schemas[child]));
        let telling = union.telling(child);
        let child_ident = format_ident!("{child}");
        let told_by = if in_requests {
            quote!(told_by [#(#telling),*])
        } else {
            let telling = telling.iter().map(|key| field(key));
            let moved = union.moved(child);
            quote!(told_by [#(#telling)*] #moved)
        };
        quote!(#[doc = #words] #variant(#child_ident) = #value #told_by,)
    });
    let (name, description) = (format_ident!("{name}"), description(schema));
    let definition = if in_requests {
        quote! { crate::model::open_types::request_union! {
            #[doc = #description] #name by #tag { #(#lines)* }
        } }
    } else {
        let fields = union.fields().into_iter().map(|key| {
            let field = field(key);
            quote!(#field = #key,)
        });
        let (tag, moved) = (field(tag), union.moved(&unknown));
        let unknown = format_ident!("{unknown}");
        quote! { crate::model::open_types::open_union! {
            #[doc = #description] #name by #tag of { #(#fields)* } { #(#lines)* } else #unknown #moved
        } }
    };
    if accessors.is_empty() {
        return Ok(definition);
    }
    Ok(quote! { #definition impl #name { #accessors } })
}

/// What the variants of a union have.
struct Union<'a> {
    schemas: &'a Value,
    tag: &'a str,
    /// The schemas of the variants.
    children: Vec<&'a str>,
    variants: Vec<Ident>,
    /// The schema of what is not known, in a union of responses.
    unknown: Option<&'a str>,
}

impl<'a> Union<'a> {
    fn properties(&self, schema: &str) -> impl Iterator<Item = &'a String> + use<'a> {
        entries(&self.schemas[schema]["properties"]).map(|(key, _)| key)
    }

    fn has(&self, schema: &str, key: &str) -> bool {
        self.schemas[schema]["properties"].get(key).is_some()
    }

    fn needs(&self, schema: &str, key: &str) -> bool {
        document::children(&self.schemas[schema]["required"]).any(|(_, of)| of == key)
    }

    /// The properties that no other variant has: they tell it where the discriminator is missing.
    fn telling(&self, child: &str) -> Vec<&'a String> {
        let alone = |key: &&String| {
            let has = |of: &&&str| self.has(of, key);
            *key != self.tag && self.children.iter().filter(has).count() == 1
        };
        self.properties(child).filter(alone).collect()
    }

    /// The properties of all variants, and of the one that is not known.
    fn fields(&self) -> BTreeSet<&'a String> {
        let all = self.children.iter().chain(&self.unknown);
        all.flat_map(|schema| self.properties(schema)).collect()
    }

    /// Which fields become those of a variant, and which it has no place for.
    fn moved(&self, child: &str) -> TokenStream {
        let (mut own, mut foreign) = (TokenStream::new(), TokenStream::new());
        for key in self.fields() {
            let field = field(key);
            if !self.has(child, key) {
                foreign.extend(quote!(#field = #key,));
            } else if self.needs(child, key) {
                own.extend(quote!(#field: need #key,));
            } else {
                own.extend(quote!(#field: take #key,));
            }
        }
        quote!({ #own } lacks { #foreign })
    }

    /// The methods that ask every variant the same: for the ids and flags that all of them have, and
    /// for what `x-accessors` names.
    fn accessors(&self, place: &str, schema: &Value) -> Result<TokenStream, Fault> {
        let first = &self.schemas[self.children[0]]["properties"];
        let mut methods = TokenStream::new();
        for (key, property) in entries(first) {
            if !self.children.iter().all(|child| self.has(child, key)) {
                continue;
            }
            let name = field(key);
            let needed = |child: &&str| self.needs(child, key);
            let in_all = self.children.iter().all(needed);
            let id = named_schema(property).filter(|schema| IDS.contains(schema));
            let (name, returned) = match id.map(|id| format_ident!("{id}")) {
                Some(id) if in_all => (name, quote!(&crate::#id)),
                Some(id) => (name, quote!(Option<&crate::#id>)),
                None if property["type"] == "boolean" => (format_ident!("is_{name}"), quote!(bool)),
                None => continue,
            };
            let of = |child: &str, field: &Ident| match id {
                None => quote!(of.#field.unwrap_or_default()),
                Some(_) if in_all => quote!(&of.#field),
                Some(_) if self.needs(child, key) => quote!(Some(&of.#field)),
                Some(_) => quote!(of.#field.as_ref()),
            };
            let body = self.matched(&[key], of, &quote!(None));
            methods.extend(method(description(property), &name, &returned, &body));
        }
        for (key, accessor) in entries(&schema["x-accessors"]) {
            let listed: Option<Vec<_>> = document::children(&accessor["properties"])
                .map(|(_, of)| of.as_str())
                .collect();
            let listed = listed.unwrap_or_default();
            let known = |key: &&str| self.children.iter().any(|child| self.has(child, key));
            if listed.is_empty() || !listed.iter().all(known) {
                let place = format!("{place}/x-accessors/{key}/properties");
                return Err(Fault::new(
                    place,
                    "is no list of properties of the variants",
                ));
            }
            let of = |_: &str, field: &Ident| quote!(of.#field.as_ref().map(AsRef::<str>::as_ref));
            let other = quote!([#(#listed),*].iter().find_map(|key| of.extra.get(*key)?.as_str()));
            let found = self.matched(&listed, of, &other);
            let (returned, body) = match named_schema(&accessor["schema"]) {
                Some(schema) => {
                    let schema = format_ident!("{schema}");
                    let body = quote!(let found = #found; found.unwrap_or(crate::model::UNSPECIFIED).into());
                    (quote!(crate::types::#schema), body)
                }
                None => (quote!(Option<&str>), found),
            };
            let name = field(key);
            methods.extend(method(description(accessor), &name, &returned, &body));
        }
        Ok(methods)
    }

    /// What each variant says, by the first of some properties that it has.
    fn matched(
        &self,
        keys: &[&str],
        of: impl Fn(&str, &Ident) -> TokenStream,
        other: &TokenStream,
    ) -> TokenStream {
        let arm = |variant: &Ident, child: &str| {
            let key = keys.iter().find(|key| self.has(child, key));
            match key.map(|key| field(key)) {
                Some(field) => {
                    let said = of(child, &field);
                    quote!(Self::#variant(of) => #said,)
                }
                None if self.unknown == Some(child) => quote!(Self::#variant(of) => #other,),
                None => quote!(Self::#variant(_) => None,),
            }
        };
        let mut arms: Vec<_> = self
            .variants
            .iter()
            .zip(&self.children)
            .map(|(variant, child)| arm(variant, child))
            .collect();
        if let Some(unknown) = &self.unknown {
            arms.push(arm(&format_ident!("Unknown"), unknown));
        }
        quote!(match self { #(#arms)* })
    }
}

/// A method that asks for something.
fn method(words: &str, name: &Ident, returned: &TokenStream, body: &TokenStream) -> TokenStream {
    quote! {
        #[doc = #words]
        #[must_use]
        pub fn #name(&self) -> #returned {
            #body
        }
    }
}

/// The field of a property.
fn field(key: &str) -> Ident {
    format_ident!("{}", document::snake(key))
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

pub(super) fn description(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}
