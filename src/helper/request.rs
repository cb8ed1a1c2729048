//! One request: the module runs on the machine, its events go out, and whatever happens becomes a reply.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::blobs::Contents;
use super::credit::Credit;
use super::outbox::Outbox;
use super::{jobs, paths};
use crate::module::{Failure, Job, Stage, Watcher};
use crate::modules;
use crate::protocol::{CHUNK, Chunk, Event, FromHelper, Reply, Request};
use crate::system::{Channel, Children, Local};

/// Runs a request to its reply.
pub(super) fn run(
    request: &Request,
    contents: &Contents,
    outbox: &Outbox,
    children: &Arc<Children>,
) -> Reply {
    let done = Arc::new(AtomicBool::new(false));
    if request.timeout > 0 {
        watch_time(request.timeout, Arc::clone(children), Arc::clone(&done));
    }
    let reply = catch_unwind(AssertUnwindSafe(|| work(request, contents, outbox, children)));
    done.store(true, Ordering::Relaxed);
    reply.unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned());
        failed(Failure::new(format!(
            "the module `{}` broke down, which is a mistake in fcplay: {}",
            request.module,
            text.unwrap_or_default()
        )))
    })
}

pub(super) fn failed(failure: Failure) -> Reply {
    Reply::Failed { changed: false, failure, diffs: Vec::new(), warnings: Vec::new() }
}

fn work(
    request: &Request,
    contents: &Contents,
    outbox: &Outbox,
    children: &Arc<Children>,
) -> Reply {
    if request.module == jobs::WORD {
        return jobs::start(request);
    }
    let Some(module) = modules::find(&request.module) else {
        return failed(Failure::new(format!(
            "the helper has no module `{}`; is it of another version?",
            request.module
        )));
    };
    let machine = Local::new(request.environment.clone(), Arc::clone(children));
    let reporter = Reporter { id: request.id, outbox, credit: contents.credit() };
    let stage = Stage { check: request.check, diff: request.diff, verbosity: request.verbosity };
    let mut job = Job::new(&machine, &reporter, contents, stage);
    let args = paths::expand(&request.args, &module.arguments(), &machine);
    let result = module.run(&args, &mut job);
    let (changed, diffs, warnings) = (job.has_changed(), job.take_diffs(), job.take_warnings());
    match result {
        Ok(outcome) => Reply::Done { changed, outcome, diffs, warnings },
        Err(failure) => Reply::Failed { changed, failure, diffs, warnings },
    }
}

/// Ends the programs of a task whose time is over.
fn watch_time(seconds: u64, children: Arc<Children>, done: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        for _ in 0..seconds.saturating_mul(5) {
            std::thread::sleep(Duration::from_millis(200));
            if done.load(Ordering::Relaxed) {
                return;
            }
        }
        children.end();
    });
}

/// Sends what happens in a request to the controller.
struct Reporter<'a> {
    id: u32,
    outbox: &'a Outbox,
    credit: &'a Credit,
}

impl Watcher for Reporter<'_> {
    fn output(&self, channel: Channel, bytes: &[u8]) {
        let event = Event::Output { err: channel == Channel::Err, bytes: bytes.to_vec() };
        let _gone = self.outbox.send(&FromHelper::Event { id: self.id, event });
    }

    fn progress(&self, what: &str, done: u64, all: u64) {
        let event = Event::Progress { what: what.to_owned(), done, all };
        let _gone = self.outbox.send(&FromHelper::Event { id: self.id, event });
    }

    fn send(&self, bytes: &[u8]) -> Result<(), Failure> {
        for piece in bytes.chunks(CHUNK) {
            let lost = || Failure::new("the connection to the controller was lost");
            if !self.credit.spend(piece.len()) {
                return Err(lost());
            }
            let message =
                FromHelper::Data { id: self.id, chunk: Chunk::packed(piece), last: false };
            self.outbox.send(&message).map_err(|_| lost())?;
        }
        Ok(())
    }
}
