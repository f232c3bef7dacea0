//! The methods of a union that ask every variant the same: for the ids and flags that all of them
//! have, and for what `x-accessors` names.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::document::{children, entries};
use super::fragment::named_schema;
use super::open_types::{description, field};
use super::unions::Union;
use super::{Fault, IDS};

impl Union<'_> {
    /// All of them.
    pub(super) fn accessors(&self, place: &str, schema: &Value) -> Result<TokenStream, Fault> {
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
            let listed: Option<Vec<_>> = children(&accessor["properties"])
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
        let arms = self.variants().map(|(variant, child)| {
            let key = keys.iter().find(|key| self.has(child, key));
            match key.map(|key| field(key)) {
                Some(field) => {
                    let said = of(child, &field);
                    quote!(Self::#variant(of) => #said,)
                }
                None if variant == "Unknown" => quote!(Self::#variant(of) => #other,),
                None => quote!(Self::#variant(_) => None,),
            }
        });
        quote!(match self { #(#arms)* })
    }
}

/// A method that asks for something.
pub(super) fn method(
    words: &str,
    name: &Ident,
    returned: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    quote! {
        #[doc = #words]
        #[must_use]
        pub fn #name(&self) -> #returned {
            #body
        }
    }
}
