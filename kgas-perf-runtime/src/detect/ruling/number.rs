//! The number that a `Ruling` is about, as it is shown.

use crate::detect::estimate::Estimate;
use crate::detect::gathered::CONFIDENCE;
use crate::detect::interval::Interval;
use crate::detect::ruling::{Ruling, mean_and_spread};
use crate::detect::source::Form;
use crate::detect::stretch::{EVENTS, STRETCHES};

/// The shortest stretch of so many calls is the one that is shown.
const ENOUGH_TO_SHOW: u32 = 100;

impl Ruling<'_> {
    /// The stretch whose number is shown: the one that decided, or else the shortest that holds
    /// enough.
    pub(crate) fn shown(&self, decided: Option<usize>) -> usize {
        let enough = |s: &usize| self.sums[*s].gathered.count >= ENOUGH_TO_SHOW;
        match self.form {
            Form::Largest | Form::Sustained => EVENTS,
            _ => decided.or_else(|| (0..STRETCHES).find(enough)).unwrap_or(STRETCHES - 1),
        }
    }

    /// The number that is bounded, in this stretch.
    pub(crate) fn value(&self, stretch: usize, unit: f64) -> Option<f64> {
        let gathered = &self.sums[stretch].gathered;
        let seconds = self.covered(stretch).as_secs_f64();
        match self.form {
            Form::Rate => (seconds > 0.0).then(|| f64::from(gathered.count) / seconds),
            _ if gathered.count == 0 => None,
            Form::Quantile(quantile) => {
                self.stretches.values(stretch, self.now).quantile(quantile, unit)
            }
            Form::Largest => Some(gathered.high),
            Form::Sustained => Some(gathered.low),
            Form::Share | Form::Mean | Form::MeanOfSums => gathered.mean(),
        }
    }

    /// The same with its interval.
    pub(crate) fn estimate(&self, stretch: usize, unit: f64) -> Option<Estimate> {
        let value = self.value(stretch, unit)?;
        let gathered = &self.sums[stretch].gathered;
        let (count, over) = (u64::from(gathered.count), self.covered(stretch));
        let interval = match self.form {
            Form::Rate => {
                let Interval { low, high } = Interval::of_count(count, CONFIDENCE);
                let seconds = over.as_secs_f64();
                Interval { low: low / seconds, high: high / seconds }
            }
            Form::Quantile(quantile) => {
                self.stretches.values(stretch, self.now).interval(quantile, unit)
            }
            Form::Largest | Form::Sustained => Interval::exactly(value),
            Form::Share => Interval::of_share(gathered.sum as u64, count, CONFIDENCE),
            Form::Mean => Interval::of_mean(value, gathered.std_dev(), count, CONFIDENCE),
            Form::MeanOfSums => {
                let means = self.means(stretch);
                let (_, std_dev) = mean_and_spread(&means);
                Interval::of_mean(value, std_dev, means.len() as u64, CONFIDENCE)
            }
        };
        Some(Estimate { value, interval, calls: count, over })
    }
}
