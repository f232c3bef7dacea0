//! Files that are made, and held against what would be made now.

use crate::{Outcome, root};

/// Writes the file, or with `check` tells how it differs from what it would be.
pub(crate) fn settle(file: &str, made: &str, check: bool, remedy: &str) -> Outcome {
    let path = root().join(file);
    if !check {
        std::fs::write(&path, made).map_err(|error| format!("{file}: {error}"))?;
        println!("{file}: {} lines", made.lines().count());
        return Ok(0);
    }
    let there = std::fs::read_to_string(&path).map_err(|error| format!("{file}: {error}"))?;
    if there == made {
        println!("{file}: {} lines, as they are", made.lines().count());
        return Ok(0);
    }
    print!("{}", difference(&there, made));
    println!("{file} is not as it is made now: where that is meant, run {remedy}");
    Ok(1)
}

/// The lines that only one side has.
fn difference(before: &str, after: &str) -> String {
    let only = |of: &str, other: &str, sign: &str| {
        let there: std::collections::BTreeSet<_> = other.lines().collect();
        let lines = of.lines().filter(|line| !there.contains(line));
        lines
            .flat_map(|line| [sign, " ", line, "\n"])
            .collect::<String>()
    };
    only(before, after, "-") + &only(after, before, "+")
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn lines_of_one_side_alone_are_shown() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), "");
        assert_eq!(difference("a\nb\nd\n", "a\nc\nd\n"), "- b\n+ c\n");
    }
}
