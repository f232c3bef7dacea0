//! A client, or the project of the environment, that cannot be built.

use atlas_peering::{Client, ClientBuilder};

use super::Table;
use crate::environment::credentials::outcomes;
use crate::support::{client_at, some_key};

pub(super) async fn rows(table: &mut Table) {
    table.section("The configuration of a client");
    table.row("a client without credentials", Client::builder().build());
    let own = || Client::builder().credentials(some_key());
    for (situation, builder) in [
        ("a user agent that is blank", own().user_agent(" ")),
        ("a user agent with a line break", own().user_agent("a\nb")),
        ("a setting that reqwest refuses", refused_by_reqwest()),
    ] {
        table.row(situation, builder.build());
    }
    for (situation, base_url) in [
        (
            "a base URL with a password",
            "https://me:hunter2@cloud.mongodb.com",
        ),
        ("a base URL without a scheme", "cloud.mongodb.com"),
        ("a base URL with another scheme", "ftp://cloud.mongodb.com"),
        (
            "a base URL with plain http to another machine",
            "http://cloud.mongodb.com",
        ),
        (
            "a base URL with a query",
            "https://cloud.mongodb.com?pretty=true",
        ),
        (
            "a base URL with the path of the API",
            "https://cloud.mongodb.com/api/atlas/v2",
        ),
    ] {
        table.row(situation, own().base_url(base_url).build());
    }
    let atlas = client_at("http://127.0.0.1:9", some_key());
    let token = atlas.request_token().await;
    table.row("a token request of a client with an API key", token);

    table.section("The environment");
    let key = ("MONGODB_ATLAS_PUBLIC_API_KEY", "abcdefgh");
    let private = (
        "MONGODB_ATLAS_PRIVATE_API_KEY",
        "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11",
    );
    let token = ("MONGODB_ATLAS_ACCESS_TOKEN", "eyJhbGciOi");
    for (situation, variables) in [
        ("no credentials", &[][..]),
        ("a half of an API key", &[key]),
        ("an API key and an access token", &[key, private, token]),
    ] {
        let [credentials, _, _] = outcomes(variables);
        table.message(situation, &credentials);
    }
    for (situation, value) in [
        ("no project id", ""),
        (
            "a project id in the environment that is a name",
            "my-project",
        ),
    ] {
        let [_, _, project] = outcomes(&[("MONGODB_ATLAS_PROJECT_ID", value)]);
        table.message(situation, &project);
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let value = std::ffi::OsStr::from_bytes(b"\xff");
        let [_, _, project] = outcomes(&[("MONGODB_ATLAS_PROJECT_ID", value)]);
        table.message("a variable that is not Unicode", &project);
    }
}

fn refused_by_reqwest() -> ClientBuilder {
    let builder = Client::builder().credentials(some_key());
    builder.configure(|connection| connection.user_agent("a\nb"))
}
