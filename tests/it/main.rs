//! The library against the sandbox and against servers that misbehave.

mod auto_traits;
mod cancellation;
mod containers;
mod digest;
mod documented_examples;
mod effects;
mod ensure;
mod envelope;
mod environment;
mod errors;
mod growth;
mod hostile_servers;
mod lifecycle;
mod listing;
mod messages;
mod retry;
mod sandbox;
mod secrets;
mod support;
mod token_requests;
mod tokens;
#[cfg(feature = "tracing")]
mod tracing;
mod unknown_values;
mod validation;
mod wait;
