//! The contract of a module: what it is called, what it takes, what it gives back, and the one door to changes.
//!
//! A module is a unit struct with a [`Spec`] and a `run`. Its arguments are declared once, with [`arguments!`]: that
//! declaration is the parser, the table that preflight checks names against, and the page of the reference.
//! Arguments whose names begin with an underscore are between an action and its module (`copy` and its manifest):
//! playbooks cannot give them and no page shows them.
//! [`Job::change`] is the only way to an [`Act`](crate::system::Act): `changed`, check mode and diff come from there.
#![forbid(unsafe_code)]

mod argument;
mod declare;
mod diff;
mod job;
mod outcome;
pub mod rules;
mod spec;

use crate::base::{Map, Value};

pub use argument::{Argument, BadArgument, Kind};
#[cfg(feature = "controller")]
#[doc(hidden)]
pub use declare::shown;
pub use declare::{ArgumentSpec, Arguments, check_names};
#[doc(hidden)]
pub use declare::{find, missing, not_a_choice, plain_name, spellings, take};
pub use diff::{Diff, diff_values, diffs_of};
pub use job::{Blobs, Job, Stage, Watcher};
pub use outcome::{Failure, Outcome};
pub use rules::Rule;
pub use spec::{Check, Example, FreeForm, Return, Spec};

/// A module that runs on the target.
pub trait Module: Sync {
    /// What it is.
    const SPEC: &'static Spec;
    /// What it takes.
    type Args: Arguments;

    /// Looks, compares, and changes through `job` what has to change.
    fn run(args: Self::Args, job: &mut Job<'_>) -> Result<Outcome, Failure>;
}

/// A module behind a table: the same for all argument types.
pub trait AnyModule: Sync {
    /// Returns what it is.
    fn spec(&self) -> &'static Spec;

    /// Returns what it takes.
    fn arguments(&self) -> Vec<ArgumentSpec>;

    /// Parses the arguments and runs.
    fn run(&self, args: &Map, job: &mut Job<'_>) -> Result<Outcome, Failure>;

    /// Returns what is wrong with final arguments, without running.
    fn check(&self, args: &Map) -> Result<(), BadArgument>;
}

impl<M: Module> AnyModule for M {
    fn spec(&self) -> &'static Spec {
        M::SPEC
    }

    fn arguments(&self) -> Vec<ArgumentSpec> {
        M::Args::specs().into_iter().filter(|spec| !spec.name.starts_with('_')).collect()
    }

    fn run(&self, args: &Map, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let args = parse::<M::Args>(M::SPEC, args)?;
        M::run(args, job)
    }

    fn check(&self, args: &Map) -> Result<(), BadArgument> {
        parse::<M::Args>(M::SPEC, args).map(drop)
    }
}

/// Parses final arguments: unknown names, types, choices, then the rules between arguments.
pub fn parse<A: Arguments>(spec: &Spec, args: &Map) -> Result<A, BadArgument> {
    let specs = A::specs();
    check_names(spec.name, &specs, args)?;
    let parsed = A::parse(args)?;
    rules::check(spec.rules, &specs, args)?;
    Ok(parsed)
}

/// Returns the arguments without those that are null, which count as not given.
pub fn given(args: &Map) -> impl Iterator<Item = (&Value, &Value)> {
    args.iter().filter(|(_, value)| !value.is_null())
}
