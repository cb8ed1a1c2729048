//! What templates find that users should know beside the value: it is kept for the task at work, until that asks for it.

use std::cell::RefCell;
use std::future::Future;

use crate::base::Deprecation;

tokio::task_local! {
    static NOTES: RefCell<Vec<Deprecation>>;
}

/// Does some work, and keeps what its templates note.
pub async fn noting<T>(work: impl Future<Output = T>) -> T {
    NOTES.scope(RefCell::default(), work).await
}

/// Takes what was noted since it was asked for last.
pub fn noted() -> Vec<Deprecation> {
    NOTES.try_with(RefCell::take).unwrap_or_default()
}

/// Notes something once; outside of [`noting`] nobody is there to hear it.
pub(super) fn note(deprecation: Deprecation) {
    let _unheard = NOTES.try_with(|notes| notes.borrow_mut().push(deprecation));
}
