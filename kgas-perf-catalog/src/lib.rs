//! The catalogue of operations. (Contract stub: replaced by the catalogue's author.)
#![allow(missing_docs, reason = "stub")]
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category { CrossModal, Tool, Llm, Database, System, Custom }
impl Category { pub const fn as_str(self) -> &'static str { match self { Self::CrossModal => "cross_modal", Self::Tool => "tool", Self::Llm => "llm", Self::Database => "database", Self::System => "system", Self::Custom => "custom" } } }

/// Discriminants are the index of a class: `Unsized` 0 … `Large` 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum SizeClass { Unsized, Tiny, Small, Medium, Large }
impl SizeClass {
    pub const ALL: [Self; 5] = [Self::Unsized, Self::Tiny, Self::Small, Self::Medium, Self::Large];
    pub const fn as_str(self) -> &'static str { match self { Self::Unsized => "unsized", Self::Tiny => "tiny", Self::Small => "small", Self::Medium => "medium", Self::Large => "large" } }
}
/// Lower bounds, in entities, of small, medium and large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeBounds { pub small: u64, pub medium: u64, pub large: u64 }
impl SizeBounds {
    pub const DEFAULT: Self = Self { small: 100, medium: 1_000, large: 10_000 };
    #[inline] pub const fn classify(self, size: u64) -> SizeClass { if size < self.small { SizeClass::Tiny } else if size < self.medium { SizeClass::Small } else if size < self.large { SizeClass::Medium } else { SizeClass::Large } }
}
#[derive(Clone, Debug)]
pub struct OperationSpec { pub name: String, pub category: Category, pub objectives: Vec<Objective> }
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {}
#[derive(Clone, Debug)]
pub struct Catalogue { operations: Vec<OperationSpec>, file: String }
#[derive(Clone, Debug)]
pub struct CatalogueError { pub message: String }
impl std::fmt::Display for CatalogueError { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.message) } }
impl std::error::Error for CatalogueError {}
pub const FILE_NAME: &str = "kgas-perf.toml";
impl Catalogue {
    pub fn builtin() -> &'static Self { static B: std::sync::OnceLock<Catalogue> = std::sync::OnceLock::new(); B.get_or_init(|| Catalogue { operations: ["graph_to_table","table_to_vector","vector_to_graph"].map(|n| OperationSpec { name: n.into(), category: Category::CrossModal, objectives: vec![] }).into(), file: "<built-in catalogue>".into() }) }
    pub fn parse(_text: &str, file: &str) -> Result<Self, CatalogueError> { Ok(Self { operations: vec![], file: file.into() }) }
    pub fn find(_from: &Path) -> Option<PathBuf> { None }
    pub fn file(&self) -> &str { &self.file }
    pub fn size_bounds(&self) -> SizeBounds { SizeBounds::DEFAULT }
    pub fn operations(&self) -> &[OperationSpec] { &self.operations }
    pub fn get(&self, name: &str) -> Option<&OperationSpec> { self.operations.iter().find(|o| o.name == name) }
    pub fn suggest(&self, _name: &str) -> Option<&str> { None }
}
