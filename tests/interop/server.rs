//! A web server that is installed on this machine, started for one test.

use std::fs::File;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use atlas_peering::types::NewAwsPeering;
use atlas_peering::{Client, Credentials, PeeringId, ProjectId};

pub(crate) const USER: &str = "abcdefgh";
pub(crate) const PASSWORD: &str = "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11";
pub(crate) const REALM: &str = "MMS Public API";
pub(crate) const PROJECT: &str = "5356823b3794dee37132bb7b";
pub(crate) const PEERING: &str = "1112222b3bf99403840e8934";

/// The file of the peering, below the folder of a server.
pub(crate) const FILE: &str =
    "www/api/atlas/v1.0/groups/5356823b3794dee37132bb7b/peers/1112222b3bf99403840e8934";

/// The response body of each call.
pub(crate) const BODY: &str = include_str!("../fixtures/oldest-response.json");

/// The maximum time for a server to start, and to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// Folders with servers that the search path of a normal user lacks.
const FOLDERS: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

/// A line of a server's log: the status, and the request's `Authorization`, or a hyphen if it has none.
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) authorization: String,
}

impl Seen {
    pub(crate) fn read(line: &str) -> Self {
        let (status, authorization) = line.split_once(' ').expect("two fields");
        Self {
            status: status.parse().expect("a status"),
            authorization: authorization.to_owned(),
        }
    }

    /// Whether it is a signed request that was refused.
    pub(crate) fn is_refused(&self) -> bool {
        self.status == 401 && self.authorization != "-"
    }
}

/// The path of a program of this machine; a path stays as it is.
fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(FOLDERS.map(PathBuf::from));
    let mut paths = folders.map(|folder| folder.join(name));
    paths.find(|path| path.is_file())
}

/// Whether these are installed: programs by name, files by path. If one is missing, prints that the test is
/// skipped, or panics if `CI` is set.
pub(crate) fn installed(wanted: &[&str]) -> bool {
    let Some(missing) = wanted.iter().find(|name| program(name).is_none()) else {
        return true;
    };
    assert!(env::var_os("CI").is_none(), "{missing} is not installed");
    // The test harness would capture `eprintln!`.
    let _ = writeln!(io::stderr(), "skipped: {missing} is not installed");
    false
}

/// A command that runs an installed program.
pub(crate) fn command(name: &str) -> Command {
    Command::new(program(name).expect("`installed` found it"))
}

/// A folder that any user may read. It is deleted when it is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let name = format!("atlas-peering-interop-{}-{number}", std::process::id());
        let path = env::temp_dir().join(name);
        fs::create_dir(&path).expect("the temporary folder takes one more");
        let folder = Self(path);
        folder.permit(Path::new(""), 0o777);
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file and the folders above it.
    pub(crate) fn write(&self, name: impl AsRef<Path>, text: &str) {
        let path = self.0.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("a folder can be made");
        }
        fs::write(path, text).expect("a file can be written");
    }

    pub(crate) fn permit(&self, name: &Path, mode: u32) {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(self.0.join(name), permissions).expect("our own file");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // On failure, the files stay in the temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running server. It stops when it is dropped.
pub(crate) struct Server {
    child: Child,
    port: u16,
    folder: Folder,
    /// The signal that makes it finish its open requests and stop.
    signal: &'static str,
}

impl Server {
    /// Starts a server in the foreground. `configure` writes its files for a port, and returns the command.
    pub(crate) fn start(signal: &'static str, configure: impl Fn(&Folder, u16) -> Command) -> Self {
        // Another process may bind the free port before the server does: the loop starts it again then.
        for _ in 0..5 {
            let folder = Folder::new();
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
            let port = free.local_addr().expect("it is bound").port();
            drop(free);
            let mut command = configure(&folder, port);
            let path = folder.path().join("error.log");
            // Some servers write this file themselves; their output before that is kept in it too.
            let log = File::options().append(true).create(true).open(path);
            let child = command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log.expect("a file can be written"))
                .spawn();
            let mut server = Self {
                child: child.expect("the server's program runs"),
                port,
                folder,
                signal,
            };
            if server.is_up() {
                return server;
            }
            eprintln!("{}", server.read("error.log"));
        }
        panic!("the server does not start");
    }

    /// Waits until it accepts connections; false if it ends before.
    fn is_up(&mut self) -> bool {
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            let ended = self.child.try_wait().expect("our own child").is_some();
            if ended || start.elapsed() > PATIENCE {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
        true
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The path of a file in its folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A client with this password.
    pub(crate) fn client(&self, password: &str) -> Client {
        client(self.port, "", password)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// Stops it after its open requests, so that its log is complete, and reads the log.
    pub(crate) fn stop(mut self) -> Vec<Seen> {
        assert!(self.ends_after(self.signal), "the server does not stop");
        self.read("access.log").lines().map(Seen::read).collect()
    }

    /// Sends it a signal; returns whether it ends in time.
    fn ends_after(&mut self, signal: &str) -> bool {
        let kill = format!("kill -{signal} {}", self.child.id());
        let killed = Command::new("sh").args(["-c", &kill]).status();
        let start = Instant::now();
        while killed.as_ref().is_ok_and(ExitStatus::success) && start.elapsed() < PATIENCE {
            if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return true;
            }
            thread::sleep(Duration::from_millis(5));
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let ended = self.child.try_wait().is_ok_and(|ended| ended.is_some());
        // A signal first: only the server itself can end its own processes.
        if !ended && !self.ends_after("TERM") {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if thread::panicking() {
            eprintln!("{}\n{}", self.read("error.log"), self.read("access.log"));
        }
    }
}

/// A client of a server on this port, below this path, with this password.
pub(crate) fn client(port: u16, path: &str, password: &str) -> Client {
    Client::builder()
        .base_url(format!("http://127.0.0.1:{port}{path}"))
        .credentials(Credentials::api_key(USER, password))
        .realm(REALM)
        .build()
        .expect("the client is built")
}

pub(crate) fn project() -> ProjectId {
    PROJECT.parse().expect("an id")
}

pub(crate) fn peering() -> PeeringId {
    PEERING.parse().expect("an id")
}

/// Creates a peering: a request with a body.
pub(crate) async fn create(atlas: &Client) {
    let request = NewAwsPeering::new("vpc-0123456789abcdef0", "123456789012", "192.168.0.0/24");
    let created = atlas.create_peering_connection(&project(), request).await;
    assert_eq!(
        created.expect("the call is admitted").id().as_str(),
        PEERING
    );
}

/// Gets the peering.
pub(crate) async fn get(atlas: &Client) {
    let got = atlas.get_peering_connection(&project(), &peering()).await;
    assert_eq!(got.expect("the call is admitted").id(), &peering());
}

pub(crate) fn count(seen: &[Seen], status: u16) -> usize {
    seen.iter()
        .filter(|request| request.status == status)
        .count()
}
