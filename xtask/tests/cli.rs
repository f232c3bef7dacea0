//! The verbs as a maintainer runs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

const VERBS: [&[&str]; 6] = [
    &["api"],
    &["ci"],
    &["codegen"],
    &["spec", "compare"],
    &["spec", "diff"],
    &["spec", "prove"],
];

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).output().unwrap()
}

/// The one line that an error is told in.
fn error(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim().to_owned()
}

/// A file of the test's own.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

#[test]
fn every_verb_has_help_with_an_example() {
    let usage = run(&["--help"]);
    assert!(usage.status.success());
    let usage = String::from_utf8(usage.stdout).unwrap();
    for verb in VERBS {
        let words = verb.join(" ");
        assert!(usage.contains(&format!("cargo xtask {words}")), "{usage}");
        let help = run(&[verb, &["--help"]].concat());
        assert!(help.status.success(), "{words}");
        let help = String::from_utf8(help.stdout).unwrap();
        assert!(
            help.starts_with(&format!("usage: cargo xtask {words}")),
            "{help}"
        );
        assert!(help.contains("for example: cargo xtask "), "{help}");
    }
    assert_eq!(usage.matches("cargo xtask").count(), VERBS.len());
    assert_eq!(run(&[]).status.code(), Some(2));
    assert_eq!(run(&["spec"]).status.code(), Some(2));
}

#[test]
fn what_cannot_be_used_is_one_line_and_exit_code_2() {
    let fragment = fs::read_to_string("../spec/peering.json").unwrap();
    let no_json = File::new("no.json", "{\"openapi\": ");
    let no_yaml = File::new("no.yaml", "a: [");
    let other = File::new("other.json", "{\"swagger\": \"2.0\"}");
    let nowhere = fragment.replace("#/components/schemas/Link", "#/components/schemas/Nothing");
    let nowhere = nowhere.replace("\"/groups", "\"/api/atlas/v2/groups");
    let nowhere = File::new("nowhere.json", &nowhere);
    let huge = File::new("huge.json", "");
    fs::File::options()
        .write(true)
        .open(&huge.0)
        .and_then(|file| file.set_len(65 * 1024 * 1024))
        .unwrap();
    for (file, words) in [
        ("nothing.json", "No such file or directory"),
        (no_json.path(), "it is no JSON: EOF while parsing"),
        (no_yaml.path(), "it is neither JSON nor YAML: "),
        (other.path(), "it is no OpenAPI 3 document"),
        (nowhere.path(), "#/components/schemas/Nothing leads nowhere"),
        (
            huge.path(),
            "it has 68157440 bytes, and at most 67108864 are read",
        ),
    ] {
        let error = error(&["spec", "compare", file]);
        assert!(error.starts_with(&format!("error: {file}: ")), "{error}");
        assert!(error.contains(words), "{error}");
    }
    let same = File::new("same.json", &fragment);
    for (arguments, words) in [
        (&["spec", "compare"][..], "FILE is missing"),
        (&["spec", "compare", "--fast", "x"], "--fast is not known"),
        (
            &["spec", "compare", "--format", "xml", "x"],
            "--format is json, not xml",
        ),
        (
            &["spec", "diff", "x"],
            "it takes OLD and NEW, and 1 arguments were given",
        ),
        (
            &["spec", "diff", "no-revision", same.path()],
            "neither a file nor a revision",
        ),
        (
            &["spec", "diff", no_json.path(), same.path()],
            "line 1, column 12",
        ),
        (
            &["spec", "prove", "no-kind"],
            "no-kind is none of words, pattern, ",
        ),
        (
            &["api", "x"],
            "it takes nothing else, and 1 arguments were given",
        ),
        (&["codegen", "--now"], "--now is not known"),
    ] {
        let error = error(arguments);
        assert!(
            error.starts_with("error: ") && error.contains(words),
            "{error}"
        );
    }
    fs::remove_file(&huge.0).unwrap();
}

#[test]
fn the_exit_code_of_a_diff_tells_its_level() {
    let fragment = fs::read_to_string("../spec/peering.json").unwrap();
    let old = File::new("old.json", &fragment);
    for (from, to, code) in [
        ("", "", 0),
        ("\"The account", "\"Some account", 0),
        ("\"listPeeringConnections\"", "\"listPeers\"", 20),
    ] {
        let new = File::new("new.json", &fragment.replace(from, to));
        let output = run(&["spec", "diff", old.path(), new.path()]);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
    }
    let added = fragment.replacen(
        "\"WAITING_FOR_USER\",",
        "\"WAITING_FOR_USER\", \"PAUSED\",",
        1,
    );
    let added = added.replacen(
        "\"WAITING_FOR_USER\": ",
        "\"PAUSED\": \"Paused.\", \"WAITING_FOR_USER\": ",
        1,
    );
    let new = File::new("added.json", &added);
    let arguments = ["spec", "diff", "--format", "json", old.path(), new.path()];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(10));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["release"], "minor");
    assert_eq!(report["changes"][0]["part"], "schema GcpPeeringState");
    assert_eq!(
        report["changes"][0]["items"][0],
        "new: GcpPeeringState::Paused"
    );
}

#[test]
fn the_snapshots_are_as_they_would_be_made() {
    for verb in ["api", "codegen"] {
        let output = run(&[verb, "--check"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{text}");
    }
    let printed = run(&["codegen", "--print"]);
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.contains("pub async fn create_peering_connection"));
}
