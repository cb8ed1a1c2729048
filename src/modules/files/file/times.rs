//! Times of access and change that `file` sets.

use std::path::Path;

use super::{Args, State};
use crate::base::strptime;
use crate::module::Failure;
use crate::modules::files::attributes::Differences;
use crate::system::{Act, Look};

/// The times a path should have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    accessed: Wish,
    modified: Wish,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Wish {
    Keep,
    Now,
    At(f64),
}

/// The times that are to be set.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NewTimes {
    accessed: Option<(f64, f64)>,
    modified: Option<(f64, f64)>,
}

impl Times {
    pub(super) fn read(args: &Args, state: State, look: &dyn Look) -> Result<Self, Failure> {
        let usual = if state == State::Touch { Wish::Now } else { Wish::Keep };
        let read = |text: &Option<String>, format: &str| match text.as_deref() {
            None => Ok(usual),
            Some("preserve") => Ok(Wish::Keep),
            Some("now") => Ok(Wish::Now),
            Some(text) => time(text, format, look).map(Wish::At),
        };
        Ok(Self {
            accessed: read(&args.access_time, &args.access_time_format)?,
            modified: read(&args.modification_time, &args.modification_time_format)?,
        })
    }

    /// Returns the times that a path does not have; none when nothing is there.
    pub(super) fn differences(&self, look: &dyn Look, path: &Path) -> Result<NewTimes, Failure> {
        if (self.accessed, self.modified) == (Wish::Keep, Wish::Keep) {
            return Ok(NewTimes::default());
        }
        let Some(meta) = look.stat_followed(path)? else { return Ok(NewTimes::default()) };
        let now = look.now();
        let pick = |wish: Wish, current: f64| match wish {
            Wish::Keep => None,
            Wish::Now => Some((current, now)),
            // Seconds as a float lose what a file system keeps of nanoseconds.
            Wish::At(time) => Some((current, time)).filter(|_| (time - current).abs() > 1e-6),
        };
        Ok(NewTimes {
            accessed: pick(self.accessed, meta.accessed),
            modified: pick(self.modified, meta.modified),
        })
    }

    /// Returns the times that the playbook names, for something that is new.
    pub(super) fn given(&self, path: &Path, look: &dyn Look) -> Result<NewTimes, Failure> {
        let named = |wish: Wish| if wish == Wish::Now { Wish::Keep } else { wish };
        let named = Self { accessed: named(self.accessed), modified: named(self.modified) };
        named.differences(look, path)
    }
}

impl NewTimes {
    pub(super) fn note(&self, notes: &mut Differences) {
        for (name, times) in [("atime", self.accessed), ("mtime", self.modified)] {
            if let Some((before, after)) = times {
                notes.note(name, before, after);
            }
        }
    }

    pub(super) fn act(&self, act: &dyn Act, path: &Path) -> Result<(), Failure> {
        if self.accessed.is_none() && self.modified.is_none() {
            return Ok(());
        }
        let after = |times: Option<(f64, f64)>| times.map(|(_, after)| after);
        Ok(act.set_times(path, after(self.accessed), after(self.modified))?)
    }
}

/// Reads a local time.
fn time(text: &str, format: &str, look: &dyn Look) -> Result<f64, Failure> {
    let Some(seconds) = strptime::parse(text, format) else {
        return Err(Failure::new(format!(
            "Error while obtaining timestamp for time {text} using format {format}: time data '{text}' does not match format '{format}'"
        )));
    };
    // The offset of that time is known only when the time is: near a change of clocks the second guess is right.
    let guess = seconds - look.zone(seconds as f64).offset;
    Ok((seconds - look.zone(guess as f64).offset) as f64)
}
