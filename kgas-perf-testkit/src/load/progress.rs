//! `Progress`: a bar on a terminal, one line a stage in a pipe, or nothing.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::load::engine::Engine;
use crate::load::stage::FOR_EVER;

/// How often the bar moves.
const EVERY: Duration = Duration::from_millis(200);

/// What the bar leaves of the line is the message's, which is cut to that: on a terminal of 20
/// columns it is still one line.
const TEMPLATE: &str = "[{bar:10}] {wide_msg}";

/// Shows how far a run is, on standard error.
#[derive(Debug, Default)]
pub(crate) enum Progress {
    /// Not at all.
    #[default]
    Silent,
    /// On a terminal.
    Bar { name: String, bar: ProgressBar, looked: Duration },
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
        let bar = bar(ProgressDrawTarget::stderr());
        Self::Bar { name: name.to_owned(), bar, looked: Duration::ZERO }
    }

    /// Shows how far the run is.
    pub(crate) fn look(&mut self, now: Duration, engine: &Engine) {
        let stages = &engine.plan().stages;
        match self {
            Self::Silent => {}
            Self::Bar { name, bar, looked } => {
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
                    "{name}: {}: {} ended, {} failed, {} in flight, {} dropped",
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

fn bar(target: ProgressDrawTarget) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(1_000), target);
    // A template that is wrong would be a mistake of ours, and no reason to end a run.
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal of so many columns, and the texts that were written to it.
    #[derive(Clone, Debug)]
    struct Terminal(u16, Arc<Mutex<Vec<String>>>);

    impl TermLike for Terminal {
        fn width(&self) -> u16 {
            self.0
        }
        fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
            assert_eq!(lines, 0, "it has more than one line");
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.1.lock().unwrap().push(text.to_owned());
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_bar_is_one_line_on_a_narrow_terminal_too() {
        for columns in [20, 80] {
            let terminal = Terminal(columns, Arc::default());
            let bar = bar(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
            bar.set_position(500);
            bar.set_message(
                "tools at once: steady: 1000000 ended, 1000 failed, 50 in flight, 0 dropped",
            );
            bar.abandon();
            let written = terminal.1.lock().unwrap();
            let shown = written.iter().rfind(|text| text.contains('[')).unwrap();
            assert!(shown.starts_with("[====") && shown.contains("] tools a"), "{shown:?}");
            let wide = written.iter().map(|text| text.chars().count()).max();
            assert!(wide <= Some(usize::from(columns)), "{written:?}");
        }
    }
}
