//! A client without this project's code takes the program through the whole lifecycle of a peering.

mod support;

use std::process::Command;

use support::Running;

#[test]
fn a_client_in_python_with_an_api_key() {
    live("key", ["public", "private"]);
}

#[test]
fn a_client_in_python_with_a_service_account() {
    live("account", ["id", "secret"]);
}

fn live(kind: &str, credential: [&str; 2]) {
    if Command::new("python3").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "python3 is not installed");
        eprintln!("skipped: python3 is not installed");
        return;
    }
    let pair = credential.join(":");
    let option = match kind {
        "key" => "--api-key",
        _ => "--service-account",
    };
    let running = Running::start(&["--clock-speed", "0", option, &pair]);
    let output = Command::new("python3")
        .env("no_proxy", "*")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/foreign_client.py"
        ))
        .args([&running.base_url, kind])
        .args(credential)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    let lives = String::from_utf8_lossy(&output.stdout).lines().count();
    assert_eq!(lives, 3, "{printed}");
}
