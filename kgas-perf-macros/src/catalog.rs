//! Finds and reads the operations catalogue: `kgas-perf.toml`, else the built-in one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use kgas_perf_catalog::Catalogue;

/// The catalogue of the crate being compiled.
#[derive(Clone)]
pub(crate) struct Declared {
    pub(crate) catalogue: Arc<Catalogue>,
    /// Its file, absolute; `None` for the built-in one.
    pub(crate) file: Option<PathBuf>,
}

/// What was read of a file, and the state the file was in.
struct Read {
    modified: Option<SystemTime>,
    length: u64,
    answer: Result<Declared, String>,
}

/// Every catalogue this process has read. A compiler has one; a language server has many, and
/// sees them change.
static READ: Mutex<Option<HashMap<PathBuf, Read>>> = Mutex::new(None);

impl Declared {
    /// The catalogue for a crate in this folder. An error is ready to be shown: it names file, line and key.
    pub(crate) fn of_crate(folder: &Path) -> Result<Self, String> {
        match Catalogue::find(folder) {
            Some(file) => Self::of_file(&file),
            None => Ok(Self::builtin()),
        }
    }

    /// The built-in catalogue of KGAS.
    pub(crate) fn builtin() -> Self {
        static BUILTIN: std::sync::OnceLock<Arc<Catalogue>> = std::sync::OnceLock::new();
        let catalogue = BUILTIN.get_or_init(|| Arc::new(Catalogue::builtin().clone()));
        Self { catalogue: Arc::clone(catalogue), file: None }
    }

    fn of_file(file: &Path) -> Result<Self, String> {
        let unreadable = |error| format!("cannot read the catalogue {}: {error}", file.display());
        let state = std::fs::metadata(file).map_err(unreadable)?;
        let (modified, length) = (state.modified().ok(), state.len());
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        let read = read.get_or_insert_default();
        if let Some(known) = read.get(file)
            && known.modified.is_some()
            && known.modified == modified
            && known.length == length
        {
            return known.answer.clone();
        }
        let text = std::fs::read_to_string(file).map_err(unreadable)?;
        let answer = Catalogue::parse(&text, &shown(file))
            .map(|catalogue| Self { catalogue: Arc::new(catalogue), file: Some(file.to_owned()) })
            .map_err(|error| error.to_string());
        read.insert(file.to_owned(), Read { modified, length, answer: answer.clone() });
        answer
    }

    /// The file as people are shown it, and as the program carries it; empty for the built-in one.
    pub(crate) fn file_for_people(&self) -> &str {
        if self.file.is_some() { self.catalogue.file() } else { "" }
    }
}

/// As the compiler shows source files: from the folder it was started in, if the file lies below.
/// So a program does not tell where it was built.
fn shown(file: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    file.strip_prefix(&here).unwrap_or(file).display().to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// An empty folder of this test's own.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("kgas-perf-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("crate")).unwrap();
        folder
    }

    fn names(declared: &Declared) -> Vec<&str> {
        declared.catalogue.operations().iter().map(|operation| operation.name.as_str()).collect()
    }

    #[test]
    fn the_nearest_catalogue_upwards_is_read_and_read_again_when_it_changes() {
        let folder = folder("nearest");
        let crate_folder = folder.join("crate");
        assert!(Declared::of_crate(&crate_folder).unwrap().file.is_none());

        let above = folder.join("kgas-perf.toml");
        fs::write(&above, "[operations.import]\ncategory = \"custom\"\n").unwrap();
        let declared = Declared::of_crate(&crate_folder).unwrap();
        assert_eq!(declared.file.as_deref(), Some(above.as_path()));
        assert_eq!(declared.file_for_people(), above.display().to_string());
        assert_eq!(names(&declared), ["import"]);
        let again = Declared::of_crate(&crate_folder).unwrap();
        assert!(Arc::ptr_eq(&declared.catalogue, &again.catalogue), "read once");

        fs::write(&above, "[operations.export_all]\ncategory = \"custom\"\n").unwrap();
        assert_eq!(names(&Declared::of_crate(&crate_folder).unwrap()), ["export_all"]);

        let beside = crate_folder.join("kgas-perf.toml");
        fs::write(&beside, "[operations.convert]\ncategory = \"custom\"\n").unwrap();
        assert_eq!(names(&Declared::of_crate(&crate_folder).unwrap()), ["convert"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_mistake_names_file_line_and_key() {
        let folder = folder("malformed");
        let file = folder.join("kgas-perf.toml");
        fs::write(&file, "[operations.import]\ncategory = \"costum\"\n").unwrap();
        let told = Declared::of_crate(&folder).err().unwrap();
        let place = format!("{}:2: operations.import.category: ", file.display());
        assert!(told.starts_with(&place), "{told}");
        fs::remove_dir_all(folder).unwrap();
    }
}
