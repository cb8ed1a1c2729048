//! The helpers of a run: one a host and user, started when first needed, kept to the end.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use super::{Helper, Target, Unreachable, Way};

/// One helper, or the reason why there is none.
type Slot = Arc<OnceCell<Result<Arc<Helper>, Unreachable>>>;

/// The helpers of a run.
pub struct Pool {
    /// The helper's program for this machine.
    local_helper: PathBuf,
    slots: Mutex<HashMap<Arc<str>, Vec<(Target, Slot)>>>,
}

impl Pool {
    /// Returns a pool without helpers; `local_helper` is the program for this machine.
    pub fn new(local_helper: PathBuf) -> Self {
        Self { local_helper, slots: Mutex::default() }
    }

    /// Returns the helper of a target; starts it when there is none, or when it has ended.
    pub async fn helper(&self, target: &Target) -> Result<Arc<Helper>, Unreachable> {
        let slot = self.slot(target);
        let known = slot.get_or_init(|| self.start(target)).await;
        match known {
            Ok(helper) if helper.is_closed() => {
                let slot = self.renew(target, &slot);
                slot.get_or_init(|| self.start(target)).await.clone()
            }
            Ok(helper) => Ok(Arc::clone(helper)),
            // The next task tries anew: the host may be back.
            Err(reason) => {
                self.renew(target, &slot);
                Err(reason.clone())
            }
        }
    }

    /// Drops the helpers of a host (`meta: reset_connection`).
    pub async fn reset(&self, host: &str) {
        let slots = self.lock().remove(host).unwrap_or_default();
        for (_, slot) in slots {
            if let Some(Ok(helper)) = slot.get() {
                helper.stop().await;
            }
        }
    }

    /// Ends all helpers.
    pub async fn close(&self) {
        let hosts: Vec<Arc<str>> = self.lock().keys().cloned().collect();
        let mut ends = tokio::task::JoinSet::new();
        for host in hosts {
            for (_, slot) in self.lock().remove(&host).unwrap_or_default() {
                if let Some(Ok(helper)) = slot.get() {
                    let helper = Arc::clone(helper);
                    ends.spawn(async move { helper.stop().await });
                }
            }
        }
        ends.join_all().await;
    }

    async fn start(&self, target: &Target) -> Result<Arc<Helper>, Unreachable> {
        let helper = match &target.way {
            Way::Local => {
                super::local::start(&self.local_helper, target.escalation.as_ref()).await?
            }
            Way::Ssh(_) => return Err(Unreachable::new("no SSH yet")),
        };
        Ok(Arc::new(helper))
    }

    fn slot(&self, target: &Target) -> Slot {
        let mut slots = self.lock();
        let known = slots.entry(Arc::clone(&target.host)).or_default();
        if let Some((_, slot)) = known.iter().find(|(other, _)| other == target) {
            return Arc::clone(slot);
        }
        let slot = Slot::default();
        known.push((target.clone(), Arc::clone(&slot)));
        slot
    }

    /// Replaces a slot that is of no use any more, unless somebody else has done so already.
    fn renew(&self, target: &Target, old: &Slot) -> Slot {
        let mut slots = self.lock();
        let known = slots.entry(Arc::clone(&target.host)).or_default();
        match known.iter_mut().find(|(other, _)| other == target) {
            Some((_, slot)) => {
                if Arc::ptr_eq(slot, old) {
                    *slot = Slot::default();
                }
                Arc::clone(slot)
            }
            None => Slot::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Vec<(Target, Slot)>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
