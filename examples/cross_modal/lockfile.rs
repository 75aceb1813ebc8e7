//! Makes a graph from a `Cargo.lock`: packages, and what they depend on.

use std::path::{Path, PathBuf};

use cargo_lock::{Lockfile, Package};
use thiserror::Error;

use crate::graph::Graph;

/// The relation between a package and one it depends on.
const DEPENDS_ON: &str = "depends_on";

/// Why a lock file gave no graph.
#[derive(Debug, Error)]
pub(crate) enum LockfileError {
    /// The file is missing or is no lock file; the cause says which.
    #[error("{} cannot be read as a lock file; run `cargo generate-lockfile`, or give a triples file", path.display())]
    Unreadable { path: PathBuf, source: cargo_lock::Error },
    /// A lock file of a workspace lists at least the workspace's own packages.
    #[error("{} lists no package", path.display())]
    Empty { path: PathBuf },
}

/// The lock file of the workspace that this example was built from.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")
}

/// Reads a lock file into a graph whose entities are called `name version`.
///
/// A package that depends on nothing, and on which nothing depends, is an entity without links.
///
/// # Errors
///
/// When the file is missing, malformed or lists no package.
pub(crate) fn read(path: &Path) -> Result<Graph, LockfileError> {
    let path = path.to_path_buf();
    let lockfile = match Lockfile::load(&path) {
        Ok(lockfile) => lockfile,
        Err(source) => return Err(LockfileError::Unreadable { path, source }),
    };
    if lockfile.packages.is_empty() {
        return Err(LockfileError::Empty { path });
    }
    Ok(graph_of(&lockfile.packages))
}

fn graph_of(packages: &[Package]) -> Graph {
    let mut graph = Graph::default();
    for package in packages {
        graph.add_entity(&format!("{} {}", package.name, package.version));
    }
    for package in packages {
        let subject = format!("{} {}", package.name, package.version);
        for dependency in &package.dependencies {
            graph.add_triple(
                &subject,
                DEPENDS_ON,
                &format!("{} {}", dependency.name, dependency.version),
            );
        }
    }
    graph
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, fs};

    use super::{read, workspace};

    /// The truth comes from the text itself: one `[[package]]` table a package, one quoted line a
    /// dependency.
    #[test]
    fn graph_has_the_packages_and_dependencies_of_the_lock() {
        let text = fs::read_to_string(workspace()).expect("the workspace is locked");
        let packages = text.lines().filter(|line| *line == "[[package]]").count();
        let dependencies = text.lines().filter(|line| line.starts_with(" \"")).count();

        let graph = read(&workspace()).expect("a good lock file");

        assert_eq!(graph.entity_count(), packages);
        assert_eq!(graph.triple_count(), dependencies);
        assert_eq!(graph.relation_count(), 1);
        let names: HashSet<&str> = graph.entities().collect();
        let own = concat!("kgas-perf ", env!("CARGO_PKG_VERSION"));
        assert!(names.contains(own), "{own} is among the packages");
    }

    #[test]
    fn missing_lock_is_an_error_that_says_what_to_do() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let error = read(&folder.path().join("Cargo.lock")).expect_err("no such file");
        assert!(error.to_string().contains("cargo generate-lockfile"), "{error}");
    }
}
