//! Variables: what a host sees at a task, by Ansible's 22 levels of precedence.
//!
//! Nothing is merged and nothing is copied per task: a [`TaskScope`] is a list of shared maps, strongest first, and a name
//! is looked up by walking it. What hosts gather in a run (facts, registered results, `set_fact`) lives in a [`Store`].
#![forbid(unsafe_code)]

mod cache;
mod magic;
mod options;
mod scope;
mod store;

pub use cache::FactCache;
pub use magic::{Magic, RunFacts, View};
pub use options::load_options;
pub use scope::{Layers, TaskScope};
pub use store::{HostState, Store};
