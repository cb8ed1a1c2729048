//! How many connections are made at once, and how long to wait before another try.
//!
//! sshd drops newcomers when more than ten are logging in (`MaxStartups 10:30:100`), and each login costs both sides
//! some milliseconds of processor time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex as AsyncMutex, Semaphore, SemaphorePermit};

use super::error::ConnectError;
use super::session::Session;

/// Connections being made at once.
const AT_ONCE: usize = 64;
/// Of these, through one jump host, or to one sshd that has dropped us.
const AT_ONCE_PER_GATE: usize = 8;
/// How often to come back when sshd drops us.
pub(super) const DROPS: u32 = 3;

/// The limits, and the jump hosts in use.
#[derive(Debug)]
pub(super) struct Throttle {
    everybody: Semaphore,
    gates: Mutex<HashMap<String, Arc<Gate>>>,
}

/// A jump host: one connection for all hosts behind it. Or an sshd that takes few at once.
#[derive(Debug)]
pub(super) struct Gate {
    behind: Semaphore,
    open: AsyncMutex<Opening>,
}

/// The connection to a jump host, or how the last try failed.
#[derive(Debug, Default)]
pub(super) struct Opening {
    session: Weak<Session>,
    failed: Option<(Instant, ConnectError)>,
}

impl Throttle {
    pub(super) fn new() -> Self {
        Self { everybody: Semaphore::new(AT_ONCE), gates: Mutex::default() }
    }

    /// Waits for a turn. A jump host must be connected before, or all turns might wait for it.
    pub(super) async fn turn(&self) -> SemaphorePermit<'_> {
        self.everybody.acquire().await.expect("the semaphore is never closed")
    }

    /// Returns the gate of a jump host, given its name, address and way, or of an sshd, given its address.
    pub(super) fn gate(&self, jump: &str) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || {
            Arc::new(Gate { behind: Semaphore::new(AT_ONCE_PER_GATE), open: AsyncMutex::default() })
        };
        Arc::clone(gates.entry(jump.to_owned()).or_insert_with(fresh))
    }
}

impl Gate {
    /// Waits for a turn behind it.
    pub(super) async fn turn(&self) -> SemaphorePermit<'_> {
        self.behind.acquire().await.expect("the semaphore is never closed")
    }

    /// Returns the connection to the jump host, making it if nobody has. Hosts that waited for a try that failed share
    /// its failure instead of trying one after another.
    pub(super) async fn pass<F>(&self, connect: F) -> Result<Arc<Session>, ConnectError>
    where
        F: Future<Output = Result<Session, ConnectError>>,
    {
        let arrived = Instant::now();
        let mut opening = self.open.lock().await;
        if let Some(session) = opening.session.upgrade().filter(|session| !session.is_closed()) {
            return Ok(session);
        }
        if let Some((when, error)) = &opening.failed
            && *when >= arrived
        {
            return Err(error.clone());
        }
        match connect.await {
            Ok(session) => {
                let session = Arc::new(session);
                *opening = Opening { session: Arc::downgrade(&session), failed: None };
                Ok(session)
            }
            Err(error) => {
                opening.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }
}

/// Returns how long to wait before try number `tried` (from 1): longer each time, and different for each host.
pub(super) fn pause(tried: u32) -> Duration {
    let longest = 500_u64 << tried.min(5);
    Duration::from_millis(rand::random_range(longest / 4..=longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_differ() {
        for (tried, range) in [(1, 250..=1000), (2, 500..=2000), (9, 4000..=16000)] {
            let pause = pause(tried).as_millis();
            assert!(range.contains(&pause), "{tried}: {pause}");
        }
    }

    #[tokio::test]
    async fn those_who_waited_share_a_failure() {
        let throttle = Throttle::new();
        let gate = throttle.gate("gate");
        let error = || ConnectError::Refused { address: "gate:22".to_owned() };
        let first = gate.pass(async {
            tokio::task::yield_now().await;
            Err(error())
        });
        let second = gate.pass(async { panic!("only one try") });
        let (first, second) = tokio::join!(first, second);
        assert_eq!(first.unwrap_err(), error());
        assert_eq!(second.unwrap_err(), error());
        let later = gate.pass(async { Err(ConnectError::Refused { address: "again".to_owned() }) });
        assert_eq!(later.await.unwrap_err(), ConnectError::Refused { address: "again".to_owned() });
    }
}
