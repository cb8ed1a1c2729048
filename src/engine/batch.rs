//! The hosts that walk through a play together, and how `serial` makes batches of them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::lockstep::{Lockstep, Step};
use super::run::Run;
use super::task::Once;
use crate::base::Value;

/// The hosts that walk together.
pub(super) struct Batch {
    /// The hosts.
    pub hosts: Vec<Arc<str>>,
    /// Where they meet.
    pub lockstep: Lockstep,
    lost: Mutex<BTreeSet<Arc<str>>>,
    ended: Mutex<BTreeSet<Arc<str>>>,
    error: Mutex<Option<String>>,
    done: Notify,
}

impl Batch {
    /// Returns a batch of hosts.
    pub(super) fn new(
        run: &Run,
        hosts: Vec<Arc<str>>,
        together: bool,
        max_fail: Option<f64>,
    ) -> Self {
        let lockstep = Lockstep::new(hosts.clone(), together, max_fail, Arc::clone(&run.sink));
        Self {
            hosts,
            lockstep,
            lost: Mutex::default(),
            ended: Mutex::default(),
            error: Mutex::default(),
            done: Notify::new(),
        }
    }

    /// Notes that a host cannot be reached any more.
    pub(super) fn lose(&self, host: &Arc<str>) {
        lock(&self.lost).insert(Arc::clone(host));
    }

    /// Forgets which hosts cannot be reached (`clear_host_errors`).
    pub(super) fn forgive_all(&self) {
        lock(&self.lost).clear();
    }

    /// Notes that a host is through with the play (`end_host`).
    pub(super) fn end_host(&self, host: &Arc<str>) {
        lock(&self.ended).insert(Arc::clone(host));
    }

    /// Returns the hosts that were through before the play was.
    pub(super) fn ended(&self) -> BTreeSet<Arc<str>> {
        lock(&self.ended).clone()
    }

    /// Returns the hosts that cannot be reached any more.
    pub(super) fn lost(&self) -> BTreeSet<Arc<str>> {
        lock(&self.lost).clone()
    }

    /// Ends the run with an error.
    pub(super) fn fail_run(&self, reason: String) {
        lock(&self.error).get_or_insert(reason);
        self.lockstep.end();
    }

    /// Returns the error that ends the run.
    pub(super) fn error(&self) -> Option<String> {
        lock(&self.error).clone()
    }

    /// Makes the result of a task that runs once known to all hosts.
    pub(super) fn publish(&self, step: &Step, done: Once) {
        let _known = step.once.set(done);
        self.done.notify_waiters();
    }

    /// Waits for the result of a task that runs once.
    pub(super) async fn wait_for(&self, step: &Step) -> Once {
        loop {
            let changed = self.done.notified();
            if let Some(done) = step.once.get() {
                return done.clone();
            }
            changed.await;
        }
    }
}

/// Returns the hosts of a play in batches (`serial`).
pub(super) fn split(
    hosts: &[Arc<str>],
    serial: Option<&Value>,
) -> Result<Vec<Vec<Arc<str>>>, String> {
    let sizes: Vec<Value> = match serial {
        None => Vec::new(),
        Some(value) => value.as_list().map_or_else(|| vec![value.clone()], |list| list.to_vec()),
    };
    let mut sizes = sizes.into_iter();
    let mut last = None;
    let mut rest = hosts;
    let mut batches = Vec::new();
    while !rest.is_empty() {
        if let Some(size) = sizes.next() {
            last = Some(batch_size(&size, hosts.len())?);
        }
        let size = match last {
            None | Some(0) => rest.len(),
            Some(size) => size.min(rest.len()),
        };
        let (batch, tail) = rest.split_at(size);
        batches.push(batch.to_vec());
        rest = tail;
    }
    Ok(batches)
}

fn batch_size(size: &Value, hosts: usize) -> Result<usize, String> {
    let wrong =
        || format!("`serial` must be a number of hosts or a percentage, not {}", size.repr());
    let text = size.to_string();
    match text.trim().strip_suffix('%') {
        Some(share) => {
            let share: f64 = share.trim().parse().map_err(|_| wrong())?;
            Ok(((share / 100.0 * hosts as f64) as usize).max(1))
        }
        None => text
            .trim()
            .parse::<i64>()
            .map(|number| usize::try_from(number).unwrap_or(0))
            .map_err(|_| wrong()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(hosts: usize, serial: Option<Value>, expected: &[usize]) {
        let hosts: Vec<Arc<str>> = (0..hosts).map(|index| Arc::from(format!("h{index}"))).collect();
        let sizes: Vec<usize> =
            split(&hosts, serial.as_ref()).unwrap().iter().map(Vec::len).collect();
        assert_eq!(sizes, expected);
    }

    #[test]
    fn serial() {
        case(5, None, &[5]);
        case(5, Some(2.into()), &[2, 2, 1]);
        case(10, Some("30%".into()), &[3, 3, 3, 1]);
        case(10, Some(Value::list([1.into(), 5.into()])), &[1, 5, 4]);
        case(3, Some(0.into()), &[3]);
        assert!(split(&[Arc::from("h")], Some(&"x".into())).is_err());
    }
}
