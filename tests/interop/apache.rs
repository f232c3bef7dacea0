//! Apache httpd's `mod_auth_digest`, which proves itself with every answer.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use atlas_peering::types::NewAwsPeering;

use super::server::{
    BODY, Folder, PASSWORD, PEERING, PROJECT, REALM, Seen, Server, USER, command, count, get,
    project,
};

pub(crate) const PROGRAMS: &[&str] = &["apache2", "htdigest"];

const MODULES: &str = "/usr/lib/apache2/modules";

/// Everything below the API is answered by a script, but for a file that Apache serves itself.
const FILE: &str = "www/api/atlas/v1.0/groups/PROJECT/peers/PEERING";

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
# As the administrator alone: somebody has to be who serves.
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

/// Apache with this configuration of digest authentication.
fn start(digest: &str) -> Server {
    Server::start("WINCH", |folder, port| {
        // Apache does not end the answer of a script that leaves its input unread.
        let script = "#!/bin/sh\ncat >/dev/null\n\
            printf 'Content-Type: application/json\\r\\n\\r\\n'\ncat \"${0%/*}/peering.json\"\n";
        folder.write("peering.json", BODY);
        folder.write("peers.sh", script);
        folder.permit(Path::new("peers.sh"), 0o755);
        folder.write(
            FILE.replace("PROJECT", PROJECT).replace("PEERING", PEERING),
            BODY,
        );
        folder.write("httpd.conf", &configuration(folder.path(), port, digest));
        add_user(folder);
        let mut command = command("apache2");
        command
            .arg("-DFOREGROUND")
            .arg("-f")
            .arg(folder.path().join("httpd.conf"));
        command
    })
}

/// With Apache's own program, which asks for the password twice.
fn add_user(folder: &Folder) {
    let mut htdigest: Command = command("htdigest");
    htdigest
        .arg("-c")
        .arg(folder.path().join("users"))
        .args([REALM, USER]);
    htdigest
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = htdigest.spawn().expect("htdigest runs");
    let mut input = child.stdin.take().expect("it has an input");
    writeln!(input, "{PASSWORD}\n{PASSWORD}").expect("it reads its input");
    drop(input);
    assert!(
        child.wait().expect("our own child").success(),
        "htdigest adds a user"
    );
}

/// Creates a peering: a body, and an answer of a script.
async fn create(atlas: &atlas_peering::Client) {
    let request = NewAwsPeering {
        vpc_id: "vpc-0123456789abcdef0".into(),
        aws_account_id: "123456789012".into(),
        route_table_cidr_block: "192.168.0.0/24".into(),
        container_id: None,
        accepter_region_name: None,
    };
    let created = atlas
        .create_peering_connection(&project(), &request.into())
        .await;
    assert_eq!(created.expect("it is let in").id().as_str(), PEERING);
}

/// 8 tasks with 25 calls each.
async fn create_at_once(server: &Server) {
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
}

/// Every call was let in, with a challenge for each task at most.
fn assert_at_once(seen: &[Seen]) {
    let challenges = count(seen, 401);
    assert!((1..=8).contains(&challenges), "{challenges}");
    assert_eq!(count(seen, 200), 200);
}

pub(crate) async fn plain() {
    let server = start("");
    let atlas = server.client(PASSWORD);
    for _ in 0..10 {
        create(&atlas).await;
        get(&atlas).await;
    }
    let seen = server.stop();
    assert_eq!((count(&seen, 401), count(&seen, 200)), (1, 20));

    let server = start("");
    create_at_once(&server).await;
    let seen = server.stop();
    assert!(
        (1..=8).contains(&count(&seen, 401)),
        "{}",
        count(&seen, 401)
    );
    assert_eq!(count(&seen, 200), 200);
}

pub(crate) async fn wrong_key() {
    let server = start("");
    let atlas = server.client("another");
    for _ in 0..3 {
        let got = atlas
            .get_peering_connection(&project(), &super::server::peering())
            .await;
        assert!(got.expect_err("it is not let in").is_unauthorized());
    }
    let seen = server.stop();
    assert_eq!((count(&seen, 401), seen.len()), (6, 6));
}

/// The server's clock is its own: a nonce of 1 second is waited out.
pub(crate) async fn stale_nonce() {
    let server = start("AuthDigestNonceLifetime 1");
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
    let refused = seen.iter().filter(|request| request.status == 401);
    let stale = refused
        .filter(|request| request.authorization != "-")
        .count();
    // One for each pause, and one more where the machine made a pause of its own.
    assert!((2..=5).contains(&stale), "{stale}");
    assert_eq!(
        count(&seen, 401),
        1 + stale,
        "two requests where a nonce is stale"
    );
}

pub(crate) async fn counts_checked() {
    let server = start("AuthDigestNcCheck On");
    let atlas = server.client(PASSWORD);
    for _ in 0..20 {
        create(&atlas).await;
    }
    let seen = server.stop();
    assert_eq!((count(&seen, 401), count(&seen, 200)), (1, 20));

    let server = start("AuthDigestNcCheck On");
    create_at_once(&server).await;
    assert_at_once(&server.stop());
}

pub(crate) async fn one_time_nonces() {
    let server = start("AuthDigestNonceLifetime 0");
    let atlas = server.client(PASSWORD);
    for _ in 0..20 {
        create(&atlas).await;
    }
    let seen = server.stop();
    assert_eq!((count(&seen, 401), count(&seen, 200)), (1, 20));

    let server = start("AuthDigestNonceLifetime 0");
    create_at_once(&server).await;
    assert_at_once(&server.stop());
}
