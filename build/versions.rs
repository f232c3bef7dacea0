//! The versions of the API, from the servers of the fragment.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::document::children;
use super::fragment::Fragment;
use super::{FRAGMENT, Fault};

/// `ApiVersion`, and the root of the service.
pub(super) fn versions(fragment: &Fragment) -> Result<TokenStream, Fault> {
    let mut root = "";
    let mut versions: Vec<(Ident, &str, &str, &str)> = Vec::new();
    for (index, server) in children(&fragment.document["servers"]) {
        let place = format!("/servers/{index}");
        let fault = |reason| Fault::new(&place, reason);
        let url = server["url"].as_str().unwrap_or_default();
        let (origin, path) = url
            .find("/api/")
            .map(|at| url.split_at(at))
            .ok_or_else(|| fault("has no url with the path of a version, such as /api/atlas/v2"))?;
        let version = path.rsplit('/').next().unwrap_or_default();
        let number = version.trim_start_matches('v').split('.').next();
        let number = number.filter(|of| of.bytes().all(|of| of.is_ascii_digit()) && !of.is_empty());
        let number = number.ok_or_else(|| fault("has a url that ends with no version"))?;
        let name = format_ident!("V{number}");
        if versions.iter().any(|(other, ..)| *other == name) {
            return Err(fault("has the version of another server"));
        }
        if !root.is_empty() && root != origin {
            return Err(fault("has another origin than the first"));
        }
        root = origin;
        let media_type = &server["x-media-type"];
        let media_type = media_type.as_str().unwrap_or("application/json");
        let description = server["description"].as_str().unwrap_or_default();
        versions.push((name, path, media_type, description));
    }
    if versions.is_empty() {
        return Err(Fault::new("/servers", "names no version"));
    }
    let names: Vec<_> = versions.iter().map(|(name, ..)| name).collect();
    let default = std::iter::once(quote!(#[default])).chain(std::iter::repeat(quote!()));
    let variants =
        versions
            .iter()
            .zip(default)
            .map(|((name, path, media_type, description), default)| {
                let description = format!("{description}\n\nUnder `{path}`, in `{media_type}`.");
                quote!(#[doc = #description] #default #name,)
            });
    let paths = versions.iter().map(|(_, path, ..)| path);
    let media_types = versions.iter().map(|(_, _, media_type, _)| media_type);
    let origin = format!("The root of the service, as `{FRAGMENT}` has it.");
    Ok(quote! {
        /// A version of the Atlas Administration API. The calls, their types and their errors are the
        /// same in all of them.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ApiVersion { #(#variants)* }

        impl ApiVersion {
            /// Every version that this crate knows, the oldest first.
            pub const ALL: &[Self] = &[#(Self::#names),*];

            pub(crate) const fn path(self) -> &'static str {
                match self { #(Self::#names => #paths,)* }
            }

            /// The media type of a request's body, and of a success's.
            pub(crate) const fn media_type(self) -> ::reqwest::header::HeaderValue {
                ::reqwest::header::HeaderValue::from_static(match self { #(Self::#names => #media_types,)* })
            }
        }

        #[doc = #origin]
        pub(crate) const PUBLIC_CLOUD: &str = #root;
    })
}
