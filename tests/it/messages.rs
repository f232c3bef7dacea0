//! The table of all error messages: each beside the situation that brings it about.
//!
//! The golden file `tests/snapshots/messages.txt` is for reviewers: a row is a situation, the `Display`
//! of its error, and that of the error's source. Each situation really happens. After a change, update
//! the file, and read its diff as an engineer with a pager would:
//!
//! ```sh
//! UPDATE_SNAPSHOTS=1 cargo test --test it messages::
//! ```

mod calls;
mod configuration;
mod credentials;
mod input;
mod refusals;
mod steps;
mod workflows;

use std::fmt::{Debug, Display, Write as _};
use std::path::Path;

use atlas_peering::Error;

const FILE: &str = "tests/snapshots/messages.txt";

#[tokio::test]
async fn every_message_is_that_of_the_table() {
    if !cfg!(feature = "rustls") {
        // The table has its texts of TLS faults.
        return;
    }
    let mut table = Table::default();
    configuration::rows(&mut table).await;
    credentials::rows(&mut table).await;
    input::rows(&mut table).await;
    calls::rows(&mut table).await;
    refusals::rows(&mut table).await;
    workflows::rows(&mut table).await;
    steps::rows(&mut table).await;

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &table.0).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let changes = changes(&golden, &table.0);
    assert!(
        changes.is_empty(),
        "{FILE} differs:\n\n{changes}\nIf that is right: UPDATE_SNAPSHOTS=1 cargo test --test it messages::"
    );
}

/// The rows in the form of the file.
#[derive(Default)]
struct Table(String);

impl Table {
    fn section(&mut self, title: &str) {
        write!(self.0, "# {title}\n\n").unwrap();
    }

    /// The row of a call or a value that failed.
    fn row<T: Debug>(&mut self, situation: &str, outcome: Result<T, Error>) {
        let error = outcome.expect_err(situation);
        let source = std::error::Error::source(&error);
        let source = source.map(|source| format!("\n    source: {source}"));
        self.message(situation, &format!("{error}{}", source.unwrap_or_default()));
    }

    /// The row of an error that is not an [`Error`], or happened in another process.
    fn message(&mut self, situation: &str, message: &impl Display) {
        let head = format!("\n\n{situation}\n");
        assert!(!self.0.contains(&head), "two rows: {situation}");
        let message = masked(&message.to_string());
        write!(self.0, "{situation}\n    {message}\n\n").unwrap();
    }
}

/// The rows that only one of the two has: those of one situation together, the old one first.
fn changes(golden: &str, table: &str) -> String {
    let rows = |text: &str| text.split("\n\n").map(str::to_owned).collect::<Vec<_>>();
    let (before, after) = (rows(golden), rows(table));
    let situation = |row: &str| row.lines().next().unwrap_or_default().to_owned();
    let mut text = String::new();
    let mut show = |sign: char, row: &str| {
        for line in row.lines() {
            writeln!(text, "{sign} {line}").unwrap();
        }
    };
    for row in after.iter().filter(|row| !before.contains(row)) {
        let old = before.iter().find(|old| situation(old) == situation(row));
        if let Some(old) = old {
            show('-', old);
        }
        show('+', row);
    }
    let is_kept = |row: &String| after.iter().any(|new| situation(new) == situation(row));
    for row in before.iter().filter(|row| !is_kept(row)) {
        show('-', row);
    }
    text
}

/// A text whose ports, ids, connections and large numbers of attempts are placeholders: they differ from
/// run to run.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for part in text.split_inclusive(|of: char| !of.is_ascii_alphanumeric()) {
        let value = part.trim_end_matches(|of: char| !of.is_ascii_alphanumeric());
        let end = &part[value.len()..];
        let is_hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
        let shown = match value {
            _ if masked.ends_with("127.0.0.1:") => "PORT",
            _ if masked.ends_with("pcx-") || masked.ends_with("nt-ID-") => "ID",
            _ if value.len() == 24 && is_hex => "ID",
            _ if value.len() > 1 && masked.ends_with("(after ") => "MANY",
            _ => value,
        };
        masked.push_str(shown);
        masked.push_str(end);
    }
    masked
}

/// The first column of the page's table: messages with `…` for what varies, and commas between them.
#[test]
fn the_page_of_troubleshooting_quotes_the_table() {
    let table = include_str!("../snapshots/messages.txt");
    let page = include_str!("../../src/guide/troubleshooting.md");
    let lines = page.lines().skip_while(|line| !line.starts_with('|'));
    let rows = lines.map_while(|line| line.strip_prefix('|')).skip(2);
    let cells = rows.filter_map(|row| row.split(" | ").next());
    let quotes: Vec<_> = cells.flat_map(|cell| cell.split(", ")).collect();
    assert!(quotes.len() > 20, "{quotes:?}");
    for quote in quotes {
        let is_quoted = |message: &str| {
            let mut parts = quote.split('…').map(|part| part.trim().trim_matches('`'));
            let rest = parts.try_fold(message, |rest, part| Some(rest.split_once(part)?.1));
            rest.is_some()
        };
        assert!(table.lines().any(is_quoted), "no message has {quote:?}");
    }
}

#[test]
fn a_changed_message_shows_both_forms() {
    let changes = changes(
        "# A\n\nx\n    1\n\ny\n    2\n\n",
        "# A\n\nx\n    3\n\nz\n    4\n\n",
    );
    assert_eq!(
        changes,
        "- x\n-     1\n+ x\n+     3\n+ z\n+     4\n- y\n-     2\n"
    );
}
