//! A minimal client: it writes to the connection what a test gives it.

#![allow(dead_code, reason = "each test target uses a part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_atlas-peering-sandbox");
pub(crate) const PROJECT: &str = "5356823b3794dee37132bb7b";
/// The service account `id:secret`.
pub(crate) const BASIC: &str = "Basic aWQ6c2VjcmV0";

/// A sandbox in a process of its own, which ends with its test.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) base_url: String,
    /// The curl line that it prints second.
    pub(crate) curl: String,
    /// Kept open: the program prints more, and a closed pipe would end it.
    _printed: BufReader<ChildStdout>,
}

impl Running {
    /// Starts the binary and waits for its address.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut printed = BufReader::new(child.stdout.take().unwrap());
        let [base_url, curl] = [(); 2].map(|()| {
            let mut line = String::new();
            printed.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        });
        Self {
            child,
            base_url,
            curl,
            _printed: printed,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail if the process has already ended, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Response {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = fields.filter(|(of, _)| of.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{:?}", self.body))
    }
}

/// A connection that stays open for further requests.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn open(base_url: &str) -> Self {
        let address = base_url.strip_prefix("http://").unwrap();
        Self::of(TcpStream::connect(address).unwrap())
    }

    /// Ends the connection, and opens another.
    pub(crate) fn reopen(&mut self) {
        let address = self.stream.get_ref().peer_addr().unwrap();
        *self = Self::of(TcpStream::connect(address).unwrap());
    }

    fn of(stream: TcpStream) -> Self {
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Sends a request with a body and header lines such as `accept: */*`.
    pub(crate) fn send(&mut self, line: &str, headers: &[&str], body: &str) -> Option<Response> {
        let length = format!("content-length: {}", body.len());
        let mut head = vec![format!("{line} HTTP/1.1"), "host: sandbox".into(), length];
        head.extend(headers.iter().map(|header| (*header).to_owned()));
        self.write(&format!("{}\r\n\r\n{body}", head.join("\r\n")));
        self.receive()
    }

    pub(crate) fn write(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// Reads the next response; `None` if the connection ends before it is complete.
    pub(crate) fn receive(&mut self) -> Option<Response> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let mut response = Response {
            status,
            head,
            body: String::new(),
        };
        let length = response.header("content-length");
        let length = length.filter(|_| status != 204).unwrap_or("0");
        let mut body = vec![0; length.parse().ok()?];
        self.stream.read_exact(&mut body).ok()?;
        response.body = String::from_utf8(body).ok()?;
        Some(response)
    }
}

/// Sends one request over a connection of its own.
pub(crate) fn send(base_url: &str, line: &str, headers: &[&str], body: &str) -> Option<Response> {
    Connection::open(base_url).send(line, headers, body)
}

/// The header line of a new token of the service account `id:secret`.
pub(crate) fn bearer(base_url: &str) -> String {
    let basic = format!("authorization: {BASIC}");
    let form = "grant_type=client_credentials";
    let response = send(base_url, "POST /api/oauth/token", &[&basic], form).unwrap();
    let token = response.json()["access_token"].as_str().unwrap().to_owned();
    format!("authorization: Bearer {token}")
}
