//! Unions: a discriminator tells the variant, and where that is missing the fields that only one
//! variant has. A union of responses is open; one of requests is closed, for nothing can be asked of a
//! cloud that this version does not know.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::Fault;
use super::accessors::method;
use super::document::{children, entries};
use super::fragment::Fragment;
use super::open_types::{description, field, variants};

/// The definition of a union, which has the attribute `derive` as well.
pub(super) fn union(
    schemas: &Value,
    fragment: &Fragment,
    name: &str,
    schema: &Value,
    derive: Option<&TokenStream>,
) -> Result<TokenStream, Fault> {
    let place = format!("/components/schemas/{name}");
    let union = Union::read(&place, schemas, fragment, name, schema)?;
    let (provider, accessors) = (union.provider(), union.accessors(&place, schema)?);
    let definition = match &union.unknown {
        Some(unknown) => union.of_responses(description(schema), derive, unknown),
        None => union.of_requests(description(schema), derive),
    };
    let (name, idents, types) = (&union.name, &union.idents, union.types());
    Ok(quote! {
        #definition

        impl #name { #provider #accessors }

        #(impl From<#types> for #name {
            fn from(variant: #types) -> Self {
                Self::#idents(variant)
            }
        })*
    })
}

/// What the variants of a union have.
pub(super) struct Union<'a> {
    pub(super) schemas: &'a Value,
    name: Ident,
    tag: &'a str,
    /// The values of the discriminator; for each the schema of the variant, and its name in Rust.
    values: Vec<&'a str>,
    pub(super) children: Vec<&'a str>,
    idents: Vec<Ident>,
    /// The schema of what is not known, in a union of responses.
    unknown: Option<String>,
}

impl<'a> Union<'a> {
    fn read(
        place: &str,
        schemas: &'a Value,
        fragment: &Fragment,
        name: &str,
        schema: &'a Value,
    ) -> Result<Self, Fault> {
        let fault = |reason: &str| Err(Fault::new(place, reason));
        let Some(tag) = schema["discriminator"]["propertyName"].as_str() else {
            return fault("is a oneOf without a discriminator");
        };
        let in_requests = fragment.in_requests.contains(name);
        if !in_requests && !fragment.in_answers.contains(name) {
            return fault("is a union that no operation uses");
        }
        let unknown = (!in_requests).then(|| format!("Unknown{name}"));
        if unknown.as_ref().is_some_and(|of| schemas.get(of).is_none()) {
            return fault(
                "has no properties beside its oneOf, so a variant that is not known has no type",
            );
        }
        let mapping = &schema["discriminator"]["mapping"];
        let mapped: Vec<_> = entries(mapping).map(|(_, to)| to.as_str()).collect();
        let mut listed: Vec<_> = children(&schema["oneOf"])
            .map(|(_, of)| of["$ref"].as_str())
            .collect();
        listed.sort_unstable_by_key(|of| mapped.iter().position(|to| to == of));
        if mapped != listed {
            return fault(
                "has a discriminator without exactly one value for each $ref of its oneOf",
            );
        }
        let values: Vec<_> = entries(mapping).map(|(value, _)| value.as_str()).collect();
        let schemas_of = mapped.into_iter().flatten();
        Ok(Self {
            schemas,
            name: format_ident!("{name}"),
            tag,
            idents: variants(place, &values)?,
            values,
            children: schemas_of.filter_map(|to| to.rsplit('/').next()).collect(),
            unknown,
        })
    }

    fn properties(&self, schema: &str) -> impl Iterator<Item = &'a String> + use<'a> {
        entries(&self.schemas[schema]["properties"]).map(|(key, _)| key)
    }

    pub(super) fn has(&self, schema: &str, key: &str) -> bool {
        self.schemas[schema]["properties"].get(key).is_some()
    }

    pub(super) fn needs(&self, schema: &str, key: &str) -> bool {
        children(&self.schemas[schema]["required"]).any(|(_, of)| of == key)
    }

    /// Each variant's name and schema, that of what is not known as well.
    pub(super) fn variants(&self) -> impl Iterator<Item = (Ident, &str)> {
        let known = self.idents.iter().cloned();
        let known = known.zip(self.children.iter().copied());
        let unknown = self.unknown.iter();
        known.chain(unknown.map(|schema| (format_ident!("Unknown"), schema.as_str())))
    }

    /// The types of the variants that are known.
    fn types(&self) -> Vec<Ident> {
        let children = self.children.iter();
        children.map(|child| format_ident!("{child}")).collect()
    }

    /// The words for each of them.
    fn words(&self) -> impl Iterator<Item = String> {
        let variants = std::iter::zip(&self.values, &self.children);
        variants.map(|(value, child)| format!("`{value}`: {}", description(&self.schemas[child])))
    }

