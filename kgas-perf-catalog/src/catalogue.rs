//! `Catalogue`: the operations that exist, where they were declared, and how to find the file.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::draft::{Draft, Purpose};
use crate::error::CatalogueError;
use crate::operation::OperationSpec;
use crate::reader::{Place, Reader};
use crate::size::SizeBounds;
use crate::suggest::nearest;

/// The name of a catalogue's file: `kgas-perf.toml`.
pub const FILE_NAME: &str = "kgas-perf.toml";

const BUILTIN_FILE: &str = "<built-in catalogue>";
const BUILTIN_TEXT: &str = include_str!("kgas.toml");

/// The operations that exist, with their categories and objectives.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogue {
    operations: Vec<OperationSpec>,
    size_bounds: SizeBounds,
    file: String,
}

impl Catalogue {
    /// The catalogue of KGAS, which holds where no file says otherwise.
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Catalogue> = OnceLock::new();
        // The text is a part of this crate and its tests read it, so the second arm is never
        // taken; a monitor that panics would take its host down.
        BUILTIN.get_or_init(|| {
            Self::parse(BUILTIN_TEXT, BUILTIN_FILE).unwrap_or_else(|_| Self::empty(BUILTIN_FILE))
        })
    }

    /// The TOML text of [`Catalogue::builtin`].
    pub const fn builtin_text() -> &'static str {
        BUILTIN_TEXT
    }

    /// Reads a catalogue from its TOML `text`; messages call it `file`.
    ///
    /// ```
    /// use kgas_perf_catalog::{Catalogue, Category};
    ///
    /// let text = "[operations.rank_entities]\ncategory = 'custom'";
    /// let catalogue = Catalogue::parse(text, "kgas-perf.toml")?;
    /// assert_eq!(catalogue.operations()[0].category, Category::Custom);
    ///
    /// let error = Catalogue::parse("[operations.rank]\ncategory = 'tol'", "kgas-perf.toml");
    /// assert_eq!(
    ///     error.unwrap_err().to_string(),
    ///     "kgas-perf.toml:2: operations.rank.category: unknown category `tol`; did you mean \
    ///      `tool`? accepted: `cross_modal`, `tool`, `llm`, `database`, `system`, `custom`",
    /// );
    /// # Ok::<(), kgas_perf_catalog::CatalogueError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// With every mistake of the text: what is not TOML, keys and words that do not exist, values
    /// that do not fit their metric, bounds out of order, names that repeat or are not snake case.
    pub fn parse(text: &str, file: &str) -> Result<Self, CatalogueError> {
        let mut reader = Reader::new(text, file);
        let draft = Draft::read(&mut reader, Purpose::Declare);
        let mut catalogue = Self::empty(file);
        if draft.extends_builtin {
            let builtin = Self::builtin();
            catalogue.operations.clone_from(&builtin.operations);
            catalogue.size_bounds = builtin.size_bounds;
        }
        catalogue.size_bounds = draft.size_bounds(catalogue.size_bounds, &mut reader);
        if draft.operations.is_empty() && !draft.extends_builtin && !reader.has_mistakes() {
            reader.mistake(
                &Place::top(),
                "declares no operation; add a table `[operations.NAME]` or `extends = \"builtin\"`",
            );
        }
        for operation in draft.operations {
            // Without a category the reader has noted a mistake, and there will be no catalogue.
            if let Some(category) = operation.category {
                catalogue.declare(OperationSpec {
                    name: operation.name,
                    category,
                    objectives: operation.objectives.unwrap_or_default(),
                });
            }
        }
        reader.finish(catalogue)
    }

    /// This catalogue with the objectives that `text` gives in place of its own.
    ///
    /// The text has a catalogue's format, so that a copy of the file with other numbers will do.
    /// The objectives of an operation that it names replace all the operation had; an operation
    /// that it does not name keeps what it has. Categories and size classes may be left out: they
    /// are compiled into the call sites, so a text may repeat but not change them. `extends` says
    /// nothing here.
    ///
    /// ```
    /// use kgas_perf_catalog::{Catalogue, Quantity};
    ///
    /// let text = r#"
    ///     [operations.tool_simple]
    ///     objectives = [{ metric = "duration", statistic = "p95", at_most = "250 ms" }]
    /// "#;
    /// let catalogue = Catalogue::builtin().with_overrides(text, "tonight.toml")?;
    /// let tool = catalogue.get("tool_simple").unwrap();
    /// assert_eq!(tool.objectives[0].at_most, Some(Quantity::DurationNs(250_000_000)));
    /// # Ok::<(), kgas_perf_catalog::CatalogueError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// With every mistake of the text, as [`Catalogue::parse`]; an operation that this catalogue
    /// does not declare and a category or size class that differs are mistakes too.
    pub fn with_overrides(&self, text: &str, file: &str) -> Result<Self, CatalogueError> {
        let mut reader = Reader::new(text, file);
        let draft = Draft::read(&mut reader, Purpose::Override);
        let mut catalogue = self.clone();
        let bounds = draft.size_bounds(self.size_bounds, &mut reader);
        if let Some(classes) = draft.size_classes.filter(|_| bounds != self.size_bounds) {
            reader.mistake(
                &classes.place,
                format!(
                    "size classes are compiled in; to change them, edit {} and build again",
                    self.file
                ),
            );
        }
        for operation in draft.operations {
            match catalogue.operations.iter_mut().find(|known| known.name == operation.name) {
                None => reader.mistake(&operation.place, self.unknown_operation(&operation.name)),
                Some(known) => {
                    if operation.category.is_some_and(|category| category != known.category) {
                        reader.mistake(
                            &operation.place,
                            format!(
                                "its category `{}` is compiled in; to change it, edit {} and build \
                                 again",
                                known.category.as_str(),
                                self.file
                            ),
                        );
                    }
                    if let Some(objectives) = operation.objectives {
                        known.objectives = objectives;
                    }
                }
            }
        }
        reader.finish(catalogue)
    }

    /// The catalogue's file in the folder `from` or the nearest one above it.
    ///
    /// A relative path is taken from the current folder. Whether the file can be read shows when
    /// it is read.
    pub fn find(from: &Path) -> Option<PathBuf> {
        let from = std::path::absolute(from).ok()?;
        from.ancestors().map(|folder| folder.join(FILE_NAME)).find(|file| file.is_file())
    }

    /// The file that messages name: as it was given to [`Catalogue::parse`].
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The bounds between its size classes.
    pub fn size_bounds(&self) -> SizeBounds {
        self.size_bounds
    }

    /// Its operations, in the order of the file; those of an extended catalogue come first.
    pub fn operations(&self) -> &[OperationSpec] {
        &self.operations
    }

    /// The operation of that name.
    pub fn get(&self, name: &str) -> Option<&OperationSpec> {
        self.operations.iter().find(|operation| operation.name == name)
    }

    /// The declared name that an unknown one was probably meant to be.
    ///
    /// It is at most one edit away for every three characters, and always one. An edit inserts,
    /// removes or replaces a character or swaps two neighbours; case does not count.
    ///
    /// ```
    /// let catalogue = kgas_perf_catalog::Catalogue::builtin();
    /// assert_eq!(catalogue.suggest("graph_to_tabel"), Some("graph_to_table"));
    /// assert_eq!(catalogue.suggest("frobnicate"), None);
    /// ```
    pub fn suggest(&self, name: &str) -> Option<&str> {
        nearest(name, self.operations.iter().map(|operation| operation.name.as_str()))
    }

    /// What to tell a person who used a name that is not declared.
    ///
    /// ```
    /// assert_eq!(
    ///     kgas_perf_catalog::Catalogue::builtin().unknown_operation("graph_to_tabel"),
    ///     "unknown operation `graph_to_tabel`; did you mean `graph_to_table`? Operations are \
    ///      declared in <built-in catalogue>",
    /// );
    /// ```
    pub fn unknown_operation(&self, name: &str) -> String {
        let file = &self.file;
        match self.suggest(name) {
            Some(meant) => format!(
                "unknown operation `{name}`; did you mean `{meant}`? Operations are declared in \
                 {file}"
            ),
            None => {
                format!("unknown operation `{name}`. Operations are declared in {file}")
            }
        }
    }

    fn empty(file: &str) -> Self {
        Self { operations: Vec::new(), size_bounds: SizeBounds::DEFAULT, file: file.to_owned() }
    }

    /// Adds an operation, or replaces the extended catalogue's of the same name.
    fn declare(&mut self, operation: OperationSpec) {
        match self.operations.iter_mut().find(|known| known.name == operation.name) {
            Some(known) => *known = operation,
            None => self.operations.push(operation),
        }
    }
}
