//! What is built out of calls: ensure, wait, delete, list.

mod delete;
mod ensure;
mod list;
mod poll;
mod wait;

pub use delete::{RemoveContainer, RemovePeering};
pub use ensure::Ensured;
pub use list::{Containers, Peerings};
pub use wait::{States, WaitForPeering};
