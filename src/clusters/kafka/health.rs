//! Judges whether a cluster is whole: every broker is there, is who it should be, and is where it says that it is. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{list, trouble};
use super::quorum::Quorum;
use super::survey::Survey;
use super::{ClusterWish, Error};
use crate::clusters::Address;

/// A cluster as it is.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// Brokers, topics, moves.
    pub(super) survey: Survey,
    /// The cluster's number.
    pub(super) cluster: Option<String>,
    /// The broker or node that decides.
    pub(super) controller: Option<i32>,
    /// What keeps the brokers together, without ZooKeeper.
    pub(super) quorum: Option<Quorum>,
    /// Where the brokers say that they are.
    pub(super) advertised: BTreeMap<i32, Address>,
    /// What answers there.
    pub(super) reached: BTreeMap<i32, Reached>,
    /// What answers at the wished addresses, in their order.
    pub(super) seats: Vec<Seat>,
}

/// What answers where a broker says that it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Reached {
    Itself,
    Nobody(String),
    /// Another broker.
    Other(i32),
}

/// What answers at a wished address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Seat {
    Broker(i32),
    Down(String),
    /// A broker of another cluster.
    Foreign(String),
    /// A broker that does not tell who it is.
    Unknown,
}

/// What is to be said of a cluster.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Verdict {
    /// What is not well, and may become well.
    pub(super) trouble: Option<String>,
    /// What is missing, although the cluster does its work.
    pub(super) missing: Vec<String>,
    /// What cannot be as it should.
    pub(super) warnings: Vec<String>,
}

/// Judges a cluster.
pub(super) fn judge(wish: &ClusterWish, condition: &Condition) -> Result<Verdict, Error> {
    identities(wish, condition).map_err(Error::Impossible)?;
    addresses(wish, condition).map_err(Error::Impossible)?;
    let mut verdict = Verdict::default();
    for (seat, broker) in condition.seats.iter().zip(&wish.brokers) {
        let address = &broker.address;
        match seat {
            Seat::Down(reason) => {
                verdict.missing.push(format!("{address} does not answer: {reason}"));
            }
            Seat::Broker(id) if !condition.advertised.contains_key(id) => {
                verdict.missing.push(format!("broker {id} at {address} is not registered yet"));
            }
            // While it starts, it may answer without knowing much.
            Seat::Unknown if condition.advertised.len() < wish.brokers.len() => {
                verdict.missing.push(format!("{address} does not tell which broker it is"));
            }
            Seat::Broker(_) | Seat::Foreign(_) | Seat::Unknown => {}
        }
    }
    let seated = |id: &i32| condition.seats.contains(&Seat::Broker(*id));
    for (id, reached) in &condition.reached {
        if let (Reached::Nobody(reason), Some(address)) = (reached, condition.advertised.get(id))
            && !seated(id)
            && !wish.brokers.iter().any(|broker| broker.address == *address)
        {
            let text =
                format!("broker {id} is registered at {address}, and cannot be reached: {reason}");
            verdict.warnings.push(text);
        }
    }
    verdict.missing.extend(condition.quorum.iter().flat_map(Quorum::laggards));
    let topics = condition.survey.topics.iter().map(|(name, found)| (name.as_str(), found));
    verdict.trouble = trouble(topics, &condition.survey, &mut verdict.warnings);
    if condition.controller.is_none() {
        verdict.trouble.get_or_insert_with(|| "no controller is elected".into());
    }
    Ok(verdict)
}

/// Checks that every broker is one of its own, and of this cluster.
fn identities(wish: &ClusterWish, condition: &Condition) -> Result<(), String> {
    let mut owners: BTreeMap<i32, &Address> = BTreeMap::new();
    let cluster = condition.cluster.as_deref().unwrap_or("?");
    for (seat, broker) in condition.seats.iter().zip(&wish.brokers) {
        let address = &broker.address;
        match seat {
            Seat::Foreign(other) => {
                return Err(format!(
                    "{address} belongs to the Kafka cluster {other}, and the others to {cluster}: check the addresses it is told to join, and what is in its data folder (`meta.properties`)"
                ));
            }
            Seat::Broker(id) => {
                if let Some(other) = owners.insert(*id, address) {
                    return Err(format!(
                        "{other} and {address} both are broker {id}: give each host its own `broker.id` (`node.id` in KRaft); what is in its data folder has to say the same"
                    ));
                }
                if let Some(wished) = broker.id.filter(|wished| wished != id) {
                    return Err(format!(
                        "{address} is broker {id}, and should be {wished}: check its `broker.id` (`node.id` in KRaft) and the `meta.properties` of its data folder"
                    ));
                }
            }
            Seat::Down(_) | Seat::Unknown => {}
        }
    }
    Ok(())
}

/// Checks that every broker is where it sends its clients.
fn addresses(wish: &ClusterWish, condition: &Condition) -> Result<(), String> {
    for (id, reached) in &condition.reached {
        let Some(advertised) = condition.advertised.get(id) else { continue };
        let seats = condition.seats.iter().zip(&wish.brokers);
        let mut at = seats.filter(|(seat, _)| **seat == Seat::Broker(*id));
        let seat = at.next().map(|(_, broker)| &broker.address);
        let place = seat.map(|seat| format!(" at {seat}")).unwrap_or_default();
        match reached {
            Reached::Other(other) => {
                return Err(format!(
                    "broker {id}{place} sends its clients to {advertised}, where broker {other} is: check its `advertised.listeners`"
                ));
            }
            // It answers at its own address, and not where it sends others to.
            Reached::Nobody(reason) if seat.is_some_and(|seat| seat != advertised) => {
                return Err(format!(
                    "broker {id}{place} sends its clients to {advertised}, which cannot be reached from here: {reason}; check its `advertised.listeners`"
                ));
            }
            Reached::Itself | Reached::Nobody(_) => {}
        }
    }
    Ok(())
}

