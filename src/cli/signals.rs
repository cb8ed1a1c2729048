//! Signals: the first asks the run to end, the second ends the program.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::exit::Exit;
use super::screen;
use crate::engine::GRACE;

/// Listens for signals until the program ends.
pub(super) fn listen(interrupted: CancellationToken) -> std::io::Result<()> {
    let interrupt = signal(SignalKind::interrupt())?;
    let terminate = signal(SignalKind::terminate())?;
    let hangup = signal(SignalKind::hangup())?;
    tokio::spawn(watch(interrupt, terminate, hangup, interrupted));
    Ok(())
}

async fn watch(
    mut interrupt: Signal,
    mut terminate: Signal,
    mut hangup: Signal,
    interrupted: CancellationToken,
) {
    let mut asked = false;
    loop {
        let is_hangup = tokio::select! {
            _ = interrupt.recv() => false,
            _ = terminate.recv() => false,
            _ = hangup.recv() => true,
        };
        // The one who closed the terminal reads nothing, and closing it may send several signals.
        if is_hangup {
            interrupted.cancel();
            continue;
        }
        if asked {
            now();
        }
        asked = true;
        interrupted.cancel();
        screen::say(&format!(
            "\nending: running tasks have {} s to finish; once more to end at once",
            GRACE.as_secs()
        ));
    }
}

#[expect(clippy::exit, reason = "the user asked twice; tasks that hang must not hold the program")]
fn now() {
    crate::system::give_back_keyboard();
    std::process::exit(i32::from(Exit::Interrupted.code()));
}
