//! `dpkg_selections`: holds packages back, or lets them go again.

use crate::base::Value;
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::Command;
use crate::{arguments, choices};

choices! {
    /// What dpkg is to do with a package.
    pub(super) enum Selection { Install = "install", Hold = "hold", Deinstall = "deinstall", Purge = "purge" }
}

arguments! {
    /// Arguments of `dpkg_selections`.
    pub(super) struct Args {
        /// The package.
        name: String,
        /// What dpkg is to do with it; `hold` keeps it at its version.
        selection: Selection,
    }
}

/// The module.
pub(super) struct DpkgSelections;

impl Module for DpkgSelections {
    const SPEC: &'static Spec = &Spec {
        name: "dpkg_selections",
        summary: "Holds Debian packages back, or lets them go again.",
        check: Check::Full,
        diff: true,
        examples: &[Example {
            about: "Keep a version.",
            task: "dpkg_selections: {name: docker-ce, selection: hold}",
        }],
        returns: &[
            Return { name: "before", about: "What was selected." },
            Return { name: "after", about: "What is selected now." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let words = ["dpkg", "--get-selections", &args.name];
        let output = job.look().query(&Command::new(words).env("LC_ALL", "C"))?;
        let text = output.out();
        let Some(before) = selection(&text, &args.name) else {
            return Err(Failure::program(
                format!(
                    "Failed to find package '{}' to perform selection '{}'.",
                    args.name,
                    args.selection.word()
                ),
                &output,
            ));
        };
        let after = args.selection.word();
        let outcome =
            |outcome: Outcome| outcome.with("before", before.as_str()).with("after", after);
        if before == after {
            return Ok(outcome(Outcome::same(format!("the selection is {after} already"))));
        }
        let state = |word: &str| Value::map([("selection", Value::from(word))]);
        let diff = match job.stage().diff {
            true => Diff::values(args.name.as_str(), state(&before), state(after)),
            false => Diff::None,
        };
        let command =
            Command::new(["dpkg", "--set-selections"]).stdin(format!("{} {after}\n", args.name));
        if let Some(output) = job.change(diff, |act| Ok(act.run(&command)?))?
            && !output.success()
        {
            return Err(Failure::program(format!("dpkg failed: {}", output.err().trim()), &output));
        }
        Ok(outcome(Outcome::done()))
    }
}

fn selection(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let found = words.next()?;
        let same = found == name || found.split(':').next() == Some(name);
        same.then(|| words.next().map(str::to_owned)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selections() {
        let text = "nginx\t\t\t\t\thold\nlibc6:amd64\t\t\tinstall\n";
        assert_eq!(selection(text, "nginx").as_deref(), Some("hold"));
        assert_eq!(selection(text, "libc6").as_deref(), Some("install"));
        assert_eq!(selection(text, "ngin"), None);
    }
}
