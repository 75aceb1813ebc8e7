//! Why something could not be kept, or not be read.

use std::path::PathBuf;

use thiserror::Error;

/// Why something could not be kept, or not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no room. Free some: what waits is written then.
    #[error("no room left for {}", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// It may not be written to. Allow it, or choose another place.
    #[error("{} may not be written to", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Another process holds it for too long. It is tried again.
    #[error("{} is held by another process", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// It is damaged. It was put aside, if that was possible, and a fresh one is made.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
        /// Where the damaged file is now.
        aside: Option<PathBuf>,
    },
    /// A later version wrote it. It is left as it is: use that version, or choose another file.
    #[error(
        "{} is of version {found} of the format, and this program knows up to {known}",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The latest that is known here.
        known: u32,
    },
    /// It is something else than a store.
    #[error("{} is no store of kgas-perf: {what}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: String,
    },
    /// It was taken away or replaced. It is made anew.
    #[error("{} was removed or replaced", path.display())]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// The process was made by `fork` and may not touch what its parent opened.
    #[error("{} was opened by the process that this one was forked from", path.display())]
    Forked {
        /// The file.
        path: PathBuf,
    },
    /// It failed in another way.
    #[error("{}: {what}", path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What was done.
        what: &'static str,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store panicked. That is a mistake in it; it is tried again.
    #[error("the store panicked: {what}")]
    Panicked {
        /// What it said.
        what: String,
    },
}

impl StoreError {
    /// Whether trying again may help without anybody doing anything.
    pub fn is_retryable(&self) -> bool {
        !matches!(self, Self::Newer { .. } | Self::Foreign { .. } | Self::Forked { .. })
    }
}
