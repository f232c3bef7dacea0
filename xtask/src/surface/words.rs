//! Rust code as a person writes it.

use quote::ToTokens;
use syn::Signature;

/// A method from its name on.
pub(super) fn signature(of: &Signature) -> String {
    let text = words(of);
    let (before, after) = text.split_once("fn ").unwrap_or(("", &text));
    // The name stands first, so that a list is sorted by it.
    format!(
        "{}{}",
        after,
        if before.is_empty() {
            String::new()
        } else {
            format!(" [{}]", before.trim())
        }
    )
}

/// Tokens without the spaces that nobody writes.
pub(super) fn words(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (from, to) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" ::", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" <", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" ,", ","),
        (",)", ")"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" : ", ": "),
        (" ;", ";"),
        (" !", "!"),
    ] {
        text = text.replace(from, to);
    }
    // The two that are in every signature.
    for from in ["::std::option::", "::std::string::", "::std::vec::"] {
        text = text.replace(from, "");
    }
    let text = text.replace(", ", ",").replace(',', ", ");
    text.replace(">->", "> ->")
        .replace("->", "-> ")
        .replace("->  ", "-> ")
        .replace(")-> ", ") -> ")
}
