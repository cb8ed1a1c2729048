//! KRaft's quorum: who leads it, and which voters are behind.

use std::time::Duration;

use kafka_protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use kafka_protocol::messages::describe_quorum_response::{PartitionData as Answer, ReplicaState};
use kafka_protocol::messages::{DescribeQuorumRequest, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::{Client, Error};

/// The topic in which KRaft keeps what it knows.
const QUORUM: &str = "__cluster_metadata";
/// How far behind the leader a voter may be and still count as well.
const CAUGHT_UP: Duration = Duration::from_secs(10);

/// KRaft's quorum.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Quorum {
    /// The node that decides, when one is elected.
    pub leader: Option<i32>,
    /// Those that elect it.
    pub voters: Vec<Voter>,
    /// Those that only follow.
    pub observers: Vec<i32>,
}

/// A node that elects.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Voter {
    /// Its number.
    pub id: i32,
    /// How much of the log it has; nothing while the leader has not heard from it.
    pub offset: Option<i64>,
    /// How long ago it had all of it, as far as the leader tells: since Kafka 3.4.
    pub behind: Option<Duration>,
}

impl Quorum {
    /// Returns what is to be said of voters that are not well.
    pub(super) fn laggards(&self) -> Vec<String> {
        let Some(leader) = self.leader else { return Vec::new() };
        let text = |voter: &Voter| match voter.behind {
            Some(behind) if behind > CAUGHT_UP => Some(format!(
                "voter {} of KRaft's quorum is {} s behind its leader {leader}",
                voter.id,
                behind.as_secs()
            )),
            None if voter.offset.is_none() => Some(format!(
                "the leader {leader} of KRaft's quorum has not heard from its voter {}",
                voter.id
            )),
            _ => None,
        };
        self.voters.iter().filter_map(text).collect()
    }
}

/// Asks for the quorum.
pub(super) async fn quorum(client: &mut Client<'_>) -> Result<Quorum, Error> {
    let topic = TopicData::default()
        .with_topic_name(TopicName(StrBytes::from_static_str(QUORUM)))
        .with_partitions(vec![PartitionData::default()]);
    let request = DescribeQuorumRequest::default().with_topics(vec![topic]);
    let answer = client.anywhere(&request).await?;
    let partition = answer.topics.first().and_then(|topic| topic.partitions.first());
    Ok(partition.filter(|partition| partition.error_code == 0).map(read).unwrap_or_default())
}

fn read(partition: &Answer) -> Quorum {
    let leader = Some(partition.leader_id.0).filter(|id| *id >= 0);
    let caught_up =
        |state: &ReplicaState| Some(state.last_caught_up_timestamp).filter(|at| *at >= 0);
    let states = &partition.current_voters;
    let now = states.iter().find(|state| Some(state.replica_id.0) == leader).and_then(caught_up);
    let voter = |state: &ReplicaState| {
        let behind = now.zip(caught_up(state)).map(|(now, then)| now.saturating_sub(then).max(0));
        Voter {
            id: state.replica_id.0,
            offset: Some(state.log_end_offset).filter(|offset| *offset >= 0),
            behind: behind.and_then(|behind| u64::try_from(behind).ok()).map(Duration::from_millis),
        }
    };
    let mut voters: Vec<Voter> = states.iter().map(voter).collect();
    voters.sort_by_key(|voter| voter.id);
    let mut observers: Vec<i32> =
        partition.observers.iter().map(|state| state.replica_id.0).collect();
    observers.sort_unstable();
    Quorum { leader, voters, observers }
}

#[cfg(test)]
mod tests {
    use kafka_protocol::messages::BrokerId;

    use super::*;

    #[test]
    fn voters_that_are_behind() {
        let state = |id: i32, offset: i64, at: i64| {
            ReplicaState::default()
                .with_replica_id(BrokerId(id))
                .with_log_end_offset(offset)
                .with_last_caught_up_timestamp(at)
        };
        let partition = Answer::default().with_leader_id(BrokerId(2)).with_current_voters(vec![
            state(3, 4, 10_000),
            state(2, 9, 30_500),
            state(1, 9, 30_400),
            state(4, -1, -1),
        ]);
        let found = read(&partition);
        assert_eq!(found.leader, Some(2));
        assert_eq!(found.voters[0].behind, Some(Duration::from_millis(100)));
        assert_eq!(
            found.laggards(),
            [
                "voter 3 of KRaft's quorum is 20 s behind its leader 2",
                "the leader 2 of KRaft's quorum has not heard from its voter 4"
            ]
        );
        assert_eq!(read(&Answer::default().with_leader_id(BrokerId(-1))).laggards(), [""; 0]);
    }
}
