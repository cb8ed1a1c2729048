//! Actions that speak the protocols of clustered services, over streams that the helper opens on the host.

mod redis_cluster;
mod report;

use super::Action;

/// The actions of this area.
pub(super) const ACTIONS: &[&dyn Action] = &[&redis_cluster::RedisCluster];
