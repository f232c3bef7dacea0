//! lighttpd's `mod_auth`, which offers SHA-256.

use std::process::Command;

use super::server::{
    BODY, Folder, PASSWORD, PEERING, PROJECT, REALM, Server, USER, command, count, get,
};

pub(crate) const PROGRAMS: &[&str] = &["lighttpd"];

fn configure(folder: &Folder, port: u16, algorithms: &str) -> Command {
    let path = folder.path().display();
    let configuration = format!(
        r#"server.modules = ("mod_auth", "mod_authn_file", "mod_accesslog")
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{path}/www"
server.errorlog = "{path}/error.log"
server.max-keep-alive-requests = 100000
accesslog.filename = "{path}/access.log"
accesslog.format = "%>s %{{Authorization}}i"
auth.backend = "plain"
auth.backend.plain.userfile = "{path}/users"
auth.require = ("/" => (
    "method" => "digest", "realm" => "{REALM}", "require" => "valid-user",
    "algorithm" => "{algorithms}",
))
"#
    );
    folder.write("lighttpd.conf", &configuration);
    folder.write("users", &format!("{USER}:{PASSWORD}\n"));
    folder.write(
        format!("www/api/atlas/v1.0/groups/{PROJECT}/peers/{PEERING}"),
        BODY,
    );
    let mut command = command("lighttpd");
    command
        .arg("-D")
        .arg("-f")
        .arg(folder.path().join("lighttpd.conf"));
    command
}

/// 20 calls where these algorithms are offered: the strongest is to be answered.
async fn run(algorithms: &str, strongest: &str) {
    let server = Server::start("TERM", |folder, port| configure(folder, port, algorithms));
    let atlas = server.client(PASSWORD);
    for _ in 0..20 {
        get(&atlas).await;
    }
    let seen = server.stop();
    assert_eq!((count(&seen, 401), count(&seen, 200)), (1, 20));
    for request in &seen[1..] {
        assert!(
            request
                .authorization
                .contains(&format!("algorithm={strongest},")),
            "{}",
            request.authorization
        );
    }
}

pub(crate) async fn sha_256() {
    run("SHA-256", "SHA-256").await;
}

pub(crate) async fn md5_and_sha_256() {
    run("MD5|SHA-256", "SHA-256").await;
}

pub(crate) async fn every_algorithm() {
    run("MD5|SHA-512-256|SHA-256", "SHA-512-256").await;
}
