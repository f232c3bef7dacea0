//! `cargo xtask spec diff OLD NEW`: what a change of the fragment does to users of the Rust API.

mod kinds;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde::Serialize;
use serde_json::Value;

use super::FRAGMENT;
use crate::arguments::Arguments;
use crate::surface::{Kind, Surface};
use crate::{Outcome, code, root};
pub(crate) use kinds::{KINDS, Kind as KindOfChange, old as old_fragment};

pub(crate) const HELP: &str = "\
usage: cargo xtask spec diff [--format json] OLD NEW

Tells what a change of spec/peering.json does to users of this crate's Rust API: what breaks them, what
is new to them, and what they do not see; with the release that each calls for, and the Rust items that
it touches. OLD and NEW are files, or revisions of the project whose spec/peering.json is meant.

  --format json   one object, for machines

exit code: 0 nothing that users see; 10 something new (a minor release); 20 something that breaks them
(a major release); 2 a side is unusable

for example: cargo xtask spec diff HEAD~1 spec/peering.json";

/// What a change means for users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Programs compile as before, in both directions.
    Invisible,
    /// Programs compile as before; new ones may use what is new.
    Additive,
    /// Some programs do not compile any more.
    Breaking,
}

impl Level {
    const fn release(self) -> &'static str {
        match self {
            Self::Invisible => "patch",
            Self::Additive => "minor",
            Self::Breaking => "major",
        }
    }

    const fn exit_code(self) -> u8 {
        match self {
            Self::Invisible => 0,
            Self::Additive => 10,
            Self::Breaking => 20,
        }
    }
}

/// What changed in one operation, one schema, or elsewhere in the fragment.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    /// Such as `schema AwsPeering`.
    pub(crate) part: String,
    pub(crate) level: Level,
    pub(crate) release: &'static str,
    /// What is different in it.
    pub(crate) words: Vec<String>,
    /// What users see of it.
    pub(crate) items: Vec<String>,
}

pub(crate) fn run(mut arguments: Arguments) -> Outcome {
    let json = arguments.format()?;
    let [old, new] = arguments.exactly("OLD and NEW")?;
    let (old, new) = (read(&old)?, read(&new)?);
    let changes = changes(&old, &new)?;
    let level = changes.iter().map(|change| change.level).max();
    let level = level.unwrap_or(Level::Invisible);
    if json {
        let report = serde_json::json!({
            "level": level,
            "release": level.release(),
            "changes": changes,
        });
        println!("{report}");
    } else {
        print!("{}", text(&changes, level));
    }
    Ok(level.exit_code())
}

/// A file, or the fragment of a revision.
fn read(side: &str) -> Result<String, String> {
    if Path::new(side).is_file() {
        return std::fs::read_to_string(side).map_err(|error| format!("{side}: {error}"));
    }
    let object = format!("{side}:{FRAGMENT}");
    let shown = Command::new("git")
        .current_dir(root())
        .args(["show", &object])
        .output();
    match shown {
        Ok(shown) if shown.status.success() => {
            String::from_utf8(shown.stdout).map_err(|error| format!("{object}: {error}"))
        }
        _ => Err(format!(
            "{side}: neither a file nor a revision with {FRAGMENT}"
        )),
    }
}

/// The changes from one fragment to another, the gravest first.
pub(crate) fn changes(old: &str, new: &str) -> Result<Vec<Change>, String> {
    let (old_surface, new_surface) = (code::surface(old)?, code::surface(new)?);
    let parse = |text| serde_json::from_str::<Value>(text).map_err(|error| error.to_string());
    let (old, new) = (parts(&parse(old)?), parts(&parse(new)?));
    let mut seen = items(&old_surface, &new_surface);
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let mut changes = Vec::new();
    for name in names {
        let (before, after) = (old.get(name), new.get(name));
        if before == after {
            continue;
        }
        let mut words = Vec::new();
        match (before, after) {
            (Some(before), Some(after)) => describe("", &before.value, &after.value, &mut words),
            (None, _) => words.push("is new".to_owned()),
            (_, None) => words.push("is gone".to_owned()),
        }
        let owners: Vec<_> = [before, after]
            .into_iter()
            .flatten()
            .map(|part| &part.owner)
            .collect();
        let (own, others): (Vec<_>, Vec<_>) = seen
            .into_iter()
            .partition(|item| owners.iter().any(|owner| item.is_of(owner)));
        seen = others;
        changes.push(change(name.clone(), words, own));
    }
    if !seen.is_empty() {
        let words = vec!["follows from the changes of others".to_owned()];
        changes.push(change("elsewhere".to_owned(), words, seen));
    }
    changes.sort_by_key(|change| std::cmp::Reverse(change.level));
    Ok(changes)
}

fn change(part: String, words: Vec<String>, items: Vec<Seen>) -> Change {
    let level = items.iter().map(|item| item.level).max();
    let level = level.unwrap_or(Level::Invisible);
    Change {
        part,
        level,
        release: level.release(),
        words,
        items: items.into_iter().map(|item| item.words).collect(),
    }
}

/// A part of the fragment, and the name of the Rust item that it becomes.
#[derive(PartialEq)]
struct Part {
    value: Value,
    owner: String,
}

