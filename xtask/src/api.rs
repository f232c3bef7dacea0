//! `cargo xtask api`: the public surface of the library, generated code included.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::{Item, UseTree, Visibility};

use crate::arguments::Arguments;
use crate::surface::{Macros, Surface};
use crate::{Outcome, code, golden, root};

pub(crate) const HELP: &str = "\
usage: cargo xtask api [--check]

Writes the public surface of the library, generated code included, to tests/snapshots/api.txt: a line
for each type, field, variant, method and trait, sorted. A change of the fragment shows there what it
does to users.

  --check   fails, with the lines that differ, where the file is not as it would be written

for example: cargo xtask api --check";

const FILE: &str = "tests/snapshots/api.txt";

pub(crate) fn run(mut arguments: Arguments) -> Outcome {
    let check = arguments.flag("--check");
    arguments
        .exactly("nothing else")
        .map(|[]: [String; 0]| ())?;
    golden::settle(FILE, &listing()?, check, "cargo xtask api")
}

/// The lines of all that the library exports.
fn listing() -> Result<String, String> {
    let source = root().join("src");
    let mut files = Vec::new();
    find(&source, &mut files)?;
    let mut parsed = Vec::new();
    for path in &files {
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| told(&error))?;
        parsed.push(syn::parse_file(&text).map_err(|error| told(&error))?.items);
    }
    let generated = code::generated(&code::fragment()?)?;
    let mut macros = Macros::default();
    for items in &parsed {
        macros.learn(items)?;
    }
    let exported = exported(&source.join("lib.rs"), &generated)?;
    let mut surface = Surface::default();
    for items in parsed.iter().chain([&generated]) {
        surface.add(items, &macros)?;
    }
    surface.lines.retain(|name, _| {
        let of = name.split([':', ' ']).next().unwrap_or_default();
        exported.contains(of)
    });
    Ok(surface.listing())
}

/// All source files but those of tests.
fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<_, _>>)
        .map_err(told)?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|of| of == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The names that the root of the crate exports, and those of the generated types.
fn exported(lib: &Path, generated: &[Item]) -> Result<BTreeSet<String>, String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", lib.display());
    let text = std::fs::read_to_string(lib).map_err(|error| told(&error))?;
    let file = syn::parse_file(&text).map_err(|error| told(&error))?;
    let mut names = BTreeSet::new();
    for item in &file.items {
        if let Item::Use(exports) = item
            && matches!(exports.vis, Visibility::Public(_))
        {
            add_names(&exports.tree, &mut names);
        }
    }
    let mut types = Surface::default();
    types.add(generated, &Macros::default())?;
    names.extend(types.lines.into_keys().filter(|name| !name.contains(':')));
    let open = code::open_types(generated);
    names.extend(open);
    Ok(names)
}

fn add_names(tree: &UseTree, names: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => add_names(&path.tree, names),
        UseTree::Name(name) => {
            names.insert(name.ident.to_string());
        }
        UseTree::Rename(name) => {
            names.insert(name.rename.to_string());
        }
        UseTree::Group(group) => group.items.iter().for_each(|item| add_names(item, names)),
        UseTree::Glob(_) => {}
    }
}
