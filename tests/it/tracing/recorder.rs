//! A subscriber that records all spans and events.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_core::span::Current;

/// Fields and their values, as text.
pub(super) type Fields = BTreeMap<String, String>;

/// A span with its recorded fields.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) name: &'static str,
    pub(super) target: &'static str,
    /// The number of its parent span.
    pub(super) parent: Option<usize>,
    pub(super) fields: Fields,
}

/// The records so far.
#[derive(Default)]
struct Seen {
    spans: Vec<(Span, &'static Metadata<'static>)>,
    events: Vec<Fields>,
    /// The numbers of the entered spans, innermost last.
    entered: Vec<usize>,
}

/// Clones share their records. Each test has one thread, and therefore one stack of spans.
#[derive(Clone, Default)]
pub(super) struct Recorder(Arc<Mutex<Seen>>);

impl Recorder {
    /// Records the spans and events of this thread until the guard is dropped.
    pub(super) fn start() -> (Self, DefaultGuard) {
        // Without any subscriber, a span that another thread starts first would stay off for all threads.
        static ANY: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Recorder::default()));
        LazyLock::force(&ANY);
        let recorder = Self::default();
        let guard = tracing::subscriber::set_default(recorder.clone());
        tracing::callsite::rebuild_interest_cache();
        (recorder, guard)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap()
    }

    /// The spans of this crate, in the order of their start; a parent is an index into them.
    pub(super) fn spans(&self) -> Vec<Span> {
        let seen = self.seen();
        let is_own = |number: &usize| seen.spans[*number].0.target == "atlas_peering";
        let own: Vec<_> = (0..seen.spans.len()).filter(is_own).collect();
        let place = |number| own.iter().position(|of| *of == number);
        let spans = own.iter().map(|number| seen.spans[*number].0.clone());
        spans
            .map(|span| Span {
                parent: span.parent.and_then(place),
                ..span
            })
            .collect()
    }

    /// All texts of all spans and events, including those of other crates.
    pub(super) fn texts(&self) -> Vec<String> {
        let seen = self.seen();
        let spans = seen.spans.iter().map(|(span, _)| &span.fields);
        let all = spans.chain(&seen.events);
        all.flatten().map(|(_, text)| text.clone()).collect()
    }
}

struct Reader<'a>(&'a mut Fields);

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

fn number(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

fn id(number: usize) -> Id {
    Id::from_u64(u64::try_from(number).unwrap() + 1)
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut seen = self.seen();
        let mut fields = Fields::new();
        attributes.record(&mut Reader(&mut fields));
        let metadata = attributes.metadata();
        let parent = if attributes.is_contextual() {
            seen.entered.last().copied()
        } else {
            attributes.parent().map(number)
        };
        let span = Span {
            name: metadata.name(),
            target: metadata.target(),
            parent,
            fields,
        };
        seen.spans.push((span, metadata));
        id(seen.spans.len() - 1)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut seen = self.seen();
        values.record(&mut Reader(&mut seen.spans[number(id)].0.fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Reader(&mut fields));
        self.seen().events.push(fields);
    }

    fn enter(&self, id: &Id) {
        self.seen().entered.push(number(id));
    }

    fn exit(&self, id: &Id) {
        let mut seen = self.seen();
        let place = seen.entered.iter().rposition(|of| *of == number(id));
        seen.entered.remove(place.unwrap());
    }

    fn current_span(&self) -> Current {
        let seen = self.seen();
        match seen.entered.last() {
            Some(number) => Current::new(id(*number), seen.spans[*number].1),
            None => Current::none(),
        }
    }
}
