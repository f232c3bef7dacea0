//! Unions. The discriminator selects the variant. If it is missing, a field that only one variant has
//! selects it. A union of responses is open. One of requests is closed, for a program cannot send a
//! request to a cloud that this version does not know.

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
    discriminator: &'a str,
    /// The values of the discriminator. For each, the variant's schema and name in Rust.
    values: Vec<&'a str>,
    pub(super) schema_names: Vec<&'a str>,
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
        if !in_requests && !fragment.in_responses.contains(name) {
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
            discriminator: tag,
            idents: variants(place, &values)?,
            values,
            schema_names: schemas_of.filter_map(|to| to.rsplit('/').next()).collect(),
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
        let known = known.zip(self.schema_names.iter().copied());
        let unknown = self.unknown.iter();
        known.chain(unknown.map(|schema| (format_ident!("Unknown"), schema.as_str())))
    }

    /// The types of the variants that are known.
    fn types(&self) -> Vec<Ident> {
        let names = self.schema_names.iter();
        names.map(|name| format_ident!("{name}")).collect()
    }

    /// The documentation of each known variant.
    fn docs(&self) -> impl Iterator<Item = String> {
        let variants = std::iter::zip(&self.values, &self.schema_names);
        variants.map(|(value, schema)| format!("`{value}`: {}", description(&self.schemas[schema])))
    }

    /// The properties that no other variant has. They select it if the discriminator is missing.
    fn unique(&self, schema: &str) -> Vec<&'a String> {
        let alone = |key: &&String| {
            let has = |of: &&&str| self.has(of, key);
            *key != self.discriminator && self.schema_names.iter().filter(has).count() == 1
        };
        self.properties(schema).filter(alone).collect()
    }

    /// The properties of all variants, and of what is not known.
    fn keys(&self) -> BTreeSet<&'a String> {
        let all = self.variants();
        all.flat_map(|(_, schema)| self.properties(schema))
            .collect()
    }

    fn provider(&self) -> TokenStream {
        let (idents, values, tag) = (&self.idents, &self.values, field(self.discriminator));
        let mut doc = "The cloud.".to_owned();
        let mut arms = quote!(#(Self::#idents(_) => #values.into(),)*);
        if self.unknown.is_some() {
            doc.push_str(
                " If the service omits its name, it follows from the fields. If no field belongs to one \
                 cloud alone, it is `Provider::Unknown` with the value `UNSPECIFIED`.",
            );
            arms.extend(quote! {
                Self::Unknown(unknown) => match &unknown.#tag {
                    Some(provider) => provider.clone(),
                    None => crate::model::UNSPECIFIED.into(),
                },
            });
        }
        let (name, returned) = (format_ident!("provider"), quote!(crate::types::Provider));
        method(&doc, &name, &returned, &quote!(match self { #arms }))
    }

    /// The last field of an object may decide which variant it is. So all fields of all
    /// variants are decoded at once, without types, and then taken by the variant.
    fn of_responses(
        &self,
        description: &str,
        derive: Option<&TokenStream>,
        unknown: &str,
    ) -> TokenStream {
        let (name, idents, types, docs) = (&self.name, &self.idents, self.types(), self.docs());
        let (values, tag) = (&self.values, field(self.discriminator));
        let keys = self.keys();
        let fields: Vec<_> = keys.iter().map(|key| field(key)).collect();
        let unique = self.schema_names.iter().map(|schema| {
            let fields = self.unique(schema).into_iter().map(|key| field(key));
            quote!(&[#(&fields.#fields),*])
        });
        let known = self.schema_names.iter().map(|schema| self.taken(schema));
        let other = self.taken(unknown);
        let unknown = format_ident!("{unknown}");
        quote! {
            #[doc = #description]
            ///
            /// The set is open: a variant that this version does not know keeps all its fields.
            #[derive(Clone, Debug, PartialEq, ::serde::Serialize)]
            #derive
            #[serde(untagged)]
            #[non_exhaustive]
            pub enum #name {
                #(#[doc = #docs] #idents(#types),)*
                /// A variant that this version does not know.
                Unknown(#unknown),
            }

            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
                    use crate::model::open_types::{Object, keep, need, take, discriminate};

                    #[derive(::serde::Deserialize)]
                    #[serde(expecting = "an object")]
                    struct Fields {
                        #(#[serde(rename = #keys, default)] #fields: ::serde_json::Value,)*
                        #[serde(flatten)]
                        extra: Object,
                    }

                    let mut fields = Fields::deserialize(de)?;
                    let value = discriminate(&fields.#tag, &[#((#values, #unique)),*]);
                    Ok(match value {
                        #(Some(#values) => Self::#idents(#known),)*
                        _ => Self::Unknown(#other),
                    })
                }
            }
        }
    }

    /// The expression of a variant: its fields, decoded as their types, and in `extra` all others.
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

    /// A closed union. Its encoding always has the discriminator.
    fn of_requests(&self, description: &str, derive: Option<&TokenStream>) -> TokenStream {
        let (name, idents, types, docs) = (&self.name, &self.idents, self.types(), self.docs());
        let (values, tag) = (&self.values, self.discriminator);
        let unique = self.schema_names.iter().map(|schema| self.unique(schema));
        let unique = unique.map(|keys| quote!(&[#(&fields[#keys]),*]));
        let description = format!("{description}\n\nIts encoding always has `{tag}`.");
        quote! {
            #[doc = #description]
            #[derive(Clone, Debug, PartialEq, ::serde::Serialize)]
            #derive
            #[serde(tag = #tag)]
            #[non_exhaustive]
            pub enum #name {
                #(#[doc = #docs] #[serde(rename = #values)] #idents(#types),)*
            }

            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
                    use crate::model::open_types::{Object, discriminate, no_variant, variant};

                    let fields = ::serde_json::Value::Object(Object::deserialize(de)?);
                    match discriminate(&fields[#tag], &[#((#values, #unique)),*]) {
                        #(Some(#values) => variant(fields, #tag).map(Self::#idents),)*
                        value => Err(no_variant(#tag, value, &[#(#values),*])),
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

            // For arguments that take a request by value or by reference.
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
