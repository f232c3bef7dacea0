//! Makes many calls, 64 at once, against a sandbox into which another process injects faults. Prints how the
//! calls ended, and how much the process grew meanwhile.

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
const MAX_ATTEMPTS: u32 = 4;
/// The number of networks. All tasks ensure a peering with the same one at once, and then with the next.
const NETWORKS: usize = 50;

/// How the calls ended.
#[derive(Default)]
struct Tally {
    /// Calls that started.
    begun: AtomicUsize,
    well: AtomicUsize,
    /// Calls that failed as the policy says: with a temporary fault, after all attempts.
    exhausted: AtomicUsize,
}

/// A kind of call; each task makes them in turn.
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

/// The resources of the process while no call is in flight.
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
        let policy = RetryPolicy::default().max_attempts(MAX_ATTEMPTS);
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
    // The first half allocates all that is allocated once: peerings, connections, room for nonces.
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

/// Makes the calls `numbers` of `of` calls in total.
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

/// Makes a call. `Get` reads the peering that the task ensured last.
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

/// Whether all attempts of a call met a temporary fault. A creation with an unknown outcome, or in conflict
/// with that of another task, has one attempt. Its error is returned with its cause if all attempts of the
/// list after it met a fault.
fn is_exhausted(error: &Error, call: Call) -> bool {
    let list = || error.source()?.downcast_ref::<Error>();
    met_a_fault(error) && (error.attempts() == MAX_ATTEMPTS || call == Call::Ensure)
        || call == Call::Ensure && list().is_some_and(|cause| is_exhausted(cause, Call::List))
}

fn met_a_fault(error: &Error) -> bool {
    let passes = error.is_rate_limited() || error.is_server_error();
    let lost = error.api_error().is_none() && !error.is_input() && !error.is_decode();
    passes || lost
}

/// The number of open sockets, on Linux; 0 on other systems.
fn sockets() -> usize {
    let files = std::fs::read_dir("/proc/self/fd").into_iter().flatten();
    let links = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    links
        .filter(|link| link.to_string_lossy().starts_with("socket:"))
        .count()
}
