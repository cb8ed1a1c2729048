//! `cron`: makes sure that a job, or a variable, is or is not in a crontab.
//!
//! A job is known by the comment `#Ansible: NAME` above it, so that both tools find each other's jobs.

mod table;

use std::path::{Path, PathBuf};

use crate::base::Value;
use crate::module::{Check, Diff, Example, Failure, Job, Module, Outcome, Return, Spec};
use crate::system::{Command, Finish, Look};
use crate::{arguments, choices};

use table::{Place, Table};

choices! {
    /// Whether the job is there.
    pub(super) enum State { Absent = "absent", Present = "present" }
}

choices! {
    /// A time with a name.
    pub(super) enum SpecialTime {
        Annually = "annually",
        Daily = "daily",
        Hourly = "hourly",
        Monthly = "monthly",
        Reboot = "reboot",
        Weekly = "weekly",
        Yearly = "yearly",
    }
}

arguments! {
    /// Arguments of `cron`.
    pub(super) struct Args {
        /// Whether the old crontab is kept.
        backup: bool = false,
        /// A file below `/etc/cron.d`, or an absolute path, instead of the user's own crontab.
        cron_file: Option<PathBuf>,
        /// The days of the month.
        day ["dom"]: String = "*".into(),
        /// Whether the job is there but commented out.
        disabled: bool = false,
        /// Whether a variable is meant and no job.
        env: bool = false,
        /// The hours.
        hour: String = "*".into(),
        /// The variable behind which a new one is put.
        insertafter: Option<String>,
        /// The variable before which a new one is put.
        insertbefore: Option<String>,
        /// The command, or the value of the variable.
        job ["value"]: Option<String>,
        /// The minutes.
        minute: String = "*".into(),
        /// The months.
        month: String = "*".into(),
        /// What the job is called, or the variable.
        name: String,
        /// A time with a name, instead of the five fields.
        special_time: Option<SpecialTime>,
        /// Whether it is there.
        state: State = State::Present,
        /// Whose crontab it is; with `cron_file`, as whom the job runs.
        user: Option<String>,
        /// The days of the week, from 0 for Sunday.
        weekday ["dow"]: String = "*".into(),
    }
}

/// The module.
pub(super) struct Cron;

impl Module for Cron {
    const SPEC: &'static Spec = &Spec {
        name: "cron",
        summary: "Makes sure that a job or a variable is, or is not, in a crontab.",
        check: Check::Full,
        diff: true,
        examples: &[
            Example {
                about: "Run a script at five and two o'clock.",
                task: "cron: {name: backup, minute: '0', hour: '5,2', job: /usr/local/bin/backup}",
            },
            Example {
                about: "Say who gets the mail of jobs.",
                task: "cron: {name: MAILTO, env: true, job: root@example.com}",
            },
            Example {
                about: "Run a job as somebody else, out of a file of its own.",
                task: "cron: {name: clean, special_time: daily, user: www-data, job: /srv/clean, cron_file: clean}",
            },
        ],
        returns: &[
            Return { name: "jobs", about: "The names of all jobs." },
            Return { name: "envs", about: "The names of all variables." },
            Return { name: "backup_file", about: "Where the old crontab was kept." },
        ],
        ..Spec::BASE
    };
    type Args = Args;

    fn run(args: Args, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        check(&args)?;
        if let Some(warning) = odd_name(&args) {
            job.warn(warning);
        }
        let place = Crontab::of(&args, job.look())?;
        let before = place.read(job.look())?;
        let table = edit(Table::read(before.as_deref().unwrap_or_default()), &args)?;
        let values = |outcome: Outcome| {
            outcome
                .with("jobs", Value::list(table.jobs().into_iter().map(Value::from)))
                .with("envs", Value::list(table.variables().into_iter().map(Value::from)))
        };
        if !table.is_changed() {
            let reason = match args.state {
                State::Absent => "it is not there",
                State::Present => "it is there already",
            };
            return Ok(values(Outcome::same(reason)));
        }
        let old = before.unwrap_or_default();
        let kept = keep(&args, &old, job)?;
        place.write(&old, &table, job)?;
        let outcome = values(Outcome::done());
        Ok(match kept {
            Some(path) => outcome.with("backup_file", path.display().to_string()),
            None => outcome,
        })
    }
}

fn check(args: &Args) -> Result<(), Failure> {
    let refuse = |text: &str| Err(Failure::new(text));
    let fields = [&args.minute, &args.hour, &args.day, &args.month, &args.weekday];
    let present = args.state == State::Present;
    if args.cron_file.as_deref() == Some(Path::new("/etc/crontab")) {
        return refuse("Will not manage /etc/crontab via cron_file, see documentation.");
    }
    if args.special_time.is_some() && fields.iter().any(|field| *field != "*") {
        return refuse("You must specify time and date fields or special time.");
    }
    if args.cron_file.is_some() && present && args.user.is_none() {
        return refuse("To use cron_file=... parameter you must specify user=... as well");
    }
    if present && args.job.is_none() {
        return refuse("You must specify 'job' to install a new cron job or variable");
    }
    if !args.env && (args.insertafter.is_some() || args.insertbefore.is_some()) {
        return refuse("Insertafter and insertbefore parameters are valid only with env=yes");
    }
    if args.insertafter.is_some() && args.insertbefore.is_some() {
        return refuse("parameters are mutually exclusive: insertafter|insertbefore");
    }
    if args.env && args.name.contains([' ', '=']) {
        return refuse("Invalid name for environment variable");
    }
    let text = args.job.as_deref().unwrap_or_default().trim_matches(['\r', '\n']);
    if text.contains(['\r', '\n']) || args.name.contains(['\r', '\n']) {
        return refuse("Job should not contain line breaks: a crontab has one line for each");
    }
    Ok(())
}

