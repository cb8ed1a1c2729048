//! `group`: makes, changes and removes groups.

use crate::base::Value;
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Rule, Spec};
use crate::system::{Command, Group as Entry};
use crate::{arguments, choices};

use super::common::{local_group, run};

choices! {
    /// Whether the group should be there.
    pub(super) enum State { Absent = "absent", Present = "present" }
}

arguments! {
    /// Arguments of `group`.
    pub(super) struct Args {
        /// Whether to remove the group even though it is somebody's primary one.
        force: bool = false,
        /// The number.
        gid: Option<u32>,
        /// The highest number that a new group may get.
        gid_max: Option<u32>,
        /// The lowest number that a new group may get.
        gid_min: Option<u32>,
        /// Whether to use libuser's programs, where groups may also come from a directory.
        local: bool = false,
        /// The group.
        name: String,
        /// Whether the number may be that of another group, too.
        non_unique: bool = false,
        /// Whether the group should be there.
        state: State = State::Present,
        /// Whether a new group is one of the system.
        system: bool = false,
    }
}

/// The module.
pub(super) struct Group;

impl Module for Group {
    const SPEC: &'static Spec = &Spec {
        name: "group",
        summary: "Makes, changes and removes groups.",
        check: Check::Full,
        diff: true,
        rules: &[Rule::If("non_unique", "true", &["gid"])],
        examples: &[Example {
            about: "Make a group of the system.",
            task: "group: {name: app, system: true}",
        }],
        returns: &[
            Return { name: "name", about: "The group." },
            Return { name: "gid", about: "Its number." },
            Return { name: "state", about: "`present` or `absent`." },
            Return { name: "system", about: "Whether it was to be one of the system." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let found = local_group(job.look(), &args.name, args.local)?;
        let command = match (args.state, &found) {
            (State::Absent, None) => None,
            (State::Absent, Some(_)) => Some(removal(&args)),
            (State::Present, None) => Some(creation(&args)),
            (State::Present, Some(group)) => change(&args, group),
        };
        let outcome =
            Outcome::done().with("name", args.name.as_str()).with("state", args.state.word());
        let Some(command) = command else {
            let gid = found.map(|group| group.gid);
            let mut outcome = outcome.with("system", args.system);
            outcome.message = "the group is as it should be".into();
            return Ok(gid.into_iter().fold(outcome, |outcome, gid| outcome.with("gid", gid)));
        };
        let diff = if job.stage().diff { difference(&args, found.as_ref()) } else { Diff::None };
        run(job, &args.name, diff, &command)?;
        let gid = local_group(job.look(), &args.name, args.local)?.map(|group| group.gid);
        let outcome = outcome.with("system", args.system);
        Ok(gid.into_iter().fold(outcome, |outcome, gid| outcome.with("gid", gid)))
    }
}

fn program(args: &Args, name: &str) -> String {
    if args.local { format!("l{name}") } else { name.to_owned() }
}

fn creation(args: &Args) -> Command {
    let mut words = vec![program(args, "groupadd")];
    words.extend(args.gid.iter().flat_map(|gid| ["-g".to_owned(), gid.to_string()]));
    words.extend((args.non_unique && !args.local).then(|| "-o".to_owned()));
    words.extend(args.system.then(|| "-r".to_owned()));
    for (key, gid) in [("GID_MIN", args.gid_min), ("GID_MAX", args.gid_max)] {
        words.extend(gid.iter().flat_map(|gid| ["-K".to_owned(), format!("{key}={gid}")]));
    }
    words.push(args.name.clone());
    Command::new(words)
}

fn change(args: &Args, group: &Entry) -> Option<Command> {
    let gid = args.gid.filter(|gid| *gid != group.gid)?;
    let mut words = vec![program(args, "groupmod"), "-g".into(), gid.to_string()];
    words.extend((args.non_unique && !args.local).then(|| "-o".to_owned()));
    words.push(args.name.clone());
    Some(Command::new(words))
}

fn removal(args: &Args) -> Command {
    let mut words = vec![program(args, "groupdel")];
    words.extend((args.force && !args.local).then(|| "-f".to_owned()));
    words.push(args.name.clone());
    Command::new(words)
}

fn difference(args: &Args, found: Option<&Entry>) -> Diff {
    let state = |there: bool, gid: Option<u32>| {
        let word = if there { "present" } else { "absent" };
        Value::map([("state", Value::from(word)), ("gid", gid.into())])
    };
    let after = args.gid.or(found.map(|group| group.gid));
    let present = args.state == State::Present;
    Diff::values(
        args.name.as_str(),
        state(found.is_some(), found.map(|group| group.gid)),
        state(present, after.filter(|_| present)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Map;
    use crate::module::Arguments;

    fn args(pairs: &[(&str, Value)]) -> Args {
        let mut map: Map = pairs.iter().cloned().collect();
        map.insert("name", "app".into());
        Args::parse(&map).unwrap()
    }

    #[test]
    fn command_lines() {
        assert_eq!(creation(&args(&[])).argv.join(" "), "groupadd app");
        assert_eq!(
            creation(&args(&[
                ("gid", 7.into()),
                ("system", true.into()),
                ("non_unique", true.into())
            ]))
            .argv
            .join(" "),
            "groupadd -g 7 -o -r app"
        );
        let group = Entry { name: "app".into(), gid: 5, members: Vec::new() };
        assert_eq!(change(&args(&[("gid", 5.into())]), &group), None);
        assert_eq!(
            change(&args(&[("gid", 7.into())]), &group).map(|command| command.argv.join(" ")),
            Some("groupmod -g 7 app".into())
        );
        assert_eq!(removal(&args(&[("force", true.into())])).argv.join(" "), "groupdel -f app");
        assert_eq!(removal(&args(&[("local", true.into())])).argv.join(" "), "lgroupdel app");
    }
}
