//! Gives all brokers an even share of the replicas, and of the partitions that they lead by preference, with as few moves
//! as that takes. Pure.
//!
//! A replica goes from a broker that has more to one that has at least two less, where it shares a rack with no more of
//! its kind than before. Each such move makes shares more even, so it ends, and where it ends the next run begins.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::batch::Move;
use super::spread::Brokers;
use super::survey::Survey;
use super::throttle::marks;

/// A partition while it is shared out.
struct Seat<'a> {
    topic: &'a str,
    index: usize,
    before: Vec<i32>,
    after: Vec<i32>,
}

/// What every broker has, while it is shared out.
struct Shares<'a> {
    brokers: &'a Brokers,
    seats: Vec<Seat<'a>>,
    replicas: BTreeMap<i32, usize>,
    leaders: BTreeMap<i32, usize>,
    /// How many replicas of a topic a broker has.
    of_topic: BTreeMap<(&'a str, i32), usize>,
}

/// Returns what has to move; slowly, with marks.
pub(super) fn balance(survey: &Survey, brokers: &Brokers, slow: bool) -> Vec<Move> {
    let mut shares = Shares::new(survey, brokers);
    while shares.move_one() {}
    while shares.lead_one() {}
    let mut changed: BTreeMap<&str, (BTreeMap<usize, Vec<i32>>, bool)> = BTreeMap::new();
    for seat in shares.seats.iter().filter(|seat| seat.before != seat.after) {
        let (partitions, copied) = changed.entry(seat.topic).or_default();
        *copied |= seat.after.iter().any(|id| !seat.before.contains(id));
        partitions.insert(seat.index, seat.after.clone());
    }
    let one = |(topic, (partitions, copied)): (&str, (BTreeMap<_, _>, bool))| {
        let why = if copied { "is shared out evenly" } else { "has its leaders shared out" };
        let found = survey.topics.get(topic).filter(|_| slow);
        let marks = found.and_then(|found| marks(found, &partitions));
        Move { topic: topic.to_owned(), why: why.to_owned(), partitions, marks }
    };
    changed.into_iter().map(one).collect()
}

impl<'a> Shares<'a> {
    fn new(survey: &'a Survey, brokers: &'a Brokers) -> Self {
        let mut shares = Self {
            brokers,
            seats: Vec::new(),
            replicas: brokers.ids().map(|id| (id, 0)).collect(),
            leaders: brokers.ids().map(|id| (id, 0)).collect(),
            of_topic: BTreeMap::new(),
        };
        for (topic, found) in &survey.topics {
            for (index, partition) in found.partitions.iter().enumerate() {
                let before = partition.target();
                for id in &before {
                    shares.replicas.entry(*id).and_modify(|count| *count += 1);
                    *shares.of_topic.entry((topic, *id)).or_default() += 1;
                }
                if let Some(first) = before.first() {
                    shares.leaders.entry(*first).and_modify(|count| *count += 1);
                }
                shares.seats.push(Seat { topic, index, after: before.clone(), before });
            }
        }
        shares
    }

    /// Moves the replica that is best moved; returns whether there was one.
    fn move_one(&mut self) -> bool {
        let found = uneven(&self.replicas)
            .into_iter()
            .find_map(|(full, free)| Some((full, free, self.candidate(full, free)?)));
        let Some((full, free, at)) = found else { return false };
        let seat = &mut self.seats[at];
        if seat.after.first() == Some(&full) {
            shift(&mut self.leaders, full, free);
        }
        seat.after.iter_mut().filter(|id| **id == full).for_each(|id| *id = free);
        shift(&mut self.replicas, full, free);
        let topic = seat.topic;
        *self.of_topic.entry((topic, free)).or_default() += 1;
        self.of_topic.entry((topic, full)).and_modify(|count| *count -= 1);
        true
    }

    /// Returns which partition is best moved from one broker to another.
    fn candidate(&self, full: i32, free: i32) -> Option<usize> {
        let leads = |id| self.leaders.get(&id).copied().unwrap_or(0);
        let can = self.seats.iter().enumerate().filter_map(|(at, seat)| {
            if !seat.after.contains(&full) || seat.after.contains(&free) {
                return None;
            }
            let others: Vec<i32> = seat.after.iter().copied().filter(|id| *id != full).collect();
            let crowd = self.brokers.neighbors(free, &others);
            if crowd > self.brokers.neighbors(full, &others) {
                return None;
            }
            let of = |id| self.of_topic.get(&(seat.topic, id)).copied().unwrap_or(0);
            // What moves anyway costs nothing more; then topics are spread, and leaders stay if they are not too many.
            let moves_anyway = !seat.before.contains(&full);
            let more = of(full).saturating_sub(of(free));
            let should_lead = leads(full) >= leads(free) + 2;
            let leads = (seat.after.first() == Some(&full)) != should_lead;
            Some(((crowd, !moves_anyway, Reverse(more), leads, at), at))
        });
        can.min().map(|(_, at)| at)
    }

