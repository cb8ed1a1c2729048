//! Whether a helper is still there: a silent one is asked now and then, and whatever it says or takes is an answer.
//!
//! The connection has a pulse of its own, which notices a host that is gone. This one notices a helper that is stopped,
//! or stuck, on a host that answers.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::MissedTickBehavior;

use super::ssh::Keepalive;

/// The pulse of one helper.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// Questions without an answer.
    unanswered: AtomicUsize,
}

impl Pulse {
    /// Takes note of a sign of life.
    pub(super) fn felt(&self) {
        self.unanswered.store(0, Ordering::Relaxed);
    }

    /// Asks as often as is said, and comes back with words when too many questions stay without an answer.
    pub(super) async fn stops(&self, keepalive: Option<Keepalive>, ask: impl Fn()) -> String {
        let Some(Keepalive { interval, count }) = keepalive else {
            return std::future::pending().await;
        };
        let mut beat = tokio::time::interval(interval);
        // Whoever was asleep (a laptop, a stopped shell) has missed nothing: questions count, not seconds.
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.tick().await;
        loop {
            beat.tick().await;
            // One more than the connection allows, which knows better what is wrong with a host that is gone.
            if self.unanswered.fetch_add(1, Ordering::Relaxed) > count {
                return "the helper on the host stopped answering, though the host itself does\nhint: is its process \
                        stopped, or the host short of memory? `ServerAliveInterval` and `ServerAliveCountMax` (ssh options) \
                        say how long to wait"
                    .to_owned();
            }
            ask();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn unanswered_questions_are_counted() {
        let pulse = Pulse::default();
        let asked = AtomicUsize::new(0);
        let keepalive = Keepalive { interval: Duration::from_millis(10), count: 2 };
        let reason = pulse.stops(Some(keepalive), || {
            // The first three are answered.
            if asked.fetch_add(1, Ordering::Relaxed) < 3 {
                pulse.felt();
            }
        });
        assert!(reason.await.starts_with("the helper on the host stopped answering"));
        assert_eq!(asked.load(Ordering::Relaxed), 6);
    }

    #[tokio::test]
    async fn nobody_asks_when_told_not_to() {
        let stops = Pulse::default();
        let stops = stops.stops(None, || panic!("it asks"));
        assert!(tokio::time::timeout(Duration::from_millis(20), stops).await.is_err());
    }
}
