//! `Place`: where in whose source an assertion stands.

use std::fmt;
use std::panic::Location;
use std::path::{Path, PathBuf};

/// Where in whose source an assertion stands, as its macro found it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    folder: PathBuf,
    source: String,
    debug: bool,
    features: Vec<&'static str>,
}

impl Place {
    /// For macros: the folder of the crate that is being compiled, and whether without
    /// optimisation.
    #[doc(hidden)]
    #[track_caller]
    pub fn new(crate_folder: &str, debug: bool) -> Self {
        let compiled = PathBuf::from(crate_folder);
        let told = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        // What was built elsewhere and moved here finds the folder as the runner tells it.
        let folder = if compiled.is_dir() { compiled } else { told.unwrap_or(compiled) };
        Self { folder, source: Location::caller().to_string(), debug, features: Vec::new() }
    }

    /// For macros: the features that the crate declares, and whether it is compiled with them.
    #[doc(hidden)]
    pub fn features(mut self, declared: &[(&'static str, bool)]) -> Self {
        let on = declared.iter().filter(|(_, on)| *on);
        self.features = on.map(|(feature, _)| *feature).collect();
        self
    }

    /// Without a macro: the folder of the package whose tests cargo runs, else the current one.
    #[track_caller]
    pub(crate) fn of_caller() -> Self {
        let told = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let folder = told.or_else(|| std::env::current_dir().ok()).unwrap_or_default();
        let source = Location::caller().to_string();
        Self { folder, source, debug: cfg!(debug_assertions), features: Vec::new() }
    }

    /// The crate's folder.
    pub fn crate_folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the crate is built without optimisation.
    pub fn is_debug(&self) -> bool {
        self.debug
    }

    /// The features that are part of what a baseline is true of: those that `KGAS_PERF_FEATURES`
    /// names, else those that the macro found.
    pub(crate) fn told_features(&self) -> Vec<String> {
        match std::env::var("KGAS_PERF_FEATURES") {
            Ok(told) => {
                let told = told.split(',').map(str::trim).filter(|each| !each.is_empty());
                told.map(str::to_owned).collect()
            }
            Err(_) => self.features.iter().map(|each| (*each).to_owned()).collect(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}
