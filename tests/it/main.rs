//! The library against the sandbox and against servers that misbehave.

mod containers;
mod curl;
mod digest;
mod dropped;
mod ensure;
mod envelope;
mod environment;
mod failures;
mod input;
mod life;
mod limits;
mod open;
mod pages;
mod retry;
mod sandbox;
mod secrets;
mod seeds;
mod support;
mod tokens;
#[cfg(feature = "tracing")]
mod tracing;
mod wait;
