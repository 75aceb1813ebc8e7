//! `Category`: the kind of work an operation is.

/// The kind of work an operation is; screens and reports group by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Category {
    /// Turns one representation of knowledge into another: graph, table, vectors.
    CrossModal,
    /// A tool that an agent or a user calls.
    Tool,
    /// A call to a language model.
    Llm,
    /// A query, a transaction or anything else a database does.
    Database,
    /// What the process and its host use: processor, memory, disk, network.
    System,
    /// Everything else.
    Custom,
}

impl Category {
    /// Every category, in the order of their declaration.
    pub const ALL: [Self; 6] =
        [Self::CrossModal, Self::Tool, Self::Llm, Self::Database, Self::System, Self::Custom];

    /// The name that catalogues, tables, JSON and metric labels use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CrossModal => "cross_modal",
            Self::Tool => "tool",
            Self::Llm => "llm",
            Self::Database => "database",
            Self::System => "system",
            Self::Custom => "custom",
        }
    }
}
