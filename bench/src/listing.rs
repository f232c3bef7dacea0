//! The cost of a list by its length.

use std::time::Instant;

use atlas_peering::types::Provider;
use atlas_peering::{Client, Credentials, ProjectId};
use cpu_time::ProcessTime;

use crate::clients::{KEY, PROJECT};
use crate::{Failure, Server, own};

const ROUNDS: usize = 5;

const LENGTHS: [usize; 3] = [100, 10_000, 100_000];

/// Measures lists, each in a process of its own, and prints a table.
pub(crate) fn measure(server: &Server) -> Result<(), Failure> {
    println!("| peerings | CPU µs each | to that of 10,000 | wall µs each | largest memory, MiB |");
    println!("|---:|---:|---:|---:|---:|");
    let mut costs = LENGTHS.map(|length| (length, [f64::MAX; 3]));
    for _ in 0..ROUNDS {
        for (length, least) in &mut costs {
            let base_url = server.url(&format!("md5-0-{length}"));
            let found: [f64; 3] = own(&["list", &base_url, &length.to_string()])?;
            for (least, found) in least.iter_mut().zip(found) {
                *least = least.min(found);
            }
        }
    }
    let [_, (_, [of_ten_thousand, ..]), _] = costs;
    for (length, [cpu, wall, memory]) in costs {
        let ratio = cpu / of_ten_thousand;
        println!("| {length} | {cpu:.2} | {ratio:.2} | {wall:.2} | {memory:.1} |");
    }
    Ok(())
}

/// Lists all peerings. Returns CPU time and wall time for each peering in microseconds, and the peak
/// memory of the process in MiB.
pub(crate) async fn walk(base_url: &str, length: usize) -> Result<[f64; 3], Failure> {
    let (public, private) = KEY;
    let builder = Client::builder()
        .base_url(base_url)
        .credentials(Credentials::api_key(public, private));
    let (client, project): (Client, ProjectId) = (builder.build()?, PROJECT.parse()?);
    let (cpu, wall) = (ProcessTime::now(), Instant::now());
    let mut peerings = client.peerings(&project).provider(Provider::Aws);
    let mut count = 0;
    while let Some(peering) = peerings.next().await {
        peering?;
        count += 1;
    }
    let (cpu, wall) = (cpu.elapsed(), wall.elapsed());
    if count != length {
        return Err(format!("the list has {count} peerings, expected {length}").into());
    }
    #[expect(clippy::cast_precision_loss, reason = "they are few")]
    let each = |time: std::time::Duration| time.as_secs_f64() * 1e6 / length as f64;
    Ok([each(cpu), each(wall), peak_memory()?])
}

/// The peak memory of this process in MiB, on Linux.
fn peak_memory() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: f64 = kibibytes
        .ok_or("missing VmHWM in /proc/self/status")?
        .parse()?;
    Ok(kibibytes / 1024.0)
}
