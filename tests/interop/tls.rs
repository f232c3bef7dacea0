//! OpenSSL's TLS server, with certificates that are made for each test.

use std::fs;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use atlas_peering::types::NewAwsPeering;
use atlas_peering::{Client, ClientBuilder, Credentials, Error, RetryPolicy};
use reqwest::Certificate;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::balancer::{Balancer, Turn};
use super::certificates::{Authority, Validity};
use super::server::{
    BODY, FILE, PASSWORD, Server, USER, command, get, installed, peering, project,
};

// The reasons in the messages of rustls, and of OpenSSL, which the feature `native-tls` uses.
const UNKNOWN: [&str; 3] = ["UnknownIssuer", "local issuer", "self-signed"];
const EXPIRED: [&str; 2] = ["certificate expired", "has expired"];
const OTHER_HOST: [&str; 2] = ["not valid for name", "mismatch"];

/// The certificate of the server; it is for the server's own address unless the name says otherwise.
#[derive(Clone, Copy)]
enum Shown {
    Valid,
    SelfSigned,
    Expired,
    OfAnotherHost,
    /// A valid one, from a server that requires a client certificate.
    AskingForOne,
}

/// A TLS server whose response is the peering; it counts its connections.
struct Secure {
    _server: Server,
    root: PathBuf,
    counted: Balancer,
}

impl Secure {
    async fn start(shown: Shown) -> Option<Self> {
        if !installed(&["openssl"]) {
            return None;
        }
        let server = Server::start("TERM", |folder, port| {
            let authority = Authority::new(folder);
            match shown {
                Shown::Valid | Shown::AskingForOne => {
                    authority.issue("IP:127.0.0.1", Validity::Present);
                }
                Shown::Expired => authority.issue("IP:127.0.0.1", Validity::Past),
                Shown::OfAnotherHost => authority.issue("DNS:other.example", Validity::Present),
                Shown::SelfSigned => authority.self_sign(),
            }
            // `openssl s_server` sends the file as the whole response.
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            folder.write(FILE, &format!("{head}\r\n\r\n{BODY}"));
            let mut command = command("openssl");
            let address = format!("127.0.0.1:{port}");
            command.args(["s_server", "-quiet", "-HTTP", "-accept", &address]);
            command.args(["-cert", "../server.pem", "-key", "../server.key"]);
            if matches!(shown, Shown::AskingForOne) {
                command.args(["-Verify", "1", "-verify_return_error"]);
            }
            command.current_dir(folder.path().join("www"));
            command
        });
        Some(Self {
            root: server.file("root.pem"),
            counted: Balancer::start(Turn::Connection, vec![server.port()]).await,
            _server: server,
        })
    }

    fn address(&self) -> String {
        format!("https://127.0.0.1:{}", self.counted.port())
    }

    fn builder(&self) -> ClientBuilder {
        builder(self.address())
    }

    /// A client that trusts the company's root.
    fn trusting(&self) -> Client {
        let root = fs::read(&self.root).expect("it was made");
        let root = Certificate::from_pem(&root).expect("a certificate");
        let configure = |reqwest: reqwest::ClientBuilder| reqwest.tls_certs_merge([root]);
        built(self.builder().configure(configure))
    }

    /// Checks that a client connects once, and that its error has one of these reasons.
    async fn is_not_trusted(&self, atlas: &Client, reasons: &[&str]) {
        let text = reported(&refused(atlas).await);
        assert!(text.contains("certificate"), "{text}");
        assert!(text.contains(&self.address()), "{text}");
        assert!(reasons.iter().any(|reason| text.contains(reason)), "{text}");
        assert!(text.contains("nothing was sent"), "{text}");
        assert!(text.contains("SSL_CERT_FILE"), "{text}");
        assert!(text.contains("ClientBuilder::configure"), "{text}");
        assert!(!text.contains("check the network"), "{text}");
        assert_eq!(self.counted.connections(), 1, "{text}");
    }
}

