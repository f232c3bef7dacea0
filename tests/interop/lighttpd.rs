//! lighttpd's `mod_auth`, which offers SHA-256.

use std::process::Command;

use super::server::{
    BODY, FILE, Folder, PASSWORD, REALM, Seen, Server, USER, command, count, get, installed,
};

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
    folder.write(FILE, BODY);
    let mut command = command("lighttpd");
    let file = folder.path().join("lighttpd.conf");
    command.args(["-D", "-f"]).arg(file);
    command
}

/// Makes 20 calls to a server that offers these algorithms, and checks that each uses the strongest.
async fn uses(algorithms: &str, strongest: &str) {
    if !installed(&["lighttpd"]) {
        return;
    }
    let server = Server::start("TERM", |folder, port| configure(folder, port, algorithms));
    let atlas = server.client(PASSWORD);
    for _ in 0..20 {
        get(&atlas).await;
    }
    let seen = server.stop();
    assert_eq!((count(&seen, 401), count(&seen, 200)), (1, 20));
    let chosen = format!("algorithm={strongest},");
    for Seen { authorization, .. } in &seen[1..] {
        assert!(authorization.contains(&chosen), "{authorization}");
    }
}

#[tokio::test]
async fn sha_256_is_used() {
    uses("SHA-256", "SHA-256").await;
}

#[tokio::test]
async fn of_md5_and_sha_256_the_stronger_is_used() {
    uses("MD5|SHA-256", "SHA-256").await;
}

#[tokio::test]
async fn of_all_algorithms_the_strongest_is_used() {
    uses("MD5|SHA-512-256|SHA-256", "SHA-512-256").await;
}
