//! Sets of the entries of an index, a bit for each.

/// Some of the entries of an index, by their places in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Set {
    bits: Vec<u64>,
    len: usize,
}

impl Set {
    /// None of so many entries.
    pub(crate) fn none(len: usize) -> Self {
        let bits = vec![0; len.div_ceil(64)];
        Self { bits, len }
    }

    /// All of so many entries.
    pub(crate) fn all(len: usize) -> Self {
        Self::none(len).inverted()
    }

    /// Has room for so many entries, of which the new ones are not in it.
    pub(crate) fn grow(&mut self, len: usize) {
        self.bits.resize(len.div_ceil(64), 0);
        self.len = len;
    }

    pub(crate) fn remove(&mut self, place: u32) {
        self.bits[place as usize / 64] &= !(1 << (place % 64));
    }

    pub(crate) fn insert(&mut self, place: u32) {
        self.bits[place as usize / 64] |= 1 << (place % 64);
    }

    pub(crate) fn contains(&self, place: u32) -> bool {
        self.bits[place as usize / 64] & (1 << (place % 64)) != 0
    }

    /// Keeps what is in the other one, too.
    pub(crate) fn intersect(&mut self, other: &Self) {
        for (bits, others) in self.bits.iter_mut().zip(&other.bits) {
            *bits &= others;
        }
    }

    /// Takes in what is in the other one.
    pub(crate) fn unite(&mut self, other: &Self) {
        for (bits, others) in self.bits.iter_mut().zip(&other.bits) {
            *bits |= others;
        }
    }

    /// All that is not in it.
    #[must_use]
    pub(crate) fn inverted(mut self) -> Self {
        for bits in &mut self.bits {
            *bits = !*bits;
        }
        // Beyond the last entry there is nothing.
        if let Some(last) = self.bits.last_mut()
            && !self.len.is_multiple_of(64)
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
        self
    }

    /// Of how many entries it is a set.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How many there are in it.
    pub(crate) fn count(&self) -> usize {
        self.bits
            .iter()
            .map(|bits| bits.count_ones() as usize)
            .sum()
    }

    /// Their places, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0_u32..)
            .step_by(64)
            .zip(&self.bits)
            .flat_map(|(first, bits)| {
                let mut left = *bits;
                std::iter::from_fn(move || {
                    let place = left.trailing_zeros();
                    (left != 0).then(|| {
                        left &= left - 1;
                        first + place
                    })
                })
            })
    }

    /// What it takes of memory.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(self.bits.as_slice())
    }
}

impl Set {
    /// Those of so many entries that are named.
    pub(crate) fn of(len: usize, places: impl IntoIterator<Item = u32>) -> Self {
        let mut set = Self::none(len);
        for place in places {
            set.insert(place);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::Set;

    #[test]
    fn what_is_not_in_a_set_ends_with_the_last_entry() {
        for len in [0, 1, 63, 64, 65, 200] {
            assert_eq!(Set::all(len).count(), len);
            assert_eq!(Set::all(len).inverted(), Set::none(len));
        }
        let some = Set::of(130, [0, 64, 129]);
        assert_eq!(some.iter().collect::<Vec<_>>(), [0, 64, 129]);
        assert_eq!(some.clone().inverted().count(), 127);
        assert!(some.contains(64) && !some.contains(65));
    }

    #[test]
    fn sets_are_united_and_intersected() {
        let (mut one, other) = (Set::of(100, [1, 70]), Set::of(100, [70, 99]));
        one.intersect(&other);
        assert_eq!(one, Set::of(100, [70]));
        one.unite(&other);
        assert_eq!(one, other);
    }
}
