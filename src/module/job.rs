//! A job: one task on one machine. The only door to changes.

use std::io::Read;
use std::path::Path;

use crate::system::{Act, Channel, Command, Look, Output};

use super::{Diff, Failure};

/// How far a job goes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Stage {
    /// Nothing is changed, only predicted.
    pub check: bool,
    /// Differences are wanted.
    pub diff: bool,
    /// How much detail is wanted (`-v`).
    pub verbosity: u8,
}

/// Who hears what a job does while it runs.
pub trait Watcher {
    /// Takes what a program writes.
    fn output(&self, channel: Channel, bytes: &[u8]);

    /// Takes how far something long is: done and all, in the unit that `what` names (0 when unknown).
    fn progress(&self, what: &str, done: u64, all: u64);

    /// Sends a piece of a file to the controller (`fetch`).
    fn send(&self, bytes: &[u8]) -> Result<(), Failure>;
}

/// Contents that the controller holds ready for this job (`copy`, `template`, `script`, `unarchive`).
pub trait Blobs {
    /// Returns the size of a content in bytes.
    fn size(&self, index: usize) -> u64;

    /// Returns the SHA-1 of a content in hexadecimal; the controller computes it when asked.
    fn sha1(&self, index: usize) -> Result<String, Failure>;

    /// Asks for contents, in this order: they are on their way while the first is read.
    fn want(&self, indexes: &[usize]) -> Result<(), Failure>;

    /// Returns a reader of a content; those asked for with [`Blobs::want`] are read in that order.
    fn open(&self, index: usize) -> Result<Box<dyn Read + '_>, Failure>;
}

/// One task on one machine.
pub struct Job<'a> {
    machine: &'a dyn Act,
    watcher: &'a dyn Watcher,
    blobs: &'a dyn Blobs,
    stage: Stage,
    changed: bool,
    diffs: Vec<Diff>,
    warnings: Vec<String>,
}

impl<'a> Job<'a> {
    /// Returns a job on a machine.
    pub fn new(
        machine: &'a dyn Act,
        watcher: &'a dyn Watcher,
        blobs: &'a dyn Blobs,
        stage: Stage,
    ) -> Self {
        Self {
            machine,
            watcher,
            blobs,
            stage,
            changed: false,
            diffs: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Returns the machine to look at.
    pub fn look(&self) -> &'a dyn Look {
        self.machine
    }

    /// Returns how far the job goes.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Returns the contents that the controller holds ready.
    pub fn blobs(&self) -> &'a dyn Blobs {
        self.blobs
    }

    /// Changes the machine: notes the change and its difference, and calls `act` unless in check mode.
    ///
    /// Returns what `act` returned, nothing in check mode: a value born by the change is not known then.
    pub fn change<T>(
        &mut self,
        diff: Diff,
        act: impl FnOnce(&'a dyn Act) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        // A change that fails is none, and its difference is not shown.
        let done = if self.stage.check { None } else { Some(act(self.machine)?) };
        self.changed = true;
        if diff != Diff::None {
            self.diffs.push(diff);
        }
        Ok(done)
    }

    /// Writes a file as [`Act::replace`] does, showing the difference of its text.
    pub fn replace(
        &mut self,
        path: &Path,
        before: Option<&[u8]>,
        after: &[u8],
    ) -> Result<(), Failure> {
        let diff = if self.stage.diff { Diff::content(path, before, after) } else { Diff::None };
        self.change(diff, |act| Ok(act.replace(path, after)?)).map(drop)
    }

    /// Runs a program that changes the machine and hands on what it writes; nothing in check mode.
    pub fn run(&mut self, command: &Command) -> Result<Option<Output>, Failure> {
        let watcher = self.watcher;
        self.change(Diff::None, |act| {
            Ok(act.run_watched(command, &mut |channel, bytes| watcher.output(channel, bytes))?)
        })
    }

    /// Does something that changes nothing the user asked for (a temporary file, a cache), in check mode too.
    pub fn aside<T>(
        &self,
        act: impl FnOnce(&'a dyn Act) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        act(self.machine)
    }

    /// Says something the user should know.
    pub fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }

    /// Says how far something long is.
    pub fn progress(&self, what: &str, done: u64, all: u64) {
        self.watcher.progress(what, done, all);
    }

    /// Returns who hears what the job does.
    pub fn watcher(&self) -> &'a dyn Watcher {
        self.watcher
    }

    /// Returns whether something changed or would.
    pub fn has_changed(&self) -> bool {
        self.changed
    }

    /// Takes the differences out.
    pub fn take_diffs(&mut self) -> Vec<Diff> {
        std::mem::take(&mut self.diffs)
    }

    /// Takes the warnings out.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }
}
