//! Randomness that depends on nothing but what it is asked for.

use fastrand::Rng;

/// A generator of its own for each list of numbers, however many others there are.
pub(super) fn rng(parts: &[u64]) -> Rng {
    Rng::with_seed(parts.iter().fold(0, |state, part| mixed(state ^ mixed(*part))))
}

/// `SplitMix64`: neighbours come out far apart.
const fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Whether something happens that happens so often in a thousand.
pub(super) fn happens(random: &mut Rng, per_mille: u32) -> bool {
    random.u32(0..1_000) < per_mille
}

/// One of them.
pub(super) fn one<T: Copy>(random: &mut Rng, of: &[T]) -> T {
    of[random.usize(0..of.len())]
}
