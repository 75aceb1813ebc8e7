//! `Evidence`: what speaks for an alert.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::Quantity;
use crate::detect::Kind;
use crate::registry::SlowCall;
use crate::resource::Rise;

/// What speaks for an alert. What is not known is `None`, never zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// In which way an operation is not as it was; `None` for a number that is no operation's.
    pub kind: Option<Kind>,
    /// What `value` is, in words that can stand before it: `p50 duration`.
    pub what: Option<String>,
    /// What was measured.
    pub value: Option<Quantity>,
    /// What it is normally.
    pub band: Option<Band>,
    /// What was measured over what is normal: 2.0 is twice as much.
    pub ratio: Option<f64>,
    /// How sure it is, `0.0..=1.0`.
    pub score: Option<f64>,
    /// The baseline that it is judged by.
    pub baseline: Option<BaselineUsed>,
    /// What resources read at the time, by name: rates over the last 10 s.
    pub resources: Option<BTreeMap<String, Quantity>>,
    /// What clearly rose when it began, the clearest first; empty if nothing did.
    pub rose: Option<Vec<Rise>>,
    /// The slowest calls of the time, slowest first.
    pub slowest: Option<Vec<SlowCall>>,
}

/// Where a number lies normally. Both ends are quantities of the same dimension.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// From here.
    pub low: Quantity,
    /// To here.
    pub high: Quantity,
}

/// Which baseline something was judged by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineUsed {
    /// Its version.
    pub version: u64,
    /// Whether it is established.
    pub mature: bool,
    /// How sure it is of itself, `0.0..=1.0`; `None` where it was written down by a person.
    pub confidence: Option<f64>,
}

/// Slow calls that an alert keeps.
pub(crate) const SLOWEST: usize = 10;
/// Readings of resources that an alert keeps.
const RESOURCES: usize = 32;
/// Rises that an alert keeps.
const ROSE: usize = 8;

impl Evidence {
    /// What rose, as one line for people: `host CPU 31 % -> 97 %; threads 40 -> 210`. `None` if
    /// nothing did, or it is not known.
    pub fn rose_in_words(&self) -> Option<String> {
        let rose = self.rose.as_deref().filter(|rose| !rose.is_empty())?;
        Some(rose.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    }

    /// Cuts the lists to what an alert keeps.
    pub(crate) fn bounded(mut self) -> Self {
        if let Some(slowest) = &mut self.slowest {
            slowest.sort_by_key(|call| std::cmp::Reverse(call.duration));
            slowest.truncate(SLOWEST);
        }
        if let Some(rose) = &mut self.rose {
            rose.truncate(ROSE);
        }
        if let Some(resources) = &mut self.resources {
            while resources.len() > RESOURCES {
                resources.pop_last();
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::catalog::SizeClass;
    use crate::measure::{Outcome, Severity};

    #[test]
    fn the_ten_slowest_calls_are_kept_slowest_first() {
        let call = |millis| SlowCall {
            operation: "import".into(),
            size_class: SizeClass::Unsized,
            duration: Duration::from_millis(millis),
            ago: Duration::ZERO,
            outcome: Outcome::Ok,
            severity: Severity::Info,
        };
        let slowest = Some((1..=15).map(call).collect());
        let kept = Evidence { slowest, ..Evidence::default() }.bounded().slowest.unwrap();
        let millis: Vec<_> = kept.iter().map(|call| call.duration.as_millis()).collect();
        assert_eq!(millis, [15, 14, 13, 12, 11, 10, 9, 8, 7, 6]);
    }
}
