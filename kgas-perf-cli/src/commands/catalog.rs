//! `kgas-perf catalog`: checks and shows a catalogue.

use std::borrow::Cow;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use kgas_perf_catalog::{Catalogue, Objective, OperationSpec, Quantity, SizeBounds};
use serde_json::{Value, json};

use crate::failure::Failure;

/// Reads the catalogue and says what is in it; its mistakes are the failure.
pub(crate) fn check(path: Option<&Path>, out: &mut impl Write) -> Result<(), Failure> {
    writeln!(out, "{}", summary(&*read(path)?))?;
    Ok(())
}

/// The catalogue's file and how much is in it.
pub(crate) fn summary(catalogue: &Catalogue) -> String {
    let operations = catalogue.operations();
    let objectives: usize = operations.iter().map(|operation| operation.objectives.len()).sum();
    format!(
        "{}: operations: {}, objectives: {objectives}, mistakes: none",
        catalogue.file(),
        operations.len(),
    )
}

/// Lists the operations, for a person or as JSON.
pub(crate) fn show(path: Option<&Path>, json: bool, out: &mut impl Write) -> Result<(), Failure> {
    let catalogue = read(path)?;
    if json {
        writeln!(out, "{:#}", catalogue_json(&catalogue))?;
        return Ok(());
    }
    let SizeBounds { small, medium, large } = catalogue.size_bounds();
    writeln!(out, "{}", catalogue.file())?;
    writeln!(out, "size classes: small from {small}, medium from {medium}, large from {large}")?;
    writeln!(out, "{}", table(&catalogue))?;
    Ok(())
}

/// The catalogue at `path`; from a folder, the one that the attribute would find there.
pub(crate) fn read(path: Option<&Path>) -> Result<Cow<'static, Catalogue>, Failure> {
    let path = path.unwrap_or(Path::new("."));
    let file = if path.is_dir() { Catalogue::find(path) } else { Some(path.to_owned()) };
    let Some(file) = file else {
        return Ok(Cow::Borrowed(Catalogue::builtin()));
    };
    let text = fs::read_to_string(&file)
        .map_err(|source| Failure::Unreadable { path: file.clone(), source })?;
    Ok(Cow::Owned(Catalogue::parse(&text, &shown(file))?))
}

/// The path as messages show it: as it was given, or from the current folder where it is below.
fn shown(file: PathBuf) -> String {
    let below = std::env::current_dir()
        .ok()
        .and_then(|folder| Some(file.strip_prefix(folder).ok()?.to_owned()));
    below.unwrap_or(file).display().to_string()
}

fn table(catalogue: &Catalogue) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(["operation", "category", "objectives"]);
    for OperationSpec { name, category, objectives } in catalogue.operations() {
        let objectives: Vec<_> = objectives.iter().map(Objective::to_string).collect();
        table.add_row([name.as_str(), category.as_str(), &objectives.join("\n")]);
    }
    table
}

fn catalogue_json(catalogue: &Catalogue) -> Value {
    let SizeBounds { small, medium, large } = catalogue.size_bounds();
    let operations: Vec<_> = catalogue
        .operations()
        .iter()
        .map(|operation| {
            let objectives: Vec<_> = operation.objectives.iter().map(objective_json).collect();
            json!({
                "name": operation.name,
                "category": operation.category.as_str(),
                "objectives": objectives,
            })
        })
        .collect();
    json!({
        "file": catalogue.file(),
        "size_classes": { "small": small, "medium": medium, "large": large },
        "operations": operations,
    })
}

fn objective_json(objective: &Objective) -> Value {
    json!({
        "metric": objective.metric.as_str(),
        "statistic": objective.statistic.map(|statistic| statistic.as_str()),
        "size_class": objective.size_class.map(|class| class.as_str()),
        "expected": objective.expected.map(|(low, high)| [quantity_json(low), quantity_json(high)]),
        "at_least": objective.at_least.map(quantity_json),
        "at_most": objective.at_most.map(quantity_json),
    })
}

fn quantity_json(quantity: Quantity) -> Value {
    match quantity {
        Quantity::DurationNs(value) => json!({ "value": value, "unit": "ns" }),
        Quantity::Bytes(value) => json!({ "value": value, "unit": "bytes" }),
        Quantity::Ratio(value) => json!({ "value": value, "unit": "ratio" }),
        Quantity::PerSecond(value) => json!({ "value": value, "unit": "per_second" }),
        Quantity::BitsPerSecond(value) => json!({ "value": value, "unit": "bits_per_second" }),
        Quantity::Count(value) => json!({ "value": value, "unit": "count" }),
    }
}
