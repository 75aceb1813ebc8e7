//! `kgas-perf doctor`: what measuring is like on this machine and in this folder.

use std::io::Write;
use std::time::Duration;

use kgas_perf_runtime::install::Diagnosis;
use kgas_perf_runtime::measure::{ENVIRONMENT_VARIABLE, MemoryResolution};

use crate::commands::catalog;
use crate::failure::Failure;

/// Writes the findings; mistakes of the catalogue are the failure, after everything else.
pub(crate) fn run(out: &mut impl Write) -> Result<(), Failure> {
    let diagnosis = Diagnosis::probe();
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
    writeln!(out, "memory     {}", memory(diagnosis.memory.as_ref()))?;
    let catalogue = catalog::read(None)?;
    writeln!(out, "catalogue  {}", catalog::summary(&catalogue))?;
    Ok(())
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