fn builder(address: String) -> ClientBuilder {
    Client::builder()
        .base_url(address)
        .credentials(Credentials::api_key(USER, PASSWORD))
        .retry(RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO))
}

fn built(builder: ClientBuilder) -> Client {
    builder.build().expect("the client is built")
}

/// The failure of a call.
async fn refused(atlas: &Client) -> Error {
    let got = atlas.get_peering_connection(&project(), &peering()).await;
    got.expect_err("the certificate is not trusted")
}

/// Checks that an error is about the certificate; returns its message.
fn reported(error: &Error) -> String {
    assert!(error.is_tls() && error.is_connect(), "{error}");
    assert!(!error.is_timeout(), "{error}");
    assert_eq!(error.attempts(), 1, "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_self_signed_certificate_is_reported_at_once() {
    let Some(secure) = Secure::start(Shown::SelfSigned).await else {
        return;
    };
    let atlas = built(secure.builder());
    secure.is_not_trusted(&atlas, &UNKNOWN).await;
}

#[tokio::test]
async fn an_unknown_root_is_reported_at_once() {
    let Some(secure) = Secure::start(Shown::Valid).await else {
        return;
    };
    let atlas = built(secure.builder());
    secure.is_not_trusted(&atlas, &UNKNOWN).await;
}

#[tokio::test]
async fn an_expired_certificate_is_reported_at_once() {
    let Some(secure) = Secure::start(Shown::Expired).await else {
        return;
    };
    secure.is_not_trusted(&secure.trusting(), &EXPIRED).await;
}

#[tokio::test]
async fn a_certificate_of_another_host_is_reported_at_once() {
    let Some(secure) = Secure::start(Shown::OfAnotherHost).await else {
        return;
    };
    secure.is_not_trusted(&secure.trusting(), &OTHER_HOST).await;
}

#[tokio::test]
async fn a_required_client_certificate_is_reported_at_once() {
    let Some(secure) = Secure::start(Shown::AskingForOne).await else {
        return;
    };
    let text = reported(&refused(&secure.trusting()).await);
    assert!(text.to_lowercase().contains("alert"), "{text}");
    assert_eq!(secure.counted.connections(), 1, "{text}");
}

/// A token request, a call that may be carried out only once, and workflows that otherwise continue after
/// failures.
#[tokio::test]
async fn nothing_is_repeated_if_the_certificate_is_not_trusted() {
    let Some(secure) = Secure::start(Shown::SelfSigned).await else {
        return;
    };
    let atlas = built(secure.builder());
    let request = NewAwsPeering::new("vpc-0123456789abcdef0", "123456789012", "192.168.0.0/24");
    let project = project();

    let account = Credentials::service_account("mdb_sa_id_1", "mdb_sa_sk_1");
    let error = refused(&built(secure.builder().credentials(account))).await;
    assert!(reported(&error).contains("token"), "{error}");
    assert_eq!(secure.counted.connections(), 1);

    let created = atlas.create_peering_connection(&project, &request).await;
    reported(&created.expect_err("the certificate is not trusted"));
    assert_eq!(secure.counted.connections(), 2);

    let waited = atlas.wait_for_peering(&project, &peering()).await;
    reported(&waited.expect_err("the certificate is not trusted"));
    assert_eq!(secure.counted.connections(), 3);

    let ensured = atlas.ensure_peering(&project, request).await;
    reported(&ensured.expect_err("the certificate is not trusted"));
    assert_eq!(secure.counted.connections(), 4);
}

#[tokio::test]
async fn a_root_that_the_hook_adds_is_trusted() {
    let Some(secure) = Secure::start(Shown::Valid).await else {
        return;
    };
    get(&secure.trusting()).await;
    assert_eq!(secure.counted.connections(), 1);
}

/// A test cannot change its own environment, so it runs itself again in a process of its own.
#[tokio::test]
async fn a_root_of_ssl_cert_file_is_trusted() {
    if let Ok(address) = std::env::var("TEST_ADDRESS") {
        get(&built(builder(address))).await;
        return;
    }
    let Some(secure) = Secure::start(Shown::Valid).await else {
        return;
    };
    let mut again = Command::new(std::env::current_exe().expect("this program"));
    again.args(["--exact", "tls::a_root_of_ssl_cert_file_is_trusted"]);
    again.env("TEST_ADDRESS", secure.address());
    again.env("SSL_CERT_FILE", &secure.root);
    // The balancer keeps running meanwhile.
    let run = tokio::task::spawn_blocking(move || again.output());
    let output = run.await.expect("no panic").expect("it runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("1 passed"), "{printed}");
    assert_eq!(secure.counted.connections(), 1);
}

/// Checks that an error is about the connection, and that the call was repeated.
fn assert_is_repeated(error: &Error) {
    assert!(error.is_connect() && !error.is_tls(), "{error}");
    assert_eq!(error.attempts(), 4, "{error}");
    assert!(!error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
async fn a_refused_connection_is_repeated() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let free = free.expect("a free port");
    let address = free.local_addr().expect("it is bound");
    drop(free);
    assert_is_repeated(&refused(&built(builder(format!("https://{address}")))).await);
}

#[tokio::test]
async fn a_reset_in_the_handshake_is_repeated() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let resetting = tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            // Unread bytes turn the end of the connection into a reset.
            let _ = client.readable().await;
        }
    });
    assert_is_repeated(&refused(&built(builder(format!("https://{address}")))).await);
    assert_eq!(connections.load(Ordering::Relaxed), 4);
    resetting.abort();
}

