//! Calls by bin of their residual, written down: the bins that hold some.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::detect::stream::shape::BINS;

/// The bins that hold calls, ascending: how many lie between it and the one before, and the calls.
/// Two bytes a bin, and three where it holds more than 127.
pub(super) fn pack(counts: &[u32; BINS]) -> Box<[u8]> {
    let (mut packed, mut next) = (Vec::new(), 0);
    for (bin, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        number(&mut packed, (bin - next) as u32);
        number(&mut packed, count);
        next = bin + 1;
    }
    packed.into()
}

/// The calls by bin again; `None` if these bytes are none.
pub(super) fn unpack(mut packed: &[u8]) -> Option<Box<[u32; BINS]>> {
    let (mut counts, mut next) = (Box::new([0; BINS]), 0_usize);
    while !packed.is_empty() {
        let bin = next.checked_add(read(&mut packed)? as usize)?;
        *counts.get_mut(bin)? = read(&mut packed)?;
        next = bin + 1;
    }
    Some(counts)
}

fn number(packed: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        packed.push(value as u8 | 0x80);
        value >>= 7;
    }
    packed.push(value as u8);
}

fn read(rest: &mut &[u8]) -> Option<u32> {
    let mut value = 0_u64;
    for shift in [0, 7, 14, 21, 28] {
        let (first, others) = rest.split_first()?;
        *rest = others;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return u32::try_from(value).ok();
        }
    }
    None
}

#[expect(clippy::borrowed_box, reason = "serde hands the field on as it is")]
pub(super) fn serialize<S: Serializer>(
    counts: &Box<[u32; BINS]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    pack(counts).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Box<[u32; BINS]>, D::Error> {
    let packed = Vec::<u8>::deserialize(deserializer)?;
    unpack(&packed).ok_or_else(|| D::Error::custom("no calls by bin"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_takes_nothing_and_what_is_none_is_refused() {
        assert!(pack(&[0; BINS]).is_empty());
        let refused: [&[u8]; 4] = [&[0], &[0xff, 0xff], &[0x80; 6], &[0xff, 0x7f, 1]];
        assert!(refused.iter().all(|bytes| unpack(bytes).is_none()));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn what_was_packed_is_unpacked(calls in proptest::collection::vec((0..BINS, 1_u32..), 0..99)) {
            let mut counts = [0; BINS];
            calls.into_iter().for_each(|(bin, count)| counts[bin] = count);
            prop_assert_eq!(*unpack(&pack(&counts)).unwrap(), counts);
        }

        #[test]
        fn any_bytes_are_calls_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = unpack(&bytes);
        }
    }
}
