//! The library against the sandbox and against servers that misbehave.

mod contract;
mod curl;
mod digest;
mod environment;
mod failures;
mod input;
mod open;
mod sandbox;
#[cfg(feature = "schemars")]
mod schema;
mod secrets;
mod seeds;
mod support;
