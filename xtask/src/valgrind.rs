//! The two tasks that run under valgrind: memory errors, and instructions a call.

use std::process::{Command, Stdio};

use crate::command::{Cargo, Failure};

/// Runs the runtime's unit tests, those of every room that holds `unsafe` code, under memcheck.
///
/// Whatever lives as long as the process is reachable and no leak; what nobody can reach is one.
pub(crate) fn memcheck() -> Result<(), Failure> {
    require_valgrind()?;
    Cargo::new("test -p kgas-perf-runtime --lib -- --test-threads=1")
        .runner(
            "valgrind --quiet --error-exitcode=99 --fair-sched=yes --leak-check=full \
         --show-leak-kinds=definite --errors-for-leak-kinds=definite",
        )?
        .run()
}

/// More instructions a call than this are refused.
const MOST_INSTRUCTIONS: f64 = 120.0;
const CALLS: u64 = 100_000;

/// Counts the instructions of one measured call: what twice the calls take more, divided.
///
/// So neither the start of the process nor the first call of a site is in it. The count does not
/// depend on the machine's speed; the environment is empty, since its size shifts it a little.
pub(crate) fn callgrind() -> Result<(), Failure> {
    require_valgrind()?;
    let (once, twice) = (instructions(CALLS)?, instructions(2 * CALLS)?);
    let a_call = twice.saturating_sub(once) as f64 / CALLS as f64;
    println!("callgrind: {a_call:.1} instructions a call, at most {MOST_INSTRUCTIONS}");
    if a_call > MOST_INSTRUCTIONS {
        return Err(Failure::new(format!(
            "a measured call takes {a_call:.1} instructions, at most {MOST_INSTRUCTIONS} are \
             accepted"
        )));
    }
    Ok(())
}

/// The instructions that the bench takes for so many calls, start and end of the process included.
fn instructions(calls: u64) -> Result<u64, Failure> {
    let report = Cargo::new(&format!("bench -p kgas-perf-runtime --bench callgrind -- {calls}"))
        .runner("env -i valgrind --tool=callgrind --callgrind-out-file=/dev/null")?
        .stderr()?;
    collected(&report).ok_or_else(|| Failure::new("callgrind's report has no `Collected` line"))
}

/// The number in callgrind's line `==123== Collected : 456`.
fn collected(report: &str) -> Option<u64> {
    report.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

fn require_valgrind() -> Result<(), Failure> {
    let found = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    match found {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Failure::new(
            "valgrind is not installed; on Debian and Ubuntu `apt-get install valgrind` brings it",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_callgrinds_report() {
        let report = "==7== Events    : Ir\n==7== Collected : 1234567\n==7==\n";
        assert_eq!(collected(report), Some(1_234_567));
        assert_eq!(collected("==7== Events    : Ir\n"), None);
    }
}
