//! Enums and unions that keep what they do not know. No spelling of `enum` or `oneOf` alone makes
//! the generator write one, so they are read from the document and emitted as calls of the macros
//! in `src/open.rs`; the generator is told to use those types.

use openapiv3::{OpenAPI, ReferenceOr, Schema, SchemaKind, Type};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Fault;
use super::fragment::Fragment;

/// The words for each value of an enum.
const VALUE_DESCRIPTIONS: &str = "x-enum-descriptions";

pub(super) struct OpenTypes {
    enums: Vec<OpenEnum>,
    unions: Vec<OpenUnion>,
}

struct OpenEnum {
    name: String,
    description: String,
    /// Each value with its words.
    values: Vec<(String, String)>,
}

struct OpenUnion {
    name: String,
    description: String,
    tag: String,
    children: Vec<Child>,
    in_requests: bool,
}

struct Child {
    /// The tag's value, such as `AWS`.
    value: String,
    schema: String,
    description: String,
    /// The properties that no other child has: they tell the child where the tag is missing.
    telling: Vec<String>,
}

impl OpenTypes {
    pub(super) fn find(document: &OpenAPI, fragment: &Fragment) -> Result<Self, Fault> {
        let mut found = Self {
            enums: Vec::new(),
            unions: Vec::new(),
        };
        for (name, schema) in document
            .components
            .iter()
            .flat_map(|components| &components.schemas)
        {
            let ReferenceOr::Item(schema) = schema else {
                continue;
            };
            match &schema.schema_kind {
                SchemaKind::Type(Type::String(text)) if !text.enumeration.is_empty() => {
                    let values = text.enumeration.iter().flatten();
                    found.enums.push(open_enum(name, schema, values)?);
                }
                SchemaKind::OneOf { one_of } => {
                    found
                        .unions
                        .push(open_union(document, fragment, name, schema, one_of)?);
                }
                _ => {}
            }
        }
        Ok(found)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let enums = self.enums.iter().map(|of| of.name.as_str());
        enums.chain(self.unions.iter().map(|of| of.name.as_str()))
    }

    /// The macro calls that define the types.
    pub(super) fn definitions(&self) -> Vec<TokenStream> {
        let enums = self.enums.iter().map(OpenEnum::definition);
        enums
            .chain(self.unions.iter().map(OpenUnion::definition))
            .collect()
    }
}

impl OpenEnum {
    fn definition(&self) -> TokenStream {
        let name = format_ident!("{}", self.name);
        let description = &self.description;
        let variants = self.values.iter().map(|(value, words)| {
            let variant = format_ident!("{}", pascal(value));
            let words = format!("`{value}`: {words}");
            quote!(#[doc = #words] #variant = #value)
        });
        quote! { crate::model::open_types::open_enum! { #[doc = #description] #name { #(#variants,)* } } }
    }
}

impl OpenUnion {
    fn definition(&self) -> TokenStream {
        let name = format_ident!("{}", self.name);
        let unknown = format_ident!("Unknown{}", self.name);
        let (description, tag) = (&self.description, &self.tag);
        let children = self.children.iter().map(|child| {
            let variant = format_ident!("{}", pascal(&child.value));
            let schema = format_ident!("{}", child.schema);
            let (value, telling) = (&child.value, &child.telling);
            let words = format!("`{value}`: {}", child.description);
            quote!(#[doc = #words] #variant(#schema) = #value told_by [#(#telling),*])
        });
        if self.in_requests {
            quote! { crate::model::open_types::request_union! {
                #[doc = #description] #name by #tag { #(#children,)* }
            } }
        } else {
            quote! { crate::model::open_types::open_union! {
                #[doc = #description] #name by #tag { #(#children,)* } else #unknown
            } }
        }
    }
}

fn open_enum<'a>(
    name: &str,
    schema: &Schema,
    values: impl Iterator<Item = &'a String>,
) -> Result<OpenEnum, Fault> {
    let words = schema.schema_data.extensions.get(VALUE_DESCRIPTIONS);
    let values = values.map(
        |value| match words.and_then(|words| words[value].as_str()) {
            Some(words) => Ok((value.clone(), words.to_owned())),
            None => Err(Fault::new(
                format!("/components/schemas/{name}/{VALUE_DESCRIPTIONS}"),
                format!("has no description of {value}"),
            )),
        },
    );
    Ok(OpenEnum {
        name: name.to_owned(),
        description: description(schema),
        values: values.collect::<Result<_, _>>()?,
    })
}

fn open_union(
    document: &OpenAPI,
    fragment: &Fragment,
    name: &str,
    schema: &Schema,
    one_of: &[ReferenceOr<Schema>],
) -> Result<OpenUnion, Fault> {
    let place = format!("/components/schemas/{name}");
    let Some(discriminator) = &schema.schema_data.discriminator else {
        return Err(Fault::new(place, "is a oneOf without a discriminator"));
    };
    let mut children = Vec::new();
    for child in one_of {
        let ReferenceOr::Reference { reference } = child else {
            return Err(Fault::new(place, "has a child that is no $ref"));
        };
        let mut mapping = discriminator.mapping.iter();
        let Some((value, _)) = mapping.find(|(_, target)| *target == reference) else {
            let place = format!("{place}/discriminator/mapping");
            return Err(Fault::new(place, format!("has no value for {reference}")));
        };
        let schema = reference.rsplit('/').next().unwrap_or_default();
        children.push(Child {
            value: value.clone(),
            schema: schema.to_owned(),
            description: named(document, schema).map(description).unwrap_or_default(),
            telling: Vec::new(),
        });
    }
    let in_requests = fragment.in_requests.contains(name);
    if !in_requests && !fragment.in_answers.contains(name) {
        return Err(Fault::new(place, "is a union that no operation uses"));
    }
    if !in_requests && named(document, &format!("Unknown{name}")).is_none() {
        let reason = "has no properties beside its oneOf, so a child that is not known has no type";
        return Err(Fault::new(place, reason));
    }
    let tag = discriminator.property_name.clone();
    tell_apart(document, &mut children, &tag);
    Ok(OpenUnion {
        name: name.to_owned(),
        description: description(schema),
        tag,
        children,
        in_requests,
    })
}

/// Finds the properties that each child has alone.
fn tell_apart(document: &OpenAPI, children: &mut [Child], tag: &str) {
    let properties: Vec<_> = children
        .iter()
        .map(|child| properties(document, &child.schema))
        .collect();
    for (child, own) in children.iter_mut().zip(&properties) {
        let alone = |name: &&String| {
            *name != tag
                && properties
                    .iter()
                    .filter(|names| names.contains(name))
                    .count()
                    == 1
        };
        child.telling = own.iter().filter(alone).cloned().collect();
    }
}

fn properties(document: &OpenAPI, name: &str) -> Vec<String> {
    match named(document, name).map(|schema| &schema.schema_kind) {
        Some(SchemaKind::Type(Type::Object(object))) => object.properties.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

fn named<'a>(document: &'a OpenAPI, name: &str) -> Option<&'a Schema> {
    match document.components.as_ref()?.schemas.get(name)? {
        ReferenceOr::Item(schema) => Some(schema),
        ReferenceOr::Reference { .. } => None,
    }
}

fn description(schema: &Schema) -> String {
    schema.schema_data.description.clone().unwrap_or_default()
}

/// `PENDING_ACCEPTANCE` as `PendingAcceptance`.
fn pascal(value: &str) -> String {
    let words = value.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first
            .into_iter()
            .chain(letters.map(|letter| letter.to_ascii_lowercase()))
            .collect::<String>()
    });
    words.collect()
}
