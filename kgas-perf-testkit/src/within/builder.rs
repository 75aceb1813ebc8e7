//! `WithinBaseline`: the assertion, and what it hides.

use std::time::Duration;

use kgas_perf_runtime::measure::SystemClock;

use super::answer::{Answer, Doubt};
use super::judge::{Before, Rule};
use super::notes;
use super::replicate::{self, Role};
use super::report::Report;
use super::rounds::{self, BASELINE, FURTHER};
use super::write;
use crate::baselines::{Book, Class, Entry};
use crate::check::{Check, Fine};
use crate::place::Place;
use crate::revisions::saved;
use crate::timing::{Course, Effort, Session, Statistic, Turn, clock_step, drive, drive_async};
use crate::told;

/// A session may last as long as if the budget were for so many.
pub(super) const SESSIONS: u32 = 3;
/// With fewer samples than this, the first session gets all of the budget.
const FEW: usize = 12;

/// Asserts that an operation is as fast as its baseline in the repository says.
///
/// [`assert_within_baseline!`](crate::assert_within_baseline) makes one; by hand it is made where
/// there are more settings than a macro should have.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_testkit::{Answer, Statistic, WithinBaseline};
///
/// let report = WithinBaseline::new("graph_to_table")
///     .samples(80)
///     .warm_up(Duration::from_millis(50))
///     .threshold(0.03)
///     .statistic(Statistic::TrimmedMean)
///     .absolute_floor(Duration::from_nanos(20))
///     .budget(Duration::from_secs(3))
///     .measure(|| (0..100_u64).sum::<u64>());
/// // There is no baseline of that name here, and documentation is tested in debug builds.
/// assert_eq!(report.answer(), Answer::NotJudged);
/// ```
#[derive(Clone, Debug)]
#[must_use = "it asserts nothing until it is given what to measure"]
pub struct WithinBaseline {
    operation: String,
    place: Place,
    effort: Effort,
    threshold: f64,
    floor_ns: f64,
    strict: bool,
    judge_debug_builds: bool,
    processes: bool,
}

/// What is known before anything is measured.
struct Ready {
    class: Class,
    book: Book,
    entry: Option<(Entry, bool)>,
    rule: Rule,
    effort: Effort,
    _turn: Option<Turn>,
}

impl WithinBaseline {
    /// An assertion on an operation of this name, which may be any text.
    #[track_caller]
    pub fn new(operation: impl Into<String>) -> Self {
        Self::at(operation, Place::of_caller())
    }

    #[doc(hidden)]
    pub fn at(operation: impl Into<String>, place: Place) -> Self {
        Self {
            operation: operation.into(),
            place,
            effort: Effort::default(),
            threshold: 0.05,
            floor_ns: 1.0,
            strict: told::strict(),
            judge_debug_builds: std::env::var("KGAS_PERF_JUDGE_DEBUG_BUILDS")
                .is_ok_and(|set| !["", "0", "false"].contains(&set.as_str())),
            processes: true,
        }
    }

    /// How many samples a session takes: 50, if the budget allows. At least 4.
    pub fn samples(mut self, samples: usize) -> Self {
        self.effort.samples = samples.max(4);
        self
    }

    /// How long the operation runs before it is timed: 100 ms.
    pub fn warm_up(mut self, warm_up: Duration) -> Self {
        self.effort.warm_up = warm_up;
        self
    }

    /// The relative difference that is none yet: 0.05. Between 0.001 and 10.
    pub fn threshold(mut self, share: f64) -> Self {
        self.threshold = if share.is_finite() { share.clamp(0.001, 10.0) } else { 0.05 };
        self
    }

    /// The difference that is none yet, whatever its share: 1 ns a call.
    pub fn absolute_floor(mut self, floor: Duration) -> Self {
        self.floor_ns = floor.as_secs_f64() * 1e9;
        self
    }

    /// What is kept of a sample: the median.
    pub fn statistic(mut self, statistic: Statistic) -> Self {
        self.effort.statistic = statistic;
        self
    }

    /// How long it may take in this process: 5 s. No call is begun after that. Another round, for
    /// what seems slower or faster, starts this test twice more, each with a third of it, and three times more
    /// where that leaves a doubt; a first baseline is taken by six processes.
    pub fn budget(mut self, budget: Duration) -> Self {
        self.effort.budget = budget.max(Duration::from_millis(10));
        self
    }

