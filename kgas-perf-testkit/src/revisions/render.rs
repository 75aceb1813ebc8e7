//! A table as text, Markdown, JSON and JUnit.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::within::{Ns, Percent};

use super::claim::Claim;
use super::row::Row;
use super::table::Table;

/// How a table is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// For programs: raw numbers, units in their names.
    Json,
    /// For a pull request.
    Markdown,
    /// For a CI server: a test case an operation.
    Junit,
}

impl Table {
    /// Writes it in this format, a newline at its end.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Json => format!("{:#}\n", self.json()),
            Format::Markdown => self.markdown(),
            Format::Junit => self.junit(),
        }
    }

    fn text(&self) -> String {
        let mut out = format!("before  {}\nafter   {}\n\n", self.runs.0, self.runs.1);
        let width = self.rows.iter().map(|row| row.operation.chars().count()).max().unwrap_or(0);
        for row in &self.rows {
            let _ = writeln!(out, "{:<width$}  {}", row.operation, said(row));
        }
        out + "\n" + &self.summary() + "\n"
    }

    fn markdown(&self) -> String {
        let mut out = format!("**Performance: {}**\n\n", self.summary());
        out.push_str("| operation | before | after | change | 95 % bounds | verdict |\n");
        out.push_str("|---|--:|--:|--:|---|---|\n");
        for row in &self.rows {
            let ns = |ns: Option<f64>| ns.map_or_else(String::new, |ns| Ns(ns).to_string());
            let change = row.effect.map_or_else(String::new, |e| Percent::signed(e).to_string());
            let _ = writeln!(
                out,
                "| {} | {} | {} | {change} | {} | {} |",
                cell(&row.operation),
                ns(row.before_ns),
                ns(row.after_ns),
                bounds(row),
                cell(&verdict(row))
            );
        }
        let _ = writeln!(out, "\nBefore: {}. After: {}.", cell(&self.runs.0), cell(&self.runs.1));
        out
    }

    fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                let counts: Vec<Value> = row
                    .counts
                    .iter()
                    .map(|(what, before, after)| json!({ "name": what, "before": before, "after": after }))
                    .collect();
                json!({
                    "operation": row.operation,
                    "verdict": row.claim.as_str(),
                    "doubt": row.doubt,
                    "effect": row.effect,
                    "interval": row.interval.map(|(low, high)| json!([low, high])),
                    "before_ns": row.before_ns,
                    "after_ns": row.after_ns,
                    "before_samples": row.samples.0,
                    "after_samples": row.samples.1,
                    "counts_that_differ": counts,
                })
            })
            .collect();
        json!({
            "kgas_perf_comparison": 1,
            "design": "sequential",
            "conclusion": format!("{:?}", self.conclusion()).to_lowercase(),
            "threshold": self.threshold,
            "before": self.runs.0,
            "after": self.runs.1,
            "operations": rows,
        })
    }

    fn junit(&self) -> String {
        let count = |claim| self.rows.iter().filter(|row| row.claim == claim).count();
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let _ = writeln!(
            out,
            "<testsuites>\n  <testsuite name=\"kgas-perf compare\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">",
            self.rows.len(),
            count(Claim::Regressed),
            count(Claim::Inconclusive)
        );
        for row in &self.rows {
            let seconds = row.after_ns.unwrap_or(0.0) * 1e-9;
            let _ = write!(
                out,
                "    <testcase name=\"{}\" classname=\"kgas-perf\" time=\"{seconds:.9}\"",
                escaped(&row.operation)
            );
            let said = escaped(&said(row));
            let _ = match row.claim {
                Claim::Regressed => writeln!(out, "><failure message=\"{said}\"/></testcase>"),
                Claim::Inconclusive => writeln!(out, "><skipped message=\"{said}\"/></testcase>"),
                _ => writeln!(out, "><system-out>{said}</system-out></testcase>"),
            };
        }
        out + "  </testsuite>\n</testsuites>\n"
    }

    fn summary(&self) -> String {
        let count =
            |claims: &[Claim]| self.rows.iter().filter(|row| claims.contains(&row.claim)).count();
        format!(
            "{} regressed, {} improved, {} without a change that shows, {} not judged",
            count(&[Claim::Regressed]),
            count(&[Claim::Validated, Claim::Likely, Claim::Improved]),
            count(&[Claim::NoChange]),
            count(&[Claim::Inconclusive])
        )
    }
}

fn verdict(row: &Row) -> String {
    let mut text = row.claim.to_string();
    if let Some(doubt) = &row.doubt {
        let _ = write!(text, ": {doubt}");
    }
    for (what, before, after) in &row.counts {
        let _ = write!(text, "; {what} {before} → {after}");
    }
    text
}

fn said(row: &Row) -> String {
    let mut text = String::new();
    if let (Some(effect), Some(before), Some(after)) = (row.effect, row.before_ns, row.after_ns) {
        let _ = write!(
            text,
            "{} ({}), {} → {}, ",
            Percent::signed(effect),
            bounds(row),
            Ns(before),
            Ns(after)
        );
        let _ = write!(text, "{} and {} samples: ", row.samples.0, row.samples.1);
    }
    text + &verdict(row)
}

fn bounds(row: &Row) -> String {
    row.interval.map_or_else(String::new, |(low, high)| {
        format!("{} to {}", Percent::signed(low), Percent::signed(high))
    })
}

/// A text within a cell of Markdown.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}

/// A text within XML, in quotes or not; what XML cannot hold is a question mark.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for each in text.chars() {
        match each {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' | '\r' => out.push(' '),
            each if each.is_control() || matches!(each, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            each => out.push(each),
        }
    }
    out
}
