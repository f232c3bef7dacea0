//! The library against the sandbox and against servers that misbehave.

mod contract;
mod curl;
mod digest;
mod envelope;
mod environment;
mod failures;
mod input;
mod open;
mod retry;
mod sandbox;
#[cfg(feature = "schemars")]
mod schema;
mod secrets;
mod seeds;
mod support;
mod tokens;
#[cfg(feature = "tracing")]
mod tracing;
