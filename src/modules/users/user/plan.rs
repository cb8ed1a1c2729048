//! From what is there to what is wanted: the command lines of `useradd`, `usermod` and `chage`. Pure but for `resolve`.

use std::collections::BTreeSet;

use crate::base::{Map, Value};
use crate::module::Failure;
use crate::system::{Command, Group, Look};

use super::super::common::find_group;
use super::current::{Current, Shadow};
use super::{Args, UpdatePassword};

/// The groups that the arguments name, found on the host.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// The primary group.
    pub(super) primary: Option<Group>,
    /// The names of the others.
    pub(super) groups: Option<Vec<String>>,
}

/// What has to change.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    /// What to run.
    pub(super) commands: Vec<Command>,
    /// The hash to set.
    pub(super) password: Option<String>,
    /// What it was.
    pub(super) before: Map,
    /// What it will be.
    pub(super) after: Map,
}

impl Changes {
    fn note(&mut self, key: &str, before: impl Into<Value>, after: impl Into<Value>) {
        self.before.insert(key, before.into());
        self.after.insert(key, after.into());
    }
}

const DAY: f64 = 86_400.0;

/// Returns the day of a time, counted from 1970.
fn days(time: f64) -> i64 {
    (time / DAY).floor() as i64
}

impl Plan {
    /// Finds the groups that the arguments name.
    pub(super) fn resolve(args: &Args, look: &dyn Look) -> Result<Self, Failure> {
        let primary = args.group.as_deref().map(|word| find_group(look, word)).transpose()?;
        let Some(words) = &args.groups else { return Ok(Self { primary, groups: None }) };
        let mut groups = BTreeSet::new();
        for word in words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()) {
            groups.insert(find_group(look, word)?.name);
        }
        Ok(Self { primary, groups: Some(groups.into_iter().collect()) })
    }

    /// Returns the command that makes the account.
    pub(super) fn creation(&self, args: &Args, named_group: bool) -> Command {
        let mut words = vec![if args.local { "luseradd" } else { "useradd" }.to_owned()];
        let mut add = |option: &str, value: Option<String>| {
            words.extend(value.map(|value| [option.to_owned(), value]).into_iter().flatten());
        };
        add("-u", args.uid.map(|uid| uid.to_string()));
        add("-g", self.primary.as_ref().map(|group| group.name.clone()));
        if !args.local {
            let groups = self.groups.as_ref().filter(|groups| !groups.is_empty());
            add("-G", groups.map(|groups| groups.join(",")));
            add("-e", args.expires.filter(|time| *time >= 0.0).map(|time| date(days(time))));
            add("-f", args.password_expire_account_disable.map(|days| days.to_string()));
            add("-Z", args.seuser.clone());
            add("-K", args.uid_min.map(|uid| format!("UID_MIN={uid}")));
            add("-K", args.uid_max.map(|uid| format!("UID_MAX={uid}")));
            add("-K", args.umask.as_ref().map(|umask| format!("UMASK={umask}")));
        }
        add("-c", args.comment.clone());
        add("-d", args.home.as_ref().map(|home| home.to_string_lossy().into_owned()));
        add("-s", args.shell.as_ref().map(|shell| shell.to_string_lossy().into_owned()));
        add("-k", args.skeleton.clone().filter(|_| args.create_home));
        let flags = [
            (args.uid.is_some() && args.non_unique, "-o"),
            // A group of that name is there already and is not to be made again.
            (self.primary.is_none() && named_group, if args.local { "-n" } else { "-N" }),
            (args.create_home && !args.local, "-m"),
            (!args.create_home, "-M"),
            (args.system, "-r"),
        ];
        words.extend(flags.iter().filter(|(on, _)| *on).map(|(_, word)| (*word).to_owned()));
        words.push(args.name.clone());
        Command::new(words)
    }

    /// Returns what has to change on an account that is there.
    pub(super) fn changes(&self, args: &Args, current: &Current) -> Changes {
        let mut changes = Changes::default();
        let mut words = self.identity(args, current, &mut changes);
        words.extend(self.membership(args, current, &mut changes));
        words.extend(account_options(args, current, &mut changes));
        let program = if args.local { "lusermod" } else { "usermod" };
        if !words.is_empty() {
            let line = std::iter::once(program.to_owned()).chain(words);
            changes.commands.push(Command::new(line.chain([args.name.clone()])));
        }
        if args.local {
            self.local_membership(args, current, &mut changes);
        }
        let limits = limits(args, current.shadow.as_ref());
        for limit in &limits {
            changes.note(limit.key, limit.found, limit.wanted);
        }
        changes.commands.extend(aging(args, &limits));
        changes.password = password(args, current);
        if changes.password.is_some() {
            changes.note("password", "(another one)", "(the one of the task)");
        }
        changes
    }

    fn identity(&self, args: &Args, current: &Current, changes: &mut Changes) -> Vec<String> {
        let account = &current.account;
        let mut words = Vec::new();
        if let Some(uid) = args.uid.filter(|uid| *uid != account.uid) {
            changes.note("uid", account.uid, uid);
            words.extend(["-u".to_owned(), uid.to_string()]);
            words.extend(args.non_unique.then(|| "-o".to_owned()));
        }
        if let Some(group) = self.primary.as_ref().filter(|group| group.gid != account.gid) {
            changes.note("group", account.gid, group.gid);
            // `lusermod` takes numbers only.
            let group = if args.local { group.gid.to_string() } else { group.name.clone() };
            words.extend(["-g".to_owned(), group]);
        }
        let mut text = |key: &str, option: &str, before: &str, after: Option<String>| {
            if let Some(after) = after.filter(|after| after != before) {
                changes.note(key, before, after.as_str());
                words.extend([option.to_owned(), after]);
                return true;
            }
            false
        };
        text("comment", "-c", &account.comment, args.comment.clone());
        text(
            "shell",
            "-s",
            &account.shell,
            args.shell.as_ref().map(|path| path.to_string_lossy().into_owned()),
        );
        let home = args.home.as_ref().map(|path| path.to_string_lossy().into_owned());
        if text("home", "-d", &account.home, home) && args.move_home {
            words.push("-m".into());
        }
        words
    }

    /// Returns the wanted groups and those that are missing, without the primary one.
    fn wanted<'a>(&'a self, current: &Current) -> Option<(Vec<&'a String>, Vec<&'a String>)> {
        let primary = self.primary.as_ref().map(|group| &group.name);
        let wanted: Vec<_> =
            self.groups.as_ref()?.iter().filter(|group| Some(*group) != primary).collect();
        let missing = wanted.iter().copied().filter(|group| !current.groups.contains(group));
        let missing = missing.collect();
        Some((wanted, missing))
    }

    fn membership(&self, args: &Args, current: &Current, changes: &mut Changes) -> Vec<String> {
        let Some((wanted, missing)) = self.wanted(current).filter(|_| !args.local) else {
            return Vec::new();
        };
        let join = |groups: &[&String]| {
            groups.iter().map(|group| group.as_str()).collect::<Vec<_>>().join(",")
        };
        let before = current.groups.join(",");
        if args.append {
            if missing.is_empty() {
                return Vec::new();
            }
            let mut after: Vec<&String> =
                current.groups.iter().chain(missing.iter().copied()).collect();
            after.sort_unstable();
            changes.note("groups", before, join(&after));
            return vec!["-a".into(), "-G".into(), join(&missing)];
        }
        if missing.is_empty() && wanted.len() == current.groups.len() {
            return Vec::new();
        }
        changes.note("groups", before, join(&wanted));
        vec!["-G".into(), join(&wanted)]
    }

    fn local_membership(&self, args: &Args, current: &Current, changes: &mut Changes) {
        let Some((wanted, missing)) = self.wanted(current) else { return };
        let extra: Vec<_> =
            current.groups.iter().filter(|group| !args.append && !wanted.contains(group)).collect();
        if missing.is_empty() && extra.is_empty() {
            return;
        }
        let list = |groups: &[&String]| Value::list(groups.iter().map(|group| Value::from(*group)));
        changes.note("groups", current.groups.clone(), list(&wanted));
        let lines = missing
            .iter()
            .map(|group| ("-M", *group))
            .chain(extra.iter().map(|group| ("-m", *group)));
        let commands =
            lines.map(|(option, group)| Command::new(["lgroupmod", option, &args.name, group]));
        changes.commands.extend(commands);
    }
}