/// Cron passes over files with other characters in their names.
fn odd_name(args: &Args) -> Option<String> {
    let name = args.cron_file.as_ref()?.file_name()?.to_string_lossy().into_owned();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (args.state == State::Present && !name.chars().all(is_plain)).then(|| {
        format!(
            "Filename portion of cron_file (\"{name}\") should consist solely of upper- and lower-case letters, digits, underscores, and hyphens; cron may pass over it"
        )
    })
}

fn edit(mut table: Table, args: &Args) -> Result<Table, Failure> {
    let job = args.job.as_deref().unwrap_or_default().trim_matches(['\r', '\n']);
    match (args.env, args.state) {
        (true, State::Present) => {
            let place = match (&args.insertafter, &args.insertbefore) {
                (Some(name), _) => Place::After(name),
                (None, Some(name)) => Place::Before(name),
                (None, None) => Place::First,
            };
            table.set_variable(&args.name, job, place)?;
        }
        (true, State::Absent) => table.remove_variable(&args.name),
        (false, State::Present) => table.set_job(&args.name, &line(args, job)),
        (false, State::Absent) => table.remove_job(&args.name),
    }
    Ok(table)
}

/// Returns the line of a job.
fn line(args: &Args, job: &str) -> String {
    let time = match args.special_time {
        Some(time) => format!("@{}", time.word()),
        None => [&args.minute, &args.hour, &args.day, &args.month, &args.weekday]
            .map(String::as_str)
            .join(" "),
    };
    let off = if args.disabled { "#" } else { "" };
    match args.user.as_deref().filter(|_| args.cron_file.is_some()) {
        Some(user) => format!("{off}{time} {user} {job}"),
        None => format!("{off}{time} {job}"),
    }
}

/// Where a crontab is.
enum Crontab {
    /// A file.
    File(PathBuf),
    /// A user's own, which `crontab` reads and writes; nobody means the user of the task.
    User(Option<String>),
}

impl Crontab {
    fn of(args: &Args, look: &dyn Look) -> Result<Self, Failure> {
        if let Some(file) = &args.cron_file {
            return Ok(Self::File(Path::new("/etc/cron.d").join(file)));
        }
        let me = look.user_by_id(look.uid())?.map(|user| user.name);
        Ok(Self::User(args.user.clone().filter(|user| Some(user) != me.as_ref())))
    }

    fn command(user: Option<&String>, last: &str) -> Command {
        let mut words = vec!["crontab".to_owned()];
        words.extend(user.iter().flat_map(|user| ["-u".to_owned(), (*user).clone()]));
        words.push(last.to_owned());
        Command::new(words).env("LC_ALL", "C.UTF-8")
    }

    fn read(&self, look: &dyn Look) -> Result<Option<String>, Failure> {
        let user = match self {
            Self::File(path) => {
                let content = look.read(path)?;
                return Ok(content.map(|content| String::from_utf8_lossy(&content).into_owned()));
            }
            Self::User(user) => user.as_ref(),
        };
        let output = look.query(&Self::command(user, "-l"))?;
        match output.code {
            0 => Ok(Some(output.out())),
            // There is none yet.
            1 => Ok(None),
            _ => {
                let text = format!("Unable to read crontab: {}", output.err().trim());
                Err(Failure::program(text, &output))
            }
        }
    }

    fn write(&self, before: &str, table: &Table, job: &mut Job<'_>) -> Result<(), Failure> {
        let after = table.text();
        let header = match self {
            Self::File(path) => path.display().to_string(),
            Self::User(Some(user)) => format!("crontab for user \"{user}\""),
            Self::User(None) => "crontab".to_owned(),
        };
        let diff = Diff::Text {
            before_header: header.clone(),
            after_header: header,
            before: before.to_owned(),
            after: after.clone(),
        };
        job.change(diff, |act| match self {
            Self::File(path) if table.is_empty() => Ok(act.remove(path)?),
            Self::File(path) => {
                let mode = act.stat(path)?.is_none().then_some(0o644);
                let finish = Finish { mode, ..Finish::default() };
                act.replace_as(path, &mut after.as_bytes(), &finish)?;
                Ok(())
            }
            Self::User(user) => {
                let command = Self::command(user.as_ref(), "-").stdin(after.as_bytes());
                let output = act.run(&command)?;
                if output.success() {
                    return Ok(());
                }
                let text = format!("Unable to write crontab: {}", output.err().trim());
                Err(Failure::program(text, &output))
            }
        })
        .map(drop)
    }
}

/// Keeps the old crontab when that is asked.
fn keep(args: &Args, old: &str, job: &Job<'_>) -> Result<Option<PathBuf>, Failure> {
    if !args.backup || job.stage().check {
        return Ok(None);
    }
    let path = PathBuf::from(format!("/tmp/crontab{:x}", (job.look().now() * 1e3) as u64));
    let finish = Finish { mode: Some(0o600), over_link: true, ..Finish::default() };
    job.aside(|act| Ok(act.replace_as(&path, &mut old.as_bytes(), &finish)?))?;
    Ok(Some(path))
}
