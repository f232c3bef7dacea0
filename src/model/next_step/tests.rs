//! The instruction of a step, and the arguments that a shell makes of its commands.

use std::process::Command;

use serde_json::{Value, json};

use super::*;
use crate::types::PeeringUpdate;

fn step(peering: Value, container: Option<Value>) -> String {
    let peering: Peering = serde_json::from_value(peering).unwrap();
    let container: Option<Container> = container.map(|of| serde_json::from_value(of).unwrap());
    let step = next_step(&peering, container.as_ref()).unwrap();
    step.to_string()
}

fn failed_on_azure(cause: &str, network: &str) -> String {
    let peering = json!({
        "id": "1112222b3bf99403840e8934", "providerName": "AZURE", "status": "FAILED",
        "errorState": cause, "azureDirectoryId": "d1", "azureSubscriptionId": "s1",
        "resourceGroupName": "g1", "vnetName": network,
    });
    step(peering, None)
}

fn azure(cause: &str) -> String {
    failed_on_azure(cause, "v1")
}

fn aws(region: Option<&str>, connection: &str) -> Value {
    json!({
        "id": "1112222b3bf99403840e8934", "vpcId": "vpc-1", "awsAccountId": "123456789012",
        "connectionId": connection, "statusName": "PENDING_ACCEPTANCE",
        "accepterRegionName": region,
    })
}

/// The arguments of each `command`, as a shell parses the rest of the step from there on.
fn arguments(step: &str, command: &str) -> Vec<Vec<String>> {
    let (_, rest) = step.split_at(step.find(command).expect(step));
    let program = command.split(' ').next().unwrap();
    let script = format!("{program}() {{ printf '%s\\n' \"$@\" .; }}; {rest}");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let output = String::from_utf8(output.stdout).unwrap();
    let calls = output.trim_end_matches(".\n").split("\n.\n");
    calls
        .map(|call| call.lines().map(str::to_owned).collect())
        .collect()
}

fn after<'a>(arguments: &'a [String], option: &str) -> &'a str {
    let mut arguments = arguments.iter().skip_while(|own| *own != option);
    arguments.nth(1).expect(option)
}

const PRINCIPAL: &str = "az ad sp create --id e90a1407";
const ROLE: &str = "az role definition create --role-definition ";
const SCOPE: &str =
    "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Network/virtualNetworks/v1";

#[test]
fn azures_cause_decides_which_prerequisite_is_missing() {
    for (cause, has_principal, has_role) in [
        ("The service principal was not found", true, false),
        ("AuthorizationFailed", false, true),
        (
            "no authorization over scope '/subscriptions/s/resourceGroups/application-rg'",
            false,
            true,
        ),
        ("the service principal lacks the required role", true, true),
        (
            "a role assignment already exists in \"cidr-overlap-rg\"",
            false,
            true,
        ),
        ("The VNet does not exist", false, false),
        ("something else", true, true),
        ("", true, true),
    ] {
        let step = azure(cause);
        assert_eq!(step.contains(PRINCIPAL), has_principal, "{cause}: {step}");
        assert_eq!(step.contains(ROLE), has_role, "{cause}: {step}");
        let has_scope = has_role || cause.contains("VNet");
        assert_eq!(step.contains(SCOPE), has_scope, "{cause}: {step}");
    }
}

#[test]
fn on_azure_an_overlap_and_a_passing_failure_are_no_missing_prerequisite() {
    for cause in [
        "A peer with an overlapping CIDR block already exists.",
        "The address space overlaps that of another peering in this directory or application.",
        "OVERLAPPING_CIDR_BLOCK",
    ] {
        let step = azure(cause);
        for part in [
            "change the block",
            "delete the other peering",
            "another project",
        ] {
            assert!(step.contains(part), "{cause}: {step}");
        }
        assert!(!step.contains("az ") && !step.contains("role"), "{step}");
    }
    for cause in ["RETRYABLE", "retryable", " RETRYABLE. "] {
        let step = azure(cause);
        assert_eq!(step, "delete the peering, and create it again", "{cause}");
    }
}

#[test]
fn the_role_on_azure_is_one_that_az_takes() {
    let calls = arguments(&azure("AuthorizationFailed"), ROLE);
    let [definition, assignment] = &calls[..] else {
        panic!("{calls:?}")
    };
    let role: Value = serde_json::from_str(after(definition, "--role-definition")).unwrap();
    let network = "Microsoft.Network/virtualNetworks";
    assert_eq!(
        role["Actions"],
        json!([
            format!("{network}/virtualNetworkPeerings/read"),
            format!("{network}/virtualNetworkPeerings/write"),
            format!("{network}/virtualNetworkPeerings/delete"),
            format!("{network}/peer/action"),
        ])
    );
    assert_eq!(role["AssignableScopes"], json!([SCOPE]));
    assert_eq!(role["IsCustom"], true);
    assert!(role["Description"].as_str().unwrap().len() > 10);
    assert_eq!(assignment[..3], ["role", "assignment", "create"]);
    assert_eq!(after(assignment, "--role"), role["Name"].as_str().unwrap());
    assert_eq!(after(assignment, "--assignee"), ATLAS_ON_AZURE);
    assert_eq!(after(assignment, "--scope"), SCOPE);
}

