//! `LoadError`: why a load or stress test could not begin.

/// Why a load or stress test could not begin.
///
/// Nothing was run. What happens later is part of the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A setting makes no sense. The message names it and says what is accepted.
    #[error("{field}: {found} is not accepted; accepted: {accepted}")]
    Refused {
        /// The setting.
        field: String,
        /// Its value.
        found: String,
        /// What it may be.
        accepted: String,
    },
    /// The operating system gives no thread. Fewer workers may help.
    #[error("cannot start a thread for a worker: {source}")]
    NoThread {
        /// What it said.
        source: std::io::Error,
    },
    /// An asynchronous test needs a tokio runtime with its timer. Await it within one.
    #[error("there is no tokio runtime with a timer here; await the test within one")]
    NoRuntime,
}

/// A setting that makes no sense.
pub(crate) fn refuse<T>(field: &str, found: &str, accepted: &str) -> Result<T, LoadError> {
    Err(LoadError::Refused {
        field: field.to_owned(),
        found: found.to_owned(),
        accepted: accepted.to_owned(),
    })
}

/// Refuses a name that a terminal would obey.
pub(crate) fn check_name(field: &str, name: &str) -> Result<(), LoadError> {
    if name.contains(char::is_control) {
        return refuse(field, &format!("the name {name:?}"), "a name without control characters");
    }
    Ok(())
}
