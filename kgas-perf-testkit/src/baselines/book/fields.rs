//! The fields of an entry, from TOML and to it.

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Array, InlineTable, Item, Table, TableLike, Value, value};

use super::super::counts::CountsEntry;
use super::super::entry::{Entry, Origin};
use super::{EXACT, OPERATIONS};
use crate::timing::{PARTS, Statistic};

/// What makes no sense, and where.
type Mistake = (Option<Range<usize>>, String);

/// Numbers in a line of samples.
const A_LINE: usize = 10;
/// The quantiles of the band.
const BAND: [&str; 5] = ["p5_ns", "p25_ns", "p50_ns", "p75_ns", "p95_ns"];

/// That everything that is known makes sense.
pub(super) fn check(root: &Table, version: i64) -> Result<(), Mistake> {
    match root.get("version") {
        Some(item) if item.as_integer() == Some(version) => {}
        Some(item) => {
            let found = item.to_string();
            return Err((
                item.span(),
                format!("version {} is not known here; {version} is", found.trim()),
            ));
        }
        None => return Err((None, format!("there is no `version = {version}`"))),
    }
    for (kind, read) in [
        (OPERATIONS, (|table| entry(table).map(drop)) as fn(&dyn TableLike) -> Result<(), Mistake>),
        (EXACT, |table| counts(table).map(drop)),
    ] {
        let Some(item) = root.get(kind) else { continue };
        for (name, item) in table(item, kind)?.iter() {
            for (key, item) in table(item, name)?.iter() {
                read(table(item, key)?).map_err(|(at, what)| {
                    (at.or_else(|| item.span()), format!("{kind}.{name:?}.{key:?}: {what}"))
                })?;
            }
        }
    }
    Ok(())
}

fn table<'a>(item: &'a Item, name: &str) -> Result<&'a dyn TableLike, Mistake> {
    item.as_table_like()
        .ok_or_else(|| (item.span(), format!("`{name}` is {}, not a table", item.type_name())))
}

pub(super) fn entry(table: &dyn TableLike) -> Result<Entry, Mistake> {
    let name = text(table, "statistic")?;
    let statistic = Statistic::from_name(name).ok_or_else(|| {
        let accepted = Statistic::ALL.map(Statistic::as_str).join(", ");
        let at = table.get("statistic").and_then(Item::span);
        (at, format!("unknown statistic `{name}`; accepted: {accepted}"))
    })?;
    let unit = text(table, "unit")?;
    if unit != "ns" {
        let at = table.get("unit").and_then(Item::span);
        return Err((at, format!("unknown unit `{unit}`; accepted: ns")));
    }
    let mut band_ns = [0.0; 5];
    for (quantile, key) in band_ns.iter_mut().zip(BAND) {
        *quantile = number(table, key)?;
    }
    let in_yardsticks = lists(table, "in_yardsticks")?;
    let yardsticks_ns = yardsticks(table, in_yardsticks.len())?;
    Ok(Entry {
        statistic,
        n: whole(table, "n")?,
        calls_a_timing: whole(table, "calls_a_timing")?,
        band_ns,
        typical_ns: number(table, "typical_ns")?,
        yardsticks_ns,
        yardstick_version: whole(table, "yardstick")? as i64,
        in_yardsticks,
        origin: origin(table)?,
    })
}

/// A list of numbers for each process that took some; none of them empty.
fn lists(table: &dyn TableLike, key: &str) -> Result<Vec<Vec<f64>>, Mistake> {
    let item = needed(table, key)?;
    let wrong = |at| (at, format!("`{key}` is no array of arrays of numbers"));
    let array = item.as_array().filter(|array| !array.is_empty());
    let array = array.ok_or_else(|| wrong(item.span()))?;
    let list = |value: &Value| {
        let list = value.as_array().filter(|list| !list.is_empty());
        let list = list.ok_or_else(|| wrong(value.span()))?;
        list.iter().map(|value| listed(value, key)).collect()
    };
    array.iter().map(list).collect()
}

fn listed(value: &Value, key: &str) -> Result<f64, Mistake> {
    positive(value).ok_or_else(|| {
        let shown = value.to_string();
        (value.span(), format!("`{}` in `{key}` is no positive number", shown.trim()))
    })
}

/// The pieces of the yardstick for each of so many processes.
fn yardsticks(table: &dyn TableLike, processes: usize) -> Result<Vec<[f64; PARTS]>, Mistake> {
    const KEY: &str = "yardsticks_ns";
    let lists = lists(table, KEY)?;
    let yardsticks: Option<Vec<_>> = lists.iter().map(|list| list[..].try_into().ok()).collect();
    yardsticks.filter(|yardsticks| yardsticks.len() == processes).ok_or_else(|| {
        let at = table.get(KEY).and_then(Item::span);
        (at, format!("`{KEY}` is no list of {PARTS} numbers for each list of `in_yardsticks`"))
    })
}

