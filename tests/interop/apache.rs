//! Apache httpd's `mod_auth_digest`, which sends a proof (`rspauth`) with each response.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::server::{
    BODY, FILE, Folder, PASSWORD, REALM, Server, USER, command, count, create, get, installed,
    peering, project,
};

const MODULES: &str = "/usr/lib/apache2/modules";

fn configuration(folder: &Path, port: u16, digest: &str) -> String {
    let modules = [
        "mpm_event",
        "authn_core",
        "authn_file",
        "authz_core",
        "authz_user",
        "auth_digest",
        "alias",
        "cgid",
    ];
    let modules = modules.map(|name| format!("LoadModule {name}_module {MODULES}/mod_{name}.so\n"));
    let (folder, modules) = (folder.display(), modules.concat());
    format!(
        r#"{modules}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/pid
ScriptSock {folder}/cgi
# Takes effect only as root, for whom Apache requires another user to serve requests.
User nobody
Group nogroup
ErrorLog {folder}/error.log
LogFormat "%>s %{{Authorization}}i" seen
CustomLog {folder}/access.log seen
KeepAliveTimeout 60
MaxKeepAliveRequests 0
DocumentRoot {folder}/www
ScriptAliasMatch "^/api/atlas/v1.0/groups/[0-9a-f]+/peers$" {folder}/peers.sh
<Location />
AuthType Digest
AuthName "{REALM}"
AuthDigestProvider file
AuthUserFile {folder}/users
{digest}
Require valid-user
</Location>
"#
    )
}

/// Starts Apache with this configuration of digest authentication, if it is installed. A script responds
/// with a list, and Apache itself serves the file of a peering.
fn start(digest: &str) -> Option<Server> {
    let start = || {
        Server::start("WINCH", |folder, port| {
            // Apache does not end the response of a script that leaves its input unread.
            let script = "#!/bin/sh\ncat >/dev/null\n\
            printf 'Content-Type: application/json\\r\\n\\r\\n'\ncat \"${0%/*}/peering.json\"\n";
            folder.write("peering.json", BODY);
            folder.write("peers.sh", script);
            folder.permit(Path::new("peers.sh"), 0o755);
            folder.write(FILE, BODY);
            folder.write("httpd.conf", &configuration(folder.path(), port, digest));
            add_user(folder);
            let mut command = command("apache2");
            let file = folder.path().join("httpd.conf");
            command.args(["-DFOREGROUND", "-f"]).arg(file);
            command
        })
    };
    installed(&["apache2", "htdigest"]).then(start)
}

/// Adds a user with Apache's own program, which asks for the password twice.
fn add_user(folder: &Folder) {
    let mut htdigest: Command = command("htdigest");
    let file = folder.path().join("users");
    htdigest.arg("-c").arg(file).args([REALM, USER]);
    htdigest.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = htdigest
        .stderr(Stdio::null())
        .spawn()
        .expect("htdigest runs");
    let mut input = child.stdin.take().expect("it has an input");
    writeln!(input, "{PASSWORD}\n{PASSWORD}").expect("it reads its input");
    drop(input);
    let ended = child.wait().expect("our own child");
    assert!(ended.success(), "htdigest adds a user");
}

/// Checks that sequential calls cost one challenge, and 8 tasks with 25 calls each at most one a task.
async fn admits_all_calls(digest: &str) {
    let Some(server) = start(digest) else { return };
    let atlas = server.client(PASSWORD);
    for _ in 0..10 {
        create(&atlas).await;
        get(&atlas).await;
    }
    let seen = server.stop();
    assert_eq!((count(&seen, 401), count(&seen, 200)), (1, 20));

    let Some(server) = start(digest) else { return };
    let atlas = server.client(PASSWORD);
    let tasks = (0..8).map(|_| {
        let atlas = atlas.clone();
        tokio::spawn(async move {
            for _ in 0..25 {
                create(&atlas).await;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no call fails");
    }
    let seen = server.stop();
    let challenges = count(&seen, 401);
    assert!((1..=8).contains(&challenges), "{challenges}");
    assert_eq!(count(&seen, 200), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_calls_are_admitted() {
    admits_all_calls("").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_calls_are_admitted_if_counts_are_checked() {
    admits_all_calls("AuthDigestNcCheck On").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_calls_are_admitted_if_a_nonce_is_valid_once() {
    admits_all_calls("AuthDigestNonceLifetime 0").await;
}

#[tokio::test]
async fn a_wrong_key_costs_two_requests() {
    let Some(server) = start("") else { return };
    let atlas = server.client("another");
    for _ in 0..3 {
        let got = atlas.get_peering_connection(&project(), &peering()).await;
        assert!(got.expect_err("the key is refused").is_unauthorized());
    }
    let seen = server.stop();
    assert_eq!((count(&seen, 401), seen.len()), (6, 6));
}

/// No test can move the server's clock: this one waits until a nonce of 1 second expires.
#[tokio::test]
async fn a_stale_nonce_costs_one_request_more() {
    let Some(server) = start("AuthDigestNonceLifetime 1") else {
        return;
    };
    let atlas = server.client(PASSWORD);
    for round in 0..3 {
        if round > 0 {
            tokio::time::sleep(Duration::from_millis(1100)).await;
        }
        create(&atlas).await;
        get(&atlas).await;
    }
    let seen = server.stop();
    assert_eq!(count(&seen, 200), 6);
    let stale = seen.iter().filter(|request| request.is_refused()).count();
    // One for each pause, and one more if the machine itself paused.
    assert!((2..=5).contains(&stale), "{stale}");
    let refused = count(&seen, 401);
    assert_eq!(refused, 1 + stale, "two requests where a nonce is stale");
}
