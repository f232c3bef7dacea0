//! What makes requests and options additive: they are made by a constructor of what is required and
//! by setters of what is optional.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{GenericArgument, Ident, ItemStruct, PathArguments, Type, parse_quote};

use super::Fault;
use super::document::{children, entries, snake};
use super::fragment::Fragment;
use super::open_types::description;
use super::operations::Optional;

/// The constructor, the setters and the check of a request, which becomes open to new fields.
pub(super) fn finish_request(
    of: &mut ItemStruct,
    fragment: &Fragment,
) -> Result<TokenStream, Fault> {
    of.attrs.push(parse_quote!(#[non_exhaustive]));
    let name = &of.ident;
    let schema = &fragment.document["components"]["schemas"][name.to_string()];
    // In the order of the fragment, where the generator knows that of the alphabet.
    let required: Vec<_> = children(&schema["required"])
        .filter_map(|(_, key)| key.as_str())
        .filter_map(|key| Some((key, field(of, &snake(key))?)))
        .collect();
    let (names, types): (Vec<_>, Vec<_>) = required.iter().map(|(_, field)| field).copied().unzip();
    let (arguments, values): (Vec<_>, Vec<_>) = std::iter::zip(&names, types)
        .map(|(name, of)| argument(name, of))
        .unzip();
    let optional: Vec<_> = of
        .fields
        .iter()
        .filter_map(|field| Some((field, field.ident.as_ref()?, inner(&field.ty, "Option")?)))
        .collect();
    let absent = optional.iter().map(|(_, name, _)| name);
    let setters = optional.iter().map(|(field, name, of)| {
        let doc = field
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("doc"));
        setter(name, of, &quote!(#(#doc)*))
    });
    let keys: Vec<_> = required.iter().map(|(key, _)| *key).collect();
    // A caller could swap two texts of one rule unnoticed: such requests have constructors that name
    // their parts.
    let visibility = if look_alike(&schema["properties"], &keys) {
        quote!(pub(crate))
    } else {
        quote!(pub)
    };
    let validate = validate(of, schema)?;
    Ok(quote! {
        impl #name {
            /// A request with all fields that are required.
            #[must_use]
            #visibility fn new(#(#names: #arguments),*) -> Self {
                Self { #(#names: #values,)* #(#absent: None,)* }
            }

            #(#setters)*
        }

        #validate
    })
}

/// The check of a request: each field by the rule that it names, and the whole by its own. A rule is a
/// function in `src/model/validation/`.
fn validate(of: &ItemStruct, schema: &Value) -> Result<TokenStream, Fault> {
    let name = &of.ident;
    let place = format!("/components/schemas/{name}");
    let mut checks = TokenStream::new();
    let mut properties: Vec<_> = entries(&schema["properties"]).collect();
    // An argument of the constructor comes before what is optional, in the order of the arguments.
    properties.sort_by_key(|(key, _)| {
        let place = children(&schema["required"]).position(|(_, of)| of == key.as_str());
        place.unwrap_or(usize::MAX)
    });
    for (key, property) in properties {
        let place = format!("{place}/properties/{key}");
        let rule = rule(&place, property.get("items").unwrap_or(property))?;
        let (Some(rule), Some((field, of))) = (rule, field(of, &snake(key))) else {
            continue;
        };
        let values = match inner(of, "Option") {
            Some(of) if inner(of, "Vec").is_some() => quote!(self.#field.iter().flatten()),
            None if inner(of, "Vec").is_none() => quote!([&self.#field]),
            _ => quote!(self.#field.iter()),
        };
        checks.extend(quote! {
            for value in #values {
                crate::model::validation::#rule(#key, value.as_ref())?;
            }
        });
    }
    let whole = rule(&place, schema)?;
    checks.extend(whole.map(|rule| quote!(crate::model::validation::#rule(self)?;)));
    Ok(quote! {
        impl crate::model::validation::Validate for #name {
            fn validate(&self) -> Result<(), crate::Error> {
                #checks
                Ok(())
            }
        }
    })
}

/// The rule of a schema. The build refuses a field whose other conditions nothing would check.
fn rule(place: &str, schema: &Value) -> Result<Option<Ident>, Fault> {
    const ASKED: &str = "x-rule pattern format minLength maxLength minimum maximum";
    // The width of an integer is its Rust type.
    let is_width = |key: &str| key == "format" && schema["type"] == "integer";
    let mut asked = ASKED.split(' ').filter(|key| !is_width(key));
    if !asked.any(|key| schema.get(key).is_some()) {
        return Ok(None);
    }
    let rule = syn::parse_str(schema["x-rule"].as_str().unwrap_or_default());
    let reason = "has a rule for its value, and no x-rule that names the function which checks it";
    rule.map(Some).map_err(|_| Fault::new(place, reason))
}

/// Whether two of some fields are texts that keep the same rule.
fn look_alike(properties: &Value, keys: &[&str]) -> bool {
    let rules = keys
        .iter()
        .map(|key| &properties[key])
        .filter(|of| of["type"] == "string");
    let rules: Vec<_> = rules.map(|of| &of["x-rule"]).collect();
    rules
        .iter()
        .enumerate()
        .any(|(index, rule)| rules[index + 1..].contains(rule))
}

/// The options of an operation: its optional parameters.
pub(super) fn options(name: &Ident, method: &Ident, fields: &[Optional<'_>]) -> TokenStream {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, of, parameter)| (name, of, description(parameter)))
        .collect();
    let doc = format!(
        "The optional parameters of [`Client::{method}`](crate::Client::{method}). The service chooses \
         the value of a parameter that is not set."
    );
    let members = fields
        .iter()
        .map(|(name, of, doc)| quote!(#[doc = #doc] pub #name: ::std::option::Option<#of>,));
    let setters = fields
        .iter()
        .map(|(name, of, doc)| setter(name, of, &quote!(#[doc = #doc])));
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, Default, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[non_exhaustive]
        pub struct #name { #(#members)* }

        impl #name { #(#setters)* }
    }
}

fn setter(name: &Ident, of: &Type, doc: &TokenStream) -> TokenStream {
    let (argument, value) = argument(name, of);
    quote! {
        #doc
        #[must_use]
        pub fn #name(mut self, #name: #argument) -> Self {
            self.#name = ::std::option::Option::Some(#value);
            self
        }
    }
}

/// The type of an argument for a field, and what the field becomes of it.
fn argument(name: &Ident, of: &Type) -> (TokenStream, TokenStream) {
    if let Some(item) = inner(of, "Vec") {
        let values = quote!(#name.into_iter().map(::std::convert::Into::into).collect());
        return (
            quote!(impl ::std::iter::IntoIterator<Item = impl ::std::convert::Into<#item>>),
            values,
        );
    }
    let text = quote!(#of).to_string().replace(' ', "");
    if text.ends_with("::String") || text.starts_with("crate::types::") {
        return (quote!(impl ::std::convert::Into<#of>), quote!(#name.into()));
    }
    (quote!(#of), quote!(#name))
}

/// A field of a struct, and its type.
fn field<'a>(of: &'a ItemStruct, name: &str) -> Option<(&'a Ident, &'a Type)> {
    let mut fields = of.fields.iter();
    let field = fields.find(|field| field.ident.as_ref().is_some_and(|own| own == name))?;
    Some((field.ident.as_ref()?, &field.ty))
}

/// `T` of `Option<T>`, say.
pub(super) fn inner<'a>(of: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = of else { return None };
    let last = path.path.segments.last()?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if last.ident == name => {
            match arguments.args.first()? {
                GenericArgument::Type(of) => Some(of),
                _ => None,
            }
        }
        _ => None,
    }
}

/// How a program makes a request: as the example of the fragment.
pub(super) fn example(fragment: &Fragment, schema: &str, example: &Value) -> Option<String> {
    let schemas = &fragment.document["components"]["schemas"];
    let union = &schemas[schema]["discriminator"];
    let tag = union["propertyName"].as_str().unwrap_or_default();
    let variant = example[tag]
        .as_str()
        .and_then(|value| union["mapping"][value].as_str());
    let name = variant.map_or(schema, |to| to.rsplit('/').next().unwrap_or_default());
    let properties = &schemas[name]["properties"];
    let keys = children(&schemas[name]["required"]).filter_map(|(_, key)| key.as_str());
    let required: Vec<_> = keys.filter(|key| *key != tag).collect();
    let values: Option<Vec<_>> = required.iter().map(|key| example.get(key)).collect();
    let values: Vec<_> = values?.into_iter().map(ToString::to_string).collect();
    let optional = example
        .as_object()?
        .iter()
        .filter(|(key, _)| *key != tag && !required.contains(&key.as_str()));
    let setters = optional.map(|(key, value)| {
        properties
            .get(key)
            .map(|_| format!("\n    .{}({value})", snake(key)))
    });
    let setters: Option<String> = setters.collect();
    Some(format!("{}::new({}){}", name, values.join(", "), setters?))
}
