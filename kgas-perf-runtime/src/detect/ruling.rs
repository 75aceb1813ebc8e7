//! `Ruling`: whether what recent stretches of time hold is surely beyond a border.

mod number;

use std::time::Duration;

use crate::detect::border::{Border, Side};
use crate::detect::chance::{
    binomial_at_least, binomial_at_most, poisson_at_least, poisson_at_most, student_above,
};
use crate::detect::gathered::Gathered;
use crate::detect::judged::FEWEST;
use crate::detect::source::Form;
use crate::detect::stretch::{EVENTS, STRETCHES, Stretch, Stretches};
use crate::measure::Severity;

/// Nothing is raised by fewer calls beyond a border, besides those of a spike.
const FEWEST_BEYOND: u32 = 3;

/// How improbable something must be.
#[derive(Clone, Copy)]
struct Level {
    /// What is beyond a border, where the objective is just met.
    beyond: f64,
    /// What a shorter stretch holds, where a longer one still tells how things are. Then the
    /// longer one counts for nothing.
    over: f64,
}

/// To be raised.
const RAISE: Level = Level { beyond: 1e-5, over: 1e-3 };

/// To stay raised. Where neighbours are alike a good minute among bad ones is more probable than
/// it seems; without the second number an operation just beyond its bound would flap.
const KEEP: Level = Level { beyond: 1e-2, over: 1e-6 };

/// Means of fewer blocks have no spread to go by.
const FEWEST_BLOCKS: usize = 5;

/// Each half of a stretch needs so many readings of what is in flight.
const FEWEST_READINGS: f64 = 10.0;

/// What the stretches hold at one moment, against the borders of one objective.
pub(crate) struct Ruling<'a> {
    form: Form,
    borders: &'a [Border],
    stretches: &'a Stretches,
    sums: [Stretch; STRETCHES],
    /// How long anything has been seen.
    seen: Duration,
    now: Duration,
}

/// A border that is surely passed, in which stretch, and the probability that it only seems so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passed {
    pub(crate) border: usize,
    pub(crate) stretch: usize,
    pub(crate) chance: f64,
}

impl<'a> Ruling<'a> {
    pub(crate) fn new(
        form: Form,
        borders: &'a [Border],
        stretches: &'a Stretches,
        seen: Duration,
        now: Duration,
    ) -> Self {
        let sums = std::array::from_fn(|stretch| stretches.stretch(stretch, now));
        Self { form, borders, stretches, sums, seen, now }
    }

    /// The worst border that is surely passed: in the shortest stretch that shows it and that no
    /// shorter one contradicts.
    pub(crate) fn passed(
        &self,
        raised: Option<Severity>,
        may_be: impl Fn(&Border) -> bool,
    ) -> Option<Passed> {
        for (index, border) in
            self.borders.iter().enumerate().rev().filter(|(_, border)| may_be(border))
        {
            let level = if raised >= Some(border.severity) { KEEP } else { RAISE };
            for stretch in 0..STRETCHES {
                let chance = self.chance(index, stretch);
                let is_over = |shorter| self.is_over(index, shorter, stretch, level.over);
                if chance <= level.beyond && !(0..stretch).any(is_over) {
                    return Some(Passed { border: index, stretch, chance });
                }
            }
        }
        None
    }

