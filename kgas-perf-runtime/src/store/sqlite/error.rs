//! `Fault`: what went wrong inside, before it is said as a `StoreError`.

use std::path::Path;

use rusqlite::{Error, ErrorCode, ffi};

use crate::store::error::StoreError;

/// What went wrong.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite says so.
    Sql(Error),
    /// What was read is not what was written.
    Damaged(String),
    /// It is said already.
    Said(StoreError),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Said(error)
    }
}

impl Fault {
    /// The same for people, who know the file and what was done with it.
    pub(super) fn said(self, path: &Path, what: &'static str) -> StoreError {
        let path = path.to_owned();
        let error = match self {
            Self::Said(error) => return error,
            Self::Damaged(what) => return StoreError::Damaged { path, what, aside: None },
            Self::Sql(error) => error,
        };
        let Error::SqliteFailure(code, _) = &error else {
            return match error {
                // Columns that are of another kind than what was written.
                Error::FromSqlConversionFailure(..)
                | Error::IntegralValueOutOfRange(..)
                | Error::InvalidColumnType(..)
                | Error::Utf8Error(..)
                | Error::QueryReturnedNoRows => {
                    StoreError::Damaged { path, what: error.to_string(), aside: None }
                }
                error => StoreError::Failed { path, what, source: Box::new(error) },
            };
        };
        match (code.code, code.extended_code) {
            (ErrorCode::DiskFull, _) => StoreError::Full { path },
            // The index of the log could not grow.
            (_, ffi::SQLITE_IOERR_SHMSIZE) => StoreError::Full { path },
            (_, ffi::SQLITE_READONLY_DBMOVED) => StoreError::Gone { path },
            (ErrorCode::ReadOnly | ErrorCode::PermissionDenied, _) => {
                StoreError::ReadOnly { path }
            }
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => StoreError::Busy { path },
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _)
            | (_, ffi::SQLITE_IOERR_SHORT_READ)
            // Its layout is not what was made: a table is missing, a statement means nothing.
            | (ErrorCode::Unknown, ffi::SQLITE_ERROR) => {
                StoreError::Damaged { path, what: error.to_string(), aside: None }
            }
            _ => StoreError::Failed { path, what, source: Box::new(error) },
        }
    }
}
