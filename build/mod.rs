//! The fragment's one way into Rust:
//! fragment → adaptations → open types → progenitor → syn → prettyplease.
//!
//! `build.rs` compiles this folder to build the crate; `xtask` compiles it to run its tests.

mod accessors;
mod adapt;
mod check;
pub(crate) mod document;
mod documentation;
pub(crate) mod fragment;
mod open_types;
mod operations;
mod polish;
mod requests;
mod unions;
mod versions;

use std::fmt;
use std::panic::{self, AssertUnwindSafe};

use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, InterfaceStyle};
use quote::quote;

use fragment::Fragment;

/// The only input, seen from the root of the package.
pub(crate) const FRAGMENT: &str = "spec/peering.json";

/// Ids have a handwritten type each: checked on parse, and impossible to mix up.
const IDS: [&str; 3] = ["ProjectId", "PeeringId", "ContainerId"];

/// The place of a fault that no check before the generator has found.
const ADAPTED: &str = "(as adapted for the generator)";

/// What is wrong with the fragment, and where.
#[derive(Debug)]
pub(crate) struct Fault(String);

impl Fault {
    fn new(place: impl fmt::Display, reason: impl fmt::Display) -> Self {
        Self(format!("{FRAGMENT}: {place}: {reason}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Generates the client from the text of the fragment. With `with_schemars` the types of requests
/// and answers derive `schemars::JsonSchema`.
pub(crate) fn generate(text: &str, with_schemars: bool) -> Result<String, Fault> {
    let fragment = Fragment::read(text)?;
    let adapted = adapt::adapt(&fragment);
    let open = open_types::open_types(&adapted, &fragment, with_schemars)?;
    let document: OpenAPI =
        serde_json::from_value(adapted.clone()).map_err(|error| Fault::new(ADAPTED, error))?;

    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_inner_type(quote!(crate::transport::Transport))
        .with_derive("PartialEq");
    if with_schemars {
        settings.with_derive("::schemars::JsonSchema");
    }
    for id in IDS {
        settings.with_replacement(id, format!("crate::{id}"), std::iter::empty());
    }
    for (name, _) in &open {
        settings.with_replacement(name, format!("crate::types::{name}"), std::iter::empty());
    }
    let tokens = run_generator(&settings, &document)?;
    let mut file: syn::File =
        syn::parse2(tokens).map_err(|error| Fault::new("(the generated code)", error))?;
    let open = open.into_iter().map(|(_, definition)| definition);
    polish::polish(&mut file, &fragment, open.collect())?;
    Ok(prettyplease::unparse(&file))
}

/// Some forms that the generator cannot take make it panic; a build needs a sentence instead.
fn run_generator(settings: &GenerationSettings, document: &OpenAPI) -> Result<TokenStream, Fault> {
    let run = || Generator::new(settings).generate_tokens(document);
    let outcome = panic::catch_unwind(AssertUnwindSafe(run)).map_err(|panicked| {
        let text = panicked.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panicked.downcast_ref::<&str>().copied());
        let text = text.unwrap_or("without a word");
        Fault::new(ADAPTED, format!("the generator panicked: {text}"))
    })?;
    outcome.map_err(|error| Fault::new(ADAPTED, error))
}

#[cfg(test)]
mod tests;
