//! How much of what a request sends may be on its way: the controller says what it has taken.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::protocol::WINDOW;

/// The credit of one request.
#[derive(Debug)]
pub(super) struct Credit {
    /// Bytes that may still be sent; nothing once nobody takes them any more.
    left: Mutex<Option<usize>>,
    changed: Condvar,
}

impl Credit {
    pub(super) fn new() -> Self {
        Self { left: Mutex::new(Some(WINDOW)), changed: Condvar::new() }
    }

    /// Waits until so many bytes may be sent; false when nobody will take them.
    pub(super) fn spend(&self, bytes: usize) -> bool {
        let mut left = self.lock();
        loop {
            match *left {
                None => return false,
                Some(credit) if credit >= bytes.min(WINDOW) => {
                    *left = Some(credit.saturating_sub(bytes));
                    return true;
                }
                Some(_) => {
                    left = self.changed.wait(left).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// Says that bytes were taken.
    pub(super) fn give(&self, bytes: usize) {
        let mut left = self.lock();
        *left = left.map(|credit| (credit + bytes).min(WINDOW));
        self.changed.notify_all();
    }

    /// Says that nothing more is taken.
    pub(super) fn close(&self) {
        *self.lock() = None;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Option<usize>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_sender_waits_for_the_one_who_takes() {
        let credit = Arc::new(Credit::new());
        assert!(credit.spend(WINDOW));
        let sender = std::thread::spawn({
            let credit = Arc::clone(&credit);
            move || credit.spend(10) && !credit.spend(WINDOW)
        });
        credit.give(4);
        credit.give(6);
        while credit.lock().is_some_and(|left| left > 0) {
            std::thread::yield_now();
        }
        credit.close();
        assert!(sender.join().unwrap());
    }
}
