//! Turns `spec/peering.json` into the types and the client of this crate.

#[path = "build/mod.rs"]
mod codegen;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={}", codegen::FRAGMENT);
    match write_generated() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            println!("cargo::error={fault}");
            ExitCode::FAILURE
        }
    }
}

fn write_generated() -> Result<(), String> {
    let out = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: this program is run by cargo")?;
    let text = fs::read_to_string(codegen::FRAGMENT)
        .map_err(|error| format!("{}: {error}", codegen::FRAGMENT))?;
    let with_schemars = env::var_os("CARGO_FEATURE_SCHEMARS").is_some();
    let code = codegen::generate(&text, with_schemars).map_err(|fault| fault.to_string())?;
    let target = Path::new(&out).join("generated.rs");
    fs::write(&target, code).map_err(|error| format!("{}: {error}", target.display()))
}
