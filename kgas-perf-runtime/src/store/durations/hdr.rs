//! `HdrCodec`: durations to and from HdrHistogram's V2 format, compressed.
//!
//! The format is that of the libraries of HdrHistogram (in Java: `encodeIntoCompressedByteBuffer`),
//! so that each of them can read what was kept:
//!
//! ```text
//! cookie, length, zlib of: cookie, length, offset, digits, lowest, highest, ratio, counters
//! u32     u32              u32     u32     u32     u32     u64     u64      f64
//! ```
//!
//! All of it is big-endian. Counters are numbers in ZigZag and LEB128 of up to 9 bytes; a negative
//! one stands for so many counters that counted nothing.

use std::time::Duration;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use thiserror::Error;

use crate::store::durations::{Durations, layout};

const COOKIE: u32 = 0x1c84_9303 | 0x10;
const COMPRESSED_COOKIE: u32 = 0x1c84_9304 | 0x10;
const HEADER: usize = 40;
/// No counter is longer, and none is there twice.
const LONGEST: usize = HEADER + layout::COUNTERS * 9;

/// Why bytes are no histogram that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HdrError {
    /// They do not begin as the format does, or are of other digits than are kept.
    #[error("not a compressed V2 histogram of three digits")]
    NotOne,
    /// They end too soon, or their checksum is another.
    #[error("damaged histogram")]
    Damaged,
}

/// Writes durations as HdrHistogram's V2 format, compressed, and reads them.
///
/// It keeps the memory of its compressor, which is what makes it cheap.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::histogram::Distribution;
/// use kgas_perf_runtime::store::{Durations, HdrCodec};
///
/// let measured: Distribution = [Duration::from_micros(3); 5].into_iter().collect();
/// let kept = Durations::from(&measured);
/// let mut codec = HdrCodec::default();
/// let bytes = codec.encode(&kept).to_vec();
/// let read = codec.decode(&bytes)?;
/// assert_eq!(read.quantile(0.5), kept.quantile(0.5));
/// # Ok::<(), kgas_perf_runtime::store::HdrError>(())
/// ```
#[derive(Debug)]
pub struct HdrCodec {
    compress: Compress,
    decompress: Decompress,
    plain: Vec<u8>,
    packed: Vec<u8>,
}

impl Default for HdrCodec {
    fn default() -> Self {
        Self {
            compress: Compress::new(Compression::new(LEVEL), true),
            decompress: Decompress::new(true),
            plain: Vec::new(),
            packed: Vec::new(),
        }
    }
}

/// A histogram is a few hundred bytes: more effort finds next to nothing more in it.
const LEVEL: u32 = 1;

impl HdrCodec {
    /// The histogram of durations; the exact sum and the exact maximum are no part of the format.
    pub fn encode(&mut self, durations: &Durations) -> &[u8] {
        let Self { compress, plain, packed, .. } = self;
        plain.clear();
        plain.resize(HEADER, 0);
        write_counters(durations.counters(), plain);
        let highest = durations.counters().last().map_or(0, |(index, _)| *index);
        let header = [
            &COOKIE.to_be_bytes()[..],
            &((plain.len() - HEADER) as u32).to_be_bytes(),
            &0_u32.to_be_bytes(),
            &u32::from(layout::DIGITS).to_be_bytes(),
            &1_u64.to_be_bytes(),
            &layout::end_of_octave(highest).to_be_bytes(),
            &1_f64.to_be_bytes(),
        ];
        plain[..HEADER].copy_from_slice(&header.concat());
        packed.clear();
        packed.extend_from_slice(&COMPRESSED_COOKIE.to_be_bytes());
        packed.extend_from_slice(&[0; 4]);
        compress.reset();
        loop {
            // What cannot be compressed grows by a few bytes.
            packed.reserve(plain.len() / 2 + 64);
            let taken = compress.total_in() as usize;
            match compress.compress_vec(&plain[taken..], packed, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => break,
                Ok(_) => {}
                // It fails for a wrong order of calls alone.
                Err(_) => unreachable!("compressing into memory that grows cannot fail"),
            }
        }
        let length = (packed.len() - 8) as u32;
        packed[4..8].copy_from_slice(&length.to_be_bytes());
        packed
    }

