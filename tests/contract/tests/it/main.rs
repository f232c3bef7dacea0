//! The library and the sandbox against the documents: the fragment, and the published ones where they
//! are at hand.

mod calls;
mod operations;
mod schemas;
mod traffic;
mod types;
mod values;
