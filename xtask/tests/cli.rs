//! The commands as a maintainer runs them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).output().unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The one line that an error is told in.
fn error(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    let text = text(output.stderr);
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim().to_owned()
}

/// A file of the test's own.
fn file(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Our fragment under the paths of version 2.
fn document() -> String {
    let fragment = fs::read_to_string("../spec/peering.json").unwrap();
    fragment.replace("\"/groups", "\"/api/atlas/v2/groups")
}

#[test]
fn the_help_shows_every_command() {
    let output = run(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let help = text(output.stdout);
    for command in ["ci [FILE…]", "codegen [--check]", "spec compare FILE…"] {
        assert!(help.contains(&format!("cargo xtask {command}\n")), "{help}");
    }
}

#[test]
fn a_command_that_cannot_be_used_is_one_line_and_exit_code_2() {
    for (arguments, words) in [
        (&[][..], "no such command"),
        (&["spec"], "no such command"),
        (&["spec", "compare"], "no such command"),
        (&["spec", "compare", "--check", "x"], "no such command"),
        (
            &["spec", "compare", "--fast", "x"],
            "invalid option '--fast'",
        ),
        (&["codegen", "x"], "no such command"),
        (&["codegen", "--check=yes"], "--check"),
    ] {
        let error = error(arguments);
        assert!(error.starts_with("error: "), "{error}");
        assert!(error.contains(words), "{error}");
        assert!(
            error.ends_with("`cargo xtask --help` shows the commands"),
            "{error}"
        );
    }
}

#[test]
fn a_file_that_cannot_be_used_is_one_line_and_exit_code_2() {
    let nowhere = document().replace("#/components/schemas/Link", "#/components/schemas/Nothing");
    let huge = file("huge.json", "");
    let sized = fs::File::options().write(true).open(&huge);
    sized
        .and_then(|file| file.set_len(65 * 1024 * 1024))
        .unwrap();
    for (file, words) in [
        ("nothing.json".to_owned(), "No such file or directory"),
        (
            file("no.json", "{\"openapi\": "),
            "it is no JSON: EOF while parsing",
        ),
        (file("no.yaml", "a: ["), "it is neither JSON nor YAML: "),
        (
            file("other.json", "{\"swagger\": \"2.0\"}"),
            "it is no OpenAPI 3 document",
        ),
        (
            file("nowhere.json", &nowhere),
            "#/components/schemas/Nothing leads nowhere",
        ),
        (
            huge.clone(),
            "it has 68157440 bytes, and at most 67108864 are read",
        ),
    ] {
        let error = error(&["spec", "compare", &file]);
        assert!(error.starts_with(&format!("error: {file}: ")), "{error}");
        assert!(error.contains(words), "{error}");
    }
    fs::remove_file(huge).unwrap();
}

#[test]
fn a_difference_that_is_not_listed_is_exit_code_1() {
    let document = file("document.json", &document());
    let output = run(&["spec", "compare", &document]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let report = text(output.stdout);
    assert!(report.starts_with(&format!("{document}: v2, ")), "{report}");
    assert!(
        report.contains("POST /groups/{groupId}/peers / roles: ours "),
        "{report}"
    );
}

#[test]
fn the_generated_code_is_as_reviewers_read_it() {
    let output = run(&["codegen", "--check"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(output.stdout));
}