/// Returns the options for expiry and lock. `lusermod` knows no expiry: with `local`, `limits` has it.
fn account_options(args: &Args, current: &Current, changes: &mut Changes) -> Vec<String> {
    let shadow = current.shadow.clone().unwrap_or_default();
    let mut words = Vec::new();
    match args.expires.map(|time| (time >= 0.0).then(|| days(time))) {
        Some(day)
            if !args.local
                && (day != shadow.expires.filter(|day| *day >= 0) || current.shadow.is_none()) =>
        {
            let show = |day: Option<i64>| day.map_or_else(|| "never".to_owned(), date);
            changes.note("expires", show(shadow.expires), show(day));
            words.extend(["-e".to_owned(), day.map(date).unwrap_or_default()]);
        }
        _ => {}
    }
    let inactive = args.password_expire_account_disable.filter(|_| !args.local);
    if let Some(days) = inactive.filter(|days| differs(*days, shadow.inactive)) {
        changes.note("password_expire_account_disable", shadow.inactive, days);
        words.extend(["-f".to_owned(), days.to_string()]);
    }
    if let Some(lock) = args.password_lock.filter(|lock| *lock != current.is_locked()) {
        // A new password comes with or without the lock.
        if password(args, current).is_none() {
            changes.note("password_lock", !lock, lock);
            words.push(if lock { "-L" } else { "-U" }.into());
        }
    }
    words
}

