//! No secret in a log.

use std::sync::Mutex;

use atlas_peering::Credentials;
use atlas_peering::types::NewAwsPeering;
use atlas_peering_sandbox::Sandbox;

use super::{Printed, SECRET, credentials};
use crate::support::{builder, made, project};

/// All log records of this process, of any test.
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
    let sandbox = Sandbox::builder().api_key("abcdefgh", SECRET);
    let sandbox = sandbox.service_account("mdb_sa_id_1", SECRET);
    let sandbox = sandbox.start().await.unwrap();
    let account = Credentials::service_account("mdb_sa_id_1", SECRET);
    for (number, credentials) in [credentials(), account].into_iter().enumerate() {
        let atlas = builder(sandbox.base_url(), credentials)
            .configure(|connection| connection.connection_verbose(true))
            .build()
            .unwrap();
        let (vpc, block) = (format!("vpc-{number}"), format!("10.{number}.0.0/24"));
        let request = NewAwsPeering::new(vpc, "123456789012", block);
        made(&atlas, &project(&sandbox), request).await;
        atlas.revoke_token().await.unwrap();
    }
    let printed = Printed(LOG.0.lock().unwrap().clone());
    printed.holds_no_secret(&sandbox.requests());
    for line in &printed.0 {
        assert!(
            !line.contains("nonce=") && !line.contains("response="),
            "{line}"
        );
    }
}
