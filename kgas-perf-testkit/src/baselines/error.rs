//! `BaselineFileError`: what can be wrong with a baseline file, where, and what to do.

use std::io;
use std::path::PathBuf;

/// What can be wrong with a baseline file. It is left as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineFileError {
    /// It is there and cannot be read.
    #[error("cannot read the baselines {}: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be written. Tests go on without; reviewing does not.
    #[error("cannot write the baselines {}: {source}", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What stands in it makes no sense. Mend the line, or take the file from version control.
    #[error(
        "{}:{line}: {what}; the file was left as it is: mend this line, restore the file from \
         version control, or delete it to record every baseline anew",
        file.display()
    )]
    Broken {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        what: String,
    },
    /// A pending file makes no sense. Nothing that was accepted is in it.
    #[error(
        "{}:{line}: {what}; the file was left as it is: delete it, and the next run of the tests \
         writes it anew",
        file.display()
    )]
    BrokenPending {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        what: String,
    },
}
