//! The two tasks that run under valgrind: memory errors, and instructions a call.

use std::process::{Command, Stdio};

use crate::command::{Cargo, Failure};

/// The rooms of the runtime that hold `unsafe` code.
const UNSAFE_ROOMS: &str = "histogram:: measure:: registry:: resource::";

/// Of these, what is untrue under valgrind, which has limits of its own and takes its time: one
/// compares two readers of the system, the other goes by what a look costs. Neither is `unsafe`.
const UNTRUE_THERE: &str = "--skip resource::portable:: --skip resource::monitor::";

/// Runs the runtime's unit tests, those of every room that holds `unsafe` code, under memcheck.
///
/// Whatever lives as long as the process is reachable and no leak; what nobody can reach is one.
pub(crate) fn memcheck() -> Result<(), Failure> {
    require_valgrind()?;
    let tests = format!("--test-threads=1 {UNTRUE_THERE} {UNSAFE_ROOMS}");
    Cargo::new(&format!("test -p kgas-perf-runtime --lib -- {tests}"))
        .runner(
            "valgrind --quiet --error-exitcode=99 --fair-sched=yes --leak-check=full \
         --show-leak-kinds=definite --errors-for-leak-kinds=definite",
        )?
        .run()
}

/// More instructions a call than this are refused.
pub(crate) const MOST_INSTRUCTIONS: f64 = 120.0;
const CALLS: u64 = 100_000;

/// Counts the instructions that measuring adds to one call.
pub(crate) fn callgrind() -> Result<(), Failure> {
    let a_call = instructions_a_call()?;
    println!("callgrind: {a_call:.2} instructions a call, at most {MOST_INSTRUCTIONS}");
    // What comes after the point are readings of memory, a few in ten thousand calls.
    if a_call.round() > MOST_INSTRUCTIONS {
        return Err(Failure::new(format!(
            "a measured call takes {a_call:.2} instructions, at most {MOST_INSTRUCTIONS} are \
             accepted"
        )));
    }
    Ok(())
}

/// What twice the calls take more than once the calls, divided by their number; of measured calls
/// less that of plain ones.
///
/// So neither the start of the process nor the first call of a site is in it, and neither the
/// function itself nor the loop. The count does not depend on the machine's speed; the
/// environment is empty, since its size shifts it a little.
pub(crate) fn instructions_a_call() -> Result<f64, Failure> {
    require_valgrind()?;
    let a_call = |which| {
        let more = instructions(2 * CALLS, which)?.saturating_sub(instructions(CALLS, which)?);
        Ok(more as f64 / CALLS as f64)
    };
    Ok(a_call("measured")? - a_call("plain")?)
}

/// The instructions that the bench takes for so many calls, start and end of the process included.
fn instructions(calls: u64, which: &str) -> Result<u64, Failure> {
    let report =
        Cargo::new(&format!("bench -p kgas-perf-runtime --bench callgrind -- {calls} {which}"))
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
    fn every_room_that_holds_unsafe_code_is_checked() {
        let rooms = crate::command::workspace().join("kgas-perf-runtime/src");
        let mut found = 0;
        for room in std::fs::read_dir(rooms).unwrap().map(|entry| entry.unwrap().path()) {
            let Ok(files) = std::fs::read_dir(&room) else { continue };
            let holds = files.map(|file| file.unwrap().path()).any(|file| {
                std::fs::read_to_string(&file).is_ok_and(|text| text.contains("// SAFETY:"))
            });
            let name = room.file_name().unwrap().to_string_lossy().into_owned();
            assert_eq!(UNSAFE_ROOMS.contains(&format!("{name}::")), holds, "{name}");
            found += usize::from(holds);
        }
        assert!(found >= 3, "{found}");
    }

    #[test]
    fn the_count_is_read_from_callgrinds_report() {
        let report = "==7== Events    : Ir\n==7== Collected : 1234567\n==7==\n";
        assert_eq!(collected(report), Some(1_234_567));
        assert_eq!(collected("==7== Events    : Ir\n"), None);
    }
}
