//! `Failure`: why a command did not succeed, and how the process says so.

use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use kgas_perf_catalog::CatalogueError;
use kgas_perf_runtime::store::StoreError;
use kgas_perf_testkit::baselines::BaselineFileError;
use kgas_perf_testkit::revisions::SavedRunError;

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The catalogue was read and is wrong.
    #[error(transparent)]
    Mistakes(#[from] CatalogueError),
    /// A file is not there or not readable.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    /// A store cannot be read, or not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Some of the files cannot be merged, so none was.
    #[error("{}nothing was merged", lines(.0))]
    NotMerged(Vec<Failure>),
    /// A store was looked at and is not well; what was found is told already.
    #[error("{0}")]
    Unwell(String),
    /// What was asked makes no sense.
    #[error("{0}")]
    Refused(String),
    /// A baseline file is broken or cannot be read or written.
    #[error(transparent)]
    Baselines(#[from] BaselineFileError),
    /// Several things went wrong, and the rest was done.
    #[error("{}", lines(.0).trim_end())]
    Several(Vec<Failure>),
    /// A saved run is none.
    #[error(transparent)]
    Run(#[from] SavedRunError),
    /// What is to be accepted or rejected is not there.
    #[error(
        "nothing is pending of `{operation}`; `kgas-perf baseline review --list` lists what is"
    )]
    NotPending { operation: String },
    /// A worse baseline takes a reason.
    #[error("`{operation}` is {how}; to accept that, say why: --reason \"…\"")]
    NoReason { operation: String, how: String },
    /// The answer is written, and is no success.
    #[error("exit code {0}")]
    Concluded(u8),
    /// A load test could not begin.
    #[error(transparent)]
    Load(#[from] kgas_perf_testkit::example::JobError),
    /// A load test broke a threshold.
    #[error("a threshold is broken; see BROKEN")]
    Broken,
    /// A load test could not be judged; it holds the words that say why in the answer.
    #[error("a run could not be judged; see {0}")]
    NotJudged(String),
    /// The answer could not be written.
    #[error("cannot write the answer: {0}")]
    Output(#[from] io::Error),
}

/// Each on a line of its own.
fn lines(failures: &[Failure]) -> String {
    failures.iter().map(|failure| format!("{failure}\n")).collect()
}

impl Failure {
    /// Tells a person on `err`, and the shell by the exit code.
    pub(crate) fn report(&self, err: &mut impl Write) -> ExitCode {
        // Whoever closes the pipe early, such as `head`, has all they wanted.
        if matches!(self, Self::Output(error) if error.kind() == ErrorKind::BrokenPipe) {
            return ExitCode::SUCCESS;
        }
        // With standard error gone too there is nobody left to tell; a conclusion is told already.
        if !matches!(self, Self::Concluded(_)) {
            let _ = writeln!(err, "{self}");
        }
        match self {
            Self::Mistakes(_) | Self::Broken | Self::Unwell(_) => ExitCode::from(1),
            Self::Concluded(code) => ExitCode::from(*code),
            Self::Unreadable { .. }
            | Self::Unwritable { .. }
            | Self::Baselines(_)
            | Self::Run(_)
            | Self::NotPending { .. }
            | Self::NoReason { .. }
            | Self::Load(_)
            | Self::NotJudged(_)
            | Self::Store(_)
            | Self::NotMerged(_)
            | Self::Several(_)
            | Self::Refused(_)
            | Self::Output(_) => ExitCode::from(2),
        }
    }
}
