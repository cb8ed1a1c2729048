//! Which replica copies which master: not on the same host where that can be, evenly, and with as few moves as can be.

/// A master.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    /// Where it runs.
    pub(super) host: String,
    /// How many replicas it has that are not ours to move.
    pub(super) others: usize,
}

/// A replica to be.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Where it runs.
    pub(super) host: String,
    /// The master that it copies now, as an index of the seats.
    pub(super) current: Option<usize>,
}

/// Returns the seat of each candidate. Each seat gets at least `least` if there are enough candidates.
pub(super) fn assign(candidates: &[Candidate], seats: &[Seat], least: usize) -> Vec<usize> {
    let mut table = Table::new(candidates, seats, least);
    for seat in 0..seats.len() {
        while table.lacks(seat) && table.fill(seat, &mut vec![false; candidates.len()]) {}
    }
    for seat in 0..seats.len() {
        while table.lacks(seat) && table.fill_anyhow(seat) {}
    }
    for index in 0..candidates.len() {
        if table.places[index].is_none() {
            table.places[index] = Some(table.emptiest(index));
        }
    }
    table.places.into_iter().flatten().collect()
}

struct Table<'a> {
    candidates: &'a [Candidate],
    seats: &'a [Seat],
    least: usize,
    places: Vec<Option<usize>>,
}

impl<'a> Table<'a> {
    fn new(candidates: &'a [Candidate], seats: &'a [Seat], least: usize) -> Self {
        let mut table = Self { candidates, seats, least, places: Vec::new() };
        let kept = |candidate: &Candidate| {
            candidate.current.filter(|seat| candidate.host != seats[*seat].host)
        };
        table.places = candidates.iter().map(kept).collect();
        table
    }

    fn is_apart(&self, index: usize, seat: usize) -> bool {
        self.candidates[index].host != self.seats[seat].host
    }

    fn count(&self, seat: usize) -> usize {
        let placed = self.places.iter().filter(|place| **place == Some(seat)).count();
        self.seats[seat].others + placed
    }

    /// Returns how many replicas of a seat are on the host of a candidate.
    fn beside(&self, index: usize, seat: usize) -> usize {
        let host = &self.candidates[index].host;
        let others = self.candidates.iter().zip(&self.places);
        others.filter(|(other, place)| **place == Some(seat) && other.host == *host).count()
    }

    fn lacks(&self, seat: usize) -> bool {
        self.count(seat) < self.least
    }

    /// Finds a candidate on another host for a seat; one that sits elsewhere gives way when its seat can spare it or
    /// finds another one (an augmenting path).
    fn fill(&mut self, seat: usize, seen: &mut Vec<bool>) -> bool {
        let fits = |table: &Self, index: usize, seen: &[bool]| {
            !seen[index] && table.is_apart(index, seat) && table.places[index] != Some(seat)
        };
        let all = 0..self.candidates.len();
        let spare = |table: &Self, index: &usize| match table.places[*index] {
            None => true,
            Some(other) => table.count(other) > table.least,
        };
        let free = |table: &Self, index: &usize| table.places[*index].is_none();
        let possible = all.clone().filter(|index| fits(self, *index, seen) && free(self, index));
        // Two replicas of a master are better on two hosts.
        let found = possible.min_by_key(|index| (self.beside(*index, seat), *index));
        let found = found
            .or_else(|| all.clone().find(|index| fits(self, *index, seen) && spare(self, index)));
        if let Some(index) = found {
            self.places[index] = Some(seat);
            return true;
        }
        for index in all {
            if !fits(self, index, seen) {
                continue;
            }
            seen[index] = true;
            let before = self.places[index].replace(seat);
            let Some(other) = before else { continue };
            if self.fill(other, seen) {
                return true;
            }
            self.places[index] = before;
        }
        false
    }

    /// Gives a seat a candidate of its own host, as nobody else is left: better than none.
    fn fill_anyhow(&mut self, seat: usize) -> bool {
        let all = 0..self.candidates.len();
        let free = |index: &usize| self.places[*index].is_none();
        let stays = |index: &usize| free(index) && self.candidates[*index].current == Some(seat);
        let spare = |index: &usize| {
            self.places[*index].is_some_and(|other| other != seat && self.count(other) > self.least)
        };
        let found = all.clone().find(stays).or_else(|| all.clone().find(free));
        let Some(index) = found.or_else(|| all.clone().find(spare)) else { return false };
        self.places[index] = Some(seat);
        true
    }

