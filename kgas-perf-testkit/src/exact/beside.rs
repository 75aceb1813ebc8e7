//! What calls took beside what their baseline says.

use std::collections::BTreeMap;

use super::allocated::{self, ALLOCATIONS, BYTES};
use super::calls::Calls;
use super::keeps::shown;
use crate::baselines::{
    Book, Class, CountsEntry, Difference, Found, Pending, RUSTC, Target, build, origin, settle,
};
use crate::place::Place;
use crate::revisions::saved;
use crate::told;
use crate::within::{reason, store, update};

/// Instructions are as they were within this share.
const INSTRUCTIONS_MOVE: f64 = 0.01;
/// How the names of instructions begin; another machine's are not compared with.
const INSTRUCTIONS: &str = "instructions_";

/// What instructions are called in the baselines: those of another system or architecture are
/// others.
pub(super) fn instructions_here() -> String {
    format!("{INSTRUCTIONS}{}_{}", std::env::consts::OS, std::env::consts::ARCH)
}

/// What differs from a baseline, a line each.
#[derive(Debug, Default, PartialEq, Eq)]
struct Differences {
    /// What fails.
    more: Vec<String>,
    /// What is said, and can be accepted.
    other: Vec<String>,
}

/// Holds calls against the baseline in the repository, tells and writes what is to be told and
/// written; what to fail with.
pub(super) fn judge(
    operation: &str,
    place: &Place,
    strict: bool,
    calls: &Calls,
    notes: &[String],
) -> Option<String> {
    let folder = place.crate_folder();
    let failed = |error: String| Some(format!("`{operation}` cannot be judged: {error}"));
    let (update, book) = match (update(), Book::read(&Book::file_of(folder))) {
        (Ok(update), Ok(book)) => (update, book),
        (Err(error), _) => return failed(error),
        (_, Err(error)) => return failed(error.to_string()),
    };
    let build = build(place);
    // The most that any call took is what is normal from then on.
    let mut now = BTreeMap::new();
    for what in calls.numbers.iter().flat_map(BTreeMap::keys) {
        now.insert(what.clone(), calls.span(what).1);
    }
    let saved = saved::save_counts(operation, place, &Class::here(place), &now);
    let before = book.counts(operation, &build);
    if let Some(before) = &before {
        // A program that stopped counting allocations has not stopped allocating.
        let counted = |what: &str| before.counts.contains_key(what);
        if !calls.allocations && (counted(ALLOCATIONS) || counted(BYTES)) {
            return failed(allocated::MISSING.to_owned());
        }
    }
    let found = before.as_ref().map(|before| differences(before, calls, &now, RUSTC));
    let (how, difference) = match &found {
        None => ("new", Difference::New),
        Some(found) if !found.more.is_empty() => ("more", Difference::Changed),
        Some(found) if !found.other.is_empty() => ("fewer", Difference::Changed),
        Some(_) => ("kept", Difference::None),
    };
    let mut lines = vec![match how {
        "new" => {
            let all: Vec<String> =
                now.iter().map(|(what, count)| format!("{what} {count}")).collect();
            let all = if all.is_empty() { "nothing was counted".into() } else { all.join(", ") };
            format!("the counts of `{operation}` are new: {all}")
        }
        "more" => format!("a call of `{operation}` takes more than its baseline says"),
        "fewer" => format!("a call of `{operation}` is not as its baseline says"),
        _ => format!("a call of `{operation}` takes what its baseline says"),
    }];
    if let Some(Differences { more, other }) = found {
        lines.extend(more.into_iter().chain(other));
    }
    if let (None, [known, ..]) = (&before, book.profiles(operation).as_slice()) {
        lines.push(format!("this build is `{build}`; there are baselines of others: `{known}`"));
    }
    if let (Some(before), true) = (&before, how != "kept") {
        lines.push(format!("baseline of {}: {}", before.origin.date, before.origin.reason));
    }
    lines.extend_from_slice(notes);
    let target = update.writes(difference);
    if difference == Difference::None && target == Target::Nothing {
        settle(folder, "counts", operation, &build);
    }
    if target != Target::Nothing && !now.is_empty() {
        if let Some(before) = &before {
            keep_other_machines(before, &mut now);
        }
        let reason = if how == "new" { "first baseline".to_owned() } else { reason(how) };
        let counts = CountsEntry { counts: now, origin: origin(folder, &reason) };
        let pending = Pending {
            operation: operation.to_owned(),
            found: Found::Counts(build, counts),
            how: how.to_owned(),
        };
        lines.push(store(&pending, target, folder));
    }
    lines.extend(saved.map(|error| format!("it was not saved: {error}")));
    lines.push(format!("at {place}"));
    let text = lines.join("\n  ");
    told::keep(&format!("{operation} (counts)"), how, &text);
    let overwritten = target == Target::Baselines;
    if how == "more" && !overwritten || how == "new" && strict && !overwritten {
        return Some(text);
    }
    if how != "kept" || !notes.is_empty() {
        told::say(&text);
    }
    None
}

