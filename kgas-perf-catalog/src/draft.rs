//! `Draft`: what one file says, before it becomes a catalogue or changes one.

use toml::de::DeValue;

use crate::bounds::read_objectives;
use crate::category::Category;
use crate::objective::Objective;
use crate::operation::{LONGEST_NAME, is_operation_name};
use crate::reader::{Entry, Place, Reader, all_entries, quoted};
use crate::size::SizeBounds;

/// What a file is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It declares operations, so each needs a category.
    Declare,
    /// It overrides the objectives of operations that are declared elsewhere.
    Override,
}

/// What one file says.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) extends_builtin: bool,
    pub(crate) size_classes: Option<SizeClasses>,
    pub(crate) operations: Vec<Operation>,
}

/// The table of lower bounds; a bound that it does not name keeps its value.
#[derive(Debug)]
pub(crate) struct SizeClasses {
    pub(crate) place: Place,
    small: Option<u64>,
    medium: Option<u64>,
    large: Option<u64>,
}

/// What a file says of one operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) place: Place,
    pub(crate) name: String,
    /// `None` where it is not there or not right.
    pub(crate) category: Option<Category>,
    /// `None` where they are not there.
    pub(crate) objectives: Option<Vec<Objective>>,
}

impl Draft {
    /// Reads the whole file; the reader notes the mistakes.
    pub(crate) fn read(reader: &mut Reader<'_>, purpose: Purpose) -> Self {
        let mut draft = Self::default();
        let Some(document) = reader.document() else {
            return draft;
        };
        let accepted = ["extends", "size_classes", "operations"];
        for Entry { key, value, place } in reader.entries(&Place::top(), &document, &accepted) {
            match key {
                "extends" => {
                    let extended =
                        reader.one_of(&place, value, "catalogue", &["builtin"], |name| name);
                    draft.extends_builtin = extended.is_some();
                }
                "size_classes" => draft.size_classes = read_size_classes(reader, place, value),
                _ => draft.operations = read_operations(reader, &place, value, purpose),
            }
        }
        draft
    }

    /// The bounds that hold once this file's are laid over `base`; they must ascend.
    pub(crate) fn size_bounds(&self, base: SizeBounds, reader: &mut Reader<'_>) -> SizeBounds {
        let Some(classes) = &self.size_classes else {
            return base;
        };
        let bounds = SizeBounds {
            small: classes.small.unwrap_or(base.small),
            medium: classes.medium.unwrap_or(base.medium),
            large: classes.large.unwrap_or(base.large),
        };
        let SizeBounds { small, medium, large } = bounds;
        if !(small < medium && medium < large) {
            reader.mistake(
                &classes.place,
                format!(
                    "bounds out of order: small {small}, medium {medium}, large {large}; each must \
                     be above the one before"
                ),
            );
        }
        bounds
    }
}

fn read_size_classes(
    reader: &mut Reader<'_>,
    place: Place,
    value: &DeValue<'_>,
) -> Option<SizeClasses> {
    let table = reader.table(&place, value)?;
    let mut classes = SizeClasses { place: place.clone(), small: None, medium: None, large: None };
    for Entry { key, value, place } in reader.entries(&place, table, &["small", "medium", "large"])
    {
        let bound = reader.count(&place, value);
        match key {
            "small" => classes.small = bound,
            "medium" => classes.medium = bound,
            _ => classes.large = bound,
        }
    }
    Some(classes)
}

fn read_operations(
    reader: &mut Reader<'_>,
    place: &Place,
    value: &DeValue<'_>,
    purpose: Purpose,
) -> Vec<Operation> {
    let Some(table) = reader.table(place, value) else {
        return Vec::new();
    };
    all_entries(place, table)
        .into_iter()
        .filter_map(|entry| read_operation(reader, entry, purpose))
        .collect()
}

fn read_operation(
    reader: &mut Reader<'_>,
    Entry { key: name, value, place }: Entry<'_>,
    purpose: Purpose,
) -> Option<Operation> {
    if !is_operation_name(name) {
        reader.mistake(
            &place,
            format!(
                "`{name}` cannot name an operation; accepted: lower-case letters, digits and `_`, \
                 beginning with a letter, at most {LONGEST_NAME}"
            ),
        );
    }
    let table = reader.table(&place, value)?;
    let mut operation =
        Operation { place: place.clone(), name: name.to_owned(), category: None, objectives: None };
    let mut has_category = false;
    for Entry { key, value, place } in reader.entries(&place, table, &["category", "objectives"]) {
        if key == "category" {
            has_category = true;
            operation.category =
                reader.one_of(&place, value, "category", &Category::ALL, Category::as_str);
        } else {
            operation.objectives = Some(read_objectives(reader, &place, value));
        }
    }
    if !has_category && purpose == Purpose::Declare {
        let names = quoted(&Category::ALL.map(Category::as_str));
        reader.mistake(&place, format!("missing `category`; accepted: {names}"));
    }
    Some(operation)
}
