//! Actions: units that run on the controller. Some need no host (`debug`), some bring files to a module (`copy`), some
//! talk to a service through the host (`redis_cluster`).
//!
//! An action has the shape of a module (see [`crate::module`]), but is asynchronous and gets a [`Context`] instead of a
//! job: the variables, the template engine, the helper. It changes nothing in the run by itself: what it wants changed
//! (facts, hosts, groups) are [`Effect`]s that the engine applies.
#![forbid(unsafe_code)]

mod cluster;
mod context;
mod core;
mod declare;
pub mod dial;
mod done;
mod files;
pub mod job;
mod network;
mod packages;

use std::future::Future;
use std::pin::Pin;

use crate::base::Map;
use crate::module::{ArgumentSpec, Spec};
use crate::template::RenderOptions;

pub use context::{Content, Context, Hands, Listener};
pub use done::{Done, Effect, Error, Failed, from_reply};

/// What an action's `run` returns.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<Done, Error>> + Send + 'a>>;

/// A unit that runs on the controller.
pub trait Action: Sync {
    /// Returns what it is.
    fn spec(&self) -> &'static Spec;

    /// Returns what it takes.
    fn arguments(&self) -> Vec<ArgumentSpec>;

    /// Returns whether it takes any arguments, as `set_fact` does.
    fn takes_anything(&self) -> bool {
        false
    }

    /// Returns whether it runs once for all hosts, because what it does is not about one of them.
    fn once(&self) -> bool {
        false
    }

    /// Returns the arguments that it gets as written, because they are expressions.
    fn expressions(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns how the file named by `src` is rendered, if it is, by those arguments that are final.
    fn rendering(&self, _args: &Map) -> Option<RenderOptions> {
        None
    }

    /// Runs with arguments that are final, but for those of [`Action::expressions`].
    fn run<'a>(&'a self, args: &'a Map, cx: &'a Context<'a>) -> Running<'a>;
}

/// The tables of all areas.
const AREAS: [&[&dyn Action]; 5] =
    [cluster::ACTIONS, core::ACTIONS, files::ACTIONS, network::ACTIONS, packages::ACTIONS];

/// Returns all actions.
pub fn all() -> impl Iterator<Item = &'static dyn Action> {
    AREAS.iter().flat_map(|area| area.iter().copied())
}

/// Returns the action that answers to a word of a playbook.
pub fn find(word: &str) -> Option<&'static dyn Action> {
    all().find(|action| action.spec().answers_to(word))
}
