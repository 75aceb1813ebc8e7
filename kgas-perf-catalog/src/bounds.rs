//! Reads objectives: tables of a metric, a statistic and the bounds on it.

use toml::de::DeValue;

use crate::metric::{Metric, Statistic};
use crate::objective::Objective;
use crate::quantity::{Dimension, Quantity};
use crate::reader::{Entry, Place, Reader, quoted, type_name};
use crate::size::SizeClass;

const KEYS: [&str; 6] = ["metric", "statistic", "size_class", "expected", "at_least", "at_most"];

/// Reads an operation's array of objectives; what is wrong is noted and left out.
pub(crate) fn read_objectives(
    reader: &mut Reader<'_>,
    place: &Place,
    value: &DeValue<'_>,
) -> Vec<Objective> {
    let Some(array) = value.as_array() else {
        reader.expected(place, "an array of tables", value);
        return Vec::new();
    };
    let mut objectives: Vec<Objective> = Vec::new();
    for (index, element) in array.iter().enumerate() {
        let place = place.element(index, element.span().start);
        let Some(objective) = read_objective(reader, &place, element.get_ref()) else {
            continue;
        };
        if objectives.iter().any(|other| other.bounds_the_same_as(&objective)) {
            reader
                .mistake(&place, format!("bounds {} a second time; keep one", objective.subject()));
        }
        objectives.push(objective);
    }
    objectives
}

fn read_objective(
    reader: &mut Reader<'_>,
    place: &Place,
    value: &DeValue<'_>,
) -> Option<Objective> {
    let table = reader.table(place, value)?;
    let entries = reader.entries(place, table, &KEYS);
    let entry = |key: &str| entries.iter().find(|entry| entry.key == key);

    let Some(named) = entry("metric") else {
        let names = quoted(&Metric::ALL.map(Metric::as_str));
        reader.mistake(place, format!("missing `metric`; accepted: {names}"));
        return None;
    };
    // The metric decides what the other keys may say, so without it they cannot be judged.
    let metric =
        reader.one_of(&named.place, named.value, "metric", &Metric::ALL, Metric::as_str)?;
    let statistic = read_statistic(reader, place, metric, entry("statistic"));
    let size_class = entry("size_class").and_then(|Entry { value, place, .. }| {
        reader.one_of(place, value, "size class", &SizeClass::ALL, SizeClass::as_str)
    });
    let expected = entry("expected").and_then(|entry| read_expected(reader, entry, metric));
    let at_least = entry("at_least").and_then(|entry| read_bound(reader, entry, metric));
    let at_most = entry("at_most").and_then(|entry| read_bound(reader, entry, metric));

    if !["expected", "at_least", "at_most"].into_iter().any(|key| entry(key).is_some()) {
        reader.mistake(place, "bounds nothing; give `expected`, `at_least` or `at_most`");
    }
    check_order(reader, place, at_least, expected, at_most);
    Some(Objective { metric, statistic, size_class, expected, at_least, at_most })
}

fn read_statistic(
    reader: &mut Reader<'_>,
    place: &Place,
    metric: Metric,
    entry: Option<&Entry<'_>>,
) -> Option<Statistic> {
    let accepted = metric.statistics();
    match entry {
        Some(Entry { place, .. }) if accepted.is_empty() => {
            let message =
                format!("`{}` takes no statistic: a window has one number of it", metric.as_str());
            reader.mistake(place, message);
            None
        }
        Some(Entry { place, value, .. }) => {
            let kind = format!("statistic of `{}`:", metric.as_str());
            reader.one_of(place, value, &kind, accepted, Statistic::as_str)
        }
        None if accepted.is_empty() => None,
        None => {
            let names: Vec<_> = accepted.iter().map(|statistic| statistic.as_str()).collect();
            reader.mistake(place, format!("missing `statistic`; accepted: {}", quoted(&names)));
            None
        }
    }
}

/// Reads `[lowest, highest]`.
fn read_expected(
    reader: &mut Reader<'_>,
    entry: &Entry<'_>,
    metric: Metric,
) -> Option<(Quantity, Quantity)> {
    let array = entry.value.as_array();
    let Some([low, high]) = array.map(|array| array.as_ref()) else {
        let found = match array {
            Some(array) => format!("an array of {}", array.len()),
            None => type_name(entry.value),
        };
        reader.mistake(&entry.place, format!("expected [lowest, highest], found {found}"));
        return None;
    };
    let low_place = entry.place.element(0, low.span().start);
    let high_place = entry.place.element(1, high.span().start);
    // Both are read before either is given up, so that both mistakes are noted.
    let low = read_quantity(reader, &low_place, low.get_ref(), metric);
    let high = read_quantity(reader, &high_place, high.get_ref(), metric);
    low.zip(high)
}

fn read_bound(reader: &mut Reader<'_>, entry: &Entry<'_>, metric: Metric) -> Option<Quantity> {
    read_quantity(reader, &entry.place, entry.value, metric)
}

/// Counts are whole numbers of TOML; everything else is a string with its unit.
fn read_quantity(
    reader: &mut Reader<'_>,
    place: &Place,
    value: &DeValue<'_>,
    metric: Metric,
) -> Option<Quantity> {
    let dimension = metric.dimension();
    if dimension == Dimension::Count {
        return reader.count(place, value).map(Quantity::Count);
    }
    let example = format!("a string such as \"{}\"", dimension.example());
    let text = reader.string(place, &example, value)?;
    match Quantity::parse(text, dimension) {
        Ok(quantity) => Some(quantity),
        Err(message) => {
            reader.mistake(place, message);
            None
        }
    }
}

/// `at_least ≤ expected ≤ at_most`, as far as they are given.
fn check_order(
    reader: &mut Reader<'_>,
    place: &Place,
    at_least: Option<Quantity>,
    expected: Option<(Quantity, Quantity)>,
    at_most: Option<Quantity>,
) {
    let (low, high) = expected.unzip();
    let mut ascending: Option<Quantity> = None;
    for bound in [at_least, low, high, at_most].into_iter().flatten() {
        if let Some(lower) = ascending.filter(|lower| bound < *lower) {
            reader.mistake(
                place,
                format!(
                    "bounds out of order: {bound} comes after {lower}; at_least ≤ expected[0] ≤ \
                     expected[1] ≤ at_most"
                ),
            );
            return;
        }
        ascending = Some(bound);
    }
}