    /// Returns the seat with the fewest replicas on another host, or where it is, or any.
    fn emptiest(&self, index: usize) -> usize {
        let fewest =
            |seats: Vec<usize>| seats.into_iter().min_by_key(|seat| (self.count(*seat), *seat));
        let apart = (0..self.seats.len()).filter(|seat| self.is_apart(index, *seat)).collect();
        fewest(apart)
            .or(self.candidates[index].current)
            .or_else(|| fewest((0..self.seats.len()).collect()))
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seats(hosts: &str) -> Vec<Seat> {
        hosts.chars().map(|host| Seat { host: host.into(), others: 0 }).collect()
    }

    fn candidates(words: &str) -> Vec<Candidate> {
        words
            .split_whitespace()
            .map(|word| Candidate { host: word[..1].into(), current: word[1..].parse().ok() })
            .collect()
    }

    #[track_caller]
    fn case(masters: &str, replicas: &str, least: usize, expected: &[usize]) {
        assert_eq!(assign(&candidates(replicas), &seats(masters), least), expected);
    }

    #[test]
    fn placements() {
        case("abc", "a b c", 1, &[2, 0, 1]);
        case("abc", "a2 b0 c1", 1, &[2, 0, 1]);
        case("abc", "c b a", 1, &[0, 2, 1]);
        case("aab", "a b b", 1, &[2, 0, 1]);
        case("aaa", "a0 a1 a2", 1, &[0, 1, 2]);
        case("aaa", "a a a", 1, &[0, 1, 2]);
        // Nobody elsewhere is left for the first master: it keeps the one on its own host.
        case("abc", "a0 a1 a2", 1, &[0, 1, 2]);
        case("abc", "a a b b c c", 2, &[1, 2, 0, 2, 0, 1]);
    }

    proptest! {
        #[test]
        fn places_are_full_stable_and_apart_on_equal_hosts(hosts in 2_usize..5, each in 1_usize..4) {
            let name = |index: usize| char::from(b'a' + (index % hosts) as u8).to_string();
            let seats: Vec<Seat> = (0..hosts).map(|index| Seat { host: name(index), others: 0 }).collect();
            let mut replicas: Vec<Candidate> =
                (0..hosts * each).map(|index| Candidate { host: name(index), current: None }).collect();
            let places = assign(&replicas, &seats, each);
            for (index, seat) in places.iter().enumerate() {
                prop_assert_ne!(&replicas[index].host, &seats[*seat].host);
            }
            for seat in 0..hosts {
                prop_assert!(places.iter().filter(|place| **place == seat).count() >= each);
            }
            replicas.iter_mut().zip(&places).for_each(|(replica, seat)| replica.current = Some(*seat));
            prop_assert_eq!(assign(&replicas, &seats, each), places);
        }

        #[test]
        fn a_second_time_nothing_moves(
            masters in proptest::collection::vec(0_u8..4, 1..6),
            replicas in proptest::collection::vec((0_u8..4, proptest::option::of(0_usize..6)), 0..10),
            least in 0_usize..3,
        ) {
            let seats: Vec<Seat> =
                masters.iter().map(|host| Seat { host: host.to_string(), others: 0 }).collect();
            let mut candidates: Vec<Candidate> = replicas
                .iter()
                .map(|(host, current)| Candidate {
                    host: host.to_string(),
                    current: current.filter(|seat| *seat < seats.len()),
                })
                .collect();
            let least = least.min(candidates.len() / seats.len());
            let places = assign(&candidates, &seats, least);
            prop_assert_eq!(places.len(), candidates.len());
            for seat in 0..seats.len() {
                prop_assert!(places.iter().filter(|place| **place == seat).count() >= least);
            }
            candidates.iter_mut().zip(&places).for_each(|(candidate, seat)| candidate.current = Some(*seat));
            prop_assert_eq!(assign(&candidates, &seats, least), places);
        }
    }
}
