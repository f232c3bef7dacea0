//! Makes many calls, 64 at once, against a sandbox whose faults another process injects, and prints
//! what became of them and by how much the process grew meanwhile.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use atlas_peering::types::NewAwsPeering;
use atlas_peering::{Client, Credentials, Error, PeeringId, ProjectId, RetryPolicy};
use atlas_peering_processes::Failure;
use peak_alloc::PeakAlloc;
use tokio::runtime::Handle;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const IN_FLIGHT: usize = 64;
const TRIES: u32 = 4;
/// Each is ensured from all tasks at once, one after the other.
const NETWORKS: usize = 50;

/// What became of the calls.
#[derive(Default)]
struct Tally {
    /// Calls that were begun.
    begun: AtomicUsize,
    well: AtomicUsize,
    /// Calls that failed as the policy says: with a fault that passes, after all tries.
    exhausted: AtomicUsize,
}

/// A call of a task, in turn.
#[derive(Clone, Copy, PartialEq)]
enum Call {
    Get,
    List,
    Ensure,
}

const TURN: [Call; 10] = {
    use Call::{Ensure, Get, List};
    [Get, Get, List, Get, Get, Ensure, Get, Get, List, Get]
};

/// What a process has at a moment when no call is in flight.
struct Holdings {
    heap: usize,
    tasks: usize,
    sockets: usize,
}

impl Holdings {
    fn now() -> Self {
        Self {
            heap: HEAP.current_usage(),
            tasks: Handle::current().metrics().num_alive_tasks(),
            sockets: sockets(),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [base_url, public, private, id, secret, project, calls] = &arguments[..] else {
        return Err("usage: BASE_URL PUBLIC PRIVATE ID SECRET PROJECT CALLS".into());
    };
    let client = |credentials| {
        let policy = RetryPolicy::default().max_attempts(TRIES);
        let policy = policy.backoff(Duration::from_millis(1), Duration::from_millis(20));
        let builder = Client::builder().base_url(base_url).retry(policy);
        builder.credentials(credentials).build()
    };
    let clients = [
        client(Credentials::api_key(public, private))?,
        client(Credentials::service_account(id, secret))?,
    ];
    let (project, calls): (ProjectId, usize) = (project.parse()?, calls.parse()?);
    let tally = Arc::new(Tally::default());
    // All that is made once is made in the first half: peerings, connections, room for nonces.
    make_calls(&clients, &project, &tally, 0..calls / 2, calls).await?;
    let before = Holdings::now();
    make_calls(&clients, &project, &tally, calls / 2..calls, calls).await?;
    let after = Holdings::now();
    let get = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    println!("{} {}", get(&tally.well), get(&tally.exhausted));
    println!("{} {}", before.heap, after.heap);
    println!("{} {}", before.tasks, after.tasks);
    println!("{} {}", before.sockets, after.sockets);
    Ok(())
}

/// Makes these of so many calls.
async fn make_calls(
    clients: &[Client; 2],
    project: &ProjectId,
    tally: &Arc<Tally>,
    numbers: std::ops::Range<usize>,
    of: usize,
) -> Result<(), Failure> {
    tally.begun.store(numbers.start, Ordering::Relaxed);
    let tasks = (0..IN_FLIGHT).map(|task| {
        let client = clients[task % clients.len()].clone();
        let (project, tally, end) = (project.clone(), Arc::clone(tally), numbers.end);
        tokio::spawn(async move {
            let mut known = None;
            loop {
                let number = tally.begun.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return Ok(());
                }
                let network = (2 * number * NETWORKS / of).min(NETWORKS - 1);
                let call = match TURN[(number / IN_FLIGHT + task) % TURN.len()] {
                    Call::Get if known.is_none() => Call::Ensure,
                    call => call,
                };
                match make(call, &client, &project, network, &mut known).await {
                    Ok(()) => tally.well.fetch_add(1, Ordering::Relaxed),
                    Err(error) if is_exhausted(&error, call) => {
                        tally.exhausted.fetch_add(1, Ordering::Relaxed)
                    }
                    Err(error) => return Err(format!("call {number}: {error}; {error:?}")),
                };
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    Ok(())
}

/// Makes a call; a task gets the peering that it was told of last.
async fn make(
    call: Call,
    client: &Client,
    project: &ProjectId,
    network: usize,
    known: &mut Option<PeeringId>,
) -> Result<(), Error> {
    match (call, &known) {
        (Call::Get, Some(id)) => {
            client.get_peering_connection(project, id).await?;
        }
        (Call::List, _) => {
            let page = client.list_peering_connections(project);
            page.await?;
        }
        _ => {
            let block = format!("172.{}.{}.0/24", 16 + network / 256, network % 256);
            let wanted = NewAwsPeering::new(format!("vpc-{network:017x}"), "123456789012", block);
            *known = Some(client.ensure_peering(project, wanted).await?.id().clone());
        }
    }
    Ok(())
}

/// Whether a fault that passes met every try of a call. A creation whose fate is unknown is tried once, and
/// so is one that is in conflict with that of another task; either is told, with the cause, where every try
/// of the look that has to follow met a fault.
fn is_exhausted(error: &Error, call: Call) -> bool {
    let looked = || error.source()?.downcast_ref::<Error>();
    met_a_fault(error) && (error.attempts() == TRIES || call == Call::Ensure)
        || call == Call::Ensure && looked().is_some_and(|look| is_exhausted(look, Call::List))
}

fn met_a_fault(error: &Error) -> bool {
    let passes = error.is_rate_limited() || error.is_server_error();
    let lost = error.api_error().is_none() && !error.is_input() && !error.is_decode();
    passes || lost
}

/// The sockets that are open, where the system tells them.
fn sockets() -> usize {
    let files = std::fs::read_dir("/proc/self/fd").into_iter().flatten();
    let links = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    links
        .filter(|link| link.to_string_lossy().starts_with("socket:"))
        .count()
}