/// The operations, with their parameters resolved; the schemas; and what is left.
fn parts(fragment: &Value) -> BTreeMap<String, Part> {
    let mut parts = BTreeMap::new();
    let entries = |value: &Value| value.as_object().cloned().unwrap_or_default();
    for (path, item) in entries(&fragment["paths"]) {
        for (method, mut operation) in entries(&item) {
            for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
                let reference = parameter["$ref"]
                    .as_str()
                    .and_then(|text| text.strip_prefix('#'));
                if let Some(target) = reference.and_then(|pointer| fragment.pointer(pointer)) {
                    *parameter = target.clone();
                }
            }
            let id = operation["operationId"].as_str().unwrap_or_default();
            let owner = format!("Client::{}", crate::codegen::document::snake(id));
            let name = format!("operation {} {path}", method.to_uppercase());
            let value = operation;
            parts.insert(name, Part { value, owner });
        }
    }
    for (name, value) in entries(&fragment["components"]["schemas"]) {
        let owner = name.clone();
        parts.insert(format!("schema {name}"), Part { value, owner });
    }
    let mut rest = fragment.clone();
    rest["paths"] = Value::Null;
    rest["components"]["schemas"] = Value::Null;
    rest["components"]["parameters"] = Value::Null;
    let owner = "nothing".to_owned();
    parts.insert("the rest".to_owned(), Part { value: rest, owner });
    parts
}

/// What is different, place by place.
fn describe(place: &str, old: &Value, new: &Value, words: &mut Vec<String>) {
    let short = |value: &Value| {
        let text = value.to_string();
        match text.char_indices().nth(60) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    };
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => {
            let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
            for name in names {
                let place = format!("{place} {name}");
                match (before.get(name), after.get(name)) {
                    (Some(before), Some(after)) => describe(&place, before, after, words),
                    (None, _) => words.push(format!("{} is new", place.trim())),
                    (_, None) => words.push(format!("{} is gone", place.trim())),
                }
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            let only = |of: &[Value], other: &[Value], how: &str, words: &mut Vec<String>| {
                let lost = of.iter().filter(|value| !other.contains(value));
                words.extend(lost.map(|value| format!("{} {} {how}", place.trim(), short(value))));
            };
            only(before, after, "is gone", words);
            only(after, before, "is new", words);
        }
        _ if old != new => {
            words.push(format!(
                "{}: {} was {}",
                place.trim(),
                short(new),
                short(old)
            ));
        }
        _ => {}
    }
}

/// A Rust item that differs.
struct Seen {
    name: String,
    words: String,
    level: Level,
}

impl Seen {
    /// Whether it belongs to a type or a method, or to the unknown child of a union.
    fn is_of(&self, owner: &str) -> bool {
        let own = self.name.strip_prefix(owner);
        let unknown = self
            .name
            .strip_prefix("Unknown")
            .and_then(|name| name.strip_prefix(owner));
        let ends = |rest: &str| rest.is_empty() || rest.starts_with([':', ' ']);
        own.is_some_and(ends) || unknown.is_some_and(ends)
    }
}

/// The items that differ, with what each means.
fn items(old: &Surface, new: &Surface) -> Vec<Seen> {
    let names: BTreeSet<_> = old.lines.keys().chain(new.lines.keys()).collect();
    let seen = names.into_iter().filter_map(|name| {
        let (level, words) = match (old.lines.get(name), new.lines.get(name)) {
            (Some(before), Some(after)) if before.text == after.text => return None,
            (Some(before), Some(after)) => (
                Level::Breaking,
                format!("{} (was {})", after.text, before.text),
            ),
            (Some(before), None) if matches!(before.kind, Kind::Deprecation) => {
                (Level::Invisible, format!("not any more: {}", before.text))
            }
            (Some(before), None) => (Level::Breaking, format!("gone: {}", before.text)),
            (None, Some(after)) => (
                level_of_new(name, &after.kind, old),
                format!("new: {}", after.text),
            ),
            (None, None) => return None,
        };
        let name = name.clone();
        Some(Seen { name, words, level })
    });
    seen.collect()
}

/// What is new breaks who names all there is: who writes a struct out, or matches all variants.
fn level_of_new(name: &str, kind: &Kind, old: &Surface) -> Level {
    let of = name.split("::").next().unwrap_or_default();
    let was_there = old.lines.contains_key(of);
    match kind {
        Kind::Field {
            of_literals: true, ..
        }
        | Kind::Variant { open: false, .. }
            if was_there =>
        {
            Level::Breaking
        }
        _ => Level::Additive,
    }
}

fn text(changes: &[Change], level: Level) -> String {
    let mut text = String::new();
    for (of, title) in [
        (Level::Breaking, "breaking, a major release"),
        (Level::Additive, "additive, a minor release"),
        (Level::Invisible, "invisible, a patch"),
    ] {
        let of_level: Vec<_> = changes.iter().filter(|change| change.level == of).collect();
        if of_level.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{title}:");
        for change in of_level {
            let _ = writeln!(text, "  {}: {}", change.part, change.words.join("; "));
            for item in &change.items {
                let _ = writeln!(text, "    {item}");
            }
        }
    }
    let _ = writeln!(
        text,
        "{} changes; the release is a {} one",
        changes.len(),
        level.release()
    );
    text
}

#[cfg(test)]
mod tests;
