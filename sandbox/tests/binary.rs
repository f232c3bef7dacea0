//! The program `atlas-peering-sandbox`.

mod support;

use std::process::{Command, Output};

use serde_json::{Value, json};
use support::{PROGRAM, PROJECT, Running, bearer, send};

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
    let running = Running::start(&arguments);
    let (base_url, curl) = (&running.base_url, &running.curl);
    assert!(base_url.starts_with("http://127.0.0.1:"), "{base_url}");
    assert!(
        curl.contains("--user 'public:private'") && curl.contains(base_url),
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
fn an_invalid_argument_is_an_error_of_one_line_and_code_2() {
    for arguments in [
        &["--bogus"][..],
        &["--port"],
        &["--port", "x"],
        &["--api-key", "x"],
        &["--service-account", ":x"],
        &["--clock-speed", "-1"],
        &["--play-user", "soon"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let printed = String::from_utf8(output.stderr).unwrap();
        assert!(
            printed.contains(arguments[0])
                && printed.contains("--help")
                && printed.lines().count() == 1,
            "{printed}"
        );
    }
    assert!(run(&["--help"]).status.success());
}

#[test]
fn an_invalid_project_is_named() {
    let output = run(&["--project", "mine"]);
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(
        printed.contains("invalid project \"mine\": an id is 24 lowercase hexadecimal digits"),
        "{printed}"
    );
}

#[test]
fn a_key_with_a_quote_is_printed_escaped_for_a_shell() {
    let running = Running::start(&["--api-key", "pub'lic:pri'; exit 3; '"]);
    let curl = &running.curl;
    // The shell prints the arguments that `curl` would get.
    let script = format!("curl() {{ printf '%s\\n' \"$@\"; }}; {curl}");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        printed.lines().nth(2),
        Some("pub'lic:pri'; exit 3; '"),
        "{curl}"
    );
}

/// A sandbox with the service account `id:secret`, and the headers of a call.
fn with_account(arguments: &[&str]) -> (Running, [String; 2]) {
    let running = Running::start(&[&["--service-account", "id:secret"], arguments].concat());
    let token = bearer(&running.base_url);
    (
        running,
        [token, "content-type: application/json".to_owned()],
    )
}

/// Creates a peering on AWS; returns its path and its id.
fn create(base_url: &str, headers: &[&str]) -> (String, String) {
    let new = json!({
        "awsAccountId": "123456789012", "routeTableCidrBlock": "10.0.0.0/24", "vpcId": "vpc-1",
    });
    let line = format!("POST {}", peers());
    let made = send(base_url, &line, headers, &new.to_string()).unwrap();
    let id = made.json()["id"].as_str().unwrap().to_owned();
    (format!("{}/{id}", peers()), id)
}

fn state(base_url: &str, headers: &[&str], path: &str) -> Value {
    let shown = send(base_url, &format!("GET {path}"), headers, "").unwrap();
    shown.json()["statusName"].take()
}

fn peers() -> String {
    format!("/api/atlas/v1.0/groups/{PROJECT}/peers")
}

#[test]
fn its_control_endpoint_accepts_rejects_and_moves_the_clock() {
    let (running, headers) = with_account(&["--clock-speed", "0"]);
    let (base_url, headers) = (&*running.base_url, headers.each_ref().map(String::as_str));
    let control = |line: &str, body: &str| send(base_url, line, &[], body).unwrap();
    let advance = || control("POST /sandbox/clock", r#"{"seconds": 5}"#);
    let state = |path: &str| state(base_url, &headers, path);

    let (path, id) = create(base_url, &headers);
    let accept = format!("POST /sandbox/peers/{id}/accept");
    let early = control(&accept, "");
    assert_eq!(
        (early.status, early.header("x-error-code")),
        (409, Some("PEER_INVALID_STATE"))
    );
    assert_eq!(
        (advance().json(), state(&path)),
        (json!({"seconds": 5}), json!("PENDING_ACCEPTANCE"))
    );
    let accepted = control(&accept, "");
    assert_eq!(
        (accepted.status, &accepted.json()["statusName"]),
        (200, &json!("FINALIZING"))
    );
    advance();
    assert_eq!(state(&path), "AVAILABLE");

    send(base_url, &format!("DELETE {path}"), &headers, "").unwrap();
    advance();
    let (path, id) = create(base_url, &headers);
    advance();
    control(&format!("POST /sandbox/peers/{id}/reject"), "");
    assert_eq!(state(&path), "FAILED");

    for (line, body, status) in [
        (
            "POST /sandbox/peers/111111111111111111111111/accept",
            "",
            404,
        ),
        ("POST /sandbox/clock", r#"{"seconds": -1}"#, 400),
        ("POST /sandbox/clock", "", 400),
        ("GET /sandbox/clock", "", 405),
        ("POST /sandbox/", "", 404),
    ] {
        assert_eq!(control(line, body).status, status, "{line} {body}");
    }
}

#[test]
fn it_plays_the_user_after_a_while() {
    let (running, headers) = with_account(&["--clock-speed", "0", "--play-user", "60"]);
    let (base_url, headers) = (&*running.base_url, headers.each_ref().map(String::as_str));
    let (path, _) = create(base_url, &headers);
    for (seconds, expected) in [
        (64, "PENDING_ACCEPTANCE"),
        (1, "FINALIZING"),
        (5, "AVAILABLE"),
        // Longer than the 7 days in which an AWS connection can be accepted.
        (700_000, "AVAILABLE"),
    ] {
        let advance = json!({"seconds": seconds}).to_string();
        send(base_url, "POST /sandbox/clock", &[], &advance).unwrap();
        let token = bearer(base_url);
        assert_eq!(state(base_url, &[&token], &path), expected, "{seconds}");
    }
}

#[test]
fn its_clock_runs_at_the_given_speed() {
    let (running, headers) = with_account(&["--clock-speed", "1000", "--play-user", "0"]);
    let (base_url, headers) = (&*running.base_url, headers.each_ref().map(String::as_str));
    let (path, _) = create(base_url, &headers);
    let start = std::time::Instant::now();
    while state(base_url, &headers, &path) != "AVAILABLE" {
        assert!(
            start.elapsed().as_secs() < 3,
            "{}",
            state(base_url, &headers, &path)
        );
    }
}