    /// The durations of a histogram: their sum and the longest within the histogram's error.
    ///
    /// # Errors
    /// If it is not one that was kept, or damaged: zlib's checksum is verified.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<Durations, HdrError> {
        let counters = self.counters(bytes)?;
        let of = |(index, count): &(u16, u64)| {
            u128::from(layout::middle(*index)).saturating_mul(u128::from(*count))
        };
        let sum = counters.iter().map(of).fold(0, u128::saturating_add);
        let seconds = u64::try_from(sum / 1_000_000_000).unwrap_or(u64::MAX);
        let sum = Duration::new(seconds, (sum % 1_000_000_000) as u32);
        let max = counters.last().map_or(0, |(index, _)| *layout::range(*index).end());
        let all = Durations::default().with_counters(counters);
        Ok(Durations { count: all.counted, sum, max: Duration::from_nanos(max), ..all })
    }

    /// The counters of a histogram, by index.
    pub(crate) fn counters(&mut self, bytes: &[u8]) -> Result<Vec<(u16, u64)>, HdrError> {
        let Self { decompress, plain, .. } = self;
        let (cookie, rest) = u32_of(bytes)?;
        let (length, packed) = u32_of(rest)?;
        if cookie != COMPRESSED_COOKIE {
            return Err(HdrError::NotOne);
        }
        if length as usize != packed.len() {
            return Err(HdrError::Damaged);
        }
        plain.clear();
        decompress.reset(true);
        loop {
            plain.reserve(packed.len() * 2 + 64);
            let taken = decompress.total_in() as usize;
            let before = (taken, plain.len());
            match decompress.decompress_vec(&packed[taken..], plain, FlushDecompress::Finish) {
                Ok(Status::StreamEnd) => break,
                Ok(_) if (decompress.total_in() as usize, plain.len()) != before => {}
                Ok(_) | Err(_) => return Err(HdrError::Damaged),
            }
            if plain.len() > LONGEST {
                return Err(HdrError::Damaged);
            }
        }
        let (header, counters) = plain.split_at_checked(HEADER).ok_or(HdrError::Damaged)?;
        let (cookie, rest) = u32_of(header)?;
        let (length, rest) = u32_of(rest)?;
        let (offset, rest) = u32_of(rest)?;
        let (digits, rest) = u32_of(rest)?;
        let lowest = &rest[..8];
        let known = (COOKIE, 0, u32::from(layout::DIGITS), &1_u64.to_be_bytes()[..]);
        if (cookie, offset, digits, lowest) != known {
            return Err(HdrError::NotOne);
        }
        if length as usize != counters.len() || decompress.total_in() as usize != packed.len() {
            return Err(HdrError::Damaged);
        }
        read_counters(counters)
    }
}

fn u32_of(bytes: &[u8]) -> Result<(u32, &[u8]), HdrError> {
    let (number, rest) = bytes.split_first_chunk().ok_or(HdrError::NotOne)?;
    Ok((u32::from_be_bytes(*number), rest))
}

/// Writes counters as numbers in ZigZag and LEB128.
pub(crate) fn write_counters(counters: &[(u16, u64)], bytes: &mut Vec<u8>) {
    let mut next = 0;
    for (index, count) in counters {
        match u64::from(*index) - next {
            0 => {}
            // One that counted nothing is itself; more are their negative number.
            1 => bytes.push(0),
            empty => write_number((empty << 1) - 1, bytes),
        }
        write_number((*count).min(i64::MAX as u64) << 1, bytes);
        next = u64::from(*index) + 1;
    }
}

