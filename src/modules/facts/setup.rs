//! `setup`: gathers facts of the host. Nothing is started for most of them: the kernel's files tell.
//!
//! Differences from Ansible: no facts of Python, facter, ohai and ethtool (docs/differences.md).

use std::path::PathBuf;
use std::time::Duration;

use super::gather::{self, Gather};
use crate::arguments;
use crate::base::{Map, glob};
use crate::module::{Example, Failure, Job, Module, Outcome, Return, Spec};

arguments! {
    /// Arguments of `setup`.
    pub(super) struct Args {
        /// The folder with the host's own facts: `*.fact` files with JSON or INI, or programs that print it.
        fact_path: PathBuf = "/etc/ansible/facts.d".into(),
        /// Patterns of facts to return, with or without `ansible_`. All are returned when none is given.
        filter: Vec<String> = Vec::new(),
        /// Which facts to gather: `all`, `min`, or names of parts such as `network`, `hardware`, `virtual`, with `!` before those not wanted.
        gather_subset: Vec<String> = vec!["all".into()],
        /// After how many seconds to give up on a part that hangs, such as a mount of a server that is down.
        gather_timeout: u64 = 10,
    }
}

/// The module.
pub(super) struct Setup;

impl Module for Setup {
    const SPEC: &'static Spec = &Spec {
        name: "setup",
        summary: "Gathers facts of the host.",
        examples: &[
            Example { about: "Gather all facts.", task: "setup:" },
            Example {
                about: "Gather only what is quick, and the network.",
                task: "setup: {gather_subset: [\"!all\", network]}",
            },
            Example {
                about: "Gather the facts of the distribution.",
                task: "setup: {filter: [\"ansible_distribution*\"]}",
            },
        ],
        returns: &[Return { name: "ansible_facts", about: "The facts." }],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let parts = gather::chosen(&args.gather_subset)?;
        let mut gather = Gather::new(job.look(), Duration::from_secs(args.gather_timeout));
        gather.fact_path = args.fact_path;
        for part in parts {
            (part.collect)(&mut gather);
        }
        let warnings = std::mem::take(&mut gather.warnings);
        warnings.into_iter().for_each(|text| job.warn(text));
        let mut facts: Map = gather
            .facts
            .into_iter()
            .map(|(name, value)| (format!("ansible_{name}"), value))
            .filter(|(name, _)| is_wanted(name, &args.filter))
            .collect();
        if is_unfiltered(&args.filter) {
            facts.insert("gather_subset", args.gather_subset.into());
            facts.insert("module_setup", true.into());
        }
        Ok(Outcome { facts, ..Outcome::default() })
    }
}

fn is_unfiltered(filter: &[String]) -> bool {
    filter.iter().all(|pattern| pattern.is_empty() || pattern == "*")
}

/// Returns whether a fact is asked for; a pattern may leave out `ansible_`.
fn is_wanted(name: &str, filter: &[String]) -> bool {
    let bare = name.strip_prefix("ansible_").unwrap_or(name);
    is_unfiltered(filter)
        || filter.iter().any(|pattern| {
            pattern == "*" || glob::matches(pattern, name) || glob::matches(pattern, bare)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters() {
        let case = |name: &str, filter: &[&str]| {
            let filter: Vec<String> = filter.iter().map(|text| (*text).into()).collect();
            is_wanted(name, &filter)
        };
        assert!(case("ansible_distribution", &[]));
        assert!(case("ansible_distribution", &["distribution"]));
        assert!(!case("ansible_distribution_version", &["distribution"]));
        assert!(case("ansible_eth0", &["ansible_eth*", "x"]));
        assert!(!case("ansible_lo", &["ansible_eth*"]));
    }
}