    /// Lets another broker lead one partition by preference; returns whether that made it more even.
    fn lead_one(&mut self) -> bool {
        let can = |full, free| {
            let mut seats = self.seats.iter();
            seats.position(|seat| seat.after.first() == Some(&full) && seat.after.contains(&free))
        };
        let found = uneven(&self.leaders)
            .into_iter()
            .find_map(|(full, free)| Some((full, free, can(full, free)?)));
        let Some((full, free, at)) = found else { return false };
        let after = &mut self.seats[at].after;
        if let Some(place) = after.iter().position(|id| *id == free) {
            after.swap(0, place);
        }
        shift(&mut self.leaders, full, free);
        true
    }
}

/// Counts one less here and one more there.
fn shift(counts: &mut BTreeMap<i32, usize>, from: i32, to: i32) {
    counts.entry(from).and_modify(|count| *count = count.saturating_sub(1));
    counts.entry(to).and_modify(|count| *count += 1);
}

/// Returns pairs of brokers of which the first has at least two more than the second, the farthest apart first.
fn uneven(counts: &BTreeMap<i32, usize>) -> Vec<(i32, i32)> {
    let mut pairs = Vec::new();
    for (full, more) in counts {
        let free = counts.iter().filter(|(_, less)| *more >= **less + 2);
        pairs.extend(free.map(|(free, less)| (Reverse(more - less), *full, *free)));
    }
    pairs.sort_unstable();
    pairs.into_iter().map(|(_, full, free)| (full, free)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::tests::{brokers, found};
    use super::*;

    /// What becomes of partitions, and that nothing is left to do then.
    #[track_caller]
    fn case(names: &[&str], partitions: &[&[i32]], expected: &[&[i32]]) {
        let shared = |partitions: &[&[i32]]| {
            let topics = [("t".to_owned(), found(partitions))].into();
            let survey = Survey { brokers: brokers(names), topics, usual: None };
            let all = Brokers::new(&survey.brokers, &BTreeSet::new(), survey.topics.values());
            let mut after: Vec<Vec<i32>> = partitions.iter().map(|ids| ids.to_vec()).collect();
            for (index, ids) in
                balance(&survey, &all, false).into_iter().flat_map(|one| one.partitions)
            {
                after[index] = ids;
            }
            after
        };
        let after = shared(partitions);
        assert_eq!(after, expected);
        let again: Vec<&[i32]> = after.iter().map(Vec::as_slice).collect();
        assert_eq!(shared(&again), after, "not at rest");
    }

    #[test]
    fn a_new_broker_gets_its_share_and_no_more_moves() {
        case(&["1", "2"], &[&[1], &[1], &[2], &[2]], &[&[1], &[1], &[2], &[2]]);
        case(&["1", "2", "3"], &[&[1], &[1], &[2], &[2]], &[&[3], &[1], &[2], &[2]]);
        case(
            &["1", "2", "3", "4"],
            &[&[1, 2, 3], &[2, 3, 1], &[3, 1, 2], &[1, 2, 3]],
            &[&[4, 2, 3], &[2, 4, 1], &[3, 1, 4], &[1, 2, 3]],
        );
        // Those on brokers that are down stay.
        case(&["1", "2"], &[&[9, 1], &[1], &[1]], &[&[9, 1], &[2], &[1]]);
    }

    #[test]
    fn racks_stay_apart() {
        case(&["1a", "2b", "3b"], &[&[1, 2], &[1, 2]], &[&[1, 3], &[2, 1]]);
        // Broker 2 has more, and all that it could give away would share a rack.
        case(&["1a", "2b", "3a"], &[&[1, 2], &[3, 2]], &[&[1, 2], &[3, 2]]);
    }

    #[test]
    fn leaders_are_shared_out_without_copies() {
        case(&["1", "2"], &[&[1, 2], &[1, 2]], &[&[2, 1], &[1, 2]]);
    }
}
