//! `cargo bench -p bench`: the library's own parts of a call, and a comparison with plain derives.
//!
//! Digest authentication is private. This makes its parts visible, as for the fuzz targets:
//! `RUSTFLAGS='--cfg fuzzing' cargo bench -p bench`.

mod comparison;
#[path = "../../src/median.rs"]
mod median;
mod mixed;
#[path = "../../src/peering.rs"]
mod peering;
#[path = "../../src/plain.rs"]
mod plain;

use atlas_peering::types::{NewAwsPeering, NewPeering, Peering, PeeringPage};
use divan::Bencher;
use peering::peering;
use serde_json::{Value, json};

fn main() {
    divan::main();
    // No comparison with a filter, or under `cargo test`.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["--bench"] {
        comparison::print();
    }
}

/// A page of 500 peerings.
fn page(peering: fn(usize) -> Value) -> String {
    let peerings: Vec<_> = (0..500).map(peering).collect();
    json!({"links": [], "results": peerings, "totalCount": 500}).to_string()
}

#[divan::bench]
fn decode_a_peering(bencher: Bencher) {
    let text = peering(1).to_string();
    bencher.bench(|| serde_json::from_str::<Peering>(&text).unwrap());
}

#[divan::bench]
fn decode_a_page_of_500(bencher: Bencher) {
    let text = page(peering);
    bencher.bench(|| serde_json::from_str::<PeeringPage>(&text).unwrap());
}

/// The same page without types, to compare with.
#[divan::bench]
fn decode_a_page_of_500_as_values(bencher: Bencher) {
    let text = page(peering);
    bencher.bench(|| serde_json::from_str::<Value>(&text).unwrap());
}

#[divan::bench]
fn encode_a_request(bencher: Bencher) {
    let request = NewAwsPeering::new("vpc-0123456789abcdef0", "123456789012", "10.0.0.0/24");
    let request = NewPeering::from(request);
    bencher.bench(|| serde_json::to_string(&request).unwrap());
}

#[divan::bench]
fn encode_a_page_of_500(bencher: Bencher) {
    let page: PeeringPage = serde_json::from_str(&page(peering)).unwrap();
    bencher.bench(|| serde_json::to_string(&page).unwrap());
}

#[cfg(fuzzing)]
mod digest {
    use atlas_peering::fuzzing::signer;
    use divan::Bencher;

    fn challenge(algorithm: &str) -> String {
        format!(
            "Digest realm=\"MMS Public API\", domain=\"\", nonce=\"abcdefghijklmnopqrstuvwxyz012345\", \
             algorithm={algorithm}, qop=\"auth\", stale=false"
        )
    }

    #[divan::bench]
    fn read_a_challenge(bencher: Bencher) {
        let challenge = challenge("MD5");
        bencher.bench(|| signer(challenge.as_bytes()).is_some());
    }

    #[divan::bench(args = ["MD5", "SHA-256"])]
    fn respond_to_a_challenge(bencher: Bencher, algorithm: &str) {
        let mut sign = signer(challenge(algorithm).as_bytes()).unwrap();
        bencher.bench_local(&mut sign);
    }
}