/// Reads what was written so, whoever wrote it.
pub(crate) fn read_counters(mut bytes: &[u8]) -> Result<Vec<(u16, u64)>, HdrError> {
    let mut counters = Vec::with_capacity(bytes.len() / 2);
    let mut next = 0_u64;
    while !bytes.is_empty() {
        let number = read_number(&mut bytes)?;
        if number & 1 == 1 {
            next = next.saturating_add((number >> 1) + 1);
            continue;
        }
        let index = u16::try_from(next).ok().filter(|index| usize::from(*index) < layout::COUNTERS);
        match number >> 1 {
            0 => {}
            count => counters.push((index.ok_or(HdrError::Damaged)?, count)),
        }
        next = next.saturating_add(1);
    }
    Ok(counters)
}

fn write_number(mut number: u64, bytes: &mut Vec<u8>) {
    for _ in 0..8 {
        if number < 0x80 {
            break;
        }
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    // The ninth byte holds eight bits.
    bytes.push(number as u8);
}

fn read_number(bytes: &mut &[u8]) -> Result<u64, HdrError> {
    let mut number = 0;
    for place in 0..9 {
        let (byte, rest) = bytes.split_first().ok_or(HdrError::Damaged)?;
        *bytes = rest;
        if place == 8 {
            return Ok(number | u64::from(*byte) << 56);
        }
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
    use proptest::prelude::*;

    use super::*;

    /// Counters with gaps of none, one and many between them, and counts of one to nine bytes.
    fn durations() -> impl Strategy<Value = Durations> {
        let gap = prop_oneof![Just(1_u16), Just(2), 1_u16..40, 200_u16..3_000];
        let count = (0_u32..62).prop_flat_map(|bits| 1_u64..=1 << bits);
        proptest::collection::vec((gap, count), 0..60).prop_map(|gaps| {
            let mut index = 0_u16;
            let mut counters = Vec::new();
            for (gap, count) in gaps {
                index = index.saturating_add(gap);
                if usize::from(index) < layout::COUNTERS {
                    counters.push((index, count >> 6 | 1));
                }
            }
            let durations = Durations::default().with_counters(counters);
            Durations { count: durations.counted, ..durations }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn others_read_what_was_kept(durations in durations()) {
            let mut codec = HdrCodec::default();
            let bytes = codec.encode(&durations).to_vec();
            let hdr: Histogram<u64> = Deserializer::new().deserialize(&mut &bytes[..]).unwrap();
            prop_assert_eq!(hdr.len(), durations.count());
            let theirs: Vec<_> = hdr
                .iter_recorded()
                .map(|step| (layout::index(step.value_iterated_to()), step.count_at_value()))
                .collect();
            prop_assert_eq!(&theirs[..], durations.counters());
            prop_assert_eq!(&codec.counters(&bytes).unwrap()[..], durations.counters());
        }

        #[test]
        fn what_others_wrote_is_read(values in proptest::collection::vec(0_u64..1 << 50, 1..50)) {
            let mut hdr = Histogram::<u64>::new(3).unwrap();
            values.iter().for_each(|value| hdr.record(*value).unwrap());
            let mut bytes = Vec::new();
            V2DeflateSerializer::new().serialize(&hdr, &mut bytes).unwrap();
            let read = HdrCodec::default().decode(&bytes).unwrap();
            prop_assert_eq!(read.count(), hdr.len());
            let p90 = read.quantile(0.9).unwrap().as_nanos() as u64;
            let theirs = hdr.value_at_quantile(0.9);
            prop_assert_eq!(hdr.lowest_equivalent(p90), hdr.lowest_equivalent(theirs));
        }

        #[test]
        fn a_byte_that_changed_is_found(
            durations in durations(),
            at in any::<prop::sample::Index>(),
            flip in 1_u8..,
        ) {
            let mut codec = HdrCodec::default();
            let mut bytes = codec.encode(&durations).to_vec();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            // Two bytes before the data say how it is packed, and may say it in another way.
            let read = codec.counters(&bytes);
            prop_assert!(read.is_err() || read.as_deref() == Ok(durations.counters()));
            prop_assert!(codec.counters(&bytes[..at]).is_err());
        }
    }
}
