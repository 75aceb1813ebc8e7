//! Where the tests find real knowledge graphs, on machines that have them.

use std::path::{Path, PathBuf};

/// Path of a file in the data folder beside the workspace; says so and answers `None` when it is
/// not there.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/kg").join(name);
    if path.is_file() {
        return Some(path);
    }
    println!("skipped: {name} is not in ../shared/data/kg beside the workspace");
    None
}