/// Checks that brokers can be emptied at all.
pub(super) fn can_be_emptied(emptied: &BTreeSet<i32>, survey: &Survey) -> Result<(), Error> {
    let left = survey.brokers.iter().filter(|broker| !emptied.contains(&broker.id)).count();
    for (name, found) in &survey.topics {
        for (index, partition) in found.partitions.iter().enumerate() {
            let target = partition.target();
            if target.len() > left && target.iter().any(|id| emptied.contains(id)) {
                let ids: Vec<i32> = emptied.iter().copied().collect();
                return Err(Error::Impossible(format!(
                    "{} cannot be emptied: {name}-{index} has {} replicas, and {left} other brokers are registered; lower its `replication_factor` first, or add a broker",
                    list(&ids),
                    target.len(),
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::cluster::read_identity;
    use super::super::{Member, spread, survey};
    use super::*;

    fn wish(addresses: &[&str]) -> ClusterWish {
        let member = |text: &&str| Member { address: text.parse().unwrap(), id: None };
        ClusterWish {
            brokers: addresses.iter().map(member).collect(),
            emptied: BTreeSet::new(),
            shares: super::super::Shares::Keep,
            throttle: None,
            timeout: Duration::from_secs(1),
        }
    }

    /// Two brokers that are well.
    fn two() -> Condition {
        let address = |text: &str| text.parse::<Address>().unwrap();
        let broker = |id| spread::Broker { id, rack: None };
        Condition {
            survey: Survey { brokers: vec![broker(1), broker(2)], ..Survey::default() },
            cluster: Some("c".into()),
            controller: Some(1),
            quorum: None,
            advertised: [(1, address("a:1")), (2, address("b:1"))].into(),
            reached: [(1, Reached::Itself), (2, Reached::Itself)].into(),
            seats: vec![Seat::Broker(1), Seat::Broker(2)],
        }
    }

    #[track_caller]
    fn case(wish: &ClusterWish, change: impl FnOnce(&mut Condition), expected: &str) {
        let mut condition = two();
        change(&mut condition);
        let text = match judge(wish, &condition) {
            Ok(verdict) => {
                let trouble = verdict.trouble.map(|text| format!("trouble: {text}"));
                let missing = verdict.missing.into_iter().map(|text| format!("missing: {text}"));
                let all = trouble.into_iter().chain(missing).chain(verdict.warnings);
                all.collect::<Vec<_>>().join("; ")
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(text, expected);
    }

    #[test]
    fn whole_and_not_whole() {
        let both = wish(&["a:1", "b:1"]);
        case(&both, |_| {}, "");
        case(&both, |it| it.controller = None, "trouble: no controller is elected");
        let gone = |it: &mut Condition| {
            it.seats[1] = Seat::Down("refused".into());
            it.reached.insert(2, Reached::Nobody("refused".into()));
        };
        case(&both, gone, "missing: b:1 does not answer: refused");
        case(
            &wish(&["a:1"]),
            gone,
            "broker 2 is registered at b:1, and cannot be reached: refused",
        );
        let new = |it: &mut Condition| {
            it.advertised.remove(&2);
            it.reached.remove(&2);
        };
        case(&both, new, "missing: broker 2 at b:1 is not registered yet");
        let late = |it: &mut Condition| {
            let partition = survey::Partition {
                leader: Some(1),
                replicas: vec![1, 2],
                in_step: vec![1],
                ..survey::Partition::default()
            };
            let found = survey::Found { partitions: vec![partition], ..survey::Found::default() };
            it.survey.topics.insert("t".into(), found);
        };
        case(&both, late, "trouble: t-0 is not in step on broker 2");
        // The other listener of a broker is as good.
        case(&wish(&["a:1", "b:2"]), |_| {}, "");
    }

    #[test]
    fn wrong_identities() {
        let both = wish(&["a:1", "b:1"]);
        case(
            &both,
            |it| it.seats[1] = Seat::Broker(1),
            "a:1 and b:1 both are broker 1: give each host its own `broker.id` (`node.id` in KRaft); what is in its data folder has to say the same",
        );
        case(
            &both,
            |it| it.seats[1] = Seat::Foreign("d".into()),
            "b:1 belongs to the Kafka cluster d, and the others to c: check the addresses it is told to join, and what is in its data folder (`meta.properties`)",
        );
        let mut certain = both;
        certain.brokers[1].id = Some(3);
        case(
            &certain,
            |_| {},
            "b:1 is broker 2, and should be 3: check its `broker.id` (`node.id` in KRaft) and the `meta.properties` of its data folder",
        );
    }

    #[test]
    fn wrong_addresses() {
        let local = |reached| {
            |it: &mut Condition| {
                it.advertised.insert(2, "localhost:1".parse().unwrap());
                it.reached.insert(2, reached);
            }
        };
        case(
            &wish(&["a:1", "b:1"]),
            local(Reached::Other(1)),
            "broker 2 at b:1 sends its clients to localhost:1, where broker 1 is: check its `advertised.listeners`",
        );
        case(
            &wish(&["a:1", "b:1"]),
            local(Reached::Nobody("refused".into())),
            "broker 2 at b:1 sends its clients to localhost:1, which cannot be reached from here: refused; check its `advertised.listeners`",
        );
        case(&wish(&["a:1", "b:1"]), local(Reached::Itself), "");
        let text = "Unexpected broker id, expected 12 or empty string, but received -2";
        assert_eq!(read_identity(text), Some(12));
        assert_eq!(read_identity("no"), None);
    }
}
