//! `Tables`: what a benchmark prints, being read.

use crate::command::Failure;

/// Markdown tables, each under its title.
#[derive(Debug)]
pub(crate) struct Tables(Vec<Table>);

#[derive(Debug)]
struct Table {
    title: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Tables {
    /// Reads tables and, above each of them, the last line that is none.
    pub(crate) fn read(text: &str) -> Self {
        let mut tables: Vec<Table> = Vec::new();
        let mut title = "";
        let mut inside = false;
        for line in text.lines().map(str::trim) {
            let is_row = line.starts_with('|') && line.ends_with('|');
            match tables.last_mut().filter(|_| inside && is_row) {
                Some(table) if !line.starts_with("|--") => table.rows.push(cells(line)),
                Some(_) => {}
                None if is_row => {
                    let (title, columns) = (title.to_owned(), cells(line));
                    tables.push(Table { title, columns, rows: Vec::new() });
                }
                None if !line.is_empty() => title = line,
                None => {}
            }
            inside = is_row;
        }
        Self(tables)
    }

    /// The number in a row and column of the table whose title begins so; the last column where
    /// it has no name.
    pub(crate) fn value(&self, title: &str, row: &str, column: &str) -> Result<f64, Failure> {
        let missing = |what: &str| Failure::new(format!("the benchmark printed no {what}"));
        let table = self.0.iter().find(|table| table.title.starts_with(title));
        let table = table.ok_or_else(|| missing(&format!("table `{title}`")))?;
        let index = table.columns.iter().rposition(|known| known == column);
        let index = index.ok_or_else(|| missing(&format!("column `{column}` under `{title}`")))?;
        let cells = table.rows.iter().find(|cells| cells.first().is_some_and(|name| name == row));
        let cell = cells.and_then(|cells| cells.get(index));
        let cell = cell.ok_or_else(|| missing(&format!("row `{row}` under `{title}`")))?;
        cell.parse().map_err(|_| Failure::new(format!("`{cell}` in row `{row}` is no number")))
    }
}

fn cells(line: &str) -> Vec<String> {
    line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "
Contention, threads: 8

| call | CPU ns | × |
|---|--:|--:|
| default | 17.85 | 1.02 |

Flood: 10000000 calls

| | |
|---|--:|
| calls lost | 0 |
";

    #[test]
    fn a_value_is_found_by_title_row_and_column() {
        let tables = Tables::read(PRINTED);
        assert_eq!(tables.value("Contention, threads: 8", "default", "×").unwrap(), 1.02);
        assert_eq!(tables.value("Flood", "calls lost", "").unwrap(), 0.0);
    }

    #[test]
    fn what_is_missing_is_named() {
        let tables = Tables::read(PRINTED);
        let message =
            |title, row, column| tables.value(title, row, column).unwrap_err().to_string();
        assert_eq!(message("Floor", "x", "×"), "the benchmark printed no table `Floor`");
        assert_eq!(message("Flood", "x", ""), "the benchmark printed no row `x` under `Flood`");
        assert_eq!(
            message("Flood", "calls lost", "ms"),
            "the benchmark printed no column `ms` under `Flood`"
        );
    }
}
