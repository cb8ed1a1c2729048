//! Reporters: what people and programs see of a run. They listen to events; nothing else prints during a run.
//!
//! [`sink`] returns the one that the settings choose, together with the files that are written beside it (a log, JUnit's
//! XML). `human` is ours, `ansible` is Ansible's own format to the byte, the others are for programs.
#![forbid(unsafe_code)]

mod all;
mod ansible;
mod blocks;
mod colors;
mod diff;
mod events;
mod human;
mod json;
mod junit;
mod mask;
mod minimal;
mod profile;
mod recap;
mod settings;
mod streams;
mod terminal;
mod text;
mod told;
mod tree;

pub use all::sink;
pub use colors::{Palette, Role};
pub use profile::Measures;
pub use settings::{Format, Place, Settings, Show, ValueFormat};
pub use streams::{Out, Streams};
