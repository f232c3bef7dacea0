//! Credentials and the project from variables, and the errors of invalid ones.

use std::ffi::OsStr;
use std::process::Command;

use atlas_peering::{Client, Credentials, Error, ProjectId};

const TODAY: [(&str, &str); 2] = [
    ("MONGODB_ATLAS_PUBLIC_API_KEY", "today"),
    ("MONGODB_ATLAS_PRIVATE_API_KEY", PRIVATE),
];
const OLDER: [(&str, &str); 2] = [
    ("MONGODB_ATLAS_PUBLIC_KEY", "older"),
    ("MONGODB_ATLAS_PRIVATE_KEY", PRIVATE),
];
const ACCOUNT: [(&str, &str); 2] = [
    ("MONGODB_ATLAS_CLIENT_ID", "mdb_sa_id_1"),
    ("MONGODB_ATLAS_CLIENT_SECRET", "mdb_sa_sk_1"),
];
const TOKEN: [(&str, &str); 1] = [("MONGODB_ATLAS_ACCESS_TOKEN", "eyJhbGciOi")];
const PROJECT: &str = "MONGODB_ATLAS_PROJECT_ID";
const PRIVATE: &str = "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11";

const CHILD: &str = "TEST_CHILD";

/// The result in a process with these variables: a line for its credentials, one for the base URL of its
/// client, and one for its project.
pub(crate) fn outcomes<V: AsRef<OsStr>>(variables: &[(&str, V)]) -> [String; 3] {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let test = "environment::credentials::what_a_process_finds";
    command.args(["--exact", test, "--nocapture"]);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MONGODB_ATLAS_") {
            command.env_remove(name);
        }
    }
    let variables = variables.iter().map(|(name, value)| (name, value));
    command.env(CHILD, "").envs(variables);
    let output = command.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let line = |name: &str| {
        let line = printed.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{printed}")).to_owned()
    };
    [line("credentials: "), line("address: "), line("project: ")]
}

fn credentials(variables: &[(&str, &str)]) -> String {
    let [credentials, _, _] = outcomes(variables);
    credentials
}

/// Prints the result in this process. Without the variables of `outcomes`, it checks nothing.
#[test]
fn what_a_process_finds() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let found = Credentials::from_env();
    let address = found.clone().and_then(Client::new);
    let address = address.map(|client| client.base_url().to_owned());
    // Ends the line that the test harness began with the name of the test.
    println!();
    println!(
        "credentials: {}",
        text(found.map(|found| format!("{found:?}")))
    );
    println!("address: {}", text(address));
    println!(
        "project: {}",
        text(ProjectId::from_env().map(|id| id.to_string()))
    );
}

fn text(outcome: Result<String, Error>) -> String {
    outcome.unwrap_or_else(|error| error.to_string())
}

#[test]
fn present_names_override_the_older_ones_which_are_enough() {
    let both = credentials(&[TODAY, OLDER].concat());
    assert!(both.contains("today") && !both.contains("older"), "{both}");
    let base_url = ("MONGODB_ATLAS_BASE_URL", "https://cloud.mongodbgov.com");
    let [older, address, _] = outcomes(&[&OLDER[..], &[base_url]].concat());
    assert!(
        older.contains("the API key") && older.contains("older"),
        "{older}"
    );
    assert_eq!(address, "https://cloud.mongodbgov.com/api/atlas/v1.0");
}

#[test]
fn a_service_account_and_a_ready_token_are_found() {
    let account = credentials(&ACCOUNT);
    assert!(account.contains("the service account"), "{account}");
    assert!(account.contains("mdb_sa_id_1"), "{account}");
    let [token, address, _] = outcomes(&TOKEN);
    assert!(token.contains("the access token"), "{token}");
    assert_eq!(address, "https://cloud.mongodb.com/api/atlas/v1.0");
    assert!(!format!("{account}{token}").contains("eyJ"));
}

