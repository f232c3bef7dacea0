//! The project's own `macro_rules!`, expanded: what they define is a part of the surface.
//!
//! One arm each, with the fragments that the project uses: `ident`, `literal`, `meta`, `ty`, `expr`.

use std::collections::{BTreeSet, HashMap};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{Item, ItemMacro, Macro};

/// The macros of some files by their names.
#[derive(Default)]
pub(crate) struct Macros(HashMap<String, Rule>);

struct Rule {
    matcher: Vec<Pattern>,
    body: TokenStream,
}

enum Pattern {
    Token(String),
    Group(Delimiter, Vec<Pattern>),
    Variable {
        name: String,
        fragment: String,
    },
    Repeat {
        inner: Vec<Pattern>,
        separator: Option<String>,
    },
}

/// What a variable stands for: tokens, or as many of them as its repetition had.
#[derive(Clone)]
enum Bound {
    One(TokenStream),
    Many(Vec<Bound>),
}

type Bindings = HashMap<String, Bound>;

impl Macros {
    /// Takes up the macros that a file defines.
    pub(crate) fn learn(&mut self, items: &[Item]) -> Result<(), String> {
        for item in items {
            if let Item::Macro(ItemMacro {
                ident: Some(name),
                mac,
                ..
            }) = item
            {
                let mut tokens = mac.tokens.clone().into_iter();
                let (Some(TokenTree::Group(matcher)), Some(TokenTree::Group(body))) =
                    (tokens.next(), tokens.nth(2))
                else {
                    return Err(format!("the macro {name} is not of one arm"));
                };
                let rule = Rule {
                    matcher: patterns(matcher.stream()),
                    body: body.stream(),
                };
                self.0.insert(name.to_string(), rule);
            }
        }
        Ok(())
    }

    /// The items that a call makes; none where the macro is not one of ours.
    pub(crate) fn expand(&self, call: &Macro) -> Result<Option<Vec<Item>>, String> {
        let name = call.path.segments.last().map(|last| last.ident.to_string());
        let Some(rule) = name.as_ref().and_then(|name| self.0.get(name)) else {
            return Ok(None);
        };
        let told = |what: String| format!("{}!: {what}", name.as_deref().unwrap_or_default());
        let input: Vec<_> = call.tokens.clone().into_iter().collect();
        let mut bindings = Bindings::new();
        let mut rest = &input[..];
        if !matches(&rule.matcher, &mut rest, &mut bindings) || !rest.is_empty() {
            return Err(told("the call does not fit the macro's pattern".to_owned()));
        }
        let file: syn::File = syn::parse2(transcribe(rule.body.clone(), &bindings))
            .map_err(|error| told(error.to_string()))?;
        Ok(Some(file.items))
    }
}

fn patterns(stream: TokenStream) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    let mut tokens = stream.into_iter().peekable();
    while let Some(token) = tokens.next() {
        patterns.push(match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => match tokens.next() {
                Some(TokenTree::Group(group)) => {
                    let separator = separator(&mut tokens).map(|token| token.to_string());
                    let inner = patterns_of(&group);
                    Pattern::Repeat { inner, separator }
                }
                name => {
                    let name = name.map(|name| name.to_string()).unwrap_or_default();
                    // The colon.
                    tokens.next();
                    let fragment = tokens.next().map(|token| token.to_string());
                    let fragment = fragment.unwrap_or_default();
                    Pattern::Variable { name, fragment }
                }
            },
            TokenTree::Group(group) => Pattern::Group(group.delimiter(), patterns_of(&group)),
            other => Pattern::Token(other.to_string()),
        });
    }
    patterns
}

/// Takes what stands behind a repetition: the separator, if there is one, and the sign.
fn separator(tokens: &mut impl Iterator<Item = TokenTree>) -> Option<TokenTree> {
    let mut separator = None;
    for token in tokens {
        match token.to_string().as_str() {
            "*" | "+" | "?" => break,
            _ => separator = Some(token),
        }
    }
    separator
}

