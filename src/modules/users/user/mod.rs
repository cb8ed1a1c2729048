//! `user`: makes, changes and removes accounts, with groups, password, home folder and SSH key.
//!
//! What is there is read from the user database and `/etc/shadow`; programs of shadow-utils run only for what differs.
//! Password hashes go through `chpasswd`'s input, never through a command line that others can see.

mod current;
mod home;
mod key;
mod plan;

use std::path::PathBuf;

use crate::base::{Secret, Value};
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Command, User as Account};
use crate::{arguments, choices};

use super::common::{account, run};
use current::Current;
use plan::Plan;

choices! {
    /// Whether the account should be there.
    pub(super) enum State { Absent = "absent", Present = "present" }
}

choices! {
    /// When the password is set.
    pub(super) enum UpdatePassword { Always = "always", OnCreate = "on_create" }
}

arguments! {
    /// Arguments of `user`.
    pub(super) struct Args {
        /// Whether the user stays in other groups than those of `groups`.
        append: bool = false,
        /// Accepted for playbooks that also run on Solaris.
        authorization: Option<String>,
        /// The comment field, mostly the full name.
        comment: Option<String>,
        /// Whether to make the home folder when it is missing.
        create_home ["createhome"]: bool = true,
        /// When the account expires, in seconds since 1970; negative for never.
        expires: Option<f64>,
        /// With `state: absent`, whether to remove the account even while it is used; with `generate_ssh_key`, whether to overwrite a key.
        force: bool = false,
        /// Whether to make an SSH key.
        generate_ssh_key: bool = false,
        /// The primary group, by name or number.
        group: Option<String>,
        /// The other groups, by name or number; an empty list means none.
        groups: Option<Vec<String>>,
        /// Accepted for playbooks that also run on macOS.
        hidden: Option<bool>,
        /// The home folder.
        home: Option<PathBuf>,
        /// Whether to use libuser's programs, where accounts may also come from a directory.
        local: bool = false,
        /// Accepted for playbooks that also run on BSD.
        login_class: Option<String>,
        /// Whether to move the content of the home folder when `home` differs.
        move_home: bool = false,
        /// The account.
        name ["user"]: String,
        /// Whether the number may be that of another account, too.
        non_unique: bool = false,
        /// The hash of the password, as `password_hash` makes it.
        password: Option<Secret>,
        /// After how many days with an expired password the account is shut.
        password_expire_account_disable: Option<i64>,
        /// After how many days the password has to be changed.
        password_expire_max: Option<i64>,
        /// How many days a password has to stay.
        password_expire_min: Option<i64>,
        /// How many days before it expires the user is told.
        password_expire_warn: Option<i64>,
        /// Whether the password is locked; keys still work.
        password_lock: Option<bool>,
        /// Accepted for playbooks that also run on Solaris.
        profile: Option<String>,
        /// With `state: absent`, whether to delete home folder and mail, too.
        remove: bool = false,
        /// Accepted for playbooks that also run on Solaris.
        role: Option<String>,
        /// The user of SELinux.
        seuser: Option<String>,
        /// The login shell.
        shell: Option<PathBuf>,
        /// The folder whose files a new home gets.
        skeleton: Option<String>,
        /// The length of the SSH key; `ssh-keygen` chooses when not given.
        ssh_key_bits: Option<u32>,
        /// The comment of the SSH key; `$HOSTNAME` stands for the host.
        ssh_key_comment: String = "ansible-generated on $HOSTNAME".into(),
        /// The file of the SSH key, below the home folder when it is not absolute.
        ssh_key_file: Option<PathBuf>,
        /// What protects the SSH key.
        ssh_key_passphrase: Option<Secret>,
        /// The type of the SSH key.
        ssh_key_type: String = "rsa".into(),
        /// Whether the account should be there.
        state: State = State::Present,
        /// Whether a new account is one of the system.
        system: bool = false,
        /// The number.
        uid: Option<u32>,
        /// The highest number that a new account may get.
        uid_max: Option<u32>,
        /// The lowest number that a new account may get.
        uid_min: Option<u32>,
        /// The umask for a new home folder.
        umask: Option<String>,
        /// Whether the password of an account that is there is changed.
        update_password: UpdatePassword = UpdatePassword::Always,
    }
}

/// The module.
pub(super) struct User;

