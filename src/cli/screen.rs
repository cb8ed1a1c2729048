//! Standard output and standard error. A reader that goes away (`| head -1`) is no error of ours: the run ends quietly.

use std::io::{self, Write};

use tokio_util::sync::CancellationToken;

/// Standard output that never fails: when nobody reads any more, the run is told to end.
pub(super) struct Screen {
    interrupted: CancellationToken,
    closed: CancellationToken,
}

impl Screen {
    /// Returns a screen that ends a run; `closed` is set when nobody reads any more.
    pub(super) fn new(interrupted: CancellationToken, closed: CancellationToken) -> Self {
        Self { interrupted, closed }
    }

    fn lost(&self) {
        self.closed.cancel();
        self.interrupted.cancel();
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.closed.is_cancelled() && io::stdout().write_all(bytes).is_err() {
            self.lost();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.closed.is_cancelled() && io::stdout().flush().is_err() {
            self.lost();
        }
        Ok(())
    }
}

/// Writes text to standard output, as far as somebody reads it.
pub(super) fn print(text: &str) {
    write(text.as_bytes());
}

/// Writes bytes to standard output, as far as somebody reads it.
pub(super) fn write(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    let _nobody_reads = out.write_all(bytes).and_then(|()| out.flush());
}

/// Writes a line to standard error, as far as somebody reads it.
pub(super) fn say(text: &str) {
    let _nobody_reads = writeln!(io::stderr(), "{text}");
}
