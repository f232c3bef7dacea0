//! The client against real servers: Apache httpd and lighttpd.
//!
//! Where their programs are absent, the tests are reported as skipped; with `CI` set they fail.
//! The harness is of its own, because the standard one cannot report that at run time.

mod apache;
mod lighttpd;
mod server;

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::process::ExitCode;

use server::missing;

type Run = fn() -> Pin<Box<dyn Future<Output = ()>>>;

/// A test: its name, the programs that it runs, and itself.
type Test = (&'static str, &'static [&'static str], Run);

const TESTS: [Test; 8] = [
    ("apache::plain", apache::PROGRAMS, || {
        Box::pin(apache::plain())
    }),
    ("apache::wrong_key", apache::PROGRAMS, || {
        Box::pin(apache::wrong_key())
    }),
    ("apache::stale_nonce", apache::PROGRAMS, || {
        Box::pin(apache::stale_nonce())
    }),
    ("apache::counts_checked", apache::PROGRAMS, || {
        Box::pin(apache::counts_checked())
    }),
    ("apache::one_time_nonces", apache::PROGRAMS, || {
        Box::pin(apache::one_time_nonces())
    }),
    ("lighttpd::sha_256", lighttpd::PROGRAMS, || {
        Box::pin(lighttpd::sha_256())
    }),
    ("lighttpd::every_algorithm", lighttpd::PROGRAMS, || {
        Box::pin(lighttpd::every_algorithm())
    }),
    ("lighttpd::md5_and_sha_256", lighttpd::PROGRAMS, || {
        Box::pin(lighttpd::md5_and_sha_256())
    }),
];

/// Runs the tests whose names hold one of the arguments; all without any.
fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let named: Vec<_> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|part| name.contains(&**part));
    if arguments.iter().any(|argument| argument == "--list") {
        for (name, ..) in TESTS.iter().filter(|(name, ..)| wanted(name)) {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime starts");
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (name, programs, run) in TESTS.iter().filter(|(name, ..)| wanted(name)) {
        if let Some(program) = programs.iter().find(|program| missing(program)) {
            let required = std::env::var_os("CI").is_some();
            let verdict = if required { "FAILED" } else { "skipped" };
            println!("test {name} ... {verdict}: {program} is not installed");
            failed += u32::from(required);
            skipped += u32::from(!required);
            continue;
        }
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(run())));
        println!(
            "test {name} ... {}",
            if outcome.is_ok() { "ok" } else { "FAILED" }
        );
        match outcome {
            Ok(()) => passed += 1,
            Err(_) => failed += 1,
        }
    }
    println!("\ntest result: {passed} passed; {failed} failed; {skipped} skipped");
    ExitCode::from(u8::from(failed > 0))
}
