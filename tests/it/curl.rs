//! The service's oldest example, by hand: `curl` against the sandbox.

use std::io::ErrorKind;
use std::process::Command;

use atlas_peering_sandbox::Sandbox;
use serde_json::Value;

/// Runs `curl` beside the sandbox, and gives what it printed; none where the machine has none.
async fn curl(arguments: Vec<String>) -> Option<String> {
    let run = move || {
        Command::new("curl")
            .args(["--silent", "--show-error"])
            .args(arguments)
            .output()
    };
    let output = match tokio::task::spawn_blocking(run).await.unwrap() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert!(std::env::var_os("CI").is_none(), "curl is not installed");
            eprintln!("skipped: curl is not installed");
            return None;
        }
        output => output.unwrap(),
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The arguments of the example, with host, key and id those of the sandbox.
fn example(sandbox: &Sandbox, query: &str) -> Vec<String> {
    let (public, private) = sandbox.api_key();
    let url = format!(
        "{}/api/atlas/v1.0/groups/{}/peers{query}",
        sandbox.base_url(),
        sandbox.project()
    );
    let body = r#"
      {
          "vpcId" : "vpc-123456",
          "awsAccountId" : "abc123abc123",
          "routeTableCidrBlock" : "192.168.0.0/24"
      }"#;
    let arguments = [
        "-X",
        "POST",
        "-u",
        &format!("{public}:{private}"),
        "--digest",
        &url,
        "-H",
        "Content-Type: application/json",
        "--data",
        body,
        "-w",
        "\n%{http_code}",
    ];
    arguments.map(str::to_owned).to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oldest_example_gets_the_oldest_response() {
    let sandbox = Sandbox::start().await.unwrap();
    let Some(printed) = curl(example(&sandbox, "")).await else {
        return;
    };
    let (body, status) = printed.rsplit_once('\n').unwrap();
    assert_eq!(status, "200", "{body}");
    let expected: Value =
        serde_json::from_str(include_str!("../fixtures/oldest-response.json")).unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&body), keys(&expected));
    for field in ["connectionId", "errorStateName", "statusName"] {
        assert_eq!(body[field], expected[field], "{field}");
    }
    assert_eq!(body["vpcId"], "vpc-123456");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn envelope_and_pretty_change_the_form_alone() {
    let sandbox = Sandbox::start().await.unwrap();
    let Some(printed) = curl(example(&sandbox, "?envelope=true&pretty=true")).await else {
        return;
    };
    let (body, _) = printed.rsplit_once('\n').unwrap();
    assert!(body.lines().count() > 7, "{body}");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["status"], 200);
    assert_eq!(body["content"]["vpcId"], "vpc-123456");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_gets_the_services_challenge() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = format!(
        "{}/api/atlas/v1.0/groups/{}/peers",
        sandbox.base_url(),
        sandbox.project()
    );
    let arguments = ["-i", "-u", "sandboxx:wrong", "--digest", &url]
        .map(str::to_owned)
        .to_vec();
    let Some(printed) = curl(arguments).await else {
        return;
    };
    let last = printed.rsplit("HTTP/1.1 ").next().unwrap();
    let (head, body) = last.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("401 Unauthorized"), "{head}");
    assert!(head.contains("x-error-code: UNEXPECTED_ERROR"), "{head}");
    let challenge = head
        .lines()
        .find_map(|line| line.strip_prefix("www-authenticate: "))
        .unwrap();
    let (before, rest) = challenge.split_once("nonce=\"").unwrap();
    let (nonce, after) = rest.split_once('"').unwrap();
    assert_eq!(before, "Digest realm=\"MMS Public API\", domain=\"\", ");
    assert_eq!(nonce.len(), 32);
    assert_eq!(after, ", algorithm=MD5, qop=\"auth\", stale=false");
    assert_eq!(body.len(), 142, "{body}");
}