#[test]
fn no_value_of_a_server_breaks_out_of_a_command() {
    for network in [
        "v'1; echo broken",
        "$(echo broken)",
        "a\"b\\c `echo broken`",
        "a && b",
    ] {
        let calls = arguments(&failed_on_azure("role", network), ROLE);
        assert_eq!(calls.len(), 2, "{calls:?}");
        let role: Value = serde_json::from_str(after(&calls[0], "--role-definition")).unwrap();
        let scope = SCOPE.replace("v1", network);
        assert_eq!(role["AssignableScopes"], json!([scope]));
        assert_eq!(after(&calls[1], "--role"), role["Name"].as_str().unwrap());
        assert_eq!(after(&calls[1], "--scope"), scope);

        let accept = step(aws(Some("us-east-1"), network), None);
        let calls = arguments(&accept, "aws ec2");
        assert_eq!(calls.len(), 1, "{calls:?}");
        assert_eq!(after(&calls[0], "--vpc-peering-connection-id"), network);

        let peering = json!({
            "id": "1112222b3bf99403840e8934", "providerName": "GCP", "status": "WAITING_FOR_USER",
            "gcpProjectId": network, "networkName": network,
        });
        let container = json!({
            "id": "6746ceedaef48d1cb265896b", "providerName": "GCP", "gcpProjectId": network,
            "networkName": network,
        });
        let calls = arguments(&step(peering, Some(container)), "gcloud");
        assert_eq!(calls.len(), 1, "{calls:?}");
        for option in ["--project", "--network", "--peer-project", "--peer-network"] {
            assert_eq!(after(&calls[0], option), network);
        }
    }
}

#[test]
fn a_region_is_written_as_aws_writes_it() {
    for region in ["us-gov-west-1", "US_GOV_WEST_1", "US-GOV-WEST-1"] {
        let step = step(aws(Some(region), "pcx-1"), None);
        assert!(step.contains("accept pcx-1 in us-gov-west-1, "), "{step}");
        assert!(step.contains(" --region us-gov-west-1 "), "{step}");
        let failed: Peering = serde_json::from_value(aws(Some(region), "pcx-1")).unwrap();
        let PeeringUpdate::Aws(change) = PeeringUpdate::reinitialize(&failed).unwrap() else {
            panic!("it is one of AWS")
        };
        assert_eq!(
            change.accepter_region_name.as_deref(),
            Some("us-gov-west-1")
        );
    }
    let container = json!({
        "id": "6746ceedaef48d1cb265896b", "providerName": "AWS", "regionName": "EU_WEST_1",
    });
    let step = step(aws(None, "pcx-1"), Some(container));
    assert!(step.contains(" --region eu-west-1 "), "{step}");
}

#[test]
fn a_step_is_one_line_without_control_characters() {
    for bad in [
        "\u{1b}[2J",
        "a\nb",
        "a\r\nb",
        "\u{9b}31m",
        "\u{7f}",
        "a\u{2028}b",
        "\u{202e}x",
    ] {
        let steps = [
            step(aws(Some(bad), bad), None),
            failed_on_azure("role", bad),
            failed_on_azure("", bad),
            step(
                json!({
                    "id": "1112222b3bf99403840e8934", "providerName": "GCP",
                    "status": "WAITING_FOR_USER", "gcpProjectId": bad, "networkName": bad,
                }),
                None,
            ),
        ];
        for step in steps {
            let breaks = |of: char| of.is_control() || "\u{2028}\u{202e}".contains(of);
            assert!(!step.contains(breaks), "{step:?}");
        }
    }
}

#[test]
fn the_cause_on_aws_decides_the_remedy() {
    for (cause, remedy) in [
        ("REJECTED", "accept the new request"),
        ("EXPIRED", "within 7 days"),
        ("INVALID_ARGUMENT", "check the account"),
        ("NEW_TODAY", "restart it"),
    ] {
        let peering = json!({
            "id": "1112222b3bf99403840e8934", "vpcId": "vpc-1", "statusName": "FAILED",
            "errorStateName": cause,
        });
        let step = step(peering, None);
        assert!(step.contains(remedy), "{step}");
    }
}
