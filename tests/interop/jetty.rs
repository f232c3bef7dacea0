//! Jetty's `DigestAuthenticator`, whose format the service's challenges have. It counts the requests of each
//! nonce, and an unknown nonce is stale for it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use atlas_peering::{Client, Error};

use super::balancer::{Balancer, Turn};
use super::server::{
    PASSWORD, REALM, Seen, USER, client, command, count, create, get, installed, peering, project,
};

/// The files with its classes, as on Debian.
const JARS: [&str; 6] = [
    "/usr/share/java/jetty9-http.jar",
    "/usr/share/java/jetty9-io.jar",
    "/usr/share/java/jetty9-security.jar",
    "/usr/share/java/jetty9-server.jar",
    "/usr/share/java/jetty9-util.jar",
    "/usr/share/java/servlet-api.jar",
];

/// The program, which `java` compiles in memory when it starts.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/Jetty.java");
const BODY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/oldest-response.json"
);

/// The virtual machine for all tests, which ends when its input does.
struct Machine {
    _child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Machine {
    fn start() -> Self {
        let mut command = command("java");
        // The optimizing compiler does not pay off for half a second of work.
        command.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]);
        command.arg("-Dorg.eclipse.jetty.LEVEL=WARN");
        command.arg("-Dorg.eclipse.jetty.util.log.announce=false");
        command.args(["-cp", &JARS.join(":"), PROGRAM]);
        command.args([REALM, USER, PASSWORD, BODY]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("java runs");
        Self {
            input: child.stdin.take().expect("it has an input"),
            output: BufReader::new(child.stdout.take().expect("it has an output")),
            _child: child,
        }
    }

    /// Sends a command, and reads the first line of the response.
    fn ask(&mut self, command: &str) -> String {
        writeln!(self.input, "{command}").expect("it reads its input");
        self.line()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.output.read_line(&mut line).expect("it responds");
        assert!(read > 0, "Jetty.java ended; its reason is above");
        line.trim_end().to_owned()
    }
}