fn differences(
    before: &CountsEntry,
    calls: &Calls,
    now: &BTreeMap<String, u64>,
    compiler: &str,
) -> Differences {
    let mut found = Differences::default();
    for (what, count) in &before.counts {
        let (low, high) = calls.span(what);
        if what.starts_with(INSTRUCTIONS) {
            if !now.contains_key(what) {
                continue;
            }
            let moved = low as f64 / (*count).max(1) as f64 - 1.0;
            let line = format!("{what}: {low}, normal are {count} ({:+.1} %)", 100.0 * moved);
            if before.origin.toolchain != compiler {
                found.other.push(format!("{line} of {}", before.origin.toolchain));
            } else if moved > INSTRUCTIONS_MOVE {
                found.more.push(line);
            } else if moved < -INSTRUCTIONS_MOVE {
                found.other.push(line);
            }
        } else if low > *count {
            found.more.push(format!("{what}: {}, normal are {count}", shown(low, high)));
        } else if high < *count {
            found.other.push(format!("{what}: {}, normal were {count}", shown(low, high)));
        } else if low != high {
            let shown = shown(low, high);
            found.other.push(format!("{what}: {shown} from call to call, normal are {count}"));
        }
    }
    for (what, count) in now.iter().filter(|(what, _)| !before.counts.contains_key(*what)) {
        let by_the_kit = [ALLOCATIONS, BYTES].contains(&what.as_str());
        let uncounted = by_the_kit || what.starts_with(INSTRUCTIONS) || *count == 0;
        let list = if uncounted { &mut found.other } else { &mut found.more };
        list.push(format!("{what}: {count}, the baseline has none"));
    }
    found
}

/// What only other machines count stays, as long as the compiler is the same.
fn keep_other_machines(before: &CountsEntry, now: &mut BTreeMap<String, u64>) {
    if before.origin.toolchain != RUSTC {
        return;
    }
    for (what, count) in &before.counts {
        if what.starts_with(INSTRUCTIONS) {
            now.entry(what.clone()).or_insert(*count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baselines::Origin;

    fn differ(before: &[(&str, u64)], calls: &[&[(&str, u64)]], compiler: &str) -> (usize, usize) {
        let map = |numbers: &[(&str, u64)]| -> BTreeMap<String, u64> {
            numbers.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect()
        };
        let origin = Origin { toolchain: "rustc 1".into(), ..Origin::default() };
        let before = CountsEntry { counts: map(before), origin };
        let numbers: Vec<_> = calls.iter().map(|call| map(call)).collect();
        let calls = Calls { numbers, ..Calls::default() };
        let mut now = BTreeMap::new();
        for what in calls.numbers.iter().flat_map(BTreeMap::keys) {
            now.insert(what.clone(), calls.span(what).1);
        }
        let found = differences(&before, &calls, &now, compiler);
        (found.more.len(), found.other.len())
    }

    #[test]
    fn counts_are_exact_and_instructions_may_move_by_one_percent() {
        let counts = |count| differ(&[("queries", 1_000)], &[&[("queries", count)]], "rustc 1");
        assert_eq!([1_000, 1_001, 999].map(counts), [(0, 0), (1, 0), (0, 1)]);
        let here = |count| {
            let name = "instructions_linux_x86_64";
            differ(&[(name, 1_000)], &[&[(name, count)]], "rustc 1")
        };
        assert_eq!([1_000, 1_009, 991].map(here), [(0, 0); 3]);
        assert_eq!([1_011, 989].map(here), [(1, 0), (0, 1)]);
    }

    #[test]
    fn instructions_of_another_compiler_are_said_and_of_another_machine_left_alone() {
        let name = "instructions_linux_x86_64";
        assert_eq!(differ(&[(name, 1_000)], &[&[(name, 2_000)]], "rustc 2"), (0, 1));
        assert_eq!(differ(&[(name, 1_000)], &[&[("queries", 0)]], "rustc 1"), (0, 1));
        assert_eq!(differ(&[(name, 1_000)], &[&[]], "rustc 1"), (0, 0));
    }

    #[test]
    fn what_varies_from_call_to_call_is_said_and_fails_only_if_every_call_takes_more() {
        let calls = |low, high| {
            let calls: [&[(&str, u64)]; 2] = [&[("queries", low)], &[("queries", high)]];
            differ(&[("queries", 10)], &calls, "rustc 1")
        };
        assert_eq!(calls(9, 12), (0, 1));
        assert_eq!(calls(11, 12), (1, 0));
        assert_eq!(calls(8, 9), (0, 1));
    }
}