/// Returns the password that has to be set.
fn password(args: &Args, current: &Current) -> Option<String> {
    let wanted = args.password.as_ref()?.reveal();
    let before = current.shadow.as_ref().map(|shadow| shadow.password.trim_start_matches('!'));
    if args.update_password == UpdatePassword::OnCreate
        || before == Some(wanted.trim_start_matches('!'))
    {
        return None;
    }
    let lock = args.password_lock == Some(true) && !wanted.starts_with('!');
    Some(format!("{}{wanted}", if lock { "!" } else { "" }))
}

/// A limit of the account or of its password that is not as wanted.
pub(super) struct Limit {
    /// The argument.
    key: &'static str,
    /// The option of `chage` and `lchage`.
    option: &'static str,
    /// What it is.
    found: Option<i64>,
    /// What it should be.
    wanted: i64,
}

/// Returns whether a number of `/etc/shadow` has to change; any negative one means the same as none.
fn differs(wanted: i64, found: Option<i64>) -> bool {
    found.filter(|found| *found >= 0) != Some(wanted).filter(|wanted| *wanted >= 0)
}

/// Returns the limits that have to change.
pub(super) fn limits(args: &Args, shadow: Option<&Shadow>) -> Vec<Limit> {
    let shadow = shadow.cloned().unwrap_or_default();
    let mut limits = vec![
        ("password_expire_min", "-m", args.password_expire_min, shadow.min),
        ("password_expire_max", "-M", args.password_expire_max, shadow.max),
        ("password_expire_warn", "-W", args.password_expire_warn, shadow.warn),
    ];
    if args.local {
        let inactive = args.password_expire_account_disable;
        let expires = args.expires.map(|time| days(time).max(-1));
        limits.extend([
            ("password_expire_account_disable", "-I", inactive, shadow.inactive),
            ("expires", "-E", expires, shadow.expires),
        ]);
    }
    let limits = limits.into_iter().filter_map(|(key, option, wanted, found)| {
        let wanted = wanted.filter(|days| differs(*days, found))?;
        Some(Limit { key, option, found, wanted })
    });
    limits.collect()
}

/// Returns the command that sets the limits, if there are any to set.
pub(super) fn aging(args: &Args, limits: &[Limit]) -> Option<Command> {
    if limits.is_empty() {
        return None;
    }
    let program = if args.local { "lchage" } else { "chage" };
    let options =
        limits.iter().flat_map(|limit| [limit.option.to_owned(), limit.wanted.to_string()]);
    let words = std::iter::once(program.to_owned()).chain(options);
    Some(Command::new(words.chain([args.name.clone()])))
}