pub(super) fn counts(table: &dyn TableLike) -> Result<CountsEntry, Mistake> {
    let item = needed(table, "counts")?;
    let mut counts = BTreeMap::new();
    for (name, item) in self::table(item, "counts")?.iter() {
        let count = item.as_integer().and_then(|count| u64::try_from(count).ok());
        counts.insert(
            name.to_owned(),
            count.ok_or_else(|| (item.span(), format!("`counts.{name}` is no whole number")))?,
        );
    }
    Ok(CountsEntry { counts, origin: origin(table)? })
}

fn origin(table: &dyn TableLike) -> Result<Origin, Mistake> {
    let text = |key| text(table, key).map(str::to_owned);
    Ok(Origin {
        toolchain: text("toolchain")?,
        commit: text("commit")?,
        date: text("date")?,
        reason: text("reason")?,
    })
}

fn needed<'a>(table: &'a dyn TableLike, key: &str) -> Result<&'a Item, Mistake> {
    table.get(key).ok_or_else(|| (None, format!("`{key}` is missing")))
}

fn text<'a>(table: &'a dyn TableLike, key: &str) -> Result<&'a str, Mistake> {
    let item = needed(table, key)?;
    item.as_str().ok_or_else(|| (item.span(), format!("`{key}` is no text")))
}

fn whole(table: &dyn TableLike, key: &str) -> Result<u64, Mistake> {
    let item = needed(table, key)?;
    let number = item.as_integer().and_then(|number| u64::try_from(number).ok());
    number.ok_or_else(|| (item.span(), format!("`{key}` is no whole number")))
}

fn number(table: &dyn TableLike, key: &str) -> Result<f64, Mistake> {
    let item = needed(table, key)?;
    let number = item.as_value().and_then(positive);
    number.ok_or_else(|| (item.span(), format!("`{key}` is no positive number")))
}

/// A number that a duration can be. Whoever writes `3` means 3.0.
fn positive(value: &Value) -> Option<f64> {
    let number = value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))?;
    (number.is_finite() && number > 0.0).then_some(number)
}

pub(super) fn write_entry(table: &mut Table, entry: &Entry) {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    put(table, "statistic", entry.statistic.as_str().into());
    put(table, "unit", "ns".into());
    put(table, "n", count(entry.n).into());
    put(table, "calls_a_timing", count(entry.calls_a_timing).into());
    for (key, quantile) in BAND.into_iter().zip(entry.band_ns) {
        put(table, key, at_least(quantile).into());
    }
    put(table, "typical_ns", at_least(entry.typical_ns).into());
    put(table, "yardstick", entry.yardstick_version.into());
    put(table, "yardsticks_ns", written(entry.yardsticks_ns.iter().map(|parts| &parts[..])));
    put(table, "in_yardsticks", written(entry.in_yardsticks.iter().map(|list| &list[..])));
    write_origin(table, &entry.origin);
}

/// Lists of numbers, some to a line.
fn written<'a>(lists: impl Iterator<Item = &'a [f64]>) -> Value {
    let mut all = Array::new();
    for list in lists {
        let short = list.len() <= PARTS;
        let mut numbers = Array::new();
        for (at, number) in list.iter().enumerate() {
            let before = match at {
                0 if short => "",
                _ if !short && at % A_LINE == 0 => "\n    ",
                _ => " ",
            };
            numbers.push_formatted(Value::from(at_least(*number)).decorated(before, ""));
        }
        numbers.set_trailing(if short { "" } else { ",\n  " });
        all.push_formatted(Value::from(numbers).decorated("\n  ", ""));
    }
    all.set_trailing(",\n");
    all.into()
}

pub(super) fn write_counts(table: &mut Table, entry: &CountsEntry) {
    let mut counts = InlineTable::new();
    for (name, count) in &entry.counts {
        counts.insert(name, i64::try_from(*count).unwrap_or(i64::MAX).into());
    }
    put(table, "counts", counts.into());
    write_origin(table, &entry.origin);
}

fn write_origin(table: &mut Table, origin: &Origin) {
    put(table, "toolchain", origin.toolchain.as_str().into());
    put(table, "commit", origin.commit.as_str().into());
    put(table, "date", origin.date.as_str().into());
    put(table, "reason", origin.reason.as_str().into());
}

/// A duration that a clock could not tell from nothing is still one.
fn at_least(number: f64) -> f64 {
    if number > 0.0 { number } else { 1e-9 }
}

/// Puts a value in; what stands around the one before, such as a comment, stays.
fn put(table: &mut Table, key: &str, mut new: Value) {
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *new.decor_mut() = old.decor().clone();
    }
    table.insert(key, value_as_it_is(new));
}

fn value_as_it_is(new: Value) -> Item {
    let decor = new.decor().clone();
    let mut item = value(new);
    if let Some(value) = item.as_value_mut() {
        *value.decor_mut() = decor;
    }
    item
}