    /// Fails what is new or inconclusive, as `KGAS_PERF_STRICT=1` does for all.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Judges debug builds too; their baselines are their own.
    pub fn judge_debug_builds(mut self) -> Self {
        self.judge_debug_builds = true;
        self
    }

    /// Starts no other process: for tests that cannot run twice at a time. Further rounds are
    /// then this process's, and what is special about it is seen twice.
    pub fn in_this_process(mut self) -> Self {
        self.processes = false;
        self
    }

    /// Measures, judges, and fails the test at the caller's line.
    ///
    /// What a call returns is dropped within its time. A closure that returns a future has done
    /// nothing yet when it is measured: those are for [`WithinBaseline::measure_async`].
    ///
    /// # Panics
    /// As [`Report::assert`].
    #[track_caller]
    pub fn assert<T>(self, work: impl FnMut() -> T) {
        self.measure(work).assert();
    }

    /// Measures and judges.
    pub fn measure<T>(self, mut work: impl FnMut() -> T) -> Report {
        let ready = match self.ready() {
            Ok(ready) => ready,
            Err(report) => return *report,
        };
        let mut done = vec![vec![drive(self.course(&ready), &mut work)]];
        loop {
            done.push(match self.after(&ready, &done) {
                More::Nothing => return self.finish(&ready, &done),
                More::Processes(sessions) => sessions,
                More::Here(course) => vec![drive(*course, &mut work)],
            });
        }
    }

    /// The same for futures, under whatever runtime awaits it: each call makes one, and its time
    /// is that of awaiting it. `.assert()` on the answer fails the test.
    ///
    /// ```
    /// # use kgas_perf_testkit::WithinBaseline;
    /// # async fn fetch(_: u32) -> u32 { 1 }
    /// # async fn test() {
    /// WithinBaseline::new("fetch").measure_async(async || fetch(7).await).await.assert();
    /// # }
    /// ```
    pub async fn measure_async<T>(self, work: impl AsyncFnMut() -> T) -> Report {
        self.measure_checked(work, Fine).await
    }

    /// The same, with a look at what each call returned.
    #[doc(hidden)]
    pub async fn measure_checked<T>(
        self,
        mut work: impl AsyncFnMut() -> T,
        check: impl Check<T>,
    ) -> Report {
        let ready = match self.ready() {
            Ok(ready) => ready,
            Err(report) => return *report,
        };
        let mut done = vec![vec![drive_async(self.course(&ready), &mut work, check).await]];
        loop {
            done.push(match self.after(&ready, &done) {
                More::Nothing => return self.finish(&ready, &done),
                More::Processes(sessions) => sessions,
                More::Here(course) => vec![drive_async(*course, &mut work, check).await],
            });
        }
    }

    /// What is known before anything is measured, or the report if nothing is to be.
    fn ready(&self) -> Result<Ready, Box<Report>> {
        let role = Role::at(&self.operation, &self.place);
        let rule = Rule { threshold: self.threshold, floor_ns: self.floor_ns, assertions: 1 };
        if self.place.is_debug() && !self.judge_debug_builds || role == Role::Elsewhere {
            return Err(Box::new(self.report(Answer::NotJudged, rule)));
        }
        let failed = |error: String| {
            let mut report = self.report(Answer::NotJudged, rule);
            report.error = Some(error);
            Box::new(report)
        };
        write::update().map_err(failed)?;
        let book = Book::read(&Book::file_of(self.place.crate_folder()))
            .map_err(|error| failed(error.to_string()))?;
        let class = Class::here(&self.place);
        let entry = entry_for(&book, &self.operation, &class);
        let assertions = book.len().max(1);
        let effort = Effort { clock_step: clock_step(&SystemClock), ..self.effort };
        // A replicate is timed in the turn of the test that started it.
        let turn = (role == Role::Test).then(Turn::take);
        let rule = Rule { assertions, ..rule };
        Ok(Ready { class, book, entry, rule, effort, _turn: turn })
    }

    fn course(&self, ready: &Ready) -> Course {
        Course::new(ready.effort, self.effort.budget / SESSIONS)
    }

