//! Credentials and the project from variables, and what is wrong with them.

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

/// What a process with these variables makes of them: a line of its credentials, one of the address of
/// its client, and one of its project.
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

/// Prints what it finds in the environment of the process; by itself, it is no test.
#[test]
fn what_a_process_finds() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let found = Credentials::from_env();
    let address = found.clone().and_then(Client::new);
    let address = address.map(|client| client.base_url().to_owned());
    // The line of the test's own name ends here.
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
fn todays_names_come_before_the_older_ones_which_are_enough() {
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
fn nothing_set_names_all_that_was_looked_for() {
    let message = credentials(&[("MONGODB_ATLAS_PUBLIC_KEY", ""), (TOKEN[0].0, "")]);
    for (name, _) in [&TODAY[..], &OLDER, &ACCOUNT, &TOKEN].concat() {
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn two_kinds_clash_and_the_message_names_their_variables_alone() {
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
fn a_half_of_a_pair_and_halves_of_two_are_no_credentials() {
    let message = credentials(&ACCOUNT[..1]);
    assert!(
        message.contains("MONGODB_ATLAS_CLIENT_SECRET is not"),
        "{message}"
    );
    assert_eq!(
        credentials(&[TODAY[0], OLDER[1]]),
        "MONGODB_ATLAS_PUBLIC_API_KEY is set and MONGODB_ATLAS_PRIVATE_API_KEY is not: \
         credentials have both parts"
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
fn parts_that_no_header_carries_are_refused_without_being_shown() {
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
fn the_parts_of_another_kind_are_noticed_before_anything_is_sent() {
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
    // What only looks unusual is for the service to judge.
    for (id, secret) in [("abcdefgh", "wrong"), ("my-account", PRIVATE)] {
        Client::new(Credentials::service_account(id, secret)).unwrap();
    }
}
