//! The package lists: how old they are, and fetching them.

use std::path::Path;
use std::time::Duration;

use crate::base::Value;
use crate::module::{Diff, Failure, Job, Outcome};
use crate::system::{Act, Look, Output};

use super::get::{noninteractive, patiently};

/// How fresh the lists should be, and how hard to try.
#[derive(Clone, Copy, Debug)]
pub(in crate::modules::packages) struct Wish {
    /// For how many seconds they count as fresh.
    pub(in crate::modules::packages) valid: i64,
    /// How often to try.
    pub(in crate::modules::packages) retries: u32,
    /// The longest pause between tries, in seconds.
    pub(in crate::modules::packages) longest_pause: u64,
    /// How long to wait for locks, in seconds.
    pub(in crate::modules::packages) lock_timeout: u64,
}

/// What is known of the lists.
#[derive(Clone, Copy, Debug)]
pub(in crate::modules::packages) struct Cache {
    /// Whether they were fetched.
    updated: bool,
    /// Whether fetching them brought anything new.
    moved: bool,
    /// When they were fetched last.
    time: f64,
}

const LISTS: &str = "/var/lib/apt/lists";
const STAMP: &str = "/var/lib/apt/periodic/update-success-stamp";

impl Cache {
    /// Returns how old the lists are.
    pub(super) fn look(look: &dyn Look) -> Result<Self, Failure> {
        let mut time = 0.0;
        for path in [LISTS, STAMP] {
            // The stamp, where there is one, is more exact than the folder.
            time = look.stat_followed(Path::new(path))?.map_or(time, |meta| meta.modified);
        }
        Ok(Self { updated: false, moved: false, time })
    }

    /// Returns the values that come back.
    pub(super) fn values(self) -> [(&'static str, Value); 2] {
        [("cache_updated", self.updated.into()), ("cache_update_time", (self.time as i64).into())]
    }

    /// Returns the outcome of a task that only fetches the lists.
    pub(super) fn outcome(self, check: bool) -> Outcome {
        let outcome = match (self.updated, self.moved || check) {
            (false, _) => Outcome::same("the package lists are fresh"),
            (true, false) => Outcome {
                changed: Some(false),
                ..Outcome::same("the package lists were the latest")
            },
            (true, true) => Outcome::done(),
        };
        outcome.with_all(self.values())
    }
}

/// Fetches the lists when they are too old. `counts` says whether that is the task's change.
pub(in crate::modules::packages) fn update(
    job: &mut Job<'_>,
    wish: &Wish,
    counts: bool,
) -> Result<Cache, Failure> {
    let before = Cache::look(job.look())?;
    if wish.valid > 0 && before.time + wish.valid as f64 >= job.look().now() {
        return Ok(before);
    }
    let ran = if counts {
        job.change(Diff::None, |act| fetch(act, wish))?
    } else if job.stage().check {
        None
    } else {
        Some(job.aside(|act| fetch(act, wish))?)
    };
    if ran.is_none() {
        return Ok(Cache { updated: true, ..before });
    }
    let mut after = Cache::look(job.look())?;
    after.moved = after.time > before.time;
    after.updated = after.moved;
    if !after.moved && job.look().stat(Path::new(STAMP))?.is_none() {
        // apt leaves the folder alone when all lists are the latest; they are fresh all the same.
        let now = job.look().now();
        job.aside(|act| Ok(act.set_times(Path::new(LISTS), None, Some(now))?))?;
        after.time = now;
    }
    Ok(Cache { updated: true, ..after })
}

/// Fetches the lists, several times if need be.
pub(in crate::modules::packages) fn fetch(act: &dyn Act, wish: &Wish) -> Result<(), Failure> {
    // Without the option apt takes a repository that does not answer lightly.
    let command = noninteractive(["apt-get", "update", "-q", "-oAPT::Update::Error-Mode=any"]);
    let mut last = Output::default();
    for attempt in 0..wish.retries.max(1) {
        if attempt > 0 {
            let pause = 1_u64.checked_shl(attempt - 1).unwrap_or(u64::MAX).min(wish.longest_pause);
            act.sleep(Duration::from_secs(pause));
        }
        last = patiently(act, wish.lock_timeout, || Ok(act.run(&command)?))?;
        if last.success() {
            return Ok(());
        }
        if last.err().contains("Permission denied") {
            return Err(Failure::program(
                format!("Failed to update apt cache: {}; use `become: true`", last.err().trim()),
                &last,
            ));
        }
    }
    Err(Failure::program(
        format!(
            "Failed to update apt cache after {} tries: {}",
            wish.retries.max(1),
            last.err().trim()
        ),
        &last,
    ))
}
