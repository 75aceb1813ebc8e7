//! `install()` puts the runtime together, [`Handle`] takes it down.
//!
//! - `builder`: what can be chosen.
//! - `handle`: what is installed; `people`: what people ask of it and do with it.
//! - `sampler`: the thread that reads resources; `stop`: how a thread is asked to stop.
//! - `diagnosis`: what measuring is like on this machine.
//! - `watcher`: notices that the collector hangs.
//! - `error`: why it could not be installed.

mod builder;
mod diagnosis;
mod error;
mod handle;
mod people;
mod sampler;
mod stop;
mod watcher;

pub use builder::Builder;
pub use diagnosis::Diagnosis;
pub use error::{InstallError, ShutdownError};
pub use handle::Handle;

/// Installs the runtime with its defaults: a thread ticks a [`crate::Collector`] over the global
/// registry every second, and another reads resources. In a process made by `fork`, measuring starts again, empty.
///
/// Calls are measured without it, too; this is what learns baselines and judges by them.
/// Installing again while installed answers a handle to the same runtime.
///
/// # Errors
/// If the thread cannot be started.
///
/// # Examples
/// ```
/// let handle = kgas_perf_runtime::install()?;
/// // … the program …
/// handle.shutdown(std::time::Duration::from_secs(1))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn install() -> Result<Handle, InstallError> {
    Builder::new().install()
}
