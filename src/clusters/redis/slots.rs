//! Sets of hash slots.

use std::fmt;

/// How many slots a cluster has.
pub const SLOTS: u16 = 16_384;

const WORDS: usize = SLOTS as usize / 64;

/// A set of slots.
#[derive(Clone, Eq, PartialEq)]
pub struct Slots(Box<[u64; WORDS]>);

impl Default for Slots {
    fn default() -> Self {
        Self(Box::new([0; WORDS]))
    }
}

impl Slots {
    /// Returns all slots.
    pub fn all() -> Self {
        Self(Box::new([u64::MAX; WORDS]))
    }

    /// Returns the slots from `first` to `last`.
    pub fn range(first: u16, last: u16) -> Self {
        let mut slots = Self::default();
        slots.insert(first, last);
        slots
    }

    /// Adds the slots from `first` to `last`.
    pub fn insert(&mut self, first: u16, last: u16) {
        for slot in first..=last.min(SLOTS - 1) {
            self.0[usize::from(slot / 64)] |= 1 << (slot % 64);
        }
    }

    /// Returns whether a slot is in the set.
    pub fn contains(&self, slot: u16) -> bool {
        self.0.get(usize::from(slot / 64)).is_some_and(|word| word & (1 << (slot % 64)) != 0)
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Returns those in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut slots = self.clone();
        slots.0.iter_mut().zip(other.0.iter()).for_each(|(word, other)| *word &= other);
        slots
    }

    /// Returns those in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let mut slots = self.clone();
        slots.0.iter_mut().zip(other.0.iter()).for_each(|(word, other)| *word |= other);
        slots
    }

    /// Returns those in this and not in the other.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut slots = self.clone();
        slots.0.iter_mut().zip(other.0.iter()).for_each(|(word, other)| *word &= !other);
        slots
    }

    /// Returns them in order.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        (0..SLOTS).filter(|slot| self.contains(*slot))
    }

    /// Returns them as ranges, first and last.
    pub fn ranges(&self) -> Vec<(u16, u16)> {
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for slot in self.iter() {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == slot => *last = slot,
                _ => ranges.push((slot, slot)),
            }
        }
        ranges
    }

    /// Takes the first `count` out of the set.
    pub fn take(&mut self, count: usize) -> Self {
        let mut taken = Self::default();
        let slots: Vec<u16> = self.iter().take(count).collect();
        slots.into_iter().for_each(|slot| taken.insert(slot, slot));
        *self = self.without(&taken);
        taken
    }
}

impl fmt::Display for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (first, last)) in self.ranges().into_iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            if first == last {
                write!(f, "{comma}{first}")?;
            } else {
                write!(f, "{comma}{first}-{last}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slots({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets() {
        let mut slots = Slots::range(0, 99);
        slots.insert(200, 200);
        assert_eq!(slots.to_string(), "0-99,200");
        assert_eq!(slots.len(), 101);
        assert_eq!(slots.take(2).to_string(), "0-1");
        assert_eq!(slots.to_string(), "2-99,200");
        assert_eq!(Slots::all().without(&slots).or(&slots), Slots::all());
        assert_eq!(Slots::all().len(), 16_384);
        assert!(Slots::range(5, 7).and(&Slots::range(8, 9)).is_empty());
    }
}