    /// The probability of what a stretch holds, less a spike, where the border is just not passed.
    fn chance(&self, border: usize, stretch: usize) -> f64 {
        let Stretch { gathered, worst } = &self.sums[stretch];
        let (index, border) = (border, &self.borders[border]);
        let beyond = gathered.beyond[index];
        let (spike, spike_calls) = worst.beyond[index];
        match self.form {
            Form::Quantile(_) | Form::Share => {
                let allowed = self.form.allowed(border);
                if allowed <= 0.0 {
                    return self.event(stretch, beyond > 0);
                }
                let calls = gathered.count.saturating_sub(spike_calls);
                let beyond = beyond.saturating_sub(spike).min(calls);
                // Most of the time there is nothing to compute.
                if beyond < FEWEST_BEYOND || f64::from(beyond) <= allowed * f64::from(calls) {
                    return 1.0;
                }
                binomial_at_least(beyond.into(), calls.into(), allowed)
            }
            Form::Largest if border.side == Side::Above => self.event(stretch, beyond > 0),
            Form::Sustained if border.side == Side::Below => self.event(stretch, beyond > 0),
            Form::Largest | Form::Sustained => {
                let all = beyond == gathered.count && u64::from(beyond) >= FEWEST;
                self.event(stretch, all && self.stretches.is_whole(stretch, self.now))
            }
            Form::Mean => chance_of_mean(border, gathered, worst.sum),
            Form::MeanOfSums => chance_of_means(border, self.means(stretch)),
            Form::Rate => self.chance_of_rate(border, stretch),
        }
    }

    /// What is a fact needs no probability; it holds for the stretch of events.
    fn event(&self, stretch: usize, has_happened: bool) -> f64 {
        if stretch == EVENTS && has_happened { 0.0 } else { 1.0 }
    }

    fn chance_of_rate(&self, border: &Border, stretch: usize) -> f64 {
        let Stretch { gathered, worst } = &self.sums[stretch];
        let seconds = self.covered(stretch).as_secs_f64();
        match border.side {
            Side::Above => {
                let rest = gathered.count.saturating_sub(worst.beyond[0].1);
                // The worst is at most two blocks of ten seconds.
                poisson_at_least(rest.into(), border.value * (seconds - 20.0).max(0.0))
                    .max(if seconds > 20.0 { 0.0 } else { 1.0 })
            }
            // Too few ended: whether more was asked for shows in what waits.
            Side::Below if self.is_pressed(stretch) => {
                poisson_at_most(gathered.count.into(), border.value * seconds)
            }
            Side::Below => 1.0,
        }
    }

    /// Whether calls pile up: every reading in the newer half of a stretch shows more of them in
    /// flight than every reading in the older half.
    fn is_pressed(&self, stretch: usize) -> bool {
        let blocks = self.stretches.by_block(stretch, self.now);
        let (older, newer) = blocks.split_at(blocks.len() / 2);
        let readings = |half: &[&Gathered]| half.iter().map(|block| block.sum).sum::<f64>();
        let most = older.iter().map(|block| block.high).fold(f64::NEG_INFINITY, f64::max);
        let least = newer.iter().map(|block| block.low).fold(f64::INFINITY, f64::min);
        [older, newer].into_iter().all(|half| readings(half) >= FEWEST_READINGS) && least > most
    }

    /// Whether a shorter stretch contradicts a longer one: it is on the good side of the border,
    /// and would hardly be so if things were still as the longer one says.
    fn is_over(&self, border: usize, shorter: usize, longer: usize, level: f64) -> bool {
        let (new, old) = (&self.sums[shorter].gathered, &self.sums[longer].gathered);
        let (index, border) = (border, &self.borders[border]);
        match self.form {
            Form::Quantile(_) | Form::Share => {
                let (beyond, calls) = (new.beyond[index], new.count);
                let as_before = f64::from(old.beyond[index]) / f64::from(old.count.max(1));
                f64::from(beyond) <= self.form.allowed(border) * f64::from(calls)
                    && binomial_at_most(beyond.into(), calls.into(), as_before) <= level
            }
            Form::Mean => {
                let (Some(mean), Some(before)) = (new.mean(), old.mean()) else { return false };
                let error = new.std_dev() / f64::from(new.count).sqrt();
                let freedom = f64::from(new.count) - 1.0;
                u64::from(new.count) >= FEWEST
                    && !border.is_beyond(mean)
                    && student_above((before - mean).abs() / error, freedom) <= level
            }
            Form::MeanOfSums => {
                let means = self.means(shorter);
                let mean = means.iter().sum::<f64>() / means.len() as f64;
                means.len() >= FEWEST_BLOCKS && !border.is_beyond(mean)
            }
            Form::Rate => {
                let seconds = [shorter, longer].map(|s| self.covered(s).as_secs_f64());
                let expected = f64::from(old.count) / seconds[1] * seconds[0];
                let chance = match border.side {
                    Side::Above => poisson_at_most(new.count.into(), expected),
                    Side::Below => poisson_at_least(new.count.into(), expected),
                };
                !border.is_beyond(f64::from(new.count) / seconds[0]) && chance <= level
            }
            Form::Largest | Form::Sustained => false,
        }
    }

