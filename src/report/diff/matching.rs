//! Which lines two texts share, found as Python's `difflib` finds them: the longest common run first, then what is left
//! and right of it. Lines that a long text repeats often do not begin a run.

use std::collections::HashMap;
use std::ops::Range;

/// A run of lines on both sides: the same lines, or lines that stand for each other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Change {
    /// The lines on the left.
    pub(super) old: Range<usize>,
    /// The lines on the right.
    pub(super) new: Range<usize>,
    same: bool,
}

impl Change {
    /// Returns whether both sides are the same.
    pub(super) fn is_same(&self) -> bool {
        self.same
    }

    /// Leaves the first so many lines of a run that is the same.
    pub(super) fn keep_first(&mut self, lines: usize) {
        self.old.end = self.old.end.min(self.old.start + lines);
        self.new.end = self.new.end.min(self.new.start + lines);
    }

    /// Leaves the last so many lines of a run that is the same.
    pub(super) fn keep_last(&mut self, lines: usize) {
        self.old.start = self.old.start.max(self.old.end.saturating_sub(lines));
        self.new.start = self.new.start.max(self.new.end.saturating_sub(lines));
    }
}

/// Texts from this many lines on have lines that are too common to begin a run.
const LONG: usize = 200;

/// Returns the runs that lead from the left text to the right one.
pub(super) fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    let mut out = Vec::new();
    let (mut left, mut right) = (0, 0);
    for (start, other, length) in blocks(old, new) {
        if left < start || right < other {
            out.push(Change { old: left..start, new: right..other, same: false });
        }
        (left, right) = (start + length, other + length);
        if length > 0 {
            out.push(Change { old: start..left, new: other..right, same: true });
        }
    }
    out
}

/// Returns the runs that are the same on both sides, in order, and an empty one at the end.
fn blocks(old: &[&str], new: &[&str]) -> Vec<(usize, usize, usize)> {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, line) in new.iter().enumerate() {
        places.entry(line).or_default().push(place);
    }
    if new.len() >= LONG {
        let most = new.len() / 100 + 1;
        places.retain(|_, at| at.len() <= most);
    }
    let mut found = Vec::new();
    let mut open = vec![(0..old.len(), 0..new.len())];
    while let Some((left, right)) = open.pop() {
        let (start, other, length) = longest(old, new, &places, (left.clone(), right.clone()));
        if length == 0 {
            continue;
        }
        found.push((start, other, length));
        open.push((left.start..start, right.start..other));
        open.push((start + length..left.end, other + length..right.end));
    }
    found.sort_unstable();
    let mut joined: Vec<(usize, usize, usize)> = Vec::new();
    for (start, other, length) in found {
        match joined.last_mut() {
            Some(last) if last.0 + last.2 == start && last.1 + last.2 == other => last.2 += length,
            Some(_) | None => joined.push((start, other, length)),
        }
    }
    joined.push((old.len(), new.len(), 0));
    joined
}

/// Returns the longest run within the ranges; of equal ones the first on the left, then the first on the right.
fn longest(
    old: &[&str],
    new: &[&str],
    places: &HashMap<&str, Vec<usize>>,
    (left, right): (Range<usize>, Range<usize>),
) -> (usize, usize, usize) {
    let (mut start, mut other, mut length) = (left.start, right.start, 0);
    let mut runs: HashMap<usize, usize> = HashMap::new();
    for i in left.clone() {
        let mut next = HashMap::new();
        for &j in places.get(old[i]).map(Vec::as_slice).unwrap_or_default() {
            if j < right.start {
                continue;
            }
            if j >= right.end {
                break;
            }
            let run = j.checked_sub(1).and_then(|before| runs.get(&before)).unwrap_or(&0) + 1;
            next.insert(j, run);
            if run > length {
                (start, other, length) = (i + 1 - run, j + 1 - run, run);
            }
        }
        runs = next;
    }
    // Lines that are too common to begin a run may still continue one.
    while start > left.start && other > right.start && old[start - 1] == new[other - 1] {
        (start, other, length) = (start - 1, other - 1, length + 1);
    }
    while start + length < left.end
        && other + length < right.end
        && old[start + length] == new[other + length]
    {
        length += 1;
    }
    (start, other, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(old: &str, new: &str, expected: &[(usize, usize, usize)]) {
        let old: Vec<&str> = old.split_inclusive(|_| true).collect();
        let new: Vec<&str> = new.split_inclusive(|_| true).collect();
        assert_eq!(blocks(&old, &new), expected);
    }

    #[test]
    fn runs_are_those_of_difflib() {
        case("abxcd", "abcd", &[(0, 0, 2), (3, 2, 2), (5, 4, 0)]);
        case("qabxcd", "abycdf", &[(1, 0, 2), (4, 3, 2), (6, 6, 0)]);
        case("", "a", &[(0, 1, 0)]);
        case("aaa", "aa", &[(0, 0, 2), (3, 2, 0)]);
    }
}
