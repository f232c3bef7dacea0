//! The care of the fragment.

pub(crate) mod compare;
mod differences;
mod facts;