    /// The means of the blocks of a stretch.
    fn means(&self, stretch: usize) -> Vec<f64> {
        self.stretches.by_block(stretch, self.now).into_iter().filter_map(Gathered::mean).collect()
    }

    /// How much of a stretch has been seen.
    fn covered(&self, stretch: usize) -> Duration {
        self.stretches.reach(stretch, self.now).min(self.seen)
    }

    /// When what is passed began: where the newest blocks beyond the border begin.
    pub(crate) fn since(&self, passed: &Passed) -> Duration {
        let border = &self.borders[passed.border];
        let bad = |block: &Gathered| match self.form {
            Form::Mean | Form::MeanOfSums => {
                block.mean().is_some_and(|mean| border.is_beyond(mean))
            }
            Form::Quantile(_) | Form::Share => {
                let allowed = self.form.allowed(border) * f64::from(block.count);
                f64::from(block.beyond[passed.border]) > allowed
            }
            Form::Largest | Form::Sustained => block.beyond[passed.border] > 0,
            Form::Rate => true,
        };
        let began = self.stretches.since(passed.stretch, self.now, bad);
        // What ended in the newest block alone may yet be a spike.
        began.unwrap_or(self.now).max(self.now.saturating_sub(self.seen))
    }

    /// Calls, look-ups or readings in the longest stretch.
    pub(crate) fn calls(&self) -> u64 {
        self.sums[STRETCHES - 1].gathered.count.into()
    }

    /// The highest value in the longest stretch.
    pub(crate) fn highest(&self) -> f64 {
        self.sums[STRETCHES - 1].gathered.high
    }
}

/// The probability of a mean so far beyond a border, less a spike.
///
/// Student's t on calls. Where durations are skewed it errs to the side of silence: a mean that
/// is high by a few long calls has a spread that is large by them.
fn chance_of_mean(border: &Border, gathered: &Gathered, spike: (f64, f64, u32)) -> f64 {
    let (sum, squares, count) = match border.side {
        Side::Above => (
            gathered.sum - spike.0,
            gathered.squares - spike.1,
            gathered.count.saturating_sub(spike.2),
        ),
        Side::Below => (gathered.sum, gathered.squares, gathered.count),
    };
    let mut rest = Gathered::default();
    (rest.sum, rest.squares, rest.count) = (sum, squares, count);
    let Some(mean) = rest.mean().filter(|mean| border.is_beyond(*mean)) else { return 1.0 };
    if u64::from(count) < FEWEST {
        return 1.0;
    }
    let error = rest.std_dev() / f64::from(count).sqrt();
    student_above((mean - border.value).abs() / error, f64::from(count) - 1.0)
}

/// The probability of means of blocks so far beyond a border, less the worst of them.
///
/// Student's t on batch means: they carry what calls close in time have in common.
fn chance_of_means(border: &Border, mut means: Vec<f64>) -> f64 {
    means.sort_by(f64::total_cmp);
    let rest = match border.side {
        Side::Above => &means[..means.len().saturating_sub(1)],
        Side::Below => means.get(1..).unwrap_or_default(),
    };
    let (mean, std_dev) = mean_and_spread(rest);
    if rest.len() < FEWEST_BLOCKS || !border.is_beyond(mean) {
        return 1.0;
    }
    let error = std_dev / (rest.len() as f64).sqrt();
    student_above((mean - border.value).abs() / error, rest.len() as f64 - 1.0)
}

pub(super) fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, if values.len() < 2 { 0.0 } else { (squares / (n - 1.0)).sqrt() })
}