fn patterns_of(group: &Group) -> Vec<Pattern> {
    patterns(group.stream())
}

fn matches(patterns: &[Pattern], input: &mut &[TokenTree], bindings: &mut Bindings) -> bool {
    patterns.iter().all(|pattern| match pattern {
        Pattern::Token(text) => take_if(input, |token| token.to_string() == *text).is_some(),
        Pattern::Group(delimiter, inner) => {
            let Some((TokenTree::Group(group), rest)) = input.split_first() else {
                return false;
            };
            let tokens: Vec<_> = group.stream().into_iter().collect();
            let mut inside = &tokens[..];
            let fits = group.delimiter() == *delimiter
                && matches(inner, &mut inside, bindings)
                && inside.is_empty();
            if fits {
                *input = rest;
            }
            fits
        }
        Pattern::Variable { name, fragment } => match take_fragment(fragment, input) {
            Some(tokens) => {
                bindings.insert(name.clone(), Bound::One(tokens));
                true
            }
            None => false,
        },
        Pattern::Repeat { inner, separator } => {
            repeat(inner, separator.as_deref(), input, bindings);
            true
        }
    })
}

fn repeat(
    inner: &[Pattern],
    separator: Option<&str>,
    input: &mut &[TokenTree],
    bindings: &mut Bindings,
) {
    let mut rounds = Vec::new();
    loop {
        let (mut ahead, mut round) = (*input, Bindings::new());
        let separated = rounds.is_empty()
            || separator.is_none_or(|text| {
                take_if(&mut ahead, |token| token.to_string() == text).is_some()
            });
        if !separated || ahead.is_empty() || !matches(inner, &mut ahead, &mut round) {
            break;
        }
        *input = ahead;
        rounds.push(round);
    }
    for name in variables(inner) {
        let all = rounds.iter().filter_map(|round| round.get(&name).cloned());
        let all = all.collect();
        bindings.insert(name, Bound::Many(all));
    }
}

/// The names of all variables in some patterns.
fn variables(patterns: &[Pattern]) -> Vec<String> {
    let names = patterns.iter().flat_map(|pattern| match pattern {
        Pattern::Token(_) => Vec::new(),
        Pattern::Variable { name, .. } => vec![name.clone()],
        Pattern::Group(_, inner) | Pattern::Repeat { inner, .. } => variables(inner),
    });
    names.collect()
}

fn take_if(input: &mut &[TokenTree], fits: impl Fn(&TokenTree) -> bool) -> Option<TokenTree> {
    let (first, rest) = input.split_first()?;
    fits(first).then(|| {
        *input = rest;
        first.clone()
    })
}

fn take_fragment(fragment: &str, input: &mut &[TokenTree]) -> Option<TokenStream> {
    match fragment {
        "ident" => take_if(input, |token| matches!(token, TokenTree::Ident(_))).map(Into::into),
        "literal" => take_if(input, |token| matches!(token, TokenTree::Literal(_))).map(Into::into),
        // They stand before a comma, or alone in their brackets.
        _ => {
            let is_comma =
                |token: &TokenTree| matches!(token, TokenTree::Punct(of) if of.as_char() == ',');
            let end = input.iter().position(is_comma).unwrap_or(input.len());
            let (tokens, rest) = input.split_at(end);
            *input = rest;
            (!tokens.is_empty()).then(|| tokens.iter().cloned().collect())
        }
    }
}

