//! Environment variables. A test cannot change its own environment, so each test runs itself again in a
//! process of its own.

pub(crate) mod credentials;

use std::process::Command;

use atlas_peering::{Client, Credentials};
use atlas_peering_sandbox::Sandbox;

use crate::support::{list, start};

/// Runs one test of this binary in a process with other variables, without blocking the runtime.
async fn run_again(test: &'static str, variables: Vec<(&'static str, String)>) {
    let run = move || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test]).envs(variables).output()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}"
    );
}

#[tokio::test]
async fn the_key_and_the_address_are_found() {
    if let Ok(project) = std::env::var("TEST_PROJECT") {
        let atlas = Client::new(Credentials::from_env().unwrap()).unwrap();
        let project = project.parse().unwrap();
        list(&atlas, &project).await.unwrap();
        return;
    }
    for (public_name, private_name) in [
        (
            "MONGODB_ATLAS_PUBLIC_API_KEY",
            "MONGODB_ATLAS_PRIVATE_API_KEY",
        ),
        ("MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let (public, private) = sandbox.api_key();
        let variables = vec![
            ("TEST_PROJECT", sandbox.project()),
            ("MONGODB_ATLAS_BASE_URL", sandbox.base_url().to_owned()),
            (public_name, public),
            (private_name, private),
        ];
        run_again("environment::the_key_and_the_address_are_found", variables).await;
        assert_eq!(sandbox.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_proxy_of_the_environment_gets_no_request_for_this_machine() {
    if std::env::var_os("TEST_PROXY").is_some() {
        let (_sandbox, atlas, project) = start().await;
        list(&atlas, &project).await.unwrap();
        return;
    }
    // Nothing listens on the port of the proxy: a request to it would fail.
    let nowhere = || "http://127.0.0.1:9".to_owned();
    let variables = vec![
        ("TEST_PROXY", String::new()),
        ("http_proxy", nowhere()),
        ("HTTP_PROXY", nowhere()),
        ("ALL_PROXY", nowhere()),
    ];
    let test = "environment::a_proxy_of_the_environment_gets_no_request_for_this_machine";
    run_again(test, variables).await;
}
