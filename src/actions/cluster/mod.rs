//! Actions that speak the protocols of clustered services, over streams that the helper opens on the host.

mod address;
mod consul_cluster;
mod kafka_cluster;
mod kafka_topic;
mod mongo_replica_set;
mod mongo_user;
mod redis_cluster;
mod redis_sentinel;
mod report;
mod seat;
mod zookeeper_ensemble;

use super::Action;

/// The actions of this area.
pub(super) const ACTIONS: &[&dyn Action] = &[
    &consul_cluster::ConsulCluster,
    &kafka_cluster::KafkaCluster,
    &kafka_topic::KafkaTopic,
    &mongo_replica_set::MongoReplicaSet,
    &mongo_user::MongoUser,
    &redis_cluster::RedisCluster,
    &redis_sentinel::RedisSentinel,
    &zookeeper_ensemble::ZookeeperEnsemble,
];
