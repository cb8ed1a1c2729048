//! Clearing away: downloaded files, and packages that nothing needs any more.

use std::path::Path;

use crate::module::{Diff, Failure, Job};

use super::get::{self, Operation, Ran, noninteractive};
use super::{Args, State, dpkg};

const ARCHIVES: &str = "/var/cache/apt/archives";

/// Deletes all downloaded package files, when there are any.
pub(super) fn clean(job: &mut Job<'_>) -> Result<Ran, Failure> {
    let look = job.look();
    let mut files = Vec::new();
    for folder in [ARCHIVES.to_owned(), format!("{ARCHIVES}/partial")] {
        let there = look.stat_followed(Path::new(&folder))?.is_some_and(|meta| meta.is_folder());
        let names = if there { look.list(Path::new(&folder))? } else { Vec::new() };
        let packages = names.into_iter().filter(|name| name.contains(".deb"));
        files.extend(packages.map(|name| format!("{folder}/{name}")));
    }
    if files.is_empty() {
        return Ok(Ran::same("there are no downloaded package files"));
    }
    let diff = if job.stage().diff {
        let lines: Vec<String> = files.iter().map(|file| format!("Del {file}")).collect();
        Diff::Prepared(lines.join("\n"))
    } else {
        Diff::None
    };
    let output = job.change(diff, |act| Ok(act.run(&noninteractive(["apt-get", "clean"]))?))?;
    match output {
        Some(output) if !output.success() => Err(dpkg::failed("apt-get clean failed", &output)),
        Some(output) => Ok(Ran::output(&output)),
        None => Ok(Ran::default()),
    }
}

/// Does what a task without packages asks for.
pub(super) fn tidy(job: &mut Job<'_>, args: &Args) -> Result<Ran, Failure> {
    let mut ran = Ran::same("there is nothing to do");
    let operations = [
        (args.state == State::Fixed, Operation::Install),
        (args.autoremove, Operation::Autoremove),
        (args.autoclean, Operation::Autoclean),
    ];
    for (_, operation) in operations.into_iter().filter(|(wanted, _)| *wanted) {
        ran.add(get::perform(job, args, operation, &[])?);
    }
    Ok(ran)
}
