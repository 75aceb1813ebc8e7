//! Why the runtime could not be installed, or not be taken down in time.

use std::time::Duration;

use crate::alert::AlertError;
use crate::catalog::CatalogueError;

/// Why the runtime could not be installed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// The operating system refuses another thread. Freeing some may help.
    #[error("a thread of the monitor did not start")]
    Thread {
        /// What the system said.
        source: std::io::Error,
    },
    /// The catalogue or the overriding objectives have mistakes; each names its line and key.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// A setting of the alerts is not accepted; the message says what is.
    #[error(transparent)]
    Alerts(#[from] AlertError),
    /// A tick of no length would never end. Choose a longer one.
    #[error("a tick every {every:?} is shorter than the shortest, {shortest:?}")]
    Tick {
        /// What was asked for.
        every: Duration,
        /// The shortest that is accepted.
        shortest: Duration,
    },
    /// A disk is not written to so often. Choose a longer rhythm.
    #[error("a flush every {every:?} is shorter than the shortest, {shortest:?}")]
    Flush {
        /// What was asked for.
        every: Duration,
        /// The shortest that is accepted.
        shortest: Duration,
    },
    /// A rhythm of no length would read without end. Choose a longer one.
    #[error("reading resources every {every:?} is shorter than the shortest, {shortest:?}")]
    Resources {
        /// What was asked for.
        every: Duration,
        /// The shortest that is accepted.
        shortest: Duration,
    },
}

/// Why the runtime was not taken down in time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShutdownError {
    /// The last tick was still running, or what it had to keep was still being written. That ends
    /// by itself; asking again waits for it again.
    #[error("the last tick, and what it had to keep, was not done within {waited:?}")]
    TimedOut {
        /// How long the caller had wanted to wait.
        waited: Duration,
    },
    /// The collector has finished, and a reading of resources has not: commonly a file system
    /// does not answer. Its thread ends when it does; nothing waits for it.
    #[error("a reading of resources did not end within {waited:?}")]
    Reading {
        /// How long the caller had wanted to wait.
        waited: Duration,
    },
}
