//! Where an export goes: standard output, or a file that is there when all of it is.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::commands::export::sheet::Format;
use crate::failure::Failure;

/// Lets `write` write to a file, or to standard output, which `out` is.
pub(super) fn write(
    path: &Path,
    format: Format,
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if path == Path::new("-") {
        if format == Format::Parquet && io::stdout().is_terminal() {
            let said = "Parquet is for no terminal: say --out FILE, or send it to another program";
            return Err(Failure::Refused(said.to_owned()));
        }
        return write(out);
    }
    let part = part_of(path);
    let result = whole(path, &part, write);
    if result.is_err() {
        // It may not be there; what matters is told already.
        let _ = fs::remove_file(&part);
    }
    result
}

/// The file while it is being written.
fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

fn whole(
    path: &Path,
    part: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let unwritable = |source| Failure::Unwritable { path: path.to_owned(), source };
    let mut file = BufWriter::new(File::create(part).map_err(unwritable)?);
    write(&mut file).map_err(|failure| match failure {
        Failure::Output(source) => unwritable(source),
        other => other,
    })?;
    file.into_inner().map_err(|error| unwritable(error.into_error()))?;
    fs::rename(part, path).map_err(unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_or_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.csv");
        let text =
            |text: &'static str| move |out: &mut dyn Write| Ok(out.write_all(text.as_bytes())?);
        write(&path, Format::Csv, &mut io::sink(), text("one")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        let failed = write(&path, Format::Csv, &mut io::sink(), |out| {
            out.write_all(b"tw")?;
            Err(Failure::Output(io::Error::other("the disk is full")))
        });
        let said = failed.unwrap_err().to_string();
        assert!(said.ends_with("calls.csv: the disk is full"), "{said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    }
}
