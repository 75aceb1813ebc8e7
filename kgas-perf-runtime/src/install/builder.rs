//! `Builder`: what can be chosen when the runtime is installed.

use std::time::Duration;

use crate::catalog::Catalogue;
use crate::install::error::InstallError;
use crate::install::handle::{Handle, Runtime};
use crate::measure::{CatalogueText, mode};
use crate::registry::Registry;

/// The shortest time between two ticks.
const SHORTEST_TICK: Duration = Duration::from_millis(10);

/// What can be chosen when the runtime is installed. Bad choices are reported by
/// [`Builder::install`], with where they are and what would be accepted.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::install::Builder;
///
/// let tonight = r#"
///     [operations.tool_simple]
///     objectives = [{ metric = "duration", statistic = "p95", at_most = "250 ms" }]
/// "#;
/// let handle = Builder::new()
///     .tick_every(Duration::from_secs(1))
///     .override_objectives(tonight, "tonight.toml")
///     .install()?;
/// assert_eq!(handle.catalogue().get("tool_simple").unwrap().objectives.len(), 1);
/// # Ok::<(), kgas_perf_runtime::install::InstallError>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is installed before `install` is called"]
pub struct Builder {
    registry: Option<Registry>,
    tick_every: Option<Duration>,
    catalogue: CatalogueText,
    overrides: Vec<(String, String)>,
}

impl Builder {
    /// The defaults: the global registry, a tick every ten seconds, the built-in catalogue.
    pub fn new() -> Self {
        Self {
            registry: None,
            tick_every: Some(Duration::from_secs(10)),
            catalogue: CatalogueText::BUILTIN,
            overrides: Vec::new(),
        }
    }

    /// Looks at another registry than the global one. Such a runtime belongs to its handle alone:
    /// any number can be installed side by side.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Ticks in this rhythm, at least 10 ms long.
    pub fn tick_every(mut self, every: Duration) -> Self {
        self.tick_every = Some(every);
        self
    }

    /// Ticks only when [`Handle::tick`] is called, and starts no thread.
    pub fn tick_by_hand(mut self) -> Self {
        self.tick_every = None;
        self
    }

    /// Takes operations and objectives from this catalogue: commonly
    /// [`catalogue!()`](crate::catalogue!), which is the one the crate is compiled against.
    pub fn catalogue(mut self, text: CatalogueText) -> Self {
        self.catalogue = text;
        self
    }

    /// Replaces the objectives of the operations that this TOML text names. Messages call it
    /// `file`. Later overrides win.
    pub fn override_objectives(mut self, text: impl Into<String>, file: impl Into<String>) -> Self {
        self.overrides.push((text.into(), file.into()));
        self
    }

    /// Installs the runtime; see [`crate::install`](fn@crate::install).
    ///
    /// If a runtime over the global registry is installed already, and this is to be another,
    /// the answer is a handle to that one; the choices are checked, and otherwise not looked at.
    ///
    /// # Errors
    /// If the catalogue or an override has mistakes, if the tick is too short, or if the thread
    /// cannot be started.
    pub fn install(self) -> Result<Handle, InstallError> {
        let mut catalogue = if self.catalogue == CatalogueText::BUILTIN {
            Catalogue::builtin().clone()
        } else {
            Catalogue::parse(self.catalogue.text, self.catalogue.file)?
        };
        for (text, file) in &self.overrides {
            catalogue = catalogue.with_overrides(text, file)?;
        }
        if let Some(every) = self.tick_every.filter(|every| *every < SHORTEST_TICK) {
            return Err(InstallError::Tick { every, shortest: SHORTEST_TICK });
        }
        match self.registry {
            Some(registry) => {
                let runtime = Runtime::start(registry, catalogue, self.tick_every)?;
                Ok(Handle::of(runtime))
            }
            None => {
                mode::enable_again();
                Handle::global(|| Runtime::start(Registry::global(), catalogue, self.tick_every))
            }
        }
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}