    /// What the rounds so far ask for; the first is a session of this process.
    fn after(&self, ready: &Ready, done: &[Vec<Session>]) -> More {
        let first = &done[0][0];
        if Role::at(&self.operation, &self.place) == Role::Replicate {
            replicate::answer(first);
        }
        let few = first.samples() < FEW;
        let allowed = self.effort.budget / SESSIONS;
        let others = |count| {
            // Of calls that are long against the budget, another process would have a few more.
            let count = if self.processes && !few { count } else { 0 };
            let sessions = replicate::sessions(&self.operation, &self.place, count, allowed);
            if sessions.is_empty() { More::Nothing } else { More::Processes(sessions) }
        };
        let entry = ready.entry.as_ref();
        let Some((entry, same)) = entry.filter(|(it, _)| it.statistic == self.effort.statistic)
        else {
            let kept = entry.is_some() || write::update().is_ok_and(write::keeps_new);
            let Some(&count) = BASELINE.get(done.len() - 1).filter(|_| kept) else {
                return More::Nothing;
            };
            return match done.len() {
                1 => others(count - 1),
                _ if rounds::is_unsteady(&done.concat(), &ready.rule) => others(count),
                _ => More::Nothing,
            };
        };
        let so_far = rounds::together(&Before::kept(entry, *same), done, &ready.rule);
        let asked =
            few && done.len() == 1 || rounds::needs_another(&so_far, done.len(), &ready.rule);
        let Some(&count) = FURTHER.get(done.len() - 1).filter(|_| asked) else {
            return More::Nothing;
        };
        if let More::Processes(sessions) = others(count) {
            return More::Processes(sessions);
        }
        let spent: Duration = done.iter().flatten().map(|session| session.timed).sum();
        let left = self.effort.budget.saturating_sub(spent);
        if left < Duration::from_secs_f64(first.typical_ns() * 1e-9) {
            return More::Nothing;
        }
        let allowed = if few { left } else { allowed.min(left) };
        More::Here(Box::new(Course::again(ready.effort, first, allowed)))
    }

    fn finish(&self, ready: &Ready, done: &[Vec<Session>]) -> Report {
        let mut report = self.report(Answer::New, ready.rule);
        let all = done.concat();
        report.samples = all.iter().map(Session::samples).sum();
        report.now_ns = all.first().map(Session::typical_ns);
        if let Some((entry, same)) = &ready.entry {
            let mut beside = rounds::together(&Before::kept(entry, *same), done, &ready.rule);
            if entry.statistic != self.effort.statistic {
                beside.answer = Answer::Inconclusive(Doubt::OtherStatistic);
            }
            if !same {
                report.notes.push(format!(
                    "compared in relative form: the baseline is of another class, this is {}",
                    ready.class
                ));
            }
            report.answer = beside.answer;
            report.beside = Some(beside);
            report.entry = Some(entry.clone());
        } else if let others @ [_, ..] = ready.book.classes(&self.operation).as_slice() {
            report.answer = Answer::Inconclusive(Doubt::NoBaselineForThisClass);
            report.notes.push(notes::other_classes(&ready.class, others));
        }
        if ready.entry.is_none() {
            report.notes.extend(notes::overloaded(&all));
        }
        let wanted = self.effort.samples * all.len();
        if report.samples < wanted {
            report.notes.push(notes::missing(report.samples, wanted, self.effort.budget, &all));
        }
        saved::save(
            &self.operation,
            &self.place,
            &ready.class,
            self.effort.statistic,
            &all,
            &mut report.notes,
        );
        write::durations(&mut report, &ready.class, self.effort.statistic, &all);
        report
    }

    fn report(&self, answer: Answer, rule: Rule) -> Report {
        Report {
            operation: self.operation.clone(),
            answer,
            strict: self.strict,
            place: self.place.clone(),
            rule,
            beside: None,
            entry: None,
            samples: 0,
            now_ns: None,
            notes: Vec::new(),
            error: None,
        }
    }
}

/// What follows the rounds so far.
enum More {
    Nothing,
    Processes(Vec<Session>),
    Here(Box<Course>),
}

/// The baseline of this class, else one that can be compared in relative form.
fn entry_for(book: &Book, operation: &str, class: &Class) -> Option<(Entry, bool)> {
    if let Some(entry) = book.entry(operation, class) {
        return Some((entry, true));
    }
    let others = book.classes(operation);
    let other = others.iter().find(|other| other.is_relative_to(class))?;
    Some((book.entry(operation, other)?, false))
}
