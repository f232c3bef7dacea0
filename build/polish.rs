//! The generated code as a public surface: no type of progenitor's in it, a handwritten
//! constructor, requests that can grow, responses that keep what they do not know.

use proc_macro2::TokenStream;
use syn::{File, Item, ItemMod, ItemStruct, parse_quote};

use super::fragment::Fragment;
use super::{Fault, operations, requests, versions};

/// The documentation of the module of types.
const TYPES: &str = "\
The types of requests, responses and options, generated from `spec/peering.json`.

- Requests (`New…`, `…Update`): a constructor takes the required fields, and setters take the optional ones.
- Responses: `extra` holds the fields that this version does not know. Any field of a peering or a container
  may be absent, except its id.
- Options (`…Options`): `default()` and setters.";

/// Finishes the file. The definitions of the open types, `types`, become part of it.
pub(super) fn polish(
    file: &mut File,
    fragment: &Fragment,
    mut types: TokenStream,
) -> Result<(), Fault> {
    file.items.retain(is_ours);
    file.items.push(parse_quote!(
        use progenitor_client::encode_path;
    ));
    for item in &mut file.items {
        match item {
            Item::Struct(client) if client.ident == "Client" => finish_client(client),
            Item::Impl(client) if client.trait_.is_none() => {
                types.extend(operations::finish(client, fragment)?);
            }
            _ => {}
        }
    }
    for item in &mut file.items {
        if let Item::Mod(module) = item {
            finish_types(module, fragment, types.clone())?;
        }
    }
    file.items.extend(parsed(versions::versions(fragment)?)?);
    Ok(())
}

fn parsed(tokens: TokenStream) -> Result<Vec<Item>, Fault> {
    let file: File = syn::parse2(tokens)
        .map_err(|error| Fault::new("(what the build adds)", error.to_string()))?;
    Ok(file.items)
}

/// Whether an item is the public surface or carries it: the generator's imports, hooks and traits are
/// of no use once the transport sends the requests.
fn is_ours(item: &Item) -> bool {
    match item {
        Item::Mod(module) => module.ident == "types",
        Item::Struct(_) => true,
        Item::Impl(client) => client.trait_.is_none(),
        _ => false,
    }
}

/// `Client` gets a handwritten `Debug`, for that of `reqwest::Client` prints headers and proxies,
/// words of its own, for the generator's are about the document, and a base URL that is parsed.
fn finish_client(client: &mut ItemStruct) {
    let words = "The client of one Atlas service, for one set of credentials.\n\n\
        [`Client::new`] and [`Client::builder`] make it. A clone is cheap, and shares the \
        connections, nonces and tokens.\n\n\
        - Workflows that are safe to repeat: [`ensure_peering`](Self::ensure_peering), \
        [`ensure_container`](Self::ensure_container), \
        [`ensure_peering_deleted`](Self::ensure_peering_deleted) and \
        [`ensure_container_deleted`](Self::ensure_container_deleted).\n\
        - Waits: [`wait_for_peering`](Self::wait_for_peering) and \
        [`wait_for_peering_deleted`](Self::wait_for_peering_deleted).\n\
        - Lists of all pages: [`peerings`](Self::peerings) and [`containers`](Self::containers).\n\
        - One method for each operation of the service, with the operation's own name, such as \
        [`create_peering_connection`](Self::create_peering_connection).";
    client.attrs = vec![
        parse_quote!(#[doc = #words]),
        parse_quote!(#[derive(Clone)]),
    ];
    for field in &mut client.fields {
        if field.ident.as_ref().is_some_and(|name| name == "baseurl") {
            field.ty = parse_quote!(::reqwest::Url);
        }
    }
}

/// Adds types, those of the options among them, and what makes requests, and describes where a response
/// keeps the fields that it does not know.
fn finish_types(
    module: &mut ItemMod,
    fragment: &Fragment,
    mut more: TokenStream,
) -> Result<(), Fault> {
    module.attrs.retain(|of| !of.path().is_ident("doc"));
    module.attrs.push(parse_quote!(#[doc = #TYPES]));
    let Some((_, items)) = &mut module.content else {
        return Ok(());
    };
    // Nothing in the fragment needs the generator's error of conversion.
    items.retain(|item| !matches!(item, Item::Mod(module) if module.ident == "error"));
    for item in items.iter_mut() {
        let Item::Struct(of) = item else { continue };
        let name = of.ident.to_string();
        let unknown = name.strip_prefix("Unknown").unwrap_or_default();
        if fragment.in_answers.contains(&name) || fragment.in_answers.contains(unknown) {
            describe_extra(of);
        } else {
            more.extend(requests::finish_request(of, fragment)?);
        }
    }
    items.extend(parsed(more)?);
    items.push(parse_quote!(
        pub use crate::model::open_types::UnknownValue;
    ));
    Ok(())
}

/// Every field of a response but `extra` is described in the fragment.
fn describe_extra(of: &mut ItemStruct) {
    of.attrs.push(parse_quote!(#[non_exhaustive]));
    for field in &mut of.fields {
        if field.ident.as_ref().is_some_and(|name| name == "extra") {
            let words = "The fields that this version does not know, as the service sent them.";
            field.attrs.push(parse_quote!(#[doc = #words]));
        }
    }
}
