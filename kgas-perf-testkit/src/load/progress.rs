//! `Progress`: a bar on a terminal, one line a stage in a pipe, or nothing.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::load::engine::Engine;
use crate::load::stage::FOR_EVER;

/// How often the bar moves.
const EVERY: Duration = Duration::from_millis(200);

/// Shows how far a run is, on standard error.
#[derive(Debug, Default)]
pub(crate) enum Progress {
    /// Not at all.
    #[default]
    Silent,
    /// On a terminal.
    Bar { bar: ProgressBar, looked: Duration },
    /// Elsewhere: the stages told so far.
    Lines { name: String, told: usize },
}

impl Progress {
    pub(crate) fn new(wanted: bool, name: &str) -> Self {
        if !wanted {
            return Self::Silent;
        }
        if !io::stderr().is_terminal() {
            return Self::Lines { name: name.to_owned(), told: 0 };
        }
        let bar = ProgressBar::with_draw_target(Some(1_000), ProgressDrawTarget::stderr());
        // A template that is wrong would be a mistake of ours, and no reason to end a run.
        if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(name.to_owned());
        Self::Bar { bar, looked: Duration::ZERO }
    }

    /// Shows how far the run is.
    pub(crate) fn look(&mut self, now: Duration, engine: &Engine) {
        let stages = &engine.plan().stages;
        match self {
            Self::Silent => {}
            Self::Bar { bar, looked } => {
                if now < *looked + EVERY {
                    return;
                }
                *looked = now;
                let total = engine.books().counts();
                let done = match (stages.end() < FOR_EVER, engine.plan().operations) {
                    (true, _) => now.div_duration_f64(stages.end()),
                    (false, Some(all)) => total.planned as f64 / all as f64,
                    (false, None) => 0.0,
                };
                bar.set_position((done.min(1.0) * 1_000.0) as u64);
                bar.set_message(format!(
                    "{}: {} ended, {} failed, {} in flight, {} dropped",
                    stages.all()[stages.at(now)].name,
                    total.ended(),
                    total.failed(),
                    engine.in_flight(),
                    total.dropped
                ));
            }
            Self::Lines { name, told } => {
                // What the last has in flight may end later.
                let over = stages.spans().filter(|(_, end)| *end <= now).count();
                let over = over.min(stages.all().len() - 1);
                while *told < over {
                    tell(name, engine, *told);
                    *told += 1;
                }
            }
        }
    }

    /// Tells the stages that are left, and takes the bar away.
    pub(crate) fn end(&mut self, engine: &Engine) {
        match self {
            Self::Silent => {}
            Self::Bar { bar, .. } => bar.finish_and_clear(),
            Self::Lines { name, told } => {
                for stage in *told..engine.plan().stages.all().len() {
                    tell(name, engine, stage);
                }
                *told = usize::MAX;
            }
        }
    }
}

/// One line about a stage that is over.
fn tell(name: &str, engine: &Engine, at: usize) {
    let tally = engine.books().of_stage(at);
    let median = tally.latency.distribution().quantile(0.5);
    let median = median.map_or(String::new(), |median| format!(", p50 {median:.1?}"));
    let (counts, stage) = (tally.counts, &engine.plan().stages.all()[at].name);
    // With standard error gone there is nobody left to tell.
    let _ = writeln!(
        io::stderr(),
        "{name}: {stage}: {} ended, {} failed, {} dropped{median}",
        counts.ended(),
        counts.failed(),
        counts.dropped
    );
}