    /// The properties that no other variant has: they tell it where the discriminator is missing.
    fn telling(&self, child: &str) -> Vec<&'a String> {
        let alone = |key: &&String| {
            let has = |of: &&&str| self.has(of, key);
            *key != self.tag && self.children.iter().filter(has).count() == 1
        };
        self.properties(child).filter(alone).collect()
    }

    /// The properties of all variants, and of what is not known.
    fn keys(&self) -> BTreeSet<&'a String> {
        let all = self.variants();
        all.flat_map(|(_, schema)| self.properties(schema))
            .collect()
    }

    fn provider(&self) -> TokenStream {
        let (idents, values, tag) = (&self.idents, &self.values, field(self.tag));
        let mut words = "The cloud.".to_owned();
        let mut arms = quote!(#(Self::#idents(_) => #values.into(),)*);
        if self.unknown.is_some() {
            words.push_str(
                " Where the service left its name out, the fields tell it; where they do not tell it \
                 either, it is `Provider::Unknown` with the value `UNSPECIFIED`.",
            );
            arms.extend(quote! {
                Self::Unknown(unknown) => match &unknown.#tag {
                    Some(provider) => provider.clone(),
                    None => crate::model::UNSPECIFIED.into(),
                },
            });
        }
        let (name, returned) = (format_ident!("provider"), quote!(crate::types::Provider));
        method(&words, &name, &returned, &quote!(match self { #arms }))
    }

    /// Which variant it is may be told by the last field of an object alone. So all fields of all
    /// variants are decoded at once, without types, and taken by the variant that they tell.
    fn of_responses(
        &self,
        description: &str,
        derive: Option<&TokenStream>,
        unknown: &str,
    ) -> TokenStream {
        let (name, idents, types, words) = (&self.name, &self.idents, self.types(), self.words());
        let (values, tag) = (&self.values, field(self.tag));
        let keys = self.keys();
        let fields: Vec<_> = keys.iter().map(|key| field(key)).collect();
        let telling = self.children.iter().map(|child| {
            let fields = self.telling(child).into_iter().map(|key| field(key));
            quote!(&[#(&fields.#fields),*])
        });
        let known = self.children.iter().map(|child| self.taken(child));
        let other = self.taken(unknown);
        let unknown = format_ident!("{unknown}");
        quote! {
            #[doc = #description]
            ///
            /// The set is open: a variant that this version does not know is kept with all its fields.
            #[derive(Clone, Debug, PartialEq, ::serde::Serialize)]
            #derive
            #[serde(untagged)]
            #[non_exhaustive]
            pub enum #name {
                #(#[doc = #words] #idents(#types),)*
                /// One that this version does not know.
                Unknown(#unknown),
            }

            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
                    use crate::model::open_types::{Object, keep, need, take, tell};

                    #[derive(::serde::Deserialize)]
                    #[serde(expecting = "an object")]
                    struct Fields {
                        #(#[serde(rename = #keys, default)] #fields: ::serde_json::Value,)*
                        #[serde(flatten)]
                        extra: Object,
                    }

                    let mut fields = Fields::deserialize(de)?;
                    let told = tell(&fields.#tag, &[#((#values, #telling)),*]);
                    Ok(match told {
                        #(Some(#values) => Self::#idents(#known),)*
                        _ => Self::Unknown(#other),
                    })
                }
            }
        }
    }

    /// A variant, made of its own fields, decoded as their types, and of the fields that it has no
    /// place for.
    fn taken(&self, schema: &str) -> TokenStream {
        let (mut own, mut others) = (TokenStream::new(), TokenStream::new());
        for key in self.keys() {
            let field = field(key);
            if self.needs(schema, key) {
                own.extend(quote!(#field: need(fields.#field, #key)?,));
            } else if self.has(schema, key) {
                own.extend(quote!(#field: take(fields.#field, #key)?,));
            } else {
                others.extend(quote!(keep(&mut fields.extra, #key, fields.#field);));
            }
        }
        let name = format_ident!("{schema}");
        quote!({ #others #name { #own extra: fields.extra } })
    }

    /// Always written with its discriminator.
    fn of_requests(&self, description: &str, derive: Option<&TokenStream>) -> TokenStream {
        let (name, idents, types, words) = (&self.name, &self.idents, self.types(), self.words());
        let (values, tag) = (&self.values, self.tag);
        let telling = self.children.iter().map(|child| self.telling(child));
        let telling = telling.map(|keys| quote!(&[#(&fields[#keys]),*]));
        let description = format!("{description}\n\nEncoded, it always has its `{tag}`.");
        quote! {
            #[doc = #description]
            #[derive(Clone, Debug, PartialEq, ::serde::Serialize)]
            #derive
            #[serde(tag = #tag)]
            #[non_exhaustive]
            pub enum #name {
                #(#[doc = #words] #[serde(rename = #values)] #idents(#types),)*
            }

            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
                    use crate::model::open_types::{Object, no_variant, tell, variant};

                    let fields = ::serde_json::Value::Object(Object::deserialize(de)?);
                    match tell(&fields[#tag], &[#((#values, #telling)),*]) {
                        #(Some(#values) => variant(fields, #tag).map(Self::#idents),)*
                        told => Err(no_variant(#tag, told, &[#(#values),*])),
                    }
                }
            }

            impl crate::model::validation::Validate for #name {
                fn validate(&self) -> Result<(), crate::Error> {
                    match self {
                        #(Self::#idents(request) => request.validate(),)*
                    }
                }
            }

            // A request may be given away or lent.
            impl From<&#name> for #name {
                fn from(request: &#name) -> Self {
                    request.clone()
                }
            }

            #(impl From<&#types> for #name {
                fn from(request: &#types) -> Self {
                    Self::#idents(request.clone())
                }
            })*
        }
    }
}