/// Returns a day as `2026-01-31`, by the calendar that all programs use (Howard Hinnant's `civil_from_days`).
fn date(day: i64) -> String {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * of_year + 2) / 153;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{:02}", of_year - (153 * month_index + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Map;
    use crate::module::Arguments;
    use crate::system::User as Account;

    fn args(pairs: &[(&str, Value)]) -> Args {
        let mut map: Map = pairs.iter().cloned().collect();
        map.insert("name", "ada".into());
        Args::parse(&map).unwrap()
    }

    fn current() -> Current {
        Current {
            account: Account {
                name: "ada".into(),
                uid: 1001,
                gid: 1001,
                comment: "Ada".into(),
                home: "/home/ada".into(),
                shell: "/bin/sh".into(),
            },
            groups: vec!["docker".into(), "sudo".into()],
            shadow: Some(Shadow {
                password: "$6$a$b".into(),
                max: Some(99999),
                min: Some(0),
                warn: Some(7),
                ..Shadow::default()
            }),
        }
    }

    fn groups(names: &[&str]) -> Plan {
        Plan { primary: None, groups: Some(names.iter().map(|name| (*name).to_owned()).collect()) }
    }

    #[track_caller]
    fn created(pairs: &[(&str, Value)], plan: &Plan, expected: &str) {
        assert_eq!(plan.creation(&args(pairs), false).argv.join(" "), expected);
    }

    #[track_caller]
    fn changed(pairs: &[(&str, Value)], plan: &Plan, expected: &[&str]) {
        let changes = plan.changes(&args(pairs), &current());
        let lines: Vec<String> =
            changes.commands.iter().map(|command| command.argv.join(" ")).collect();
        assert_eq!(lines, expected);
        assert_eq!(changes.before.len(), changes.after.len());
    }

    #[test]
    fn creations() {
        created(&[], &Plan::default(), "useradd -m ada");
        created(
            &[
                ("system", true.into()),
                ("shell", "/usr/sbin/nologin".into()),
                ("create_home", false.into()),
            ],
            &Plan::default(),
            "useradd -s /usr/sbin/nologin -M -r ada",
        );
        created(
            &[("uid", 7.into()), ("non_unique", true.into()), ("comment", "A B".into())],
            &groups(&["a", "b"]),
            "useradd -u 7 -G a,b -c A B -o -m ada",
        );
        created(
            &[("expires", 1_893_456_000.into())],
            &Plan::default(),
            "useradd -e 2030-01-01 -m ada",
        );
        created(&[("expires", (-1).into())], &Plan::default(), "useradd -m ada");
    }

    #[test]
    fn nothing_to_change() {
        let same = [
            ("uid", 1001.into()),
            ("comment", "Ada".into()),
            ("home", "/home/ada".into()),
            ("password_lock", false.into()),
            ("expires", (-1).into()),
            ("password_expire_min", 0.into()),
        ];
        changed(&same, &Plan::default(), &[]);
        changed(&[("append", true.into())], &groups(&["sudo"]), &[]);
        changed(&[], &groups(&["docker", "sudo"]), &[]);
    }

    #[test]
    fn changes() {
        changed(&[("shell", "/bin/bash".into())], &Plan::default(), &["usermod -s /bin/bash ada"]);
        changed(
            &[("home", "/srv/ada".into()), ("move_home", true.into())],
            &Plan::default(),
            &["usermod -d /srv/ada -m ada"],
        );
        changed(&[("append", true.into())], &groups(&["adm", "sudo"]), &["usermod -a -G adm ada"]);
        changed(&[], &groups(&["sudo"]), &["usermod -G sudo ada"]);
        changed(&[], &groups(&[]), &["usermod -G  ada"]);
        changed(&[("append", true.into())], &groups(&[]), &[]);
        changed(&[("password_lock", true.into())], &Plan::default(), &["usermod -L ada"]);
        changed(
            &[("password_expire_max", 90.into()), ("password_expire_warn", 7.into())],
            &Plan::default(),
            &["chage -M 90 ada"],
        );
        changed(
            &[("local", true.into())],
            &groups(&["adm"]),
            &["lgroupmod -M ada adm", "lgroupmod -m ada docker", "lgroupmod -m ada sudo"],
        );
    }

    #[test]
    fn passwords() {
        let set = |pairs: &[(&str, Value)]| password(&args(pairs), &current());
        assert_eq!(set(&[("password", "$6$a$b".into())]), None);
        assert_eq!(set(&[("password", "$6$a$c".into())]).as_deref(), Some("$6$a$c"));
        assert_eq!(
            set(&[("password", "$6$a$c".into()), ("password_lock", true.into())]).as_deref(),
            Some("!$6$a$c")
        );
        let kept = [("password", "$6$a$c".into()), ("update_password", "on_create".into())];
        assert_eq!(set(&kept), None);
    }

    #[test]
    fn dates() {
        for (day, expected) in
            [(0, "1970-01-01"), (19_782, "2024-02-29"), (-1, "1969-12-31"), (47_541, "2100-03-01")]
        {
            assert_eq!(date(day), expected);
        }
    }
}
