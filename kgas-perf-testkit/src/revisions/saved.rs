//! `SavedRun`: what a run of tests took, as a file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::baselines::{Class, Guard, RUSTC, commit, rounded, today, write_whole};
use crate::place::Place;
use crate::timing::{PARTS, Session, Statistic, VERSION};

/// The version of the format.
const SHAPE: u32 = 1;

/// What a run of tests took: every operation that an assertion measured. Tests write it where
/// `KGAS_PERF_SAVE` says, in the place of what another revision, compiler or machine left there;
/// [`Table::of`](crate::revisions::Table::of) compares two.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedRun {
    /// The version of this format: 1.
    pub kgas_perf_run: u32,
    /// The class of environments it ran in.
    pub class: String,
    /// The compiler.
    pub toolchain: String,
    /// The commit; empty if unknown.
    pub commit: String,
    /// The day, in UTC.
    pub date: String,
    /// Which yardstick was used.
    pub yardstick: i64,
    /// The operations by name.
    pub operations: BTreeMap<String, SavedOperation>,
}

/// What a run took of one operation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedOperation {
    /// What was kept of a sample; empty if no durations were taken.
    #[serde(default)]
    pub statistic: String,
    /// A list of samples for each process, in nanoseconds a call, in the order of measurement.
    #[serde(default)]
    pub samples_ns: Vec<Vec<f64>>,
    /// What each piece of the yardstick took beside each sample, in nanoseconds.
    #[serde(default)]
    pub yardsticks_ns: Vec<Vec<[f64; PARTS]>>,
    /// Exact numbers of one call.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
}

/// What can be wrong with a saved run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SavedRunError {
    /// It is not there or cannot be read.
    #[error("cannot read the run {}: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no saved run. Save it anew.
    #[error("{} is no saved run: {what}", file.display())]
    Broken {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        what: String,
    },
}

impl SavedRun {
    /// Reads a run.
    ///
    /// # Errors
    /// [`SavedRunError`] if it is not there or no saved run of this version.
    pub fn read(file: &Path) -> Result<Self, SavedRunError> {
        let text = fs::read_to_string(file)
            .map_err(|source| SavedRunError::Unreadable { file: file.to_owned(), source })?;
        let broken = |what: String| SavedRunError::Broken { file: file.to_owned(), what };
        let run: Self = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
        if run.kgas_perf_run != SHAPE {
            let found = run.kgas_perf_run;
            return Err(broken(format!("its version is {found}; {SHAPE} is known here")));
        }
        for (name, operation) in &run.operations {
            let samples = operation.samples_ns.iter().map(Vec::len);
            let pairs = samples.eq(operation.yardsticks_ns.iter().map(Vec::len));
            let yardsticks = operation.yardsticks_ns.iter().flatten().flatten();
            let mut all = operation.samples_ns.iter().flatten().chain(yardsticks);
            if !pairs || !all.all(|each| each.is_finite() && *each >= 0.0) {
                return Err(broken(format!("the samples of `{name}` are no durations in pairs")));
            }
        }
        Ok(run)
    }

    /// Adds one operation to the run in a file, which is made where there is none. Processes that
    /// do so at once lose nothing.
    ///
    /// A file of another run than the fresh one, which is of another class, compiler, commit or
    /// yardstick, is begun anew. Features are no part of that, as each crate has its own.
    ///
    /// # Errors
    /// [`SavedRunError`] if there is a file that is no saved run, or it cannot be written.
    pub fn add_to(
        file: &Path,
        fresh: impl FnOnce() -> Self,
        name: &str,
        add: impl FnOnce(&mut SavedOperation),
    ) -> Result<(), SavedRunError> {
        let failed = |source| SavedRunError::Unreadable { file: file.to_owned(), source };
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let _guard = Guard::of(file).map_err(failed)?;
        let mut run = fresh();
        if file.exists() {
            let there = Self::read(file)?;
            if there.is_of_the_same_run_as(&run) {
                run = there;
            }
        }
        run.kgas_perf_run = SHAPE;
        add(run.operations.entry(name.to_owned()).or_default());
        let text = serde_json::to_string_pretty(&run).unwrap_or_default();
        write_whole(file, &(text + "\n")).map_err(failed)
    }

    /// Whether what was taken in both may stand in one file.
    fn is_of_the_same_run_as(&self, other: &Self) -> bool {
        let (class, others) = (&self.class, &other.class);
        Class::from_text(class).without_features() == Class::from_text(others).without_features()
            && self.toolchain == other.toolchain
            && self.commit == other.commit
            && self.yardstick == other.yardstick
    }

    /// A run that begins now, with nothing in it.
    pub(crate) fn begin(place: &Place, class: &Class) -> Self {
        Self {
            kgas_perf_run: SHAPE,
            class: class.as_str().to_owned(),
            toolchain: RUSTC.to_owned(),
            commit: commit(place.crate_folder()),
            date: today(),
            yardstick: VERSION,
            operations: BTreeMap::new(),
        }
    }
}

impl SavedOperation {
    /// The processes' sessions, for judging.
    pub(crate) fn sessions(&self) -> Vec<Session> {
        let pairs = self.samples_ns.iter().zip(&self.yardsticks_ns);
        pairs
            .map(|(samples, yardsticks)| Session {
                operation_ns: samples.clone(),
                yardstick_ns: yardsticks.clone(),
                timings_ns: samples.clone(),
                ..Session::default()
            })
            .collect()
    }
}

/// The file that `KGAS_PERF_SAVE` names. Cargo starts tests in their package's folder, so a
/// relative path is taken from where the command was given, as the shell tells it.
pub(crate) fn asked() -> Option<PathBuf> {
    let file = PathBuf::from(std::env::var_os("KGAS_PERF_SAVE").filter(|file| !file.is_empty())?);
    if file.is_absolute() {
        return Some(file);
    }
    let shell = std::env::var_os("PWD").map(PathBuf::from).filter(|folder| folder.is_absolute());
    Some(shell.map_or(file.clone(), |folder| folder.join(file)))
}

/// Saves what was taken, if that was asked for; notes what went wrong.
pub(crate) fn save(
    name: &str,
    place: &Place,
    class: &Class,
    statistic: Statistic,
    sessions: &[Session],
    notes: &mut Vec<String>,
) {
    let Some(file) = asked() else { return };
    let saved = SavedRun::add_to(
        &file,
        || SavedRun::begin(place, class),
        name,
        |operation| {
            statistic.as_str().clone_into(&mut operation.statistic);
            operation.samples_ns = sessions
                .iter()
                .map(|session| session.operation_ns.iter().map(|each| rounded(*each)).collect())
                .collect();
            operation.yardsticks_ns = sessions
                .iter()
                .map(|session| session.yardstick_ns.iter().map(|it| it.map(rounded)).collect())
                .collect();
        },
    );
    if let Err(error) = saved {
        notes.push(format!("it was not saved: {error}"));
    }
}

/// Saves exact numbers, if that was asked for.
pub(crate) fn save_counts(
    name: &str,
    place: &Place,
    class: &Class,
    counts: &BTreeMap<String, u64>,
) -> Option<SavedRunError> {
    let file = asked()?;
    let saved = SavedRun::add_to(
        &file,
        || SavedRun::begin(place, class),
        name,
        |operation| {
            operation.counts.clone_from(counts);
        },
    );
    saved.err()
}
