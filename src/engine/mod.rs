//! The engine: runs plays on hosts.
//!
//! [`prepare`] reads and checks everything, [`run`] runs the plays: `order` knows which wait for which, `schedule` begins
//! each when it is its time, `course` is one play from its first to its last batch. Every host walks its own tree of tasks
//! (`walk`); `lockstep` makes the hosts of a batch meet before each task. One task on one host is a pipeline: variables
//! (`scope`), condition and loop (`task`, `repeat`), the unit that does the work (`invoke`), what is made of its result
//! (`result`).
#![forbid(unsafe_code)]

mod background;
mod batch;
mod broken;
mod course;
mod delegate;
mod effects;
mod facts;
mod frame;
mod handlers;
mod include;
mod invoke;
mod language;
mod library;
mod list;
mod lockstep;
mod meta;
mod options;
mod order;
mod play;
mod preflight;
mod prompt;
mod repeat;
mod result;
mod run;
mod schedule;
mod scope;
mod sections;
mod start;
mod start_at;
mod tags;
mod target;
mod task;
mod turn;
mod vars_files;
mod walk;

pub use language::{Meaning, meaning};
pub use list::{Wanted, listing};
pub use options::{Options, Unmatched};
pub use run::{Ask, Parts, Run};
pub use start::{Ended, GRACE, Prepared, prepare, prepare_listing, run};
pub use task::censored;
