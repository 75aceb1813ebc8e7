//! What is pending beside what is accepted, as people read it.

use std::fmt::Write;

use crate::timing::median;
use crate::within::{Ns, Percent, of_processes};

use super::book::Book;
use super::counts::CountsEntry;
use super::entry::{Entry, Origin};
use super::pending::{Found, Pending};

const QUANTILES: [&str; 5] = ["p5", "p25", "p50", "p75", "p95"];

impl Pending {
    /// Whether accepting it makes a baseline worse: longer, or more of something.
    pub fn is_worse(&self, book: &Book) -> bool {
        match &self.found {
            Found::Durations(class, found) => {
                book.entry(&self.operation, class).is_some_and(|old| {
                    self.how == "slower" || in_yardsticks(found) > 1.05 * in_yardsticks(&old)
                })
            }
            Found::Counts(profile, found) => {
                book.counts(&self.operation, profile).is_some_and(|old| {
                    found
                        .counts
                        .iter()
                        .any(|(what, count)| *count > old.counts.get(what).copied().unwrap_or(0))
                })
            }
        }
    }

    /// Both bands side by side, and where they came from, some lines.
    pub fn beside(&self, book: &Book) -> String {
        let mut out = format!("{} is {} ({})\n", self.operation, self.how, self.key());
        match &self.found {
            Found::Durations(class, found) => {
                durations(&mut out, book.entry(&self.operation, class).as_ref(), found);
            }
            Found::Counts(profile, found) => {
                counts(&mut out, book.counts(&self.operation, profile).as_ref(), found);
            }
        }
        out
    }
}

fn in_yardsticks(entry: &Entry) -> f64 {
    median(&entry.in_yardsticks.concat()).unwrap_or(0.0)
}

fn durations(out: &mut String, old: Option<&Entry>, found: &Entry) {
    let _ = writeln!(out, "  {:<10}{:>20}{:>20}", "", "baseline", "found");
    let mut line = |name: &str, of: &dyn Fn(&Entry) -> String| {
        let old = old.map_or_else(|| "-".to_owned(), of);
        let _ = writeln!(out, "  {name:<10}{old:>20}{:>20}", of(found));
    };
    for (at, name) in QUANTILES.into_iter().enumerate() {
        line(name, &|entry| Ns(entry.band_ns[at]).to_string());
    }
    line("typical", &|entry| Ns(entry.typical_ns).to_string());
    line("yardstick", &|entry| Ns(entry.yardstick_ns()).to_string());
    line("samples", &|entry| format!("{} of {}", entry.n, of_processes(entry.in_yardsticks.len())));
    if let Some(old) = old {
        let change = in_yardsticks(found) / in_yardsticks(old) - 1.0;
        let apart = found.band_ns[0] > old.band_ns[4] || old.band_ns[0] > found.band_ns[4];
        let _ = writeln!(
            out,
            "  {} in yardsticks; the bands {}",
            Percent::signed(change),
            if apart { "do not overlap" } else { "overlap" }
        );
    }
    origins(out, old.map(|old| &old.origin), &found.origin);
}

fn counts(out: &mut String, old: Option<&CountsEntry>, found: &CountsEntry) {
    let _ = writeln!(out, "  {:<20}{:>14}{:>14}", "", "baseline", "found");
    let mut names: Vec<&String> = found.counts.keys().collect();
    names.extend(old.iter().flat_map(|old| old.counts.keys()));
    names.sort();
    names.dedup();
    for what in names {
        let told = |entry: Option<&CountsEntry>| {
            let count = entry.and_then(|entry| entry.counts.get(what));
            count.map_or_else(|| "-".to_owned(), u64::to_string)
        };
        let _ = writeln!(out, "  {what:<20}{:>14}{:>14}", told(old), told(Some(found)));
    }
    origins(out, old.map(|old| &old.origin), &found.origin);
}

fn origins(out: &mut String, old: Option<&Origin>, found: &Origin) {
    for (name, origin) in old.map(|old| ("baseline", old)).into_iter().chain([("found", found)]) {
        let at = if origin.commit.is_empty() { "an unknown commit" } else { &origin.commit };
        let _ = writeln!(
            out,
            "  {name}: {} at {at}, {}: {}",
            origin.date, origin.toolchain, origin.reason
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baselines::Class;
    use crate::timing::Statistic;

    fn entry(scale: f64) -> Entry {
        Entry {
            statistic: Statistic::Median,
            n: 100,
            calls_a_timing: 1,
            band_ns: [0.9, 0.95, 1.0, 1.1, 1.2].map(|part| part * scale * 1e6),
            typical_ns: scale * 1e6,
            yardsticks_ns: vec![[5_000.0; 4]; 2],
            yardstick_version: 1,
            in_yardsticks: vec![vec![scale; 50]; 2],
            origin: Origin {
                date: "2026-01-31".into(),
                reason: "first baseline".into(),
                ..Origin::default()
            },
        }
    }

    #[test]
    fn bands_stand_side_by_side_and_what_is_worse_is_known() {
        let class = Class::from_text("linux x86_64, up to 2 cores, release");
        let pending = |scale: f64, how: &str| Pending {
            operation: "graph_to_table".into(),
            found: Found::Durations(class.clone(), Box::new(entry(scale))),
            how: how.into(),
        };
        let mut book = Book::default();
        assert!(!pending(1.5, "new").is_worse(&book));
        pending(1.0, "new").put_into(&mut book);
        let slower = pending(1.5, "slower");
        assert!(slower.is_worse(&book) && !pending(0.5, "faster").is_worse(&book));
        let text = slower.beside(&book);
        assert!(
            text.starts_with("graph_to_table is slower (linux x86_64, up to 2 cores, release)\n")
        );
        let p50 = text.lines().find(|line| line.contains("p50")).unwrap();
        assert_eq!(p50.split_whitespace().collect::<Vec<_>>(), ["p50", "1.00", "ms", "1.50", "ms"]);
        assert_eq!(text.matches("100 of 2 processes").count(), 2, "{text}");
        assert!(text.contains("  +50 % in yardsticks; the bands do not overlap\n"), "{text}");
    }
}
