//! The public surface of some Rust code, one line for each thing that a user can name.

mod expand;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use syn::{
    Attribute, Fields, ImplItem, Item, ItemEnum, ItemImpl, ItemMacro, ItemStruct, ItemTrait,
    TraitItem, Type, Visibility,
};

pub(crate) use expand::Macros;
use words::{signature, words};

/// The lines by the names of what they are of, such as `Client::peerings`.
#[derive(Default)]
pub(crate) struct Surface {
    pub(crate) lines: BTreeMap<String, Line>,
    /// Who implements them does so for the crate alone.
    private_traits: BTreeSet<String>,
}

/// What a user can name.
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    /// A struct, an enum or a trait.
    Type,
    /// A field; `of_literals` where a user may write the struct out, and then names all fields.
    Field {
        name: String,
        of: Type,
        of_literals: bool,
    },
    /// A variant; with what it holds, where that is one thing.
    Variant {
        name: String,
        holds: Option<Type>,
        open: bool,
    },
    Method(Box<syn::Signature>),
    /// A trait that a type implements.
    Trait(String),
    /// That a method is deprecated.
    Deprecation,
}

impl Surface {
    /// Adds what the items of a file have, their macros expanded.
    pub(crate) fn add(&mut self, items: &[Item], macros: &Macros) -> Result<(), String> {
        for item in items {
            match item {
                _ if is_of_tests(attributes(item)) => {}
                Item::Struct(of) if is_public(&of.vis) => self.add_struct(of),
                Item::Enum(of) if is_public(&of.vis) => self.add_enum(of),
                Item::Trait(of) if is_public(&of.vis) => self.add_trait(of),
                Item::Trait(of) => {
                    self.private_traits.insert(of.ident.to_string());
                }
                Item::Impl(of) => self.add_impl(of),
                Item::Mod(module) => {
                    let items = module.content.as_ref().map_or(&[][..], |(_, items)| items);
                    self.add(items, macros)?;
                }
                Item::Macro(call) => self.add_macro(call, macros)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn add_macro(&mut self, call: &ItemMacro, macros: &Macros) -> Result<(), String> {
        match macros.expand(&call.mac)? {
            Some(items) => self.add(&items, macros),
            None => Ok(()),
        }
    }

    fn insert(&mut self, name: String, text: String, kind: Kind) {
        self.lines.insert(name, Line { text, kind });
    }

    fn add_struct(&mut self, of: &ItemStruct) {
        let (name, open) = (of.ident.to_string(), is_open(&of.attrs));
        let mark = if open { ", non-exhaustive" } else { "" };
        self.insert(name.clone(), format!("{name} (struct{mark})"), Kind::Type);
        self.add_derives(&name, &of.attrs);
        let Fields::Named(fields) = &of.fields else {
            return;
        };
        let all_public = fields.named.iter().all(|field| is_public(&field.vis));
        for field in fields.named.iter().filter(|field| is_public(&field.vis)) {
            let Some(ident) = &field.ident else { continue };
            let text = format!("{name}::{ident}: {}", words(&field.ty));
            let kind = Kind::Field {
                name: ident.to_string(),
                of: field.ty.clone(),
                of_literals: all_public && !open,
            };
            self.insert(format!("{name}::{ident}"), text, kind);
        }
    }

    fn add_enum(&mut self, of: &ItemEnum) {
        let (name, open) = (of.ident.to_string(), is_open(&of.attrs));
        let mark = if open { ", non-exhaustive" } else { "" };
        self.insert(name.clone(), format!("{name} (enum{mark})"), Kind::Type);
        self.add_derives(&name, &of.attrs);
        for variant in &of.variants {
            let ident = &variant.ident;
            let fields = &variant.fields;
            let holds = match fields {
                Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                    fields.unnamed.first().map(|field| field.ty.clone())
                }
                _ => None,
            };
            let kind = Kind::Variant {
                name: ident.to_string(),
                holds,
                open,
            };
            let names = fields.iter().map(|field| match &field.ident {
                Some(ident) => format!("{ident}: {}", words(&field.ty)),
                None => words(&field.ty),
            });
            let names = names.collect::<Vec<_>>().join(", ");
            let text = match fields {
                Fields::Unit => String::new(),
                Fields::Unnamed(_) => format!("({names})"),
                Fields::Named(_) => format!(" {{ {names} }}"),
            };
            self.insert(
                format!("{name}::{ident}"),
                format!("{name}::{ident}{text}"),
                kind,
            );
        }
    }

    fn add_trait(&mut self, of: &ItemTrait) {
        let name = of.ident.to_string();
        let bounds = words(&of.supertraits);
        self.insert(
            name.clone(),
            format!("{name} (trait: {bounds})"),
            Kind::Type,
        );
        for item in &of.items {
            if let TraitItem::Fn(method) = item {
                self.add_method(&name, &method.sig, &method.attrs);
            }
        }
    }

    fn add_impl(&mut self, of: &ItemImpl) {
        let Type::Path(path) = &*of.self_ty else {
            return;
        };
        let Some(last) = path.path.segments.last() else {
            return;
        };
        let name = last.ident.to_string();
        if let Some((of_trait, _)) = &of.trait_ {
            self.add_trait_impl(&name, &words(of_trait));
            return;
        }
        for item in &of.items {
            match item {
                ImplItem::Fn(method) if is_public(&method.vis) && !is_of_tests(&method.attrs) => {
                    self.add_method(&name, &method.sig, &method.attrs);
                }
                ImplItem::Const(constant) if is_public(&constant.vis) => {
                    let ident = &constant.ident;
                    let text = format!("{name}::{ident} (const): {}", words(&constant.ty));
                    self.insert(format!("{name}::{ident}"), text, Kind::Type);
                }
                _ => {}
            }
        }
    }

    fn add_method(&mut self, of: &str, method: &syn::Signature, attributes: &[Attribute]) {
        let name = format!("{of}::{}", method.ident);
        if attributes
            .iter()
            .any(|attribute| attribute.path().is_ident("deprecated"))
        {
            let text = format!("{name} is deprecated");
            self.insert(format!("{name} (deprecated)"), text, Kind::Deprecation);
        }
        let text = format!("{of}::{}", signature(method));
        self.insert(name, text, Kind::Method(Box::new(method.clone())));
    }

    fn add_derives(&mut self, name: &str, attributes: &[Attribute]) {
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("derive"))
        {
            let _ = attribute.parse_nested_meta(|meta| {
                let last = meta.path.segments.last();
                self.add_trait_impl(
                    name,
                    &last.map(|last| last.ident.to_string()).unwrap_or_default(),
                );
                Ok(())
            });
        }
    }

    fn add_trait_impl(&mut self, name: &str, of_trait: &str) {
        // By the last name of its path, however it was written.
        let (path, arguments) = of_trait.split_once('<').unwrap_or((of_trait, ""));
        let last = path.rsplit("::").next().unwrap_or_default();
        let arguments = if arguments.is_empty() {
            String::new()
        } else {
            format!("<{arguments}")
        };
        let of_trait = format!("{last}{arguments}");
        let text = format!("{name}: {of_trait}");
        self.insert(text.clone(), text, Kind::Trait(of_trait));
    }

    /// All lines, sorted.
    pub(crate) fn listing(&self) -> String {
        let is_seen = |line: &&Line| match &line.kind {
            Kind::Trait(of) => !self.private_traits.contains(of),
            _ => true,
        };
        let lines = self.lines.values().filter(is_seen);
        let mut lines: Vec<_> = lines.map(|line| format!("{}\n", line.text)).collect();
        lines.sort();
        lines.concat()
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_open(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("non_exhaustive"))
}

fn is_of_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Struct(of) => &of.attrs,
        Item::Enum(of) => &of.attrs,
        Item::Impl(of) => &of.attrs,
        Item::Mod(of) => &of.attrs,
        Item::Macro(of) => &of.attrs,
        _ => &[],
    }
}
