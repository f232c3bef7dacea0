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

/// The single line of an error.
fn error(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    let text = text(output.stderr);
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim().to_owned()
}

/// Writes a file for the test; returns its path.
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
fn an_invalid_command_is_an_error_of_one_line_and_exit_code_2() {
    for (arguments, reason) in [
        (&[][..], "unknown or incomplete command"),
        (&["spec"], "unknown or incomplete command"),
        (&["spec", "compare"], "unknown or incomplete command"),
        (
            &["spec", "compare", "--check", "x"],
            "unknown or incomplete command",
        ),
        (
            &["spec", "compare", "--fast", "x"],
            "invalid option '--fast'",
        ),
        (&["codegen", "x"], "unknown or incomplete command"),
        (&["codegen", "--check=yes"], "--check"),
    ] {
        let error = error(arguments);
        assert!(error.starts_with("error: "), "{error}");
        assert!(error.contains(reason), "{error}");
        assert!(
            error.ends_with("`cargo xtask --help` lists the commands"),
            "{error}"
        );
    }
}

#[test]
fn an_invalid_file_is_an_error_of_one_line_and_exit_code_2() {
    let nowhere = document().replace("#/components/schemas/Link", "#/components/schemas/Nothing");
    let huge = file("huge.json", "");
    let sized = fs::File::options().write(true).open(&huge);
    sized
        .and_then(|file| file.set_len(65 * 1024 * 1024))
        .unwrap();
    for (file, reason) in [
        ("nothing.json".to_owned(), "No such file or directory"),
        (
            file("no.json", "{\"openapi\": "),
            "invalid JSON: EOF while parsing",
        ),
        (file("no.yaml", "a: ["), "invalid YAML: "),
        (
            file("other.json", "{\"swagger\": \"2.0\"}"),
            "not OpenAPI 3: ",
        ),
        (
            file("nowhere.json", &nowhere),
            "#/components/schemas/Nothing has no target",
        ),
        (
            huge.clone(),
            "too large: it has 68157440 bytes, the maximum is 67108864",
        ),
    ] {
        let error = error(&["spec", "compare", &file]);
        assert!(error.starts_with(&format!("error: {file}: ")), "{error}");
        assert!(error.contains(reason), "{error}");
    }
    fs::remove_file(huge).unwrap();
}

#[test]
fn an_unlisted_difference_is_exit_code_1() {
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
fn the_golden_file_of_the_generated_code_is_up_to_date() {
    let output = run(&["codegen", "--check"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(output.stdout));
}
