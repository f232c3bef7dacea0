//! The library's parser of headers, compiled from its own file, for tests whose tools are too heavy for the
//! library's development dependencies.

#[allow(dead_code, reason = "the library uses more of it")]
#[path = "../../../src/auth/digest/syntax.rs"]
mod syntax;

/// A scheme with its parameters.
pub type Offer = (String, Vec<(String, Vec<u8>)>);

/// The challenges of one header.
#[must_use]
pub fn offers(header: &[u8]) -> Vec<Offer> {
    let offers = syntax::offers(header).into_iter();
    offers
        .map(|offer| (offer.scheme, offer.parameters.0))
        .collect()
}
