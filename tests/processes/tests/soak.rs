//! Many calls through faults of all kinds: `SOAK_CALLS` of them, 20,000 by default.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use atlas_peering_sandbox::{Digest, Fault, Sandbox};

/// The number of networks that the program peers.
const NETWORKS: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_calls_end_as_the_policy_says_and_nothing_grows() {
    let calls = std::env::var("SOAK_CALLS").unwrap_or("20000".into());
    // A nonce is stale after 50 uses, and after 2 seconds.
    let digest = Digest::default()
        .budget(50)
        .lifetime(Duration::from_secs(2));
    let sandbox = Sandbox::builder()
        .digest(digest)
        .limits(NETWORKS, NETWORKS)
        .clock_speed(1)
        .start()
        .await
        .unwrap();
    let sandbox = Arc::new(sandbox);
    let ended = Arc::new(AtomicBool::new(false));
    let faults = tokio::spawn(inject_until(Arc::clone(&ended), Arc::clone(&sandbox)));
    let printed = soak(&sandbox, calls.clone()).await;
    ended.store(true, Ordering::Relaxed);
    let met = faults.await.unwrap();

    let pair = |line: &str| {
        let (one, other) = line.split_once(' ').unwrap();
        [one, other].map(|number| number.parse::<usize>().unwrap())
    };
    let lines: Vec<_> = printed.lines().map(pair).collect();
    let [[well, exhausted], heap, tasks, sockets] = lines[..] else {
        panic!("{printed}")
    };
    println!("{met} faults; {well} calls succeeded, {exhausted} met one with each attempt");
    println!("before and after: heap {heap:?}, tasks {tasks:?}, sockets {sockets:?}");
    assert_eq!(well + exhausted, calls.parse::<usize>().unwrap());
    assert!(exhausted * 100 < well, "{exhausted} of {well}");
    // Each connection has buffers; the number of connections depends on how many broke.
    let connections = 64 * 1024 * sockets[1].saturating_sub(sockets[0]);
    let bound = heap[0] + connections + 256 * 1024;
    assert!(heap[1] < bound, "the heap grew: {heap:?}");
    // One task for each connection, of two clients with 32 calls at once each.
    assert!(
        tasks[1] <= 2 * 64 + 2 && tasks[1] <= tasks[0] + 64,
        "{tasks:?}"
    );
    assert!(
        sockets[1] <= 2 * 64 + 2 && sockets[1] <= sockets[0] + 64,
        "{sockets:?}"
    );

    let peerings = sandbox.peerings();
    let networks: BTreeSet<_> = peerings.iter().map(|of| of["vpcId"].to_string()).collect();
    assert_eq!((peerings.len(), networks.len()), (NETWORKS, NETWORKS));
}

/// Runs the program; returns what it printed.
async fn soak(sandbox: &Sandbox, calls: String) -> String {
    let ((public, private), (id, secret)) = (sandbox.api_key(), sandbox.service_account());
    let (base_url, project) = (sandbox.base_url().to_owned(), sandbox.project());
    let arguments = [base_url, public, private, id, secret, project, calls];
    let program = env!("CARGO_BIN_EXE_soak");
    let run = move || atlas_peering_processes::run(program, &arguments);
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// The number of faults, one in 20 milliseconds, after which all tokens are revoked. The service issues ten
/// tokens a minute, and a client that needs more has to wait for the next minute.
const TOKENS_LAST: usize = 350;

/// Injects a fault each 20 milliseconds, for at most one call of ten, however slow the machine is, and
/// revokes all tokens each 7 seconds. Returns the number of faults.
async fn inject_until(ended: Arc<AtomicBool>, sandbox: Arc<Sandbox>) -> usize {
    let operations = [
        ("getPeeringConnection", 9),
        ("listPeeringConnections", 9),
        ("createPeeringConnection", 1),
    ];
    let faults = [
        Fault::drop_before(),
        Fault::drop_after(),
        Fault::cut_response(),
        Fault::fail_before(429),
        Fault::fail_before(503),
        Fault::fail_after(502),
        Fault::delay_response(Duration::from_millis(50)),
    ];
    let mut injected = 0;
    while !ended.load(Ordering::Relaxed) {
        let (operation, spared) = operations[injected % operations.len()];
        let fault = faults[injected % faults.len()].clone();
        sandbox.inject(operation, fault.skip(spared)).unwrap();
        injected += 1;
        if injected.is_multiple_of(TOKENS_LAST) {
            sandbox.revoke_tokens();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    injected
}
