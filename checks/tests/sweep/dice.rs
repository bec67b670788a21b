//! Numbers that are the same again for the same seed.

/// A generator (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// The same for the same text.
    pub(crate) fn of(text: &str) -> Self {
        Self(text.bytes().fold(0, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into())))
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let bound = u64::try_from(bound).unwrap();
        usize::try_from((mixed ^ (mixed >> 31)) % bound).unwrap()
    }

    /// These in another order.
    pub(crate) fn shuffled<T>(&mut self, mut of: Vec<T>) -> Vec<T> {
        (1..of.len()).for_each(|index| of.swap(index, self.below(index + 1)));
        of
    }

    /// So many of these, in their order.
    pub(crate) fn some<T>(&mut self, mut of: Vec<T>, count: usize) -> Vec<T> {
        while of.len() > count {
            of.remove(self.below(of.len()));
        }
        of
    }
}
