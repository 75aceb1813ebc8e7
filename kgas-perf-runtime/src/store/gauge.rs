//! `Gauge`: a number that is read again and again, over a minute.

use serde::{Deserialize, Serialize};

/// A number that is read again and again, such as the memory in use: what it was over one minute,
/// or over a part of it.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::store::Gauge;
///
/// let mut memory = Gauge::read("process.memory.usage", "By", 1_800_000_000, 3.0).unwrap();
/// memory.merge(&Gauge::read("process.memory.usage", "By", 1_800_000_000, 5.0).unwrap());
/// assert_eq!((memory.least, memory.most, memory.mean()), (3.0, 5.0, 4.0));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gauge {
    /// Its name, with what tells it from others of the same kind in braces behind it:
    /// `system.cpu.utilization{core=3}`.
    pub name: String,
    /// Its unit, in UCUM: `By`, `1`, `s`, `{thread}`.
    pub unit: String,
    /// When the minute began, in seconds since 1970-01-01 00:00 UTC.
    pub minute_unix_s: u64,
    /// How often it was read.
    pub count: u64,
    /// The sum of what was read.
    pub sum: f64,
    /// The least that was read.
    pub least: f64,
    /// The most that was read.
    pub most: f64,
    /// What was read last.
    pub last: f64,
}

impl Gauge {
    /// One reading, at this time; `None` if it is not a number.
    pub fn read(name: &str, unit: &str, unix_s: u64, value: f64) -> Option<Self> {
        value.is_finite().then(|| Self {
            name: name.to_owned(),
            unit: unit.to_owned(),
            minute_unix_s: unix_s - unix_s % 60,
            count: 1,
            sum: value,
            least: value,
            most: value,
            last: value,
        })
    }

    /// The mean of what was read.
    pub fn mean(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }

    /// Adds later readings of the same number.
    pub fn merge(&mut self, later: &Self) {
        self.count += later.count;
        self.sum += later.sum;
        self.least = self.least.min(later.least);
        self.most = self.most.max(later.most);
        self.last = later.last;
    }

    /// About as much memory as it holds, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        // The name is there a second time, as a key.
        size_of::<Self>() + 2 * self.name.len() + self.unit.len()
    }
}
