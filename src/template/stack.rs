//! How much of the thread's stack templates have used, so that deep nesting is an error and not a crash.

use std::cell::Cell;
use std::hint::black_box;

/// What templates may use. Worker threads have two megabytes.
const LIMIT: usize = 1024 * 1024;

thread_local! {
    /// Where the outermost call into the folder stands; zero outside of any.
    static BASE: Cell<usize> = const { Cell::new(0) };
}

/// Held while a call into the folder runs.
pub(super) struct Entered {
    outermost: bool,
}

/// Notes where the outermost call stands.
pub(super) fn enter() -> Entered {
    let outermost = BASE.with(|base| {
        let first = base.get() == 0;
        if first {
            base.set(here());
        }
        first
    });
    Entered { outermost }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if self.outermost {
            BASE.with(|base| base.set(0));
        }
    }
}

/// Returns whether no deeper call should be made.
pub(super) fn is_exhausted() -> bool {
    BASE.with(|base| base.get() != 0 && base.get().abs_diff(here()) > LIMIT)
}

#[inline(never)]
fn here() -> usize {
    let marker = 0_u8;
    std::ptr::from_ref(black_box(&marker)) as usize
}
