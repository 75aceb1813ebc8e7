//! `Input`: a named graph that goes through the steps.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::{
    graph::Graph,
    lockfile,
    triples::{self, BadLine},
};

/// So many bad lines of a file are shown; all are counted.
const BAD_LINES_SHOWN: usize = 20;

/// A graph, and what there is to say about where it came from.
#[derive(Debug)]
pub(crate) struct Input {
    /// The path it was read from.
    pub(crate) file: PathBuf,
    pub(crate) graph: Graph,
    /// Triples read, repeated ones included.
    pub(crate) triples: usize,
    /// Triples that said what an earlier one had said.
    pub(crate) repeated_triples: usize,
    /// Lines left out. A lock file is well formed or no input at all.
    pub(crate) bad_lines: Vec<BadLine>,
}

impl Input {
    /// The last part of its path.
    pub(crate) fn name(&self) -> String {
        let name = self.file.file_name().unwrap_or(self.file.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// Lines about the bad lines for a person: the first of them, then how many more there are.
    pub(crate) fn complaints(&self) -> impl Iterator<Item = String> {
        let file = self.file.display();
        let first = self.bad_lines.iter().take(BAD_LINES_SHOWN);
        let unshown = self.bad_lines.len().saturating_sub(BAD_LINES_SHOWN);
        first
            .map(move |line| {
                format!("{file}:{}: {}; the line is left out", line.number, line.mistake)
            })
            .chain(
                (unshown > 0)
                    .then(|| format!("{}: and {unshown} more bad lines", self.file.display())),
            )
    }
}

/// Reads all files; without any, the lock file of the workspace.
///
/// # Errors
///
/// One for each file that cannot be used, so that all mistakes are told before hours of work begin.
pub(crate) fn read_all(files: &[PathBuf]) -> Result<Vec<Input>, Vec<anyhow::Error>> {
    let read = if files.is_empty() {
        vec![read_lockfile(&lockfile::workspace())]
    } else {
        files.iter().map(|file| read_triples(file)).collect()
    };
    let (mut inputs, mut errors) = (Vec::new(), Vec::new());
    for result in read {
        match result {
            Ok(input) => inputs.push(input),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(inputs) } else { Err(errors) }
}

fn read_lockfile(path: &Path) -> anyhow::Result<Input> {
    let graph = lockfile::read(path)
        .context("no triples file was given, and the default graph is missing")?;
    let triples = graph.triple_count();
    Ok(Input {
        file: path.to_path_buf(),
        graph,
        triples,
        repeated_triples: 0,
        bad_lines: Vec::new(),
    })
}

fn read_triples(path: &Path) -> anyhow::Result<Input> {
    let file = triples::read(path)?;
    Ok(Input {
        file: path.to_path_buf(),
        graph: file.graph,
        triples: file.triple_lines,
        repeated_triples: file.repeated_lines,
        bad_lines: file.bad_lines,
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::read_all;

    #[test]
    fn first_bad_lines_are_shown_and_all_are_counted() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("kg.tsv");
        fs::write(&file, format!("a\tr\tb\n{}", "bad\n".repeat(25))).expect("a writable folder");

        let inputs = read_all(&[file]).expect("one good line");

        let complaints: Vec<String> = inputs[0].complaints().collect();
        assert_eq!(complaints.len(), 21);
        assert!(
            complaints[0].contains("kg.tsv:2: found 1 tab-separated field"),
            "{}",
            complaints[0]
        );
        assert!(complaints[19].contains("kg.tsv:21: "), "{}", complaints[19]);
        assert!(complaints[20].ends_with("kg.tsv: and 5 more bad lines"), "{}", complaints[20]);
        assert_eq!(inputs[0].bad_lines.len(), 25);
    }

    #[test]
    fn every_unusable_file_is_told() {
        let files = ["none.tsv", "nowhere.tsv"].map(PathBuf::from);
        let errors = read_all(&files).expect_err("two missing files");
        assert_eq!(errors.len(), 2);
    }
}
