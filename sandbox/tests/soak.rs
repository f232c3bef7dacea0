//! The memory of the program does not grow under load. It runs for `SOAK_SECONDS`, 10 by default.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use md5::{Digest as _, Md5};
use support::{Connection, PROJECT, Running, bearer};

const WARM_UP: Duration = Duration::from_secs(5);
/// How much the memory may grow after the warm-up.
const FLAT_KB: usize = 10 * 1024;

/// Sends one request of a client over its connection.
type Load = fn(&mut Connection, usize, &str);

#[test]
fn the_memory_of_the_binary_stays_flat() {
    let running = Running::start(&[
        "--api-key",
        "public:private",
        "--service-account",
        "id:secret",
    ]);
    let base_url = &running.base_url;
    let token = bearer(base_url);
    let status = format!("/proc/{}/status", running.child.id());
    if std::fs::exists(&status).is_ok_and(|exists| !exists) {
        eprintln!("skipped: there is no /proc to measure memory by");
        return;
    }
    let seconds = std::env::var("SOAK_SECONDS").map_or(10, |text| text.parse().unwrap());
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds).max(2 * WARM_UP);
    let loads: [(&str, Load); 5] = [
        ("challenges", challenge),
        ("posts of 1 MiB", post_a_mebibyte),
        ("calls with a digest", call_with_digest),
        ("calls with a token", call_with_token),
        ("connections", connect),
    ];
    let counts = loads.map(|_| AtomicUsize::new(0));
    let (early, late) = std::thread::scope(|scope| {
        for ((_, load), count) in loads.iter().zip(&counts) {
            scope.spawn(|| {
                let mut connection = Connection::open(base_url);
                while Instant::now() < end {
                    load(
                        &mut connection,
                        count.fetch_add(1, Ordering::Relaxed),
                        &token,
                    );
                }
            });
        }
        std::thread::sleep(WARM_UP);
        let early = resident_kb(&status);
        std::thread::sleep(end.saturating_duration_since(Instant::now()));
        (early, resident_kb(&status))
    });
    let total: usize = counts
        .iter()
        .map(|count| count.load(Ordering::Relaxed))
        .sum();
    for ((name, _), count) in loads.iter().zip(counts) {
        println!("{} {name}", count.into_inner());
    }
    println!(
        "{total} requests in {:?}: {early} kB, then {late} kB",
        start.elapsed()
    );
    assert!(late < early + FLAT_KB, "from {early} kB to {late} kB");
}

fn resident_kb(status: &str) -> usize {
    let text = std::fs::read_to_string(status).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

fn challenge(connection: &mut Connection, _: usize, _: &str) {
    let refused = connection.send(&format!("GET {}", peers()), &[], "");
    assert_eq!(refused.unwrap().status, 401);
}

fn post_a_mebibyte(connection: &mut Connection, _: usize, _: &str) {
    let body = "x".repeat(1024 * 1024);
    let refused = connection.send(&format!("POST {}", peers()), &[], &body);
    assert_eq!(refused.unwrap().status, 401);
}

/// Fetches a challenge for each call, as curl does.
fn call_with_digest(connection: &mut Connection, _: usize, _: &str) {
    let md5 = |text: &str| {
        Md5::digest(text)
            .iter()
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    };
    let (path, realm) = (peers(), "MMS Public API");
    let refused = connection.send(&format!("GET {path}"), &[], "").unwrap();
    let challenge = refused.header("www-authenticate").unwrap();
    let nonce = challenge
        .split("nonce=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let (user, request) = (
        md5(&format!("public:{realm}:private")),
        md5(&format!("GET:{path}")),
    );
    let response = md5(&format!("{user}:{nonce}:00000001:c:auth:{request}"));
    let header = format!(
        "authorization: Digest username=\"public\", realm=\"{realm}\", nonce=\"{nonce}\", \
         uri=\"{path}\", qop=auth, nc=00000001, cnonce=\"c\", response=\"{response}\""
    );
    let page = connection
        .send(&format!("GET {path}"), &[&header], "")
        .unwrap();
    // A flood of challenges may have ended the nonce.
    assert!(
        page.status == 200
            || page
                .header("www-authenticate")
                .unwrap()
                .contains("stale=true")
    );
}

/// Creates a peering with a new network, and deletes it. Overlapping blocks are refused with 409.
fn call_with_token(connection: &mut Connection, count: usize, token: &str) {
    let headers = [token, "content-type: application/json"];
    let block = format!("10.{}.{}.0/24", count / 256 % 256, count % 256);
    let new = format!(
        r#"{{"awsAccountId": "123456789012", "vpcId": "vpc-{count:x}", "routeTableCidrBlock": "{block}"}}"#
    );
    let made = connection
        .send(&format!("POST {}", peers()), &headers, &new)
        .unwrap();
    if made.status == 409 {
        return;
    }
    assert_eq!(made.status, 200, "{}", made.body);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let deleted = connection.send(&format!("DELETE {}/{id}", peers()), &headers, "");
    assert_eq!(deleted.unwrap().status, 202);
}

/// Opens a connection for each request, but no more than the system has ports for.
fn connect(connection: &mut Connection, count: usize, token: &str) {
    connection.reopen();
    challenge(connection, count, token);
    std::thread::sleep(Duration::from_millis(5));
}

fn peers() -> String {
    format!("/api/atlas/v1.0/groups/{PROJECT}/peers")
}
