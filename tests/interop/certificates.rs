//! The certificates of a company's own authority, made with the `openssl` program.

use std::process::{Command, Stdio};

use super::server::{Folder, command};

/// The arguments for a new key.
const KEY: [&str; 5] = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
];

/// The configuration of `openssl ca`, the only command that can issue an expired certificate.
const AUTHORITY: &str = "\
[ca]
default_ca = company
[company]
database = index
serial = serial
new_certs_dir = .
certificate = root.pem
private_key = root.key
default_md = sha256
policy = names
[names]
commonName = supplied
[req]
distinguished_name = names
";

/// When a certificate is valid.
#[derive(Clone, Copy)]
pub(crate) enum Validity {
    Present,
    Past,
}

/// An authority in a folder, which also holds the certificates that it issues.
pub(crate) struct Authority<'a> {
    folder: &'a Folder,
}

impl<'a> Authority<'a> {
    /// Makes the root, `root.pem`.
    pub(crate) fn new(folder: &'a Folder) -> Self {
        folder.write("ca.conf", AUTHORITY);
        folder.write("index", "");
        folder.write("serial", "01\n");
        let authority = Self { folder };
        authority.openssl(|openssl| {
            openssl.args(["req", "-x509", "-config", "ca.conf", "-days", "2"]);
            openssl.args(KEY).args(["-subj", "/CN=Company Root"]);
            openssl.args(["-addext", "basicConstraints=critical,CA:TRUE"]);
            openssl.args(["-keyout", "root.key", "-out", "root.pem"]);
        });
        authority
    }

    /// Issues `server.pem` with `server.key`, for a name such as `IP:127.0.0.1`.
    pub(crate) fn issue(&self, name: &str, validity: Validity) {
        let extensions = format!("subjectAltName={name}\nbasicConstraints=critical,CA:FALSE\n");
        self.folder.write("extensions", &extensions);
        self.openssl(|openssl| {
            openssl.args(["req", "-config", "ca.conf", "-subj", "/CN=server"]);
            openssl.args(KEY);
            openssl.args(["-keyout", "server.key", "-out", "server.csr"]);
        });
        self.openssl(|openssl| {
            openssl.args(["ca", "-batch", "-notext", "-config", "ca.conf"]);
            openssl.args(["-extfile", "extensions"]);
            openssl.args(["-in", "server.csr", "-out", "server.pem"]);
            match validity {
                Validity::Present => openssl.args(["-days", "1"]),
                Validity::Past => openssl.args([
                    "-startdate",
                    "20240101000000Z",
                    "-enddate",
                    "20240102000000Z",
                ]),
            };
        });
    }

    /// Signs `server.pem` with its own key.
    pub(crate) fn self_sign(&self) {
        self.openssl(|openssl| {
            openssl.args(["req", "-x509", "-config", "ca.conf", "-days", "2"]);
            openssl.args(KEY).args(["-subj", "/CN=server"]);
            openssl.args(["-addext", "subjectAltName=IP:127.0.0.1"]);
            openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
            openssl.args(["-keyout", "server.key", "-out", "server.pem"]);
        });
    }

    fn openssl(&self, arguments: impl FnOnce(&mut Command)) {
        let mut command = command("openssl");
        arguments(&mut command);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        let output = command.output().expect("openssl runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {errors}");
    }
}
