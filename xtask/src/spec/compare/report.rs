//! What a comparison found, in words and for machines.

use std::fmt::Write as _;

use json_patch::PatchOperation;
use serde_json::{Value, json};

use crate::spec::differences::Difference;
use crate::spec::lines::Lines;
use crate::spec::{DIFFERENCES, FRAGMENT};

pub(crate) struct Report {
    pub(super) version: String,
    pub(super) facts: usize,
    pub(super) listed: usize,
    /// What is not listed, each with the change that takes it away.
    pub(super) changes: Vec<(Difference, Vec<PatchOperation>)>,
    /// What no change takes away.
    pub(super) left: Vec<Difference>,
    /// The places of the entries that nothing needs.
    pub(super) stale: Vec<String>,
    /// All changes, in an order in which they can be made.
    pub(super) patch: Vec<PatchOperation>,
    /// The fragment with all of them.
    pub(super) amended: Value,
}

impl Report {
    pub(super) fn is_clean(&self) -> bool {
        self.changes.is_empty() && self.stale.is_empty()
    }

    pub(super) fn text(&self, file: &str, fragment: &str) -> String {
        let (lines, mut text) = (Lines::of(fragment), String::new());
        let (unlisted, stale) = (self.changes.len(), self.stale.len());
        let _ = writeln!(
            text,
            "{file}: {}, {} facts, {} listed differences, {unlisted} unlisted, {stale} stale entries",
            self.version, self.facts, self.listed,
        );
        let mut told: Vec<&Vec<PatchOperation>> = Vec::new();
        for (difference, patch) in &self.changes {
            let _ = writeln!(text, "  {difference}");
            if patch.is_empty() {
                let line = lines.at(&difference.within);
                let _ = writeln!(text, "    {FRAGMENT}:{line}: by hand");
            } else if told.contains(&patch) {
                let _ = writeln!(text, "    the same change");
            } else {
                told.push(patch);
                for operation in patch {
                    let line = lines.at(operation.path().as_ref());
                    let _ = writeln!(text, "    {FRAGMENT}:{line}: {}", json!(operation));
                }
            }
        }
        for place in &self.stale {
            let _ = writeln!(
                text,
                "  stale: {DIFFERENCES} has an entry for {place:?} that nothing needs"
            );
        }
        if !self.changes.is_empty() {
            let (changes, left) = (self.patch.len(), self.left.len());
            let _ = writeln!(
                text,
                "  --apply makes {changes} changes, and leaves {left} differences"
            );
        }
        text
    }

    pub(super) fn json(&self, file: &str, fragment: &str) -> Value {
        let lines = Lines::of(fragment);
        let changes = self.changes.iter().map(|(difference, patch)| {
            let place = patch.first().map(|operation| operation.path().to_string());
            let line = lines.at(place.as_deref().unwrap_or(&difference.within));
            json!({"difference": difference, "line": line, "patch": patch})
        });
        json!({
            "file": file,
            "version": self.version,
            "facts": self.facts,
            "listed": self.listed,
            "unlisted": changes.collect::<Vec<_>>(),
            "stale": self.stale,
            "patch": self.patch,
            "left": self.left,
        })
    }
}
