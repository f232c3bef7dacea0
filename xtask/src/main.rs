//! The project's own tools: `cargo xtask <verb>`.

#[path = "../../build/mod.rs"]
#[cfg(test)]
mod codegen;
mod spec;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask spec compare FILE…

  spec compare FILE…   holds spec/peering.json against documents that MongoDB publishes;
                       differences are listed in spec/differences.toml
                       for example: cargo xtask spec compare upstream/atlas-v2.json";

/// What a verb has to say: whether all is well.
type Outcome = Result<bool, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        _ if arguments.contains(&"--help") => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        ["spec", "compare", files @ ..] if !files.is_empty() => spec::compare::run(files),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::from(2)
        }
    }
}
