//! Bugs: a panic anywhere becomes one message and exit code 250, never a backtrace in the middle of a report.

use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use super::screen;

static SEEN: AtomicBool = AtomicBool::new(false);

/// Has panics told in our words.
pub(super) fn watch() {
    std::panic::set_hook(Box::new(tell));
}

/// Returns whether there was one.
pub(super) fn seen() -> bool {
    SEEN.load(Ordering::Relaxed)
}

fn tell(info: &PanicHookInfo<'_>) {
    SEEN.store(true, Ordering::Relaxed);
    crate::system::give_back_keyboard();
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let what = text.unwrap_or("no message");
    let at = info.location().map(|at| format!(" at {at}")).unwrap_or_default();
    screen::say(&format!(
        "internal error: {what}{at}\nhint: this is a bug in fcplay {}; please report it with the playbook that shows it: {}/issues",
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_REPOSITORY"),
    ));
}
