//! Walks through all peerings, in pages of 100 and of 500, and prints for each size how many there
//! were and by how many bytes the heap grew at its highest.

use atlas_peering_processes::{Failure, client};
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let (atlas, project) = client()?;
    // The first call makes the connection and what belongs to the client.
    let mut first = atlas.peerings(&project).page_size(1);
    first.next().await.ok_or("there is no peering")??;
    drop(first);
    for size in [100, 500] {
        HEAP.reset_peak_usage();
        let before = HEAP.current_usage();
        let mut count = 0;
        let mut peerings = atlas.peerings(&project).page_size(size);
        while let Some(peering) = peerings.next().await {
            peering?;
            count += 1;
        }
        println!("{count} {}", HEAP.peak_usage().saturating_sub(before));
    }
    Ok(())
}
