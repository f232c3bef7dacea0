//! The examples, each as a process: in a sandbox of its own, asked for help, with a wrong command, and
//! with credentials in the environment, where a sandbox of the test takes the service's place.
//!
//! `cargo test` builds them; before `cargo test --test examples`, `cargo build --examples` does.

mod commands;
mod service;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tokio::task::{JoinSet, spawn_blocking};

/// Each example, and a part of the last line that it prints in a sandbox.
const EXAMPLES: [(&str, &str); 8] = [
    ("azure_peering", "Traffic also needs "),
    ("create_peering", "Next step: accept pcx-"),
    ("delete_peering", " is deleted."),
    (
        "ensure_peering",
        "The connection is up. Traffic also needs ",
    ),
    ("gcp_peering", "Traffic also needs "),
    ("list_peerings", "Peerings: 6"),
    ("service_account", "Peerings: 0"),
    ("testing_with_faults", "ok: "),
];

/// The one that needs the feature of its name.
const TRACING: (&str, &str) = ("tracing", "Peerings: 2");

/// An example that was built with this test.
fn path(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let mut path: PathBuf = test.parent().unwrap().with_file_name("examples");
    path.push(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(is_fresh(&path), "{name}: cargo build --examples builds it");
    path
}

/// Runs an example without credentials in its environment.
fn example(name: &str) -> Command {
    without_credentials(Command::new(path(name)))
}

fn without_credentials(mut command: Command) -> Command {
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("MONGODB_ATLAS_") {
            command.env_remove(variable);
        }
    }
    command
}

/// Whether an example is newer than all of its sources, which Cargo lists beside it.
fn is_fresh(example: &Path) -> bool {
    let modified = |path: &Path| path.metadata().and_then(|of| of.modified()).ok();
    let built = modified(example);
    let sources = std::fs::read_to_string(example.with_extension("d")).unwrap_or_default();
    built.is_some()
        && sources
            .split_whitespace()
            .all(|of| modified(of.as_ref()) <= built)
}

/// Runs a process to its end, beside the runtime.
async fn run(mut command: Command) -> Output {
    let run = spawn_blocking(move || command.output());
    run.await.unwrap().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs all examples at once with these arguments; the name, what is expected, and the output of each.
async fn run_all(
    examples: &[(&'static str, &'static str)],
    arguments: &[&str],
) -> Vec<(&'static str, &'static str, Output)> {
    let mut runs = JoinSet::new();
    for &(name, expected) in examples {
        let mut command = example(name);
        command.args(arguments);
        runs.spawn(async move { (name, expected, run(command).await) });
    }
    runs.join_all().await
}

async fn each_runs_in_a_sandbox(examples: &[(&'static str, &'static str)]) {
    for (name, expected, output) in run_all(examples, &[]).await {
        let (printed, errors) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{name}: {printed}{errors}");
        let last = printed.lines().last().unwrap_or_default();
        assert!(last.contains(expected), "{name}: {printed}");
        assert!(!printed.contains('\r'), "{name}: {printed:?}");
    }
}

async fn each_prints_its_help(examples: &[(&'static str, &'static str)]) {
    for (name, _, output) in run_all(examples, &["--help"]).await {
        let printed = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{name}: {printed}");
        let usage = format!("Usage: {name} [OPTION…]");
        assert!(printed.contains(&usage), "{name}: {printed}");
    }
}

async fn each_refuses_a_wrong_option(examples: &[(&'static str, &'static str)]) {
    for (name, _, output) in run_all(examples, &["--bogus"]).await {
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {errors}");
        let hint = "--bogus'; --help shows the options";
        assert!(errors.contains(hint), "{name}: {errors}");
        assert!(output.stdout.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn without_arguments_each_runs_in_a_sandbox() {
    each_runs_in_a_sandbox(&EXAMPLES).await;
}

/// Python has terminals for programs that have none.
#[cfg(unix)]
#[tokio::test]
async fn on_a_terminal_the_live_line_is_redrawn() {
    let has_python = Command::new("python3").arg("--version").output().is_ok();
    if !has_python {
        assert!(std::env::var_os("CI").is_none(), "python3 is not installed");
        eprintln!("skipped: python3 is not installed");
        return;
    }
    let mut command = without_credentials(Command::new("python3"));
    let script = "import pty, sys; pty.spawn(sys.argv[1:])";
    command.args(["-c", script]).arg(path("ensure_peering"));
    let printed = text(&run(command).await.stdout);
    for state in ["INITIATING", "PENDING_ACCEPTANCE", "AVAILABLE"] {
        let drawn = printed.split('\r').filter(|line| line.contains(state));
        assert!(drawn.count() > 0, "{state}: {printed:?}");
    }
    assert!(printed.matches("s  INITIATING").count() > 1, "{printed:?}");
}

#[tokio::test]
async fn each_explains_itself() {
    each_prints_its_help(&EXAMPLES).await;
}

#[tokio::test]
async fn a_wrong_option_is_named() {
    each_refuses_a_wrong_option(&EXAMPLES).await;
}

#[cfg(feature = "tracing")]
mod tracing {
    use super::{
        TRACING, each_prints_its_help, each_refuses_a_wrong_option, each_runs_in_a_sandbox,
        example, run, text,
    };

    #[tokio::test]
    async fn its_example_runs_in_all_three_ways() {
        each_runs_in_a_sandbox(&[TRACING]).await;
        each_prints_its_help(&[TRACING]).await;
        each_refuses_a_wrong_option(&[TRACING]).await;
    }

    #[tokio::test]
    async fn its_example_shows_the_spans_of_two_attempts() {
        let shown = text(&run(example(TRACING.0)).await.stderr);
        assert!(shown.contains("inventory:call{"), "{shown}");
        assert!(shown.contains("status_code=503"), "{shown}");
        assert!(shown.contains("resend_count=1"), "{shown}");
    }
}

#[test]
fn no_example_is_left_out() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<_> = files
        .filter_map(|name| Some(name.strip_suffix(".rs")?.to_owned()))
        .collect();
    files.sort();
    let tested = EXAMPLES.iter().chain([&TRACING]).map(|(name, _)| *name);
    assert!(tested.eq(files.iter().map(String::as_str)), "{files:?}");
}
