//! `cargo xtask codegen`: the generated code as people read it, and its shape.

use syn::Item;

use crate::arguments::Arguments;
use crate::spec::FRAGMENT;
use crate::surface::{Macros, Surface};
use crate::{Outcome, codegen, golden, root};

pub(crate) const HELP: &str = "\
usage: cargo xtask codegen [--print | --check]

Generates the code of spec/peering.json as the build does, without building the crate, and writes its
shape, the items and their signatures, to tests/snapshots/codegen.txt. A new release of the generator
shows there what it changes.

  --print   prints the code, formatted, and writes nothing
  --check   fails, with the lines that differ, where the file is not as it would be written

for example: cargo xtask codegen --print | less";

const FILE: &str = "tests/snapshots/codegen.txt";

pub(crate) fn run(mut arguments: Arguments) -> Outcome {
    let (print, check) = (arguments.flag("--print"), arguments.flag("--check"));
    arguments
        .exactly("nothing else")
        .map(|[]: [String; 0]| ())?;
    let fragment = fragment()?;
    if print {
        let code = codegen::generate(&fragment, false).map_err(|fault| fault.to_string())?;
        print!("{code}");
        return Ok(0);
    }
    golden::settle(FILE, &shape(&fragment)?, check, "cargo xtask codegen")
}

/// The text of the fragment.
pub(crate) fn fragment() -> Result<String, String> {
    std::fs::read_to_string(root().join(FRAGMENT)).map_err(|error| format!("{FRAGMENT}: {error}"))
}

/// The items that are generated of a fragment.
pub(crate) fn generated(fragment: &str) -> Result<Vec<Item>, String> {
    let code = codegen::generate(fragment, false).map_err(|fault| fault.to_string())?;
    let file = syn::parse_file(&code).map_err(|error| format!("the generated code: {error}"))?;
    Ok(file.items)
}

/// The surface of the code that is generated of a fragment, its open types included.
pub(crate) fn surface(fragment: &str) -> Result<Surface, String> {
    let mut macros = Macros::default();
    let open = include_str!("../../src/model/open_types.rs");
    let open = syn::parse_file(open).map_err(|error| format!("src/open.rs: {error}"))?;
    macros.learn(&open.items)?;
    let mut surface = Surface::default();
    surface.add(&generated(fragment)?, &macros)?;
    Ok(surface)
}

fn shape(fragment: &str) -> Result<String, String> {
    Ok(surface(fragment)?.listing())
}

/// The names of the types that macros define.
pub(crate) fn open_types(generated: &[Item]) -> Vec<String> {
    let modules = generated.iter().filter_map(|item| match item {
        Item::Mod(module) => module.content.as_ref().map(|(_, items)| items),
        _ => None,
    });
    let calls = modules.flatten().filter_map(|item| match item {
        Item::Macro(call) => Some(call.mac.tokens.clone()),
        _ => None,
    });
    let names = calls.filter_map(|tokens| {
        let mut tokens = tokens.into_iter();
        tokens.find_map(|token| match token {
            proc_macro2::TokenTree::Ident(name) => Some(name.to_string()),
            _ => None,
        })
    });
    names.collect()
}
