//! Jobs in the background: a module in a process of its own that outlives the connection. What comes of it is in a file,
//! as JSON in Ansible's form.
//!
//! [`start`] is the helper's part: it answers once the job is there. [`run`] is the job itself.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use super::outbox::Outbox;
use super::{blobs, request};
use crate::base::{Map, Value, json};
use crate::module::{Failure, Outcome, diff_values};
use crate::protocol::{self, Reply, Request, ToHelper};
use crate::system::{self, Act, Children, Finish, Local, Look};

/// What a request names in place of a module.
pub(super) const WORD: &str = "async_wrapper";
/// The program's argument that makes it a job.
pub const ARGUMENT: &str = "job";

/// Makes names of jobs differ within this process.
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// How long programs of a job may take to end when its time is over.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Starts a job; the arguments name its module, that one's arguments, the folder for its result and its time.
pub(super) fn start(request: &Request) -> Reply {
    match try_start(request) {
        Ok(outcome) => {
            Reply::Done { changed: true, outcome, diffs: Vec::new(), warnings: Vec::new() }
        }
        Err(why) => request::failed(Failure::new(why)),
    }
}

fn try_start(request: &Request) -> Result<Outcome, String> {
    let machine = Local::new(Vec::new(), Arc::default());
    let text = |name: &str| request.args.get(name).map(ToString::to_string).unwrap_or_default();
    let folder = PathBuf::from(system::expand(&text("folder"), &machine));
    let told =
        |error: system::Error| format!("could not create directory: {}: {error}", folder.display());
    make_folder(&machine, &folder).map_err(told)?;
    let jid = id(&machine);
    let file = folder.join(&jid);
    let started = Map::from_iter([
        ("ansible_job_id", Value::from(jid.as_str())),
        ("finished", false.into()),
        ("started", true.into()),
    ]);
    write(&machine, &file, &started)
        .map_err(|error| format!("cannot write `{}`: {error}", file.display()))?;
    let args = request.args.get("args").and_then(Value::as_map);
    let job = Request {
        module: text("module"),
        // The time of the job counts, not that of the task that starts it.
        timeout: 0,
        args: args.map(|args| (**args).clone()).unwrap_or_default(),
        ..request.clone()
    };
    let input = protocol::write(&ToHelper::Run(job));
    let seconds = text("seconds");
    let shown = file.display().to_string();
    system::detach(&[ARGUMENT, &shown, &jid, &seconds], &input)
        .map_err(|error| format!("cannot start a job in the background: {error}"))?;
    Ok(Outcome::done().with_all(started).with("results_file", shown))
}

/// Makes a folder that only its owner can read, with those above it.
fn make_folder(machine: &Local, folder: &Path) -> system::Result<()> {
    if machine.stat_followed(folder)?.is_some() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folder(machine, parent)?;
    }
    machine.make_folder(folder)?;
    machine.set_mode(folder, 0o700)
}

/// Returns a name that no other job has.
fn id(machine: &Local) -> String {
    // Many hosts may delegate to this one within a microsecond.
    let number = u64::from(COUNTER.fetch_add(1, Ordering::Relaxed)) % 1000;
    let now = (machine.now() * 1e6) as u64 % 1_000_000_000;
    format!("j{now:09}{number:03}.{}", std::process::id())
}

/// Runs a job: the program's arguments after the first one are the file for the result, the job's name and its time.
pub fn run(args: &[String], input: impl Read) {
    let [file, jid, seconds] = args else { return };
    let mut input = input;
    let Ok(ToHelper::Run(request)) = protocol::read_into(&mut input, &mut Vec::new()) else {
        return;
    };
    let machine = Local::new(Vec::new(), Arc::default());
    let children = Arc::<Children>::default();
    let (done, ended) = mpsc::channel();
    let at_work = Arc::clone(&children);
    std::thread::spawn(move || {
        let outbox = Outbox::new(std::io::sink());
        let (_inbox, contents) = blobs::pair(0, &[], outbox.clone());
        let reply = request::run(&request, &contents, &outbox, &at_work);
        let _main_has_ended = done.send(reply);
    });
    let time = Duration::from_secs(seconds.parse().unwrap_or(u64::MAX));
    let mut result = match ended.recv_timeout(time) {
        Ok(reply) => values(reply),
        Err(_) => {
            children.end();
            let _late = ended.recv_timeout(LAST_WORDS);
            Map::from_iter([
                ("changed", Value::from(false)),
                ("child_pid", std::process::id().into()),
                ("failed", true.into()),
                ("msg", "Timeout exceeded".into()),
            ])
        }
    };
    result.insert("ansible_job_id", jid.as_str().into());
    result.insert("finished", true.into());
    result.insert("started", true.into());
    // Nobody is there to tell.
    let _lost = write(&machine, Path::new(file), &result);
}

/// Returns what came of a module, as it stands in the file.
fn values(reply: Reply) -> Map {
    let (mut values, diffs, warnings) = match reply {
        Reply::Done { changed, outcome, diffs, warnings } => {
            let Outcome { message, mut values, facts, skipped, changed: claimed } = outcome;
            if !message.is_empty() && !values.contains_key("msg") {
                values.insert("msg", message.into());
            }
            if !facts.is_empty() {
                values.insert("ansible_facts", facts.into());
            }
            if skipped {
                values.insert("skipped", true.into());
            }
            values.insert("changed", claimed.unwrap_or(changed).into());
            (values, diffs, warnings)
        }
        Reply::Failed { changed, failure, diffs, warnings } => {
            let mut values = failure.values;
            values.insert("msg", failure.message.into());
            values.insert("changed", changed.into());
            values.insert("failed", true.into());
            (values, diffs, warnings)
        }
    };
    if !diffs.is_empty() {
        values.insert("diff", diff_values(&diffs));
    }
    if !warnings.is_empty() {
        values.insert("warnings", Value::list(warnings.into_iter().map(Value::from)));
    }
    values
}

fn write(machine: &Local, file: &Path, values: &Map) -> system::Result<()> {
    let text = json::write(&values.clone().into());
    let finish = Finish { mode: Some(0o600), over_link: true, ..Finish::default() };
    machine.replace_as(file, &mut text.as_bytes(), &finish).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_written_as_ansible_does() {
        let outcome = Outcome::done().with("rc", 0);
        let reply =
            Reply::Done { changed: true, outcome, diffs: Vec::new(), warnings: vec!["w".into()] };
        assert_eq!(
            json::write(&values(reply).into()),
            r#"{"rc": 0, "changed": true, "warnings": ["w"]}"#
        );
        let reply = request::failed(Failure::new("no"));
        assert_eq!(
            json::write(&values(reply).into()),
            r#"{"msg": "no", "changed": false, "failed": true}"#
        );
    }

    #[test]
    fn a_job_leaves_its_result() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("j1").display().to_string();
        let request = Request { module: "ping".into(), ..Request::default() };
        let input = protocol::write(&ToHelper::Run(request));
        run(&[file.clone(), "j1".into(), "5".into()], &*input);
        let text = std::fs::read_to_string(file).unwrap();
        assert_eq!(
            text,
            r#"{"ping": "pong", "changed": false, "ansible_job_id": "j1", "finished": true, "started": true}"#
        );
    }
}
