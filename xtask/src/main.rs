//! The project's own tools: `cargo xtask <verb>`.

mod api;
mod arguments;
mod ci;
mod code;
#[path = "../../build/mod.rs"]
mod codegen;
mod golden;
mod spec;
mod surface;

use std::path::PathBuf;
use std::process::ExitCode;

use arguments::Arguments;

/// A verb's exit code: 0 where all is well; what others mean its help says. An error ends with 2.
type Outcome = Result<u8, String>;

/// A verb: its words, its help, and what it does.
type Verb = (
    &'static [&'static str],
    &'static str,
    fn(Arguments) -> Outcome,
);

const VERBS: [Verb; 6] = [
    (&["api"], api::HELP, api::run),
    (&["ci"], ci::HELP, ci::run),
    (&["codegen"], code::HELP, code::run),
    (
        &["spec", "compare"],
        spec::compare::HELP,
        spec::compare::run,
    ),
    (&["spec", "diff"], spec::diff::HELP, spec::diff::run),
    (&["spec", "prove"], spec::prove::HELP, spec::prove::run),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let verb = VERBS.iter().find(|(words, ..)| {
        let given = arguments.iter().take(words.len());
        words.iter().eq(given)
    });
    let Some((words, help, run)) = verb else {
        let asked = arguments.iter().any(|argument| argument == "--help");
        let usage = usage();
        return if asked {
            println!("{usage}");
            ExitCode::SUCCESS
        } else {
            eprintln!("{usage}");
            ExitCode::from(2)
        };
    };
    if arguments.iter().any(|argument| argument == "--help") {
        println!("{help}");
        return ExitCode::SUCCESS;
    }
    match run(Arguments::new(arguments[words.len()..].to_vec())) {
        Ok(code) => ExitCode::from(code),
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::from(2)
        }
    }
}

/// The first line of each verb's help.
fn usage() -> String {
    let lines = VERBS.iter().filter_map(|(_, help, _)| help.lines().next());
    let lines: Vec<_> = lines
        .map(|line| line.trim_start_matches("usage: "))
        .collect();
    format!("{}\n\n--help after a verb tells more", lines.join("\n"))
}

/// The root of the project.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}
