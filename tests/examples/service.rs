//! The examples with credentials in the environment, as against the service.

use std::process::{Command, Output};
use std::time::Duration;

use atlas_peering_sandbox::Sandbox;

use crate::{example, run, text};

/// An example, its options, and a part of the last line that it prints.
const RUNS: [(&str, &[&str], &str); 5] = [
    (
        "create_peering",
        &[
            "--vpc=vpc-0123456789abcdef0",
            "--account=123456789012",
            "--vpc-block=192.168.0.0/24",
        ],
        "Next step: accept pcx-",
    ),
    (
        "ensure_peering",
        &[
            "--region=EU_WEST_1",
            "--block=10.8.0.0/21",
            "--vpc-arn=arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0123456789abcdef0",
            "--vpc-block=10.0.0.0/24",
        ],
        "The connection is up. ",
    ),
    (
        "azure_peering",
        &[
            "--region=US_EAST_2",
            "--block=10.8.0.0/21",
            "--directory=5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
            "--vnet=/subscriptions/0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02/resourceGroups/network-rg\
             /providers/Microsoft.Network/virtualNetworks/app-vnet",
        ],
        "Traffic also needs ",
    ),
    (
        "gcp_peering",
        &[
            "--block=10.128.0.0/18",
            "--network=projects/my-project-1/global/networks/default",
        ],
        "Traffic also needs ",
    ),
    ("list_peerings", &[], "Peerings: 0"),
];

/// What takes the service's place. Its users act at once, unless the example ends with their turn.
pub(crate) async fn service(name: &str) -> Sandbox {
    let mut builder = Sandbox::builder().clock_speed(100);
    if name != "create_peering" {
        builder = builder.play_user(Duration::ZERO);
    }
    builder.start().await.unwrap()
}

/// An example with the address of a service and its API key in the environment, but no project.
pub(crate) fn with_key(name: &str, service: &Sandbox) -> Command {
    let (public, private) = service.api_key();
    let mut command = example(name);
    command
        .env("MONGODB_ATLAS_BASE_URL", service.base_url())
        .env("MONGODB_ATLAS_PUBLIC_API_KEY", public)
        .env("MONGODB_ATLAS_PRIVATE_API_KEY", private);
    command
}

/// The last line of a success, which shows no secret.
pub(crate) fn last_line(output: &Output, service: &Sandbox) -> String {
    let (printed, errors) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{printed}{errors}");
    for secret in [service.api_key().1, service.service_account().1] {
        assert!(!printed.contains(&secret) && !errors.contains(&secret));
    }
    printed.lines().last().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn with_credentials_and_its_arguments_each_calls_the_service() {
    let runs = RUNS.map(|(name, arguments, expected)| {
        tokio::spawn(async move {
            let service = service(name).await;
            let mut command = with_key(name, &service);
            command
                .args(arguments)
                .args(["--project", &service.project()]);
            let output = run(command).await;
            let last = last_line(&output, &service);
            assert!(last.contains(expected), "{name}: {last}");
            let (url, project) = (service.base_url(), service.project());
            let first = format!("Runs against {url}/api/atlas/v1.0, project {project}.");
            assert_eq!(text(&output.stdout).lines().next(), Some(&*first), "{name}");
            let made = usize::from(name != "list_peerings");
            assert_eq!(service.peerings().len(), made, "{name}");
        })
    });
    for run in runs {
        run.await.unwrap();
    }
}

#[tokio::test]
async fn the_environment_names_the_project() {
    let service = service("list_peerings").await;
    let mut command = with_key("list_peerings", &service);
    command.env("MONGODB_ATLAS_PROJECT_ID", service.project());
    assert_eq!(last_line(&run(command).await, &service), "Peerings: 0");
    assert!(!service.requests().is_empty());
}

#[tokio::test]
async fn with_credentials_a_sandbox_is_there_for_those_who_name_it() {
    let service = service("list_peerings").await;
    let mut command = with_key("list_peerings", &service);
    command.arg("--sandbox");
    assert_eq!(last_line(&run(command).await, &service), "Peerings: 6");
    assert!(service.requests().is_empty());
}

#[tokio::test]
async fn a_failure_is_printed_with_its_sources() {
    let mut command = example("list_peerings");
    command
        .args(["--project", "5356823b3794dee37132bb7b"])
        // Nothing listens there.
        .env("MONGODB_ATLAS_BASE_URL", "http://127.0.0.1:9")
        .env("MONGODB_ATLAS_ACCESS_TOKEN", "eyJhbGciOi");
    let output = run(command).await;
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(
        errors.starts_with("error: ") && errors.contains("\n  caused by: "),
        "{errors}"
    );
}

#[tokio::test]
async fn what_is_deleted_is_what_was_named() {
    let service = service("delete_peering").await;
    let ids = service.fill("AWS", 2).unwrap();
    let delete = async |peering: &str| {
        let mut command = with_key("delete_peering", &service);
        command
            .args(["--peering", peering])
            .env("MONGODB_ATLAS_PROJECT_ID", service.project());
        run(command).await
    };
    let last = last_line(&delete(&ids[0]).await, &service);
    assert_eq!(last, format!("Peering {} is deleted.", ids[0]));
    let left = service.peerings();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["id"], *ids[1]);
    assert_eq!(service.containers().len(), 1);

    let again = last_line(&delete(&ids[0]).await, &service);
    let expected = format!("Peering {} does not exist (any more).", ids[0]);
    assert_eq!(again, expected, "what is deleted already is no failure");
}

/// Lists with a service account whose token is in a file; what was printed.
async fn list_with_token_file(service: &Sandbox, file: &std::path::Path) -> String {
    let (id, secret) = service.service_account();
    let mut command = example("service_account");
    command
        .args(["--project", &service.project(), "--token-file"])
        .arg(file)
        .env("MONGODB_ATLAS_BASE_URL", service.base_url())
        .env("MONGODB_ATLAS_CLIENT_ID", id)
        .env("MONGODB_ATLAS_CLIENT_SECRET", secret);
    let output = run(command).await;
    last_line(&output, service);
    text(&output.stdout)
}

#[tokio::test]
async fn runs_share_a_token_until_it_is_refused_or_expires() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples-token");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("token.json");
    let service = Sandbox::start().await.unwrap();
    let requested = async || {
        let printed = list_with_token_file(&service, &file).await;
        printed.contains("Requested a token.")
    };

    assert!(requested().await, "there is no file yet");
    assert!(!requested().await, "the file has a token");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    service.revoke_tokens();
    assert!(requested().await, "the service refused the token");
    assert!(!requested().await);

    let mut stored: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    stored["expires_at"] = 1.into();
    std::fs::write(&file, stored.to_string()).unwrap();
    assert!(requested().await, "the token has expired");

    std::fs::write(&file, "no token").unwrap();
    assert!(requested().await, "the file holds something else");

    let elsewhere = Sandbox::start().await.unwrap();
    let printed = list_with_token_file(&elsewhere, &file).await;
    assert!(!printed.contains("Uses the token"), "{printed}");

    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, 1, "no other file is left");
    let tokens = service.requests();
    let tokens = tokens
        .iter()
        .filter(|request| request.path.ends_with("/oauth/token"));
    assert_eq!(tokens.count(), 4);
}
