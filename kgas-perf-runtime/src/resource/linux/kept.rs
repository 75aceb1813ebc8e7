//! `Kept`: a file of `/proc` that stays open and is read anew.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// No text of interest is longer: the host's counters of 8,192 processors are 1 MiB.
const MOST: usize = 4 << 20;
/// The length of a first read, which most texts fit.
const FIRST: usize = 4 << 10;

/// A file of `/proc` that is opened at the first read and stays open.
#[derive(Debug)]
pub(super) struct Kept {
    path: String,
    file: Option<File>,
    text: Vec<u8>,
}

impl Kept {
    pub(super) fn new(path: &str) -> Self {
        Self { path: path.to_owned(), file: None, text: Vec::new() }
    }

    /// The text as it is now. After an error the file is opened again the next time.
    pub(super) fn read(&mut self) -> io::Result<&[u8]> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::open(&self.path)?),
        };
        match fill(file, &mut self.text) {
            Ok(length) => Ok(&self.text[..length]),
            Err(error) => {
                self.file = None;
                Err(error)
            }
        }
    }
}

/// Reads all of a file into a buffer that grows as it must, and answers how long it is.
fn fill(file: &File, text: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0;
    loop {
        if length == text.len() {
            if length >= MOST {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            text.resize((length * 2).max(FIRST), 0);
        }
        match file.read_at(&mut text[length..], length as u64) {
            Ok(0) => return Ok(length),
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_file_is_read_anew_and_one_that_is_not_there_is_not_found() {
        let mut uptime = Kept::new("/proc/self/stat");
        let first = uptime.read().unwrap().to_vec();
        assert!(first.starts_with(std::process::id().to_string().as_bytes()));
        assert!(!uptime.read().unwrap().is_empty());
        let missing = Kept::new("/proc/self/no such file").read().unwrap_err().kind();
        assert_eq!(missing, io::ErrorKind::NotFound);
    }
}
