//! Our types compared with plain derives, in one run. Each round measures all of them in turn, so that
//! other load of the machine affects them alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

use atlas_peering::types::PeeringPage;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::median::median;
use crate::mixed::{AnyPeering, TaggedPeering, mixed_peering};
use crate::page;
use crate::peering::peering;
use crate::plain::{AwsPeering, Page};

/// The number of rounds. Each measures every contender once.
const ROUNDS: usize = 200;
/// The number of rounds before these, which are not counted.
const WARM_UP: usize = 20;
/// The aim: the largest ratio to a plain derive.
const DECODE: f64 = 1.5;
const ENCODE: f64 = 1.2;

/// A contender: it runs once, and returns how long it took.
type Timed<'a> = Box<dyn FnMut() -> Duration + 'a>;

/// Prints a table. It marks a ratio above its aim, which is no failure.
pub(crate) fn print() {
    let (aws, mixed) = (page(peering), page(mixed_peering));
    let (aws, mixed) = (aws.as_bytes(), mixed.as_bytes());
    println!("\n| part | plain µs | ours µs | ratio | aim |");
    println!("|---|---:|---:|---:|---:|");
    compare(
        "decode 500 AWS peerings",
        DECODE,
        decode::<PeeringPage>(aws),
        [("one struct", decode::<Page<AwsPeering>>(aws))],
    );
    compare(
        "decode 500 peerings of three clouds",
        DECODE,
        decode::<PeeringPage>(mixed),
        [
            ("one struct", decode::<Page<AnyPeering>>(mixed)),
            ("a tagged enum", decode::<Page<TaggedPeering>>(mixed)),
        ],
    );
    compare(
        "encode 500 AWS peerings",
        ENCODE,
        encode::<PeeringPage>(aws),
        [("one struct", encode::<Page<AwsPeering>>(aws))],
    );
    compare(
        "encode 500 peerings of three clouds",
        ENCODE,
        encode::<PeeringPage>(mixed),
        [
            ("one struct", encode::<Page<AnyPeering>>(mixed)),
            ("a tagged enum", encode::<Page<TaggedPeering>>(mixed)),
        ],
    );
}

/// The time to drop the page is not counted.
fn decode<T: DeserializeOwned>(text: &[u8]) -> Timed<'_> {
    Box::new(|| {
        let start = Instant::now();
        let page = serde_json::from_slice::<T>(black_box(text)).unwrap();
        let elapsed = start.elapsed();
        black_box(page);
        elapsed
    })
}

fn encode<T: DeserializeOwned + Serialize + 'static>(text: &[u8]) -> Timed<'static> {
    let page: T = serde_json::from_slice(text).unwrap();
    Box::new(move || {
        let start = Instant::now();
        let text = serde_json::to_vec(black_box(&page)).unwrap();
        let elapsed = start.elapsed();
        black_box(text);
        elapsed
    })
}

/// Prints a line for each plain form. The aim is for the fastest of them.
fn compare<const N: usize>(part: &str, aim: f64, ours: Timed, plain: [(&str, Timed); N]) {
    let (names, plain): (Vec<_>, Vec<_>) = plain.into_iter().unzip();
    let mut contenders: Vec<Timed> = std::iter::once(ours).chain(plain).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for round in 0..WARM_UP + ROUNDS {
        // A different one is first in each round.
        for index in 0..contenders.len() {
            let index = (index + round) % contenders.len();
            let time = contenders[index]();
            if round >= WARM_UP {
                times[index].push(time.as_secs_f64() * 1e6);
            }
        }
    }
    let [ours, plain @ ..] = &times[..] else {
        return;
    };
    let medians = plain.iter().map(|times| median(times.iter().copied()));
    let medians: Vec<f64> = medians.collect();
    let fastest = medians.iter().copied().fold(f64::INFINITY, f64::min);
    for ((name, times), median_time) in names.iter().zip(plain).zip(medians) {
        let ratio = median(ours.iter().zip(times).map(|(ours, plain)| ours / plain));
        let aim = match median_time <= fastest {
            true if ratio > aim => format!("{aim}, **missed**"),
            true => aim.to_string(),
            false => String::from("–"),
        };
        let ours = median(ours.iter().copied());
        println!("| {part}, beside {name} | {median_time:.0} | {ours:.0} | {ratio:.2} | {aim} |");
    }
}
