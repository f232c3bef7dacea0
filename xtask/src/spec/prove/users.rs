//! A user that names everything which a side has.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use quote::ToTokens;
use syn::{FnArg, Pat, ReturnType, Signature, Type};

use crate::surface::{Kind, Surface};

/// Fields of a struct, by name, with their types as a user writes them.
type Fields = Vec<(String, String)>;

/// The code of the user.
pub(super) fn user(surface: &Surface) -> String {
    let mut code =
        String::from("//! Names everything.\n#![allow(warnings)]\nuse side::types::*;\n\n");
    let mut literals: BTreeMap<&str, Fields> = BTreeMap::new();
    for (number, (name, line)) in surface.lines.iter().enumerate() {
        let of = name.split([':', ' ']).next().unwrap_or_default();
        // The client has no part that users can name but its methods.
        let is_client = of == "Client";
        let added = match &line.kind {
            Kind::Field {
                name,
                of: held,
                of_literals,
            } if !is_client => {
                let held = as_user(held);
                if *of_literals {
                    literals
                        .entry(of)
                        .or_default()
                        .push((name.clone(), held.clone()));
                }
                writeln!(
                    code,
                    "pub fn read_{number}(of: &{of}) -> &{held} {{ &of.{name} }}"
                )
            }
            Kind::Variant {
                name, holds: None, ..
            } => {
                writeln!(code, "pub fn variant_{number}() -> {of} {{ {of}::{name} }}")
            }
            Kind::Variant {
                name,
                holds: Some(held),
                ..
            } => {
                let held = as_user(held);
                writeln!(
                    code,
                    "pub fn variant_{number}(held: {held}) -> {of} {{ {of}::{name}(held) }}"
                )
            }
            Kind::Method(method) if is_client => {
                code.push_str(&call(number, method));
                Ok(())
            }
            Kind::Trait(name) if name == "Default" => {
                writeln!(
                    code,
                    "pub fn default_{number}() -> {of} {{ {of}::default() }}"
                )
            }
            Kind::Trait(name) => match name.strip_prefix("From<") {
                Some(from) => {
                    let from = from.trim_end_matches('>');
                    writeln!(
                        code,
                        "pub fn from_{number}(from: {from}) -> {of} {{ {of}::from(from) }}"
                    )
                }
                None => Ok(()),
            },
            _ => Ok(()),
        };
        // Writing to a text does not fail.
        let _ = added;
    }
    for (of, fields) in literals {
        let arguments = fields.iter().map(|(name, held)| format!("{name}: {held}"));
        let arguments = arguments.collect::<Vec<_>>().join(", ");
        let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(", ");
        let _ = writeln!(
            code,
            "pub fn make_{of}({arguments}) -> {of} {{ {of} {{ {names} }} }}"
        );
    }
    code
}

/// A call of a method with all its arguments.
fn call(number: usize, method: &Signature) -> String {
    let typed = method.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(of) => match &*of.pat {
            Pat::Ident(name) => Some((name.ident.to_string(), as_user(&of.ty))),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    });
    let typed: Vec<_> = typed.collect();
    let arguments = typed.iter().map(|(name, of)| format!(", {name}: {of}"));
    let arguments = arguments.collect::<String>();
    let names: Vec<_> = typed.iter().map(|(name, _)| name.as_str()).collect();
    let (name, names) = (&method.ident, names.join(", "));
    let returns = match &method.output {
        ReturnType::Type(_, of) => as_user(of),
        ReturnType::Default => "()".to_owned(),
    };
    let (keyword, wait) = if method.asyncness.is_some() {
        ("async ", ".await")
    } else {
        ("", "")
    };
    format!(
        "pub {keyword}fn call_{number}<'a>(client: &'a side::Client{arguments}) -> {returns} \
         {{ client.{name}({names}){wait} }}\n"
    )
}

/// A type as a user of the side writes it.
fn as_user(of: &Type) -> String {
    let text = of
        .to_token_stream()
        .to_string()
        .replace(" :: ", "::")
        .replace(":: ", "::");
    let text = text.replace("crate::", "side::");
    // Inside the side's module of types, or outside of it.
    let text = text.replace("side::types::", "types::");
    text.replace("types::", "side::types::")
}