/// Uses the machine, which the first test starts.
fn with_machine<T>(work: impl FnOnce(&mut Machine) -> T) -> T {
    static MACHINE: OnceLock<Mutex<Machine>> = OnceLock::new();
    let machine = MACHINE.get_or_init(|| Mutex::new(Machine::start()));
    work(&mut machine.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A running Jetty.
struct Jetty {
    port: u16,
}

impl Jetty {
    /// Starts a server with these settings, if Jetty is installed.
    fn start(settings: &str) -> Option<Self> {
        Self::start_below("/", settings)
    }

    /// Starts a server below a context path.
    fn start_below(context: &str, settings: &str) -> Option<Self> {
        if !installed(&[&["java", "javac"][..], &JARS].concat()) {
            return None;
        }
        let command = format!("start {context} {settings}");
        let port = with_machine(|machine| machine.ask(command.trim_end()));
        let port = port.parse().expect("a port");
        Some(Self { port })
    }

    fn client(&self) -> Client {
        client(self.port, "", PASSWORD)
    }

    /// Stops the server, and returns its requests.
    fn stop(self) -> Vec<Seen> {
        with_machine(|machine| {
            let mut line = machine.ask(&format!("stop {}", self.port));
            let mut seen = Vec::new();
            while !line.is_empty() {
                seen.push(Seen::read(&line));
                line = machine.line();
            }
            seen
        })
    }
}

/// The number of requests, and how many signed ones were refused.
fn cost(seen: &[Seen]) -> (usize, usize) {
    (
        seen.len(),
        seen.iter().filter(|request| request.is_refused()).count(),
    )
}

/// Makes calls from 8 tasks at once, 25 each; returns the errors.
async fn calls_at_once(atlas: &Client) -> Vec<Error> {
    let tasks = (0..8).map(|_| {
        let atlas = atlas.clone();
        tokio::spawn(async move {
            let mut failed = Vec::new();
            for _ in 0..25 {
                let got = atlas.get_peering_connection(&project(), &peering()).await;
                failed.extend(got.err());
            }
            failed
        })
    });
    let mut failed = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        failed.extend(task.await.expect("no task panics"));
    }
    failed
}

/// Checks that the error is about a stale nonce, not about the key.
fn assert_is_stale(error: &Error) {
    let text = error.to_string();
    assert!(error.is_unauthorized(), "{text}");
    assert!(text.contains("stale"), "{text}");
    assert!(!text.contains("check both its parts"), "{text}");
}

#[tokio::test]
async fn steady_calls_cost_one_challenge() {
    let Some(jetty) = Jetty::start("") else {
        return;
    };
    let atlas = jetty.client();
    for _ in 0..10 {
        create(&atlas).await;
        get(&atlas).await;
    }
    let seen = jetty.stop();
    assert_eq!((count(&seen, 200), cost(&seen)), (20, (21, 0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_at_once_cost_a_challenge_each_at_most() {
    let Some(jetty) = Jetty::start("") else {
        return;
    };
    let failed = calls_at_once(&jetty.client()).await;
    assert!(failed.is_empty(), "{failed:?}");
    let seen = jetty.stop();
    let (requests, refused) = cost(&seen);
    assert_eq!((count(&seen, 200), refused), (200, 0));
    assert!((201..=208).contains(&requests), "{requests}");
}

#[tokio::test]
async fn a_wrong_key_costs_two_requests() {
    let Some(jetty) = Jetty::start("") else {
        return;
    };
    let atlas = client(jetty.port, "", "another");
    for _ in 0..3 {
        let got = atlas.get_peering_connection(&project(), &peering()).await;
        let error = got.expect_err("the key is refused");
        assert!(error.is_unauthorized());
        assert!(error.to_string().contains("check both its parts"));
    }
    assert_eq!(cost(&jetty.stop()), (6, 3));
}

/// Jetty accepts counts below 4: a nonce serves three calls, and the fourth call gets the next nonce.
#[tokio::test]
async fn a_nonce_that_is_used_up_costs_one_request_more() {
    let Some(jetty) = Jetty::start("maxNonceCount=4") else {
        return;
    };
    let atlas = jetty.client();
    for _ in 0..6 {
        create(&atlas).await;
        get(&atlas).await;
    }
    let seen = jetty.stop();
    assert_eq!((count(&seen, 200), cost(&seen)), (12, (16, 3)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonces_that_are_used_up_fail_no_task() {
    let Some(jetty) = Jetty::start("maxNonceCount=4") else {
        return;
    };
    let failed = calls_at_once(&jetty.client()).await;
    assert!(failed.is_empty(), "{failed:?}");
    let seen = jetty.stop();
    let (requests, refused) = cost(&seen);
    assert_eq!(count(&seen, 200), 200);
    // A refusal for each three calls, after one challenge a task.
    assert!(refused <= 200 / 3 + 1, "{refused}");
    assert!((1..=8).contains(&(requests - 200 - refused)), "{requests}");
}

/// The client notices this after three refusals. From then on, each call fetches its own nonce.
#[tokio::test]
async fn one_time_nonces_cost_two_requests() {
    let Some(jetty) = Jetty::start("maxNonceCount=2") else {
        return;
    };
    let atlas = jetty.client();
    for _ in 0..20 {
        get(&atlas).await;
    }
    let seen = jetty.stop();
    let (requests, refused) = cost(&seen);
    assert_eq!((count(&seen, 200), requests), (20, 40));
    assert!((3..=12).contains(&refused), "{refused}");
}

/// No test can move the server's clock: this one waits until nonces of 2 seconds expire, three at their first
/// reuse. Calls with shorter pauses still cost one request each.
#[tokio::test]
async fn a_stale_nonce_costs_one_request_more_and_steady_calls_cost_one() {
    let Some(jetty) = Jetty::start("maxNonceAge=2000") else {
        return;
    };
    let atlas = jetty.client();
    tokio::join!(get(&atlas), get(&atlas), get(&atlas));
    tokio::time::sleep(Duration::from_millis(2100)).await;
    tokio::join!(get(&atlas), get(&atlas), get(&atlas));
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        get(&atlas).await;
    }
    let seen = jetty.stop();
    let (requests, refused) = cost(&seen);
    assert_eq!(count(&seen, 200), 16);
    assert!(refused >= 3, "each of the nonces that rested: {refused}");
    // Three challenges and three refusals, and a few more if the machine itself paused.
    let expected = 16 + 3 + 3;
    assert!((expected..=expected + 2).contains(&requests), "{requests}");
}

/// The `domain` of the challenge is the path.
#[tokio::test]
async fn below_a_context_path_steady_calls_cost_one_challenge() {
    let Some(jetty) = Jetty::start_below("/atlas", "") else {
        return;
    };
    for path in ["/atlas", "/atlas/"] {
        let atlas = client(jetty.port, path, PASSWORD);
        for _ in 0..5 {
            create(&atlas).await;
            get(&atlas).await;
        }
    }
    let seen = jetty.stop();
    assert_eq!((count(&seen, 200), cost(&seen)), (20, (22, 0)));
    let signed = "uri=\"/atlas/api/atlas/v1.0/groups/";
    assert!(seen[1].authorization.contains(signed));
}

/// Two servers behind one address, which share no nonces.
struct Pair {
    servers: [Jetty; 2],
    balancer: Balancer,
}

impl Pair {
    async fn start(turn: Turn) -> Option<Self> {
        let servers = [Jetty::start("")?, Jetty::start("")?];
        let ports = servers.iter().map(|jetty| jetty.port).collect();
        let balancer = Balancer::start(turn, ports).await;
        Some(Self { servers, balancer })
    }

    fn client(&self) -> Client {
        client(self.balancer.port(), "", PASSWORD)
    }

    fn stop(self) -> Vec<Seen> {
        self.servers.into_iter().flat_map(Jetty::stop).collect()
    }
}

#[tokio::test]
async fn with_two_servers_by_connection_the_nonces_of_a_connection_stay_valid() {
    let Some(pair) = Pair::start(Turn::Connection).await else {
        return;
    };
    for _ in 0..2 {
        let atlas = pair.client();
        for _ in 0..10 {
            get(&atlas).await;
        }
    }
    let seen = pair.stop();
    assert_eq!((count(&seen, 200), cost(&seen)), (20, (22, 0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_two_servers_by_connection_errors_of_tasks_at_once_name_a_stale_nonce() {
    let Some(pair) = Pair::start(Turn::Connection).await else {
        return;
    };
    let failed = calls_at_once(&pair.client()).await;
    failed.iter().for_each(assert_is_stale);
    let seen = pair.stop();
    assert_eq!(count(&seen, 200) + failed.len(), 200);
    assert!(cost(&seen).0 <= 3 * 200, "{:?}", cost(&seen));
}

/// Strictly in turn, each signed request reaches the server that did not issue the nonce: a call ends after
/// three requests, with an error that names the reason.
#[tokio::test]
async fn with_two_servers_by_request_the_error_names_a_stale_nonce() {
    let Some(pair) = Pair::start(Turn::Request).await else {
        return;
    };
    let atlas = pair.client();
    for _ in 0..5 {
        let got = atlas.get_peering_connection(&project(), &peering()).await;
        assert_is_stale(&got.expect_err("no server knows the nonce"));
    }
    assert_eq!(pair.balancer.connections(), 15);
    assert_eq!(cost(&pair.stop()), (15, 10));
}

/// Requests of other tasks in between change the turn, and a further signed request is admitted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_two_servers_by_request_tasks_at_once_end_in_time() {
    let Some(pair) = Pair::start(Turn::Request).await else {
        return;
    };
    let failed = calls_at_once(&pair.client()).await;
    failed.iter().for_each(assert_is_stale);
    let seen = pair.stop();
    assert_eq!(count(&seen, 200) + failed.len(), 200);
    assert!(failed.len() < 200, "some are admitted");
    assert!(cost(&seen).0 <= 3 * 200, "{:?}", cost(&seen));
}
