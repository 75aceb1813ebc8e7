//! One program with the store and with sqlx on SQLite: that it compiles is what is tried.

/// A store of this crate, and a pool of the other.
pub type Both = (kgas_perf_runtime::store::SqliteStore, sqlx::SqlitePool);
