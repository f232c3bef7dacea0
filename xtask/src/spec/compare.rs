//! `cargo xtask spec compare FILE…`: holds the fragment against published documents.

mod report;

use json_patch::PatchOperation;
use serde_json::Value;

use super::differences::{self, Difference, Entry};
use super::facts::{Document, Fact};
use super::patch::{Context, amend};
use super::{DIFFERENCES, FRAGMENT, canonical, published};
use crate::arguments::Arguments;
use crate::{Outcome, root};
use report::Report;

pub(crate) const HELP: &str = "\
usage: cargo xtask spec compare [--format json] [--apply] FILE…

Holds spec/peering.json against documents that MongoDB publishes: JSON or YAML, the whole API or a
slice of it, of version 1.0 or 2. What is tagged Network Peering is compared, with all that it
reaches. Differences that are listed in spec/differences.toml are counted; others are reported with
their places, with the line of ours that is to change, and with the change as a JSON Patch.

  --format json   one object a document, for machines
  --apply         makes the changes in spec/peering.json

exit code: 0 all is as listed; 1 something differs, or an entry is stale; 2 a file is unusable

for example: cargo xtask spec compare openapi-v2.yaml";

/// So many rounds take every difference away that a patch can: one may uncover another.
const ROUNDS: usize = 10;

pub(crate) fn run(mut arguments: Arguments) -> Outcome {
    let json = arguments.format()?;
    let apply = arguments.flag("--apply");
    let files = arguments.rest("FILE")?;
    let mut text = super::read(FRAGMENT)?;
    let entries = entries()?;
    let mut clean = true;
    for file in &files {
        let fragment = super::parse(FRAGMENT, &text)?;
        let document = published::read(file)?;
        let report = compare(&fragment, &document, &entries);
        let report = report.map_err(|error| format!("{file}: {error}"))?;
        if json {
            println!("{}", report.json(file, &text));
        } else {
            print!("{}", report.text(file, &text));
        }
        clean &= report.is_clean();
        if apply {
            text = canonical(&report.amended);
        }
    }
    if apply {
        let path = root().join(FRAGMENT);
        std::fs::write(&path, text).map_err(|error| format!("{FRAGMENT}: {error}"))?;
    }
    Ok(u8::from(!clean))
}

fn entries() -> Result<Vec<Entry>, String> {
    let text = super::read(DIFFERENCES)?;
    differences::parse(&text).map_err(|error| format!("{DIFFERENCES}: {error}"))
}

/// Compares, and looks for the changes that take the unlisted differences away.
pub(super) fn compare(
    fragment: &Value,
    published: &Value,
    entries: &[Entry],
) -> Result<Report, String> {
    let prefix = prefix(fragment, published)?;
    let version = prefix.rsplit('/').next().unwrap_or_default();
    let theirs = Document::theirs(published, &prefix).facts()?;
    let ours = Document::ours(fragment, version).facts()?;
    let context = Context {
        published,
        version,
        entries,
    };
    let differences = differences::between(&ours, &theirs);
    let is_listed = |difference: &Difference| {
        let mut entries = entries.iter().filter(|entry| entry.is_of(version));
        entries.any(|entry| entry.covers(difference))
    };
    let (listed, unlisted): (Vec<_>, Vec<_>) = differences.into_iter().partition(is_listed);
    let stale = entries.iter().filter(|entry| {
        entry.is_of(version) && !listed.iter().any(|difference| entry.covers(difference))
    });
    let (amended, patch) = solve(fragment, &theirs, &context, &is_listed)?;
    Ok(Report {
        version: version.to_owned(),
        facts: ours.count(),
        listed: listed.len(),
        changes: unlisted
            .into_iter()
            .map(|difference| {
                let patch = amend(fragment, &difference, &context);
                (difference, patch)
            })
            .collect(),
        left: unlisted_of(&amended, &theirs, &context, &is_listed)?,
        stale: stale.map(|entry| entry.place.clone()).collect(),
        patch,
        amended,
    })
}

fn unlisted_of(
    fragment: &Value,
    theirs: &Fact,
    context: &Context<'_>,
    is_listed: &impl Fn(&Difference) -> bool,
) -> Result<Vec<Difference>, String> {
    let ours = Document::ours(fragment, context.version).facts()?;
    let mut differences = differences::between(&ours, theirs);
    differences.retain(|difference| !is_listed(difference));
    Ok(differences)
}

/// The fragment without the differences that a patch can take away, and the whole patch.
fn solve(
    fragment: &Value,
    theirs: &Fact,
    context: &Context<'_>,
    is_listed: &impl Fn(&Difference) -> bool,
) -> Result<(Value, Vec<PatchOperation>), String> {
    let (mut amended, mut whole) = (fragment.clone(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = whole.len();
        for difference in unlisted_of(&amended, theirs, context, is_listed)? {
            for operation in amend(&amended, &difference, context) {
                // One schema is at many places: its change is made once.
                let new = !whole[begun..].contains(&operation);
                let operation = [operation];
                if new && json_patch::patch(&mut amended, &operation).is_ok() {
                    whole.extend(operation);
                }
            }
        }
        if whole.len() == begun {
            break;
        }
    }
    Ok((amended, whole))
}

/// The path of that of our servers whose version the document describes.
fn prefix(fragment: &Value, published: &Value) -> Result<String, String> {
    let servers = fragment["servers"].as_array().into_iter().flatten();
    let prefixes: Vec<String> = servers
        .filter_map(|server| server["url"].as_str()?.split_once("://")?.1.split_once('/'))
        .map(|(_, path)| format!("/{path}"))
        .collect();
    let paths = || {
        let paths = published["paths"].as_object();
        paths.into_iter().flatten().map(|(path, _)| path)
    };
    let found = prefixes
        .iter()
        .find(|prefix| paths().any(|path| path.starts_with(&format!("{prefix}/"))));
    found
        .cloned()
        .ok_or_else(|| format!("it has no path under {}", prefixes.join(" or ")))
}

#[cfg(test)]
mod tests;