impl Module for User {
    const SPEC: &'static Spec = &Spec {
        name: "user",
        summary: "Makes, changes and removes accounts.",
        check: Check::Full,
        diff: true,
        examples: &[
            Example {
                about: "Make an account for a service.",
                task: "user: {name: app, system: true, shell: /usr/sbin/nologin, home: /srv/app}",
            },
            Example {
                about: "Add somebody to a group.",
                task: "user: {name: ada, groups: [docker], append: true}",
            },
            Example {
                about: "Remove an account with its home.",
                task: "user: {name: ada, state: absent, remove: true}",
            },
        ],
        returns: &[
            Return { name: "name", about: "The account." },
            Return { name: "state", about: "`present` or `absent`." },
            Return { name: "uid", about: "Its number." },
            Return { name: "group", about: "The number of its primary group." },
            Return {
                name: "groups",
                about: "The groups that were asked for, with commas between.",
            },
            Return { name: "home", about: "Its home folder." },
            Return { name: "shell", about: "Its login shell." },
            Return { name: "comment", about: "Its comment." },
            Return { name: "ssh_fingerprint", about: "The fingerprint of the SSH key." },
            Return { name: "ssh_key_file", about: "The file of the SSH key." },
            Return { name: "ssh_public_key", about: "The public half of the SSH key." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        if args.local {
            let unknown = [
                ("uid_min", args.uid_min.is_some()),
                ("uid_max", args.uid_max.is_some()),
                ("umask", args.umask.is_some()),
            ];
            if let Some((name, _)) = unknown.iter().find(|(_, is_given)| *is_given) {
                return Err(Failure::new(format!("'{name}' can not be used with 'local'")));
            }
        }
        let found = account(job.look(), &args.name, args.local)?;
        match (args.state, found) {
            (State::Absent, None) => {
                Ok(Outcome::same(format!("there is no account `{}`", args.name))
                    .with("name", args.name)
                    .with("state", "absent"))
            }
            (State::Absent, Some(_)) => remove(&args, job),
            (State::Present, found) => present(&args, found, job),
        }
    }
}

fn remove(args: &Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    let program = if args.local { "luserdel" } else { "userdel" };
    let options = [(args.force && !args.local, "-f"), (args.remove, "-r")];
    let options = options.iter().filter(|(on, _)| *on).map(|(_, word)| *word);
    let words = [program].into_iter().chain(options).chain([args.name.as_str()]);
    run(job, &args.name, states(job, &args.name, "present", "absent"), &Command::new(words))?;
    Ok(Outcome::done()
        .with("name", args.name.as_str())
        .with("state", "absent")
        .with("force", args.force)
        .with("remove", args.remove))
}

fn present(args: &Args, found: Option<Account>, job: &mut Job<'_>) -> Result<Outcome, Failure> {
    if let Some(hint) = args.password.as_ref().and_then(|hash| current::suspicion(hash.reveal())) {
        job.warn(hint);
    }
    if args.append && args.groups.is_none() {
        job.warn("'append' is set, but no 'groups' are specified. Use 'groups' to name those to be added.");
    }
    let plan = Plan::resolve(args, job.look())?;
    let is_new = found.is_none();
    match found {
        None => create(args, &plan, job)?,
        Some(account) => modify(args, &plan, Current::look(job.look(), account)?, job)?,
    }
    let account = account(job.look(), &args.name, args.local)?;
    let mut outcome = Outcome::done()
        .with("name", args.name.as_str())
        .with("state", "present")
        .with("append", args.append)
        .with("move_home", args.move_home);
    if is_new {
        outcome = outcome.with("system", args.system).with("create_home", args.create_home);
    }
    if let Some(groups) = &args.groups {
        outcome = outcome.with("groups", groups.join(","));
    }
    if args.password.is_some() {
        outcome = outcome.with("password", "NOT_LOGGING_PASSWORD");
    }
    if let Some(account) = account {
        home::ensure(args, &account, job)?;
        outcome = outcome
            .with("uid", account.uid)
            .with("group", account.gid)
            .with("comment", account.comment.as_str())
            .with("home", account.home.as_str())
            .with("shell", account.shell.as_str());
        if args.generate_ssh_key {
            outcome = outcome.with_all(key::ensure(args, &account, job)?);
        }
    } else if args.generate_ssh_key {
        // In check mode the account is not there yet; its home will be where useradd puts homes.
        let home = format!("/home/{}", args.name);
        outcome =
            outcome.with_all(key::ensure(args, &Account { home, ..Account::default() }, job)?);
    }
    if !job.has_changed() {
        outcome.message = "the account is as it should be".into();
    }
    Ok(outcome)
}

fn create(args: &Args, plan: &Plan, job: &mut Job<'_>) -> Result<(), Failure> {
    let named_group = job.look().group(&args.name)?.is_some();
    run(
        job,
        &args.name,
        states(job, &args.name, "absent", "present"),
        &plan.creation(args, named_group),
    )?;
    if args.local {
        for group in plan.groups.iter().flatten() {
            let words = ["lgroupmod", "-M", &args.name, group];
            run(job, &args.name, Diff::None, &Command::new(words))?;
        }
    }
    if let Some(hash) = &args.password {
        let lock = if args.password_lock == Some(true) { "!" } else { "" };
        set_password(args, &format!("{lock}{}", hash.reveal()), Diff::None, job)?;
    }
    if let Some(command) = plan::aging(args, &plan::limits(args, None)) {
        run(job, &args.name, Diff::None, &command)?;
    }
    Ok(())
}

fn modify(args: &Args, plan: &Plan, current: Current, job: &mut Job<'_>) -> Result<(), Failure> {
    let changes = plan.changes(args, &current);
    let name = args.name.as_str();
    let mut diff = match job.stage().diff && !changes.after.is_empty() {
        true => Diff::values(name, Value::from(changes.before), Value::from(changes.after)),
        false => Diff::None,
    };
    for command in &changes.commands {
        run(job, name, std::mem::replace(&mut diff, Diff::None), command)?;
    }
    if let Some(hash) = changes.password {
        set_password(args, &hash, diff, job)?;
    }
    Ok(())
}

fn set_password(args: &Args, hash: &str, diff: Diff, job: &mut Job<'_>) -> Result<(), Failure> {
    let command = Command::new(["chpasswd", "-e"]).stdin(format!("{}:{hash}\n", args.name));
    run(job, &args.name, diff, &command)
}

fn states(job: &Job<'_>, name: &str, before: &str, after: &str) -> Diff {
    if !job.stage().diff {
        return Diff::None;
    }
    let state = |word: &str| Value::map([("name", name.into()), ("state", Value::from(word))]);
    Diff::values(name, state(before), state(after))
}