fn transcribe(body: TokenStream, bindings: &Bindings) -> TokenStream {
    let mut out = TokenStream::new();
    let mut tokens = body.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => match tokens.next() {
                Some(TokenTree::Group(group)) => {
                    let separator = separator(&mut tokens);
                    let rounds = rounds(&group, bindings);
                    for (index, round) in rounds.iter().enumerate() {
                        if index > 0 {
                            out.extend(separator.clone());
                        }
                        out.extend(transcribe(group.stream(), round));
                    }
                }
                Some(name) => match bindings.get(&name.to_string()) {
                    Some(Bound::One(tokens)) => out.extend(tokens.clone()),
                    _ => out.extend([TokenTree::Punct(punct), name]),
                },
                None => {}
            },
            TokenTree::Group(group) => {
                let inner = transcribe(group.stream(), bindings);
                out.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
            }
            other => out.extend([other]),
        }
    }
    out
}

/// The bindings of each round of a repetition: of those variables in it that were repeated.
fn rounds(group: &Group, bindings: &Bindings) -> Vec<Bindings> {
    let used = used(group.stream());
    let repeated = bindings.iter().filter_map(|(name, bound)| match bound {
        Bound::Many(all) if used.contains(name) => Some((name, all)),
        _ => None,
    });
    let repeated: Vec<_> = repeated.collect();
    let count = repeated.iter().map(|(_, all)| all.len()).max().unwrap_or(0);
    let round = |index: usize| {
        let mut round = bindings.clone();
        for (name, all) in &repeated {
            if let Some(bound) = all.get(index) {
                round.insert((*name).clone(), bound.clone());
            }
        }
        round
    };
    (0..count).map(round).collect()
}

/// The names after a `$`.
fn used(stream: TokenStream) -> BTreeSet<String> {
    let (mut names, mut after) = (BTreeSet::new(), false);
    for token in stream {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => {
                after = true;
                continue;
            }
            TokenTree::Ident(name) if after => {
                names.insert(name.to_string());
            }
            TokenTree::Group(group) => names.extend(used(group.stream())),
            _ => {}
        }
        after = false;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_macro_is_expanded_with_its_repetitions() {
        let file: syn::File = syn::parse_str(
            "macro_rules! make {
                ($(#[$doc:meta])* $name:ident of $item:ty, { $($(#[$words:meta])* $variant:ident = $value:literal told_by [$($telling:literal),*],)* }) => {
                    $(#[$doc])* pub enum $name { $($(#[$words])* $variant([&'static str; 0 $(+ { let _ = $telling; 1 })*]),)* }
                    impl $name { pub fn item(&self) -> $item { [$($value),*] } }
                };
            }
            make! { #[doc = \"x\"] Colour of Vec<u8>, { #[doc = \"y\"] Red = 1 told_by [], Green = 2 told_by [\"a\", \"b\"], } }",
        )
        .unwrap();
        let mut macros = Macros::default();
        macros.learn(&file.items).unwrap();
        let Item::Macro(call) = &file.items[1] else {
            panic!("a call")
        };
        let items = macros.expand(&call.mac).unwrap().unwrap();
        let expected: syn::File = syn::parse_str(
            "#[doc = \"x\"] pub enum Colour {
                #[doc = \"y\"] Red([&'static str; 0]),
                Green([&'static str; 0 + { let _ = \"a\"; 1 } + { let _ = \"b\"; 1 }]),
            }
            impl Colour { pub fn item(&self) -> Vec<u8> { [1, 2] } }",
        )
        .unwrap();
        let text = |items: &[Item]| quote::quote!(#(#items)*).to_string();
        assert_eq!(text(&items), text(&expected.items));
    }

    #[test]
    fn a_call_that_does_not_fit_is_told() {
        let file = syn::parse_file(
            "macro_rules! make { ($name:ident) => { struct $name; }; } make! { 1 }",
        );
        let file = file.unwrap();
        let mut macros = Macros::default();
        macros.learn(&file.items).unwrap();
        let Item::Macro(call) = &file.items[1] else {
            panic!("a call")
        };
        let fault = macros.expand(&call.mac).err();
        let expected = "make!: the call does not fit the macro's pattern";
        assert_eq!(fault.as_deref(), Some(expected));
    }
}
