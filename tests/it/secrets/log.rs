//! No secret in a log.

use std::sync::Mutex;

use super::{Printed, credentials, start};
use crate::support::{builder, created};

/// All that was logged by this process, by any test.
struct Log(Mutex<Vec<String>>);

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}", record.target(), record.args());
        self.0.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

#[tokio::test]
async fn no_header_reaches_a_log() {
    static LOG: Log = Log(Mutex::new(Vec::new()));
    log::set_logger(&LOG).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let (sandbox, _, project) = start().await;
    let atlas = builder(sandbox.base_url(), credentials())
        .configure(|connection| connection.connection_verbose(true))
        .build()
        .unwrap();
    created(&atlas, &project).await;
    let printed = Printed(LOG.0.lock().unwrap().clone());
    printed.holds_no_secret(&sandbox.requests());
    for line in &printed.0 {
        assert!(
            !line.contains("nonce=") && !line.contains("response="),
            "{line}"
        );
    }
}
