//! `cargo xtask codegen`: the generated code as a golden file for reviewers.

use crate::{Outcome, build, in_project, read};

/// Not named `.rs`, so that no tool takes it for source code.
const FILE: &str = "tests/snapshots/codegen.txt";
const COMMAND: &str = "cargo xtask codegen";

/// Writes the file; with `check`, compares instead, and prints the first line that is out of date.
pub(crate) fn run(check: bool) -> Outcome {
    let fragment = read(build::FRAGMENT)?;
    let code = build::generate(&fragment, false).map_err(|fault| fault.to_string())?;
    if !check {
        let written = std::fs::write(in_project(FILE), &code);
        written.map_err(|error| format!("{FILE}: {error}"))?;
        return Ok(true);
    }
    let there = read(FILE)?;
    let differs = first_difference(&there, &code);
    if let Some((line, there, generated)) = &differs {
        println!("{FILE}:{line} is out of date: run `{COMMAND}`, and review its `git diff`");
        println!("- {there}\n+ {generated}");
    }
    Ok(differs.is_none())
}

/// The number of the first line that differs, and its text on each side.
fn first_difference<'a>(one: &'a str, other: &'a str) -> Option<(usize, &'a str, &'a str)> {
    let (mut one, mut other) = (one.split('\n'), other.split('\n'));
    (1..)
        .map_while(|line| match (one.next(), other.next()) {
            (None, None) => None,
            (one, other) => Some((line, one.unwrap_or_default(), other.unwrap_or_default())),
        })
        .find(|(_, one, other)| one != other)
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_different_line_is_found() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some((2, "b", "c")));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some((2, "", "b")));
        assert_eq!(first_difference("a\nb", "a"), Some((2, "b", "")));
    }
}
