//! In which order hosts begin a task: with few forks, or a throttle, that is the order they are worked on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The hosts of a step, in the order of the play.
pub(super) struct Line {
    /// Whose turn it is, and who has had it.
    state: Mutex<(usize, Vec<bool>)>,
    gates: Vec<Notify>,
}

/// A host's turn to begin a task; the next host's comes when this is dropped.
pub(super) struct Turn {
    line: Arc<Line>,
    index: usize,
}

impl Turn {
    /// Waits until all hosts before have begun.
    pub(super) async fn comes(&self) {
        loop {
            let called = self.line.gates[self.index].notified();
            if self.line.lock().0 >= self.index {
                return;
            }
            called.await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.line.lock();
        state.1[self.index] = true;
        while state.1.get(state.0) == Some(&true) {
            state.0 += 1;
            if let Some(gate) = self.line.gates.get(state.0) {
                gate.notify_one();
            }
        }
    }
}

impl Line {
    /// Returns the line of so many hosts.
    pub(super) fn new(hosts: usize) -> Arc<Self> {
        let gates = std::iter::repeat_with(Notify::new).take(hosts).collect();
        Arc::new(Self { state: Mutex::new((0, vec![false; hosts])), gates })
    }

    /// Returns the turn of one of the hosts.
    pub(super) fn turn(self: &Arc<Self>, index: usize) -> Turn {
        Turn { line: Arc::clone(self), index }
    }

    fn lock(&self) -> MutexGuard<'_, (usize, Vec<bool>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hosts_begin_in_order_and_those_that_do_not_begin_are_passed_over() {
        let line = Line::new(4);
        let order = Mutex::new(Vec::new());
        let begin = |index: usize| {
            let (turn, order) = (line.turn(index), &order);
            async move {
                turn.comes().await;
                order.lock().unwrap().push(index);
                tokio::task::yield_now().await;
            }
        };
        let (third, first, last) = (begin(2), begin(0), begin(3));
        drop(line.turn(1));
        tokio::join!(last, third, first);
        assert_eq!(*order.lock().unwrap(), [0, 2, 3]);
    }
}
