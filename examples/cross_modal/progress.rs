//! A bar on standard error, and lines that appear above it.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Without a bar, an input that takes longer than this is announced.
const WORTH_ANNOUNCING: Duration = Duration::from_secs(10);

/// Standard error, shared between one bar and all lines. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    bars: MultiProgress,
    shown: bool,
}

impl Progress {
    /// Draws on standard error when that is a terminal and `wanted` says so.
    pub(crate) fn new(wanted: bool) -> Self {
        let shown = wanted && io::stderr().is_terminal();
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bars: MultiProgress::with_draw_target(target), shown }
    }

    /// Prints one line on standard error, above the bar if there is one.
    pub(crate) fn say(&self, line: &str) {
        self.bars.suspend(|| eprintln!("{line}"));
    }

    /// A bar over the rounds of one input, and over what is left of its time.
    pub(crate) fn rounds(&self, input: &str, rounds: u32) -> Rounds {
        let bar = self.bars.add(ProgressBar::new(u64::from(rounds)));
        bar.set_style(style("{prefix} [{bar:30}] {pos}/{len} rounds"));
        bar.set_prefix(input.to_owned());
        bar.tick();
        Rounds { progress: self.clone(), bar }
    }
}

/// Rounds in progress; the bar goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Rounds {
    progress: Progress,
    bar: ProgressBar,
}

impl Rounds {
    /// Counts one round. After the first, the bar says how much time is left; who has no bar is
    /// told how long all rounds will take.
    pub(crate) fn advance(&self) {
        if self.bar.position() == 0 {
            self.bar.set_style(style("{prefix} [{bar:30}] {pos}/{len} rounds, about {eta} left"));
        }
        self.bar.inc(1);
        let rounds = self.bar.length().unwrap_or(1);
        let expected = self.bar.elapsed().saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX));
        if self.bar.position() == 1 && !self.progress.shown && expected > WORTH_ANNOUNCING {
            let (input, took) = (self.bar.prefix(), HumanDuration(expected));
            self.progress.say(&format!(
                "{input}: {rounds} rounds take about {took}; --repeat N makes fewer"
            ));
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("the template is well formed");
    style.progress_chars("=> ")
}

impl Drop for Rounds {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Where the subscriber writes its events: whole lines, so that none ends up in the bar.
impl Write for Progress {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bars.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
