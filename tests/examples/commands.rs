//! The errors of an example for a command line or an environment that it cannot run with, and what it
//! prints of its actions in the user's place.

use std::process::Output;

use atlas_peering_sandbox::Sandbox;

use crate::service::{service, with_key};
use crate::{example, run, text};

const PROJECT: &str = "5356823b3794dee37132bb7b";

/// Runs an example without credentials; what it printed, with stderr at the end, and its exit code.
async fn printed(name: &str, arguments: &[&str]) -> (String, Option<i32>) {
    let mut command = example(name);
    command.args(arguments);
    let output = run(command).await;
    let printed = text(&output.stdout) + &text(&output.stderr);
    (printed, output.status.code())
}

/// The errors of a command that is refused before a request.
fn refused(output: &Output, service: &Sandbox) -> String {
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(output.stdout.is_empty() && service.requests().is_empty());
    errors
}

#[tokio::test]
async fn without_what_to_create_or_delete_nothing_is_sent() {
    for (name, needs) in [
        ("create_peering", "--vpc, --account, --vpc-block, --project"),
        (
            "ensure_peering",
            "--region, --block, --vpc-arn, --vpc-block, --project",
        ),
        (
            "azure_peering",
            "--region, --block, --directory, --vnet, --project",
        ),
        ("gcp_peering", "--block, --network, --project"),
        ("delete_peering", "--peering, --project"),
        ("list_peerings", "--project"),
    ] {
        let service = service(name).await;
        let errors = refused(&run(with_key(name, &service)).await, &service);
        let url = service.base_url();
        let expected = format!(
            "error: credentials are in the environment (MONGODB_ATLAS_PUBLIC_API_KEY, \
             MONGODB_ATLAS_PRIVATE_API_KEY), so this would call {url}/api/atlas/v1.0: missing {needs} \
             (or MONGODB_ATLAS_PROJECT_ID); --sandbox runs it without Atlas"
        );
        assert!(errors.contains(&expected), "{name}: {errors}");
    }
}

#[tokio::test]
async fn what_was_given_is_checked_before_what_is_missing() {
    let service = service("create_peering").await;
    let mut half = with_key("create_peering", &service);
    half.env_remove("MONGODB_ATLAS_PRIVATE_API_KEY");
    let errors = refused(&run(half).await, &service);
    let expected =
        "error: MONGODB_ATLAS_PUBLIC_API_KEY is set and MONGODB_ATLAS_PRIVATE_API_KEY is not";
    assert!(errors.starts_with(expected), "{errors}");

    let mut option = with_key("create_peering", &service);
    option.args(["--project", "foo"]);
    let mut variable = with_key("create_peering", &service);
    variable.env("MONGODB_ATLAS_PROJECT_ID", "foo");
    for command in [option, variable] {
        let errors = refused(&run(command).await, &service);
        assert!(errors.contains("\"foo\" is invalid"), "{errors}");
    }
}

#[tokio::test]
async fn a_key_is_no_service_account() {
    let service = service("service_account").await;
    let errors = refused(&run(with_key("service_account", &service)).await, &service);
    let expected =
        "needs MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET in the environment";
    assert!(errors.contains(expected), "{errors}");
}

#[tokio::test]
async fn what_a_sandbox_would_ignore_is_refused() {
    for (name, option) in [
        ("delete_peering", "--peering"),
        ("delete_peering", "--container"),
        ("service_account", "--token-file"),
        ("list_peerings", "--project"),
    ] {
        let (printed, code) = printed(name, &["--sandbox", option, PROJECT]).await;
        assert_eq!(code, Some(2), "{printed}");
        let expected = format!("error: {option} has no effect with --sandbox");
        assert!(printed.starts_with(&expected), "{printed}");
    }
}

#[tokio::test]
async fn an_invalid_network_is_an_error_before_a_container_is_created() {
    let ensure = async |option, value| {
        let (printed, code) = printed("ensure_peering", &["--sandbox", option, value]).await;
        assert_eq!(code, Some(1), "{printed}");
        printed
    };
    let printed = ensure("--vpc-arn", "vpc-0123456789abcdef0").await;
    assert!(!printed.contains("Container "), "{printed}");

    // Only the service's container shows that the blocks overlap.
    let printed = ensure("--vpc-block", "10.8.0.0/24").await;
    let kept = " was kept: the next run uses it.";
    assert!(printed.contains(kept), "{printed}");
}

#[tokio::test]
async fn actions_of_a_sandbox_in_the_users_place_are_printed() {
    for (name, expected) in [
        ("ensure_peering", "(sandbox: accepted for you)"),
        ("gcp_peering", "(sandbox: peered back for you)"),
        ("azure_peering", "(sandbox: this failure is injected)"),
        ("azure_peering", "(sandbox: the role is assigned for you)"),
        ("delete_peering", "was created, to be deleted)"),
        ("list_peerings", "(sandbox: 6 peerings were created"),
    ] {
        let (printed, _) = printed(name, &[]).await;
        assert!(printed.contains(expected), "{name}: {printed}");
    }
}

#[tokio::test]
async fn a_list_shows_networks_blocks_containers_and_causes() {
    let (printed, _) = printed("list_peerings", &[]).await;
    for shown in [
        "vpc-00000000000000001 of account 123456789012, block 10.0.1.0/24\n",
        "vnet-0 of resource group network-rg\n",
        "network-0 of project my-project-1\n",
        "          container ",
        "cause: \"INVALID_ARGUMENT\"\n",
    ] {
        assert!(printed.contains(shown), "{shown}: {printed}");
    }
}
