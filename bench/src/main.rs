//! `cargo run --release -p bench`: the cost of a call, for each client, in one run against one server.
//!
//! The server is a process of its own, and so is each measurement, so that the CPU time is the client's
//! only. The clients run on one core and the server on another. Each round measures all clients in turn;
//! the result is the median of the rounds.

mod clients;
mod listing;
mod median;
mod peering;
mod plain;
mod server;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, ExitCode, Stdio};

use clients::ROWS;
use core_affinity::CoreId;
use median::median;

type Failure = Box<dyn std::error::Error>;

const IN_FLIGHT: [usize; 3] = [1, 8, 64];
/// Milliseconds before each response, as the latency of a network, and the number of rounds with it.
const DELAYS: [(u64, usize); 2] = [(0, 50), (20, 5)];

/// The result of one measurement.
struct Cost {
    /// CPU time of the client for a call, in microseconds.
    cpu: f64,
    /// Wall time for a call, in microseconds.
    wall: f64,
    /// Requests that a call needs.
    requests: f64,
    connections: f64,
    /// The share of calls that failed, from 0 to 1.
    failed: f64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), Failure> {
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    let (of_client, of_server) = (cores.first(), cores.last());
    match arguments[..] {
        [] => measure_all(),
        ["serve"] => {
            stay_on(of_server);
            server::run()
        }
        ["list", base_url, length] => {
            stay_on(of_client);
            list(base_url, length)
        }
        ["client", row, base_url, in_flight, calls] => {
            stay_on(of_client);
            client(row, base_url, in_flight, calls)
        }
        _ => Err("unknown argument; usage: cargo run --release -p bench, without arguments".into()),
    }
}

/// Keeps this process on one core, where the system can. Otherwise a client with one call in flight
/// shares the server's core in one round and not in the next, and a call takes 30 µs or 120 µs.
fn stay_on(core: Option<&CoreId>) {
    if let Some(core) = core {
        core_affinity::set_for_current(*core);
    }
}

/// The process of the server, which ends when this value is dropped.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start() -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process
            .stdout
            .take()
            .ok_or("the server printed no address")?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        let address = address.trim().to_owned();
        Ok(Self { process, address })
    }

    fn url(&self, mode: &str) -> String {
        format!("http://{}/{mode}", self.address)
    }

    /// The numbers of requests and connections since the last call.
    fn counts(&self) -> Result<(u64, u64), Failure> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.write_all(b"GET /counts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let body = text.rsplit("\r\n\r\n").next().unwrap_or_default();
        let (requests, connections) = body.split_once(' ').ok_or("the server sent no counts")?;
        Ok((requests.parse()?, connections.parse()?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn measure_all() -> Result<(), Failure> {
    let server = Server::start()?;
    println!(
        "The medians of all rounds; CPU of the client's process; ratios to the limit of the same round.\n"
    );
    for (delay, rounds) in DELAYS {
        for in_flight in IN_FLIGHT {
            let round = || {
                ROWS.iter()
                    .map(|row| measure(&server, row, delay, in_flight))
                    .collect::<Result<Vec<Cost>, _>>()
            };
            let costs = (0..rounds)
                .map(|_| round())
                .collect::<Result<Vec<_>, _>>()?;
            print_table(delay, in_flight, &costs);
        }
    }
    println!("Lists, in pages of 500, with digest MD5\n");
    listing::measure(&server)
}

/// Prints a table. `rounds` has the costs of all rows for each round. Ratios are taken within a round,
/// because other load of the machine changes between rounds.
fn print_table(delay: u64, in_flight: usize, rounds: &[Vec<Cost>]) {
    println!("{in_flight} in flight, {delay} ms added to each response\n");
    println!(
        "| client | CPU µs a call | to limit | calls a second | wall to limit | requests a call | connections | failed |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for (index, row) in ROWS.iter().enumerate() {
        let of = |get: fn(&Cost, &Cost) -> f64| {
            median(rounds.iter().map(|costs| get(&costs[index], &costs[0])))
        };
        println!(
            "| {} | {:.1} | {:.2} | {:.0} | {:.2} | {:.2} | {} | {:.1} % |",
            row.name,
            of(|own, _| own.cpu),
            of(|own, limit| own.cpu / limit.cpu),
            of(|own, _| 1e6 / own.wall),
            of(|own, limit| own.wall / limit.wall),
            of(|own, _| own.requests),
            of(|own, _| own.connections),
            of(|own, _| own.failed * 100.0),
        );
    }
    println!();
}

fn measure(
    server: &Server,
    row: &clients::Row,
    delay: u64,
    in_flight: usize,
) -> Result<Cost, Failure> {
    // At most a second, also if each call is challenged.
    let calls = match delay {
        0 => 1000,
        _ => 40 * in_flight,
    };
    let base_url = server.url(&format!("{}-{delay}", row.asks_for));
    server.counts()?;
    let (in_flight, calls) = (in_flight.to_string(), calls.to_string());
    let [cpu, wall, made, failed] = own(&["client", row.name, &base_url, &in_flight, &calls])?;
    let (requests, connections) = server.counts()?;
    #[expect(clippy::cast_precision_loss, reason = "they are few")]
    Ok(Cost {
        cpu,
        wall,
        requests: requests as f64 / made,
        // The connection that fetched the counts is not the client's.
        connections: connections.saturating_sub(1) as f64,
        failed: failed / made,
    })
}

/// Runs this program with arguments, and returns the numbers that it prints.
fn own<const N: usize>(arguments: &[&str]) -> Result<[f64; N], Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(arguments).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let numbers: Result<Vec<f64>, _> = text.split_whitespace().map(str::parse).collect();
    let numbers = numbers?.try_into();
    numbers.map_err(|_| format!("{arguments:?} printed {text:?}").into())
}

/// Makes the calls of a row, and prints the cost of a call.
#[tokio::main(flavor = "current_thread")]
async fn client(row: &str, base_url: &str, in_flight: &str, calls: &str) -> Result<(), Failure> {
    let row = ROWS
        .iter()
        .find(|own| own.name == row)
        .ok_or("unknown row")?;
    let (cpu, wall, made, failed) = row
        .run(base_url, in_flight.parse()?, calls.parse()?)
        .await?;
    println!("{cpu} {wall} {made} {failed}");
    Ok(())
}

/// Lists all peerings, and prints what that costs.
#[tokio::main(flavor = "current_thread")]
async fn list(base_url: &str, length: &str) -> Result<(), Failure> {
    let [cpu, wall, memory] = listing::walk(base_url, length.parse()?).await?;
    println!("{cpu} {wall} {memory}");
    Ok(())
}