/// Starts a relay that sends a record of its own after the first one of a request. Returns its port.
async fn corrupting(server: u16) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await;
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.expect("the server").into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
            tokio::spawn(async move {
                let mut head = [0; 5];
                while from_client.read_exact(&mut head).await.is_ok() {
                    // RFC 5246, section 6.2.1: type, version and length of a record.
                    let length = u16::from_be_bytes([head[3], head[4]]);
                    let mut record = vec![0; length.into()];
                    from_client.read_exact(&mut record).await?;
                    to_server.write_all(&head).await?;
                    to_server.write_all(&record).await?;
                    if head[0] == 23 {
                        to_server.write_all(&[23, 3, 3, 0, 32]).await?;
                        to_server.write_all(&[0; 32]).await?;
                    }
                }
                Ok::<_, std::io::Error>(())
            });
        }
    });
    port
}

#[tokio::test]
async fn an_alert_after_the_request_leaves_its_effect_unknown() {
    let Some(secure) = Secure::start(Shown::Valid).await else {
        return;
    };
    let address = format!(
        "https://127.0.0.1:{}",
        corrupting(secure.counted.port()).await
    );
    let root = fs::read(&secure.root).expect("it was made");
    let root = Certificate::from_pem(&root).expect("a certificate");
    // In TLS 1.3 the handshake has records of the type of a request too.
    let configure = |reqwest: reqwest::ClientBuilder| {
        let reqwest = reqwest.tls_certs_merge([root]);
        reqwest.tls_version_max(reqwest::tls::Version::TLS_1_2)
    };
    let atlas = built(builder(address).configure(configure));
    let request = NewAwsPeering::new("vpc-1", "123456789012", "10.0.0.0/24");
    let created = atlas.create_peering_connection(&project(), request).await;
    let error = created.expect_err("the connection breaks");
    let causes = format!("{error:?}");
    assert!(causes.to_lowercase().contains("alert"), "{causes}");
    assert!(error.is_interrupted() && !error.is_tls(), "{causes}");
    assert!(error.may_have_taken_effect(), "{causes}");
    assert!(!causes.contains("nothing was sent"), "{causes}");
}
