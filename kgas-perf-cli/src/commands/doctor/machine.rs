//! What measuring is like on this machine and in this folder.

use std::borrow::Cow;
use std::io::{self, Write};
use std::time::Duration;

use kgas_perf_catalog::Catalogue;
use kgas_perf_runtime::install::Diagnosis;
use kgas_perf_runtime::measure::{ENVIRONMENT_VARIABLE, MemoryResolution};
use serde_json::{Value, json};

use crate::failure::Failure;

/// Writes what was found, for people.
pub(super) fn write(diagnosis: &Diagnosis, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "measuring  {}", switch(diagnosis.on))?;
    writeln!(out, "clock      {}, {}", diagnosis.clock, steps(diagnosis.clock_step))?;
    if let Some(reason) = diagnosis.no_counter {
        writeln!(out, "           not the processor's counter: {reason}")?;
    }
    if diagnosis.on {
        let (cost, empty) = (diagnosis.cost, diagnosis.empty_call);
        writeln!(out, "price      {cost:?} a call; an empty function seems to last {empty:?}")?;
        if cfg!(debug_assertions) {
            writeln!(out, "           this is a debug build; in a release build it is less")?;
        }
    }
    writeln!(out, "memory     {}", memory(diagnosis.memory.as_ref()))
}

/// The same for programs. What is not known is null.
pub(super) fn json(
    diagnosis: &Diagnosis,
    catalogue: &Result<Cow<'static, Catalogue>, Failure>,
) -> Value {
    let price = |price: Duration| diagnosis.on.then_some(price.as_nanos() as u64);
    let mistakes = catalogue.as_ref().err().map(ToString::to_string);
    json!({
        "measuring": diagnosis.on,
        "clock": diagnosis.clock,
        "no_counter": diagnosis.no_counter,
        "clock_step_ns": diagnosis.clock_step.as_nanos() as u64,
        "call_cost_ns": price(diagnosis.cost),
        "empty_call_ns": price(diagnosis.empty_call),
        "memory_exact": diagnosis.memory.as_ref().map(MemoryResolution::is_exact),
        "catalogue": catalogue.as_ref().ok().map(|catalogue| catalogue.file()),
        "catalogue_mistakes": mistakes,
    })
}

fn switch(on: bool) -> String {
    if on {
        return "on".to_owned();
    }
    let value = std::env::var(ENVIRONMENT_VARIABLE).unwrap_or_default();
    format!("off, because of {ENVIRONMENT_VARIABLE}={value}")
}

fn steps(step: Duration) -> String {
    if step.is_zero() { "in steps below 1ns".to_owned() } else { format!("in steps of {step:?}") }
}

fn memory(resolution: Option<&MemoryResolution>) -> String {
    match resolution {
        None => "not readable here".to_owned(),
        Some(resolution) if resolution.is_exact() => "exact to the page".to_owned(),
        Some(MemoryResolution { one_page, sixty_four_pages }) => format!(
            "not exact: {} B more read as {} B, {} B more as {} B",
            one_page.0, one_page.1, sixty_four_pages.0, sixty_four_pages.1
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_rounds_to_nothing_is_not_called_zero() {
        assert_eq!(steps(Duration::ZERO), "in steps below 1ns");
        assert_eq!(steps(Duration::from_nanos(40)), "in steps of 40ns");
    }

    #[test]
    fn memory_readings_that_lag_are_shown_with_both_numbers() {
        let lagging =
            MemoryResolution { one_page: (4_096, 0), sixty_four_pages: (262_144, 258_048) };
        assert_eq!(
            memory(Some(&lagging)),
            "not exact: 4096 B more read as 0 B, 262144 B more as 258048 B"
        );
        let exact =
            MemoryResolution { one_page: (4_096, 4_096), sixty_four_pages: (262_144, 262_144) };
        assert_eq!(memory(Some(&exact)), "exact to the page");
        assert_eq!(memory(None), "not readable here");
    }
}
