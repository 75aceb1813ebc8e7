//! `Fingerprint`: which alert it is, whatever it measures and whenever.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::alert::subject::Subject;

/// The identity of an alert: a hash of its rule's id and its subject's labels.
///
/// Values, times and severity are no part of it, so an alert that gets worse stays the same alert.
/// It is the 64-bit FNV-1a hash (Fowler, Noll, Vo) of the rule's id, then of each label's name and
/// value by ascending name, each of these texts in UTF-8 and followed by the byte `0xFF`, which
/// occurs in no UTF-8 text. This will stay so: stored fingerprints are compared with new ones.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::alert::{Fingerprint, Subject};
///
/// let store = Fingerprint::of("failing", &Subject::component("store"));
/// assert_eq!(store.to_string(), "67371df72be0438e");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// That of a rule's alert on a subject.
    pub fn of(rule: &str, subject: &Subject) -> Self {
        let labels = subject.labels().iter().flat_map(|(name, value)| [name, value]);
        Self(fnv1a(std::iter::once(rule).chain(labels.map(String::as_str))))
    }
}

/// Sixteen hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// FNV-1a of texts, each followed by `0xFF`.
pub(crate) fn fnv1a<'a>(texts: impl IntoIterator<Item = &'a str>) -> u64 {
    texts
        .into_iter()
        .fold(OFFSET, |hash, text| continued(continued(hash, text.as_bytes()), &[0xFF]))
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

fn continued(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SizeClass;

    #[test]
    fn the_hash_is_fnv_1a_as_published() {
        // Test vectors of the authors, and of draft-eastlake-fnv.
        let hash = |text: &str| continued(OFFSET, text.as_bytes());
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_fingerprint_stays_what_it_was_in_earlier_versions() {
        let operation = Subject::operation("graph_to_table", SizeClass::Small);
        let found = Fingerprint::of("slower", &operation).to_string();
        // Worked out apart from this code, from the bytes
        // `slower\xffoperation\xffgraph_to_table\xffsize_class\xffsmall\xff`.
        assert_eq!(found, "941b9c21d24dadad");
    }

    #[test]
    fn texts_do_not_run_into_each_other() {
        let of = |rule: &str, name: &str| Fingerprint::of(rule, &Subject::component(name));
        assert_ne!(of("a", "b"), of("ab", ""));
        assert_ne!(fnv1a(["ab", "c"]), fnv1a(["a", "bc"]));
        assert_ne!(fnv1a(["a"]), fnv1a(["a", ""]));
    }

    #[test]
    fn the_order_in_which_labels_were_given_does_not_matter() {
        let subject = |names: [&str; 2]| {
            names.into_iter().fold(Subject::component("store"), |subject, name| {
                subject.with_label(name, "1").expect("a good label")
            })
        };
        assert_eq!(
            Fingerprint::of("slow", &subject(["zone", "disk"])),
            Fingerprint::of("slow", &subject(["disk", "zone"]))
        );
    }
}
