//! What an assertion writes into the repository, if it may.

use crate::baselines::{
    Book, Class, Difference, Entry, Found, Pending, Target, Update, origin, settle,
};
use crate::timing::{Session, Statistic};

use super::answer::{Answer, Doubt};
use super::notes;
use super::report::Report;

/// What may be written.
pub(crate) fn update() -> Result<Update, String> {
    Update::from_environment()
}

/// Whether something new would be written anywhere.
pub(crate) fn keeps_new(update: Update) -> bool {
    update.writes(Difference::New) != Target::Nothing
}

/// Writes what was found of an operation's durations, and notes where.
pub(crate) fn durations(
    report: &mut Report,
    class: &Class,
    statistic: Statistic,
    sessions: &[Session],
) {
    let Ok(update) = update() else { return };
    let difference = match report.answer {
        Answer::New => Difference::New,
        Answer::Slower | Answer::Faster => Difference::Changed,
        Answer::Inconclusive(Doubt::NoBaselineForThisClass) => Difference::New,
        Answer::Inconclusive(Doubt::OtherStatistic | Doubt::OtherYardstick) => Difference::Changed,
        _ => Difference::None,
    };
    let folder = report.place.crate_folder().to_owned();
    let target = update.writes(difference);
    if report.answer == Answer::Kept && update != Update::No {
        settle(&folder, "durations", &report.operation, class.as_str());
    }
    if target == Target::Nothing {
        return;
    }
    let reason = match difference {
        Difference::New => match notes::overloaded(sessions) {
            Some(busy) => format!("first baseline, {busy}"),
            None => "first baseline".to_owned(),
        },
        _ => reason(report.answer.as_str()),
    };
    let entry = Entry::of(sessions, statistic, origin(&folder, &reason));
    if entry.in_yardsticks.iter().any(Vec::is_empty) {
        return;
    }
    let pending = Pending {
        operation: report.operation.clone(),
        found: Found::Durations(class.clone(), Box::new(entry)),
        how: if difference == Difference::New { "new" } else { report.answer.as_str() }.to_owned(),
    };
    report.notes.push(store(&pending, target, &folder));
    if target == Target::Baselines && report.answer == Answer::Slower {
        // Whoever asks for all to be overwritten accepts what it is.
        report.answer = Answer::Kept;
    }
}

/// Why something was written: `KGAS_PERF_REASON`, else how it was found, and who asked for it.
pub(crate) fn reason(how: &str) -> String {
    let told = |name| std::env::var(name).ok();
    reason_of(how, told("KGAS_PERF_REASON").as_deref(), told("KGAS_PERF_UPDATE").as_deref())
}

fn reason_of(how: &str, told: Option<&str>, asked: Option<&str>) -> String {
    match (told, asked) {
        (Some(reason), _) if !reason.trim().is_empty() => reason.to_owned(),
        (_, Some(asked)) if !asked.is_empty() => {
            format!("{how}, taken by KGAS_PERF_UPDATE={asked}")
        }
        _ => how.to_owned(),
    }
}

/// Writes it there; a sentence about that.
pub(crate) fn store(pending: &Pending, target: Target, folder: &std::path::Path) -> String {
    match target {
        Target::Nothing => String::new(),
        Target::Pending => match pending.write(folder) {
            Ok(_) => "to accept it: kgas-perf baseline review".to_owned(),
            Err(error) => format!("nothing was kept for review: {error}"),
        },
        Target::Baselines => {
            let file = Book::file_of(folder);
            match Book::change(&file, |book| pending.put_into(book)) {
                Ok(()) => {
                    let _ = pending.discard(folder);
                    format!("written to {}", file.display())
                }
                Err(error) => format!("nothing was written: {error}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_names_the_variable_only_where_it_is_set() {
        for (told, asked, reason) in [
            (None, None, "slower"),
            (Some(" "), Some(""), "slower"),
            (None, Some("always"), "slower, taken by KGAS_PERF_UPDATE=always"),
            (Some("paging came"), Some("always"), "paging came"),
        ] {
            assert_eq!(reason_of("slower", told, asked), reason);
        }
    }
}