#[test]
fn without_variables_the_message_names_all_of_them() {
    let message = credentials(&[("MONGODB_ATLAS_PUBLIC_KEY", ""), (TOKEN[0].0, "")]);
    for (name, _) in [&TODAY[..], &OLDER, &ACCOUNT, &TOKEN].concat() {
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn two_kinds_of_credentials_are_an_error_that_names_only_their_variables() {
    for (one, other, absent) in [
        (&OLDER[..], &ACCOUNT[..], &TOKEN[..]),
        (&OLDER, &TOKEN, &ACCOUNT),
        (&ACCOUNT, &TOKEN, &TODAY),
    ] {
        let set = [one, other].concat();
        let message = credentials(&set);
        assert!(message.contains("more than one kind"), "{message}");
        for (name, value) in set {
            assert!(
                message.contains(name) && !message.contains(value),
                "{message}"
            );
        }
        for (name, _) in absent {
            assert!(!message.contains(name), "{message}");
        }
    }
}

#[test]
fn a_half_of_a_pair_and_halves_of_two_pairs_are_errors() {
    let message = credentials(&ACCOUNT[..1]);
    assert!(
        message.contains("MONGODB_ATLAS_CLIENT_SECRET is not"),
        "{message}"
    );
    assert_eq!(
        credentials(&[TODAY[0], OLDER[1]]),
        "MONGODB_ATLAS_PUBLIC_API_KEY is set and MONGODB_ATLAS_PRIVATE_API_KEY is not: \
         set both, or unset both"
    );
}

#[test]
fn the_project_is_found_or_its_variable_is_named() {
    let id = "5356823B3794dee37132bb7b";
    let project = |value| {
        let [_, _, project] = outcomes(&[(PROJECT, value)]);
        project
    };
    assert_eq!(project(id), id.to_lowercase());
    let absent = "no project in the environment: set MONGODB_ATLAS_PROJECT_ID to its id";
    assert_eq!(project(""), absent);
    assert_eq!(
        project("my-project"),
        "the project id in MONGODB_ATLAS_PROJECT_ID \"my-project\" is invalid: use 24 \
         hexadecimal digits"
    );
}

#[test]
fn parts_that_no_header_can_carry_are_refused_and_not_shown() {
    for (public, private) in [
        ("", PRIVATE),
        ("abc", ""),
        ("abc", "sec\nret"),
        ("a:b", PRIVATE),
        (PRIVATE, "abcdefgh"),
    ] {
        let credentials = Credentials::api_key(public, private);
        assert!(!format!("{credentials:?}").contains(PRIVATE));
        let message = Client::new(credentials).unwrap_err().to_string();
        assert!(
            !message.contains("sec") && !message.contains(PRIVATE),
            "{message}"
        );
    }
    for token in ["", "two words", "line\n"] {
        let error = Client::new(Credentials::access_token(token)).unwrap_err();
        assert!(
            error.to_string().starts_with("the access token "),
            "{error}"
        );
    }
}

#[test]
fn parts_of_another_kind_of_credentials_are_refused_before_anything_is_sent() {
    let (id, secret) = (ACCOUNT[0].1, ACCOUNT[1].1);
    for (credentials, remedy) in [
        (
            Credentials::api_key(id, secret),
            "Credentials::service_account",
        ),
        (
            Credentials::api_key(secret, id),
            "Credentials::service_account",
        ),
        (
            Credentials::api_key("abcdefgh", secret),
            "MONGODB_ATLAS_CLIENT_ID and",
        ),
        (
            Credentials::access_token(secret),
            "Credentials::service_account",
        ),
        (
            Credentials::access_token(id),
            "Credentials::service_account",
        ),
        (
            Credentials::service_account("abcdefgh", PRIVATE),
            "Credentials::api_key",
        ),
        (Credentials::service_account(secret, id), "swapped"),
    ] {
        let printed = format!("{credentials:?}");
        let error = Client::new(credentials).unwrap_err();
        assert!(
            error.is_configuration() && error.to_string().contains(remedy),
            "{error}"
        );
        assert!(
            !format!("{printed} {error}").contains(secret),
            "{printed} {error}"
        );
    }
    // The service decides about values that are only unusual.
    for (id, secret) in [("abcdefgh", "wrong"), ("my-account", PRIVATE)] {
        Client::new(Credentials::service_account(id, secret)).unwrap();
    }
}
