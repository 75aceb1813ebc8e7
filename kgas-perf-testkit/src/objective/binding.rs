//! The objectives that hold for an operation and a size class.

use std::fs;
use std::path::Path;

use kgas_perf_runtime::catalog::{Catalogue, Metric, Objective, Quantity, SizeClass};

/// What a catalogue declares for an operation's durations, and what it declares besides.
#[derive(Debug)]
pub(super) struct Binding {
    /// Objectives with an upper bound on durations, and that bound in nanoseconds.
    pub(super) durations: Vec<(Objective, u64)>,
    /// Others, which one test in one process does not show.
    pub(super) others: Vec<Objective>,
}

impl Binding {
    /// Of the catalogue that the attribute finds from this folder.
    pub(super) fn of(folder: &Path, operation: &str, class: SizeClass) -> Result<Self, String> {
        let read;
        let catalogue = match Catalogue::find(folder) {
            None => Catalogue::builtin(),
            Some(file) => {
                let text = fs::read_to_string(&file)
                    .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
                read = Catalogue::parse(&text, &file.display().to_string())
                    .map_err(|error| error.to_string())?;
                &read
            }
        };
        let declared =
            catalogue.get(operation).ok_or_else(|| catalogue.unknown_operation(operation))?;
        let holds = |objective: &&Objective| objective.size_class.is_none_or(|of| of == class);
        let mut binding = Self { durations: Vec::new(), others: Vec::new() };
        for objective in declared.objectives.iter().filter(holds) {
            match (objective.metric, objective.at_most.or(objective.expected.map(|(_, high)| high)))
            {
                (Metric::Duration, Some(Quantity::DurationNs(bound))) => {
                    binding.durations.push((objective.clone(), bound));
                }
                _ => binding.others.push(objective.clone()),
            }
        }
        if binding.durations.is_empty() {
            return Err(format!(
                "{} declares no upper bound of its duration for inputs that are {}",
                catalogue.file(),
                class.as_str()
            ));
        }
        Ok(binding)
    }
}
