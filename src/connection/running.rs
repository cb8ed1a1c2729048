//! A program that runs somewhere, with three streams: what it complains is kept, and how it ended is known.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What a program writes.
pub(super) type Output = Box<dyn AsyncRead + Unpin + Send>;

/// What a program reads.
pub(super) type Input = Box<dyn AsyncWrite + Unpin + Send>;

/// Comes to how a program ended, `exit status 1` say, or to why that is not known. Dropping it closes the program's
/// streams.
pub(super) type Exit = Pin<Box<dyn Future<Output = Result<String, String>> + Send>>;

/// So much of what a program complains is kept, in bytes.
const KEPT: usize = 4096;

/// How long to wait for the end of a program whose output has ended.
const LINGER: Duration = Duration::from_secs(2);

/// A running program.
pub(super) struct Running {
    pub(super) stdin: Input,
    pub(super) stdout: Output,
    pub(super) ending: Ending,
}

/// What can be said about a program once it is gone.
pub(super) struct Ending {
    pub(super) complaints: Complaints,
    pub(super) exit: Exit,
}

impl Ending {
    /// Waits for the end, not for long, and says what happened; `reason` is what was seen of it so far.
    pub(super) async fn words(self, reason: &str) -> String {
        let exit = tokio::time::timeout(LINGER, self.exit).await;
        let _late = tokio::time::timeout(LINGER, self.complaints.ended()).await;
        let mut words = match exit {
            Ok(Ok(exit)) => format!("the helper on the host ended unexpectedly ({exit})"),
            Ok(Err(lost)) => lost,
            Err(_) => format!("the connection was lost: {reason}"),
        };
        let complaints = self.complaints.text();
        if !complaints.is_empty() {
            words.push_str(": ");
            words.push_str(&complaints);
        }
        words
    }
}

/// The last of what a program wrote to standard error.
#[derive(Clone, Default)]
pub(super) struct Complaints(Arc<Kept>);

#[derive(Default)]
struct Kept {
    bytes: Mutex<Vec<u8>>,
    changed: Notify,
    ended: CancellationToken,
}

impl Complaints {
    /// Collects what comes, until the stream ends.
    pub(super) fn of(mut stream: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let complaints = Self::default();
        let kept = Arc::clone(&complaints.0);
        tokio::spawn(async move {
            let mut buffer = [0; 1024];
            while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                let mut bytes = kept.bytes.lock().unwrap_or_else(PoisonError::into_inner);
                bytes.extend_from_slice(&buffer[..length]);
                let excess = bytes.len().saturating_sub(KEPT);
                bytes.drain(..excess);
                drop(bytes);
                kept.changed.notify_one();
            }
            kept.ended.cancel();
            kept.changed.notify_one();
        });
        complaints
    }

    /// Waits until there is more, or no more to come.
    pub(super) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    /// Waits until no more will come.
    pub(super) async fn ended(&self) {
        self.0.ended.cancelled().await;
    }

    /// Returns what was said so far, without blank ends.
    pub(super) fn text(&self) -> String {
        let bytes = self.0.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).trim().to_owned()
    }

    /// Returns what was said so far and forgets it.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_words_are_kept() {
        let text = "x".repeat(5000) + "\nsorry\n";
        let complaints = Complaints::of(std::io::Cursor::new(text));
        complaints.ended().await;
        assert_eq!(complaints.text().len(), KEPT - 1);
        let exit: Exit = Box::pin(async { Ok("exit status 3".to_owned()) });
        let words = Ending { complaints, exit }.words("").await;
        assert!(
            words.starts_with("the helper on the host ended unexpectedly (exit status 3): xxx")
        );
        assert!(words.ends_with("x\nsorry"));
    }
}
