//! The program that a person starts.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_atlas-peering-sandbox");

/// A running sandbox, stopped at the end of its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, and then there is nothing to stop.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

#[test]
fn it_prints_its_address_and_a_curl_line_that_works() {
    let arguments = [
        "--api-key",
        "public:private",
        "--project",
        "32b6e34b3d91647abb20e7b8",
    ];
    let child = Command::new(PROGRAM)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let base_url = lines.next().unwrap().unwrap();
    let curl = lines.next().unwrap().unwrap();
    assert!(base_url.starts_with("http://127.0.0.1:"), "{base_url}");
    assert!(
        curl.contains("--user 'public:private'") && curl.contains(&base_url),
        "{curl}"
    );
    assert!(
        curl.contains("/groups/32b6e34b3d91647abb20e7b8/peers"),
        "{curl}"
    );

    if Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "curl is not installed");
        eprintln!("skipped: curl is not installed");
        return;
    }
    let output = Command::new("sh")
        .args(["-c", &format!("{curl} --silent")])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("\"totalCount\": 0"), "{printed}");
}

#[test]
fn a_wrong_argument_gets_the_usage_and_a_code_of_2() {
    for arguments in [
        &["--bogus"][..],
        &["--port"],
        &["--port", "x"],
        &["--api-key", "x"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let printed = String::from_utf8(output.stderr).unwrap();
        assert!(
            printed.contains(arguments[0]) && printed.contains("usage:"),
            "{printed}"
        );
    }
    assert!(run(&["--help"]).status.success());
}

#[test]
fn a_project_that_is_none_is_named() {
    let output = run(&["--project", "mine"]);
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(
        printed.contains("the project \"mine\" is not 24 hexadecimal digits"),
        "{printed}"
    );
}

#[test]
fn a_key_with_a_quote_is_printed_as_a_shell_takes_it() {
    let child = Command::new(PROGRAM)
        .args(["--api-key", "pub'lic:pri'; exit 3; '"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let curl = lines.map(Result::unwrap).nth(1).unwrap();
    // The shell tells what `curl` would be called with.
    let script = format!("curl() {{ printf '%s\\n' \"$@\"; }}; {curl}");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        printed.lines().nth(2),
        Some("pub'lic:pri'; exit 3; '"),
        "{curl}"
    );
}
