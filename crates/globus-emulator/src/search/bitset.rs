//! Sets of entries of an index, as bit sets.

/// A set of entry ordinals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BitSet {
    bits: Vec<u64>,
    len: usize,
}

impl BitSet {
    /// The empty set, with this capacity.
    pub(crate) fn none(len: usize) -> Self {
        let bits = vec![0; len.div_ceil(64)];
        Self { bits, len }
    }

    /// The set of all ordinals below `len`.
    pub(crate) fn all(len: usize) -> Self {
        Self::none(len).inverted()
    }

    /// Increases the capacity; new ordinals are not in the set.
    pub(crate) fn grow(&mut self, len: usize) {
        self.bits.resize(len.div_ceil(64), 0);
        self.len = len;
    }

    pub(crate) fn remove(&mut self, ordinal: u32) {
        self.bits[ordinal as usize / 64] &= !(1 << (ordinal % 64));
    }

    pub(crate) fn insert(&mut self, ordinal: u32) {
        self.bits[ordinal as usize / 64] |= 1 << (ordinal % 64);
    }

    pub(crate) fn contains(&self, ordinal: u32) -> bool {
        self.bits[ordinal as usize / 64] & (1 << (ordinal % 64)) != 0
    }

    /// Keeps the ordinals that are also in `other`.
    pub(crate) fn intersect_with(&mut self, other: &Self) {
        for (bits, others) in self.bits.iter_mut().zip(&other.bits) {
            *bits &= others;
        }
    }

    /// Adds the ordinals of `other`.
    pub(crate) fn union_with(&mut self, other: &Self) {
        for (bits, others) in self.bits.iter_mut().zip(&other.bits) {
            *bits |= others;
        }
    }

    /// The complement.
    #[must_use]
    pub(crate) fn inverted(mut self) -> Self {
        for bits in &mut self.bits {
            *bits = !*bits;
        }
        // The bits after the last ordinal must stay 0, since `count` and `iter` include them.
        if let Some(last) = self.bits.last_mut()
            && !self.len.is_multiple_of(64)
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
        self
    }

    /// The capacity.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The number of ordinals in the set.
    pub(crate) fn count(&self) -> usize {
        self.bits
            .iter()
            .map(|bits| bits.count_ones() as usize)
            .sum()
    }

    /// The ordinals in the set, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0_u32..)
            .step_by(64)
            .zip(&self.bits)
            .flat_map(|(first, bits)| {
                let mut left = *bits;
                std::iter::from_fn(move || {
                    let ordinal = left.trailing_zeros();
                    (left != 0).then(|| {
                        left &= left - 1;
                        first + ordinal
                    })
                })
            })
    }

    /// Memory use in bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(self.bits.as_slice())
    }
}

impl BitSet {
    /// A set of these ordinals.
    pub(crate) fn from_ordinals(len: usize, ordinals: impl IntoIterator<Item = u32>) -> Self {
        let mut set = Self::none(len);
        for ordinal in ordinals {
            set.insert(ordinal);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::BitSet;

    #[test]
    fn what_is_not_in_a_set_ends_with_the_last_entry() {
        for len in [0, 1, 63, 64, 65, 200] {
            assert_eq!(BitSet::all(len).count(), len);
            assert_eq!(BitSet::all(len).inverted(), BitSet::none(len));
        }
        let some = BitSet::from_ordinals(130, [0, 64, 129]);
        assert_eq!(some.iter().collect::<Vec<_>>(), [0, 64, 129]);
        assert_eq!(some.clone().inverted().count(), 127);
        assert!(some.contains(64) && !some.contains(65));
    }

    #[test]
    fn sets_are_united_and_intersected() {
        let (mut one, other) = (
            BitSet::from_ordinals(100, [1, 70]),
            BitSet::from_ordinals(100, [70, 99]),
        );
        one.intersect_with(&other);
        assert_eq!(one, BitSet::from_ordinals(100, [70]));
        one.union_with(&other);
        assert_eq!(one, other);
    }
}
