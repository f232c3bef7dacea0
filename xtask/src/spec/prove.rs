//! `cargo xtask spec prove`: each verdict of `spec diff`, proved by compiling users.

mod users;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::diff::{KINDS, KindOfChange, Level, old_fragment};
use crate::arguments::Arguments;
use crate::{Outcome, code, codegen, root};
use users::user;

pub(crate) const HELP: &str = "\
usage: cargo xtask spec prove [KIND…]

Proves what spec diff says of each kind of change: generates both sides, writes for each a user that
names everything which its side has, and compiles each user against the other side. What breaks the old
user is breaking; what breaks the new one against the old side is at least additive; what breaks neither
is invisible. Deprecation is a warning to old users, and additive all the same.

exit code: 0 all hold; 1 one does not; 2 something could not be compiled at all

for example: cargo xtask spec prove new-state lost-operation";

/// What is compiled beside the generated code, in place of the library's own layers.
const STUB: &str = include_str!("prove/stub.rs.txt");

pub(crate) fn run(arguments: Arguments) -> Outcome {
    let names = arguments.all()?;
    let known: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("{name} is none of {}", known.join(", ")));
    }
    let kinds = KINDS
        .iter()
        .filter(|kind| names.is_empty() || names.iter().any(|name| name == kind.name));
    let kinds: Vec<_> = kinds.collect();
    let proofs = prove(&kinds)?;
    let mut all_hold = true;
    for (kind, level) in kinds.iter().zip(proofs) {
        let holds = level == kind.level;
        all_hold &= holds;
        let word = if holds { "holds" } else { "DOES NOT HOLD" };
        println!(
            "{}: {:?} {word} (compiled: {level:?})",
            kind.name, kind.level
        );
    }
    Ok(u8::from(!all_hold))
}

/// The level of each kind as the compiler sees it.
pub(crate) fn prove(kinds: &[&KindOfChange]) -> Result<Vec<Level>, String> {
    let workspace = Workspace::new()?;
    workspace.side("old", &old_fragment()?)?;
    workspace.user("old", "old", &old_fragment()?)?;
    for (number, kind) in kinds.iter().enumerate() {
        let new = format!("new{number}");
        let fragment = kind.new_fragment()?;
        workspace.side(&new, &fragment)?;
        workspace.user(&new, &new, &fragment)?;
        workspace.user("old", &new, &old_fragment()?)?;
        workspace.user(&new, "old", &fragment)?;
    }
    let failed = workspace.check()?;
    let fails = |user: &str, side: &str| failed.contains(&format!("{user}_on_{side}"));
    let verdicts = kinds.iter().enumerate().map(|(number, kind)| {
        let new = format!("new{number}");
        for own in ["old", &new] {
            if fails(own, own) {
                return Err(format!(
                    "{}: the user of {own} does not compile at all",
                    kind.name
                ));
            }
        }
        Ok(if fails("old", &new) {
            Level::Breaking
        } else if fails(&new, "old") || kind.name == "deprecated" {
            Level::Additive
        } else {
            Level::Invisible
        })
    });
    verdicts.collect()
}

/// A workspace of its own, with a package for each side and each user.
struct Workspace(PathBuf);

impl Workspace {
    fn new() -> Result<Self, String> {
        let folder = root().join("target/prove");
        for part in ["sides", "users"] {
            let part = folder.join(part);
            if part.exists() {
                std::fs::remove_dir_all(&part).map_err(|error| told(&part, &error))?;
            }
        }
        let workspace = Self(folder);
        let manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"sides/*\", \"users/*\"]\n";
        workspace.write("Cargo.toml", manifest)?;
        // The versions are those of the project.
        let lock = root().join("Cargo.lock");
        let text = std::fs::read_to_string(&lock).map_err(|error| told(&lock, &error))?;
        workspace.write("Cargo.lock", &text)?;
        Ok(workspace)
    }

    fn write(&self, file: &str, text: &str) -> Result<(), String> {
        let path = self.0.join(file);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| told(folder, &error))?;
        }
        std::fs::write(&path, text).map_err(|error| told(&path, &error))
    }

    fn package(
        &self,
        folder: &str,
        name: &str,
        dependencies: &str,
        code: &str,
    ) -> Result<(), String> {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}"
        );
        self.write(&format!("{folder}/{name}/Cargo.toml"), &manifest)?;
        self.write(&format!("{folder}/{name}/src/lib.rs"), code)
    }

    fn side(&self, name: &str, fragment: &str) -> Result<(), String> {
        let generated = codegen::generate(fragment, false);
        let generated = generated.map_err(|fault| format!("{name}: {fault}"))?;
        self.write(&format!("sides/side_{name}/src/generated.rs"), &generated)?;
        let open = root().join("src/open.rs");
        let stub = STUB.replace("OPEN", &open.display().to_string());
        self.package("sides", &format!("side_{name}"), DEPENDENCIES, &stub)
    }

    fn user(&self, user_of: &str, on: &str, fragment: &str) -> Result<(), String> {
        let code = user(&code::surface(fragment)?);
        let dependencies = format!(
            "side = {{ package = \"side_{on}\", path = \"../../sides/side_{on}\" }}\nserde_json = \"1.0\"\n"
        );
        self.package("users", &format!("{user_of}_on_{on}"), &dependencies, &code)
    }

    /// Checks all packages; the names of those that failed.
    fn check(&self) -> Result<BTreeSet<String>, String> {
        let arguments = [
            "check",
            "--workspace",
            "--keep-going",
            "--quiet",
            "--message-format",
            "json",
        ];
        let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
        let output = Command::new(cargo)
            .args(arguments)
            .current_dir(&self.0)
            .env("CARGO_TARGET_DIR", self.0.join("target"))
            .env_remove("RUSTFLAGS")
            .output()
            .map_err(|error| format!("cargo: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let (mut failed, mut done) = (BTreeSet::new(), false);
        for line in text.lines() {
            let message: Value = serde_json::from_str(line).unwrap_or_default();
            done |= message["reason"] == "build-finished";
            if message["message"]["level"] == "error" {
                let name = message["target"]["name"].as_str().unwrap_or_default();
                failed.insert(name.to_owned());
            }
        }
        match failed.iter().find(|name| name.starts_with("side_")) {
            Some(side) => Err(format!("{side} does not compile: see {}", self.0.display())),
            None if done => Ok(failed),
            None => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }
}

const DEPENDENCIES: &str = "\
progenitor-client = { version = \"0.15.1\", default-features = false }
reqwest = { version = \"0.13.5\", default-features = false, features = [\"form\", \"json\", \"query\"] }
serde = { version = \"1.0\", features = [\"derive\"] }
serde_json = \"1.0\"
";

fn told(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each level, and the two that are easily taken for another; all of them are proved by
    /// `cargo xtask spec prove`.
    #[test]
    fn a_few_verdicts_are_proved() {
        let names = [
            "words",
            "new-answer-field",
            "new-optional-request-field",
            "lost-state",
        ];
        let kinds = KINDS.iter().filter(|kind| names.contains(&kind.name));
        let kinds: Vec<_> = kinds.collect();
        assert_eq!(kinds.len(), names.len());
        let levels: Vec<_> = kinds.iter().map(|kind| kind.level).collect();
        assert_eq!(prove(&kinds).unwrap(), levels);
    }
}
