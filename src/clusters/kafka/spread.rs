//! Where replicas go: on as many racks as there are, on the brokers that have the least, and no replica moves that need
//! not. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::survey::{Found, Partition};

/// A broker that is registered.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Broker {
    pub(super) id: i32,
    pub(super) rack: Option<String>,
}

/// The brokers that may have replicas, and what they have.
#[derive(Clone, Debug)]
pub(super) struct Brokers {
    racks: BTreeMap<i32, Option<String>>,
    replicas: BTreeMap<i32, usize>,
    /// How many partitions prefer a broker as their leader.
    preferred: BTreeMap<i32, usize>,
}

impl Brokers {
    /// Counts what the brokers have; those that are to be emptied get nothing more.
    pub(super) fn new<'a>(
        brokers: &[Broker],
        emptied: &BTreeSet<i32>,
        topics: impl Iterator<Item = &'a Found>,
    ) -> Self {
        let stay = brokers.iter().filter(|broker| !emptied.contains(&broker.id));
        let racks = stay.map(|broker| (broker.id, broker.rack.clone())).collect();
        let mut all = Self { racks, replicas: BTreeMap::new(), preferred: BTreeMap::new() };
        for partition in topics.flat_map(|topic| &topic.partitions) {
            all.count(&partition.target(), true);
        }
        all
    }

    /// Returns their numbers.
    pub(super) fn ids(&self) -> impl Iterator<Item = i32> {
        self.racks.keys().copied()
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.racks.len()
    }

    fn count(&mut self, replicas: &[i32], there: bool) {
        let change = |count: &mut usize| {
            *count = if there { *count + 1 } else { count.saturating_sub(1) };
        };
        replicas.iter().for_each(|id| change(self.replicas.entry(*id).or_default()));
        if let Some(first) = replicas.first() {
            change(self.preferred.entry(*first).or_default());
        }
    }

    fn load(&self, id: i32) -> usize {
        self.replicas.get(&id).copied().unwrap_or(0)
    }

    fn rack(&self, id: i32) -> Option<&str> {
        self.racks.get(&id)?.as_deref()
    }

    /// Returns how many of some brokers are on the rack of one, itself not counted.
    pub(super) fn neighbors(&self, id: i32, replicas: &[i32]) -> usize {
        let Some(rack) = self.rack(id) else { return 0 };
        replicas.iter().filter(|other| **other != id && self.rack(**other) == Some(rack)).count()
    }

    /// Returns which brokers should have a partition, the preferred leader first; nothing when there are too few.
    pub(super) fn place(&mut self, partition: &Partition, factor: usize) -> Option<Vec<i32>> {
        let before = partition.target();
        let mut replicas: Vec<i32> = before.clone();
        // Those that are to be emptied go; those that only are down may come back.
        let gone = |id: &i32| !self.racks.contains_key(id);
        let leader = partition.leader;
        while replicas.len() > factor {
            let worst = replicas.iter().copied().enumerate().max_by_key(|(place, id)| {
                (
                    Some(*id) != leader,
                    gone(id),
                    !partition.in_step.contains(id),
                    self.neighbors(*id, &replicas),
                    self.load(*id),
                    *place,
                )
            });
            replicas.remove(worst?.0);
        }
        while replicas.len() < factor {
            let free = self.racks.keys().filter(|id| !replicas.contains(id));
            let best = free.min_by_key(|id| {
                // What was on its way there goes on.
                let coming = partition.replicas.contains(id);
                // Of equal ones the next in the circle, as Kafka does it: partitions have different followers.
                let behind = replicas.last().is_some_and(|last| *id < last);
                (!coming, self.neighbors(**id, &replicas), self.load(**id), behind, **id)
            });
            replicas.push(*best?);
        }
        self.settle(&before, &replicas);
        Some(replicas)
    }

    /// Returns the brokers of a partition without those that are emptied; nothing when there are too few.
    pub(super) fn evacuate(
        &mut self,
        partition: &Partition,
        emptied: &BTreeSet<i32>,
    ) -> Option<Vec<i32>> {
        let before = partition.target();
        let mut stay: Vec<i32> =
            before.iter().copied().filter(|id| !emptied.contains(id)).collect();
        if before.first() != stay.first() {
            // Another one has to lead: the one of those in step that leads least.
            let preferred = |id: &i32| self.preferred.get(id).copied().unwrap_or(0);
            let heir =
                stay.iter().copied().enumerate().min_by_key(|(place, id)| {
                    (!partition.in_step.contains(id), preferred(id), *place)
                });
            if let Some((place, id)) = heir {
                stay.remove(place);
                stay.insert(0, id);
            }
        }
        self.count(&before, false);
        self.count(&stay, true);
        let rest = Partition { replicas: stay, ..Partition::default() };
        self.place(&rest, before.len())
    }

    fn settle(&mut self, before: &[i32], after: &[i32]) {
        self.count(before, false);
        self.count(after, true);
    }
}
