//! How much each word counts in a listing, packed for reading thousands at once. Pure.

use std::collections::BTreeMap;

/// Bytes of a word's digest and its weight.
const DIGEST: usize = 4;
const ENTRY: usize = DIGEST + 1;

/// FNV-1a: stored, so it stays as it is. Two words of one listing with the same digest are one in a hundred million.
fn digest(word: &str) -> [u8; DIGEST] {
    let hash = word.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash.to_be_bytes()
}

/// Packs weights; one above 255 is 255.
pub(super) fn packed<'w>(weights: impl Iterator<Item = (&'w str, u32)>) -> Vec<u8> {
    let sorted: BTreeMap<[u8; DIGEST], u8> =
        weights.map(|(word, weight)| (digest(word), u8::try_from(weight).unwrap_or(u8::MAX))).collect();
    sorted.into_iter().flat_map(|(digest, weight)| digest.into_iter().chain([weight])).collect()
}

/// A word as it is looked up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digest([u8; DIGEST]);

impl Digest {
    pub(super) fn of(word: &str) -> Self {
        Self(digest(word))
    }

    /// The word's weight among packed ones; 0 if it is not there.
    pub(super) fn weight_in(self, packed: &[u8]) -> u8 {
        let (mut low, mut high) = (0, packed.len() / ENTRY);
        while low < high {
            let middle = low.midpoint(high);
            let entry = &packed[middle * ENTRY..(middle + 1) * ENTRY];
            match entry[..DIGEST].cmp(&self.0) {
                std::cmp::Ordering::Equal => return entry[DIGEST],
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn weights_come_back(weights in proptest::collection::hash_map("[a-z茶壶手机]{1,5}", 1_u32..300, 0..40)) {
            let weights: HashMap<String, u32> = weights;
            let packed = packed(weights.iter().map(|(word, weight)| (word.as_str(), *weight)));
            for (word, weight) in &weights {
                prop_assert_eq!(u32::from(Digest::of(word).weight_in(&packed)), (*weight).min(255));
            }
            prop_assert_eq!(Digest::of("~none").weight_in(&packed), 0);
            prop_assert_eq!(Digest::of("x").weight_in(&[]), 0);
        }
    }
}
