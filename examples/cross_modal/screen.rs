//! The report for a person.

use std::time::Duration;

use arrow_schema::ArrowError;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{BinaryBytes, HumanCount};

use crate::{
    input::Input,
    neighbours::NEIGHBOURS,
    report::{Row, RssDelta},
    run::{Converted, SLOWED_CALLS},
    vectors::DIMENSIONS,
};

/// No lines but one under the header, so that a row copied from the table is plain text.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// So many of an entity's neighbours are shown.
const ALIKE_SHOWN: usize = 3;

/// What was not measured, or does not exist.
const MISSING: &str = "–";

/// Describes what an input was and what became of it.
///
/// # Errors
///
/// When the table lost a column on the way.
pub(crate) fn input(input: &Input, converted: &Converted) -> Result<String, ArrowError> {
    let count = |number: usize| HumanCount(number as u64);
    let graph = &input.graph;
    let table = &converted.round.table;
    let mut text = format!(
        "{}: {} entities, {} triples ({} repeated), {} relations; {} bad lines left out\n",
        input.name(),
        count(graph.entity_count()),
        count(input.triples),
        count(input.repeated_triples),
        count(graph.relation_count()),
        count(input.bad_lines.len()),
    );
    let columns = table.columns();
    text += &format!(
        "  table    {} rows of {} columns: {}\n",
        count(table.len()),
        columns.len(),
        columns.join(", ")
    );
    text += &format!(
        "  vectors  {} of {DIMENSIONS} dimensions\n",
        count(converted.round.vectors.len())
    );
    let links = converted.round.likeness.links();
    text += &format!(
        "  graph    {} links to the {NEIGHBOURS} nearest neighbours of each entity; recall {}\n",
        count(links.len()),
        converted.recall.map_or(MISSING.to_owned(), |recall| format!("{recall:.3}")),
    );
    if let Some((row, rank)) = table.most_central()? {
        let names = converted.round.likeness.names();
        text += &format!("  highest PageRank ({rank:.4})  {}\n", names.value(row));
        let links = converted.round.likeness.links_of(row as u32).iter().take(ALIKE_SHOWN);
        let alike =
            links.map(|link| format!("{} ({:.2})", names.value(link.to as usize), link.similarity));
        text += &format!("  and most like it  {}\n", alike.collect::<Vec<_>>().join(", "));
    }
    if let Some(slowed) = converted.slowed {
        let (operation, factor) = (slowed.step.operation(), slowed.factor);
        text += &format!(
            "  slowed on purpose  {SLOWED_CALLS} calls of {operation} that did their work {factor} times\n"
        );
    }
    Ok(text)
}

/// The table of operations, with a word on what its columns hold.
pub(crate) fn operations(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "operation",
        "size class",
        "calls",
        "errors",
        "p50",
        "p95",
        "p99",
        "mean",
        "self time",
        "RSS delta",
        "baseline p50/p95",
        "worst tier",
    ]);
    for row in rows {
        table.add_row([
            row.operation.clone(),
            row.size_class.to_owned(),
            HumanCount(row.calls).to_string(),
            HumanCount(row.errors).to_string(),
            duration(row.p50),
            duration(row.p95),
            duration(row.p99),
            duration(row.mean),
            row.self_time_share.map_or(MISSING.into(), |share| format!("{:.1} %", share * 100.0)),
            row.rss.map_or("not measured".into(), rss),
            row.baseline.as_ref().map_or("not learned".into(), |baseline| {
                format!("{} / {}", duration(Some(baseline.p50)), duration(Some(baseline.p95)))
            }),
            row.worst_tier.map_or(MISSING, |tier| tier.as_str()).to_owned(),
        ]);
    }
    for column in table.column_iter_mut().skip(2).take(9) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!(
        "{table}\n\nQuantiles and mean are those of calls that ended well. Self time is each row's part \
         of the self time of all rows.\nRSS delta is the mean over the calls at whose ends the \
         process's memory was read, and how many those are.\n"
    )
}

/// Three digits and the unit that fits.
fn duration(duration: Option<Duration>) -> String {
    let Some(duration) = duration else { return MISSING.to_owned() };
    let ns = duration.as_nanos() as f64;
    let (value, unit) = match ns {
        ..1e3 => return format!("{ns} ns"),
        ..1e6 => (ns / 1e3, "µs"),
        ..1e9 => (ns / 1e6, "ms"),
        ..60e9 => (ns / 1e9, "s"),
        _ => (ns / 60e9, "min"),
    };
    let decimals = match value {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {unit}")
}

fn rss(delta: RssDelta) -> String {
    let sign = if delta.mean_bytes < 0 { "−" } else { "" };
    let size = BinaryBytes(delta.mean_bytes.unsigned_abs());
    format!("{sign}{size} (n = {})", HumanCount(delta.calls))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{duration, operations, rss};
    use crate::report::{Row, RssDelta};

    #[test]
    fn duration_has_the_unit_that_fits() {
        let shown = |ns: u64| duration(Some(Duration::from_nanos(ns)));
        assert_eq!(shown(0), "0 ns");
        assert_eq!(shown(999), "999 ns");
        assert_eq!(shown(1_234), "1.23 µs");
        assert_eq!(shown(12_345_678), "12.3 ms");
        assert_eq!(shown(5_200_000_000), "5.20 s");
        assert_eq!(shown(90_000_000_000), "1.50 min");
        assert_eq!(duration(None), "–");
    }

    #[test]
    fn memory_may_shrink() {
        let delta = RssDelta { calls: 3, mean_bytes: -4_096, max_bytes: 0 };
        assert_eq!(rss(delta), "−4.00 KiB (n = 3)");
    }

    #[test]
    fn what_was_not_measured_is_no_zero() {
        let row = Row {
            operation: "graph_to_table".into(),
            size_class: "small",
            calls: 1,
            errors: 1,
            p50: None,
            p95: None,
            p99: None,
            mean: None,
            self_time: None,
            self_time_share: None,
            rss: None,
            baseline: None,
            worst_tier: None,
        };
        let table = operations(&[row]);
        let line = table.lines().find(|line| line.contains("graph_to_table")).expect("its line");
        let cells: Vec<&str> =
            line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let expected = "graph_to_table small 1 1 – – – – – not_measured not_learned –";
        let expected: Vec<String> =
            expected.split(' ').map(|cell| cell.replace('_', " ")).collect();
        assert_eq!(cells[1..], expected[1..]);
    }
}
