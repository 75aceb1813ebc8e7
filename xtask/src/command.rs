//! `Cargo`: runs cargo and turns an exit code into a failure that says what failed.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Why a task did not succeed, for a person.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One call of cargo, in the workspace's folder.
pub(crate) struct Cargo {
    command: Command,
    shown: String,
}

impl Cargo {
    /// Cargo with these words as its arguments; none of them holds a space.
    pub(crate) fn new(words: &str) -> Self {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        command.current_dir(workspace()).args(words.split_whitespace());
        Self { command, shown: format!("cargo {words}") }
    }

    /// One more argument, which may hold spaces.
    pub(crate) fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.shown = format!("{} {:?}", self.shown, argument.as_ref());
        self.command.arg(argument);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.shown = format!("{name}={:?} {}", value.as_ref(), self.shown);
        self.command.env(name, value);
        self
    }

    /// Runs what cargo builds through another program, such as valgrind.
    pub(crate) fn runner(self, words: &str) -> Result<Self, Failure> {
        let host = host()?.to_uppercase().replace(['-', '.'], "_");
        Ok(self.env(&format!("CARGO_TARGET_{host}_RUNNER"), words))
    }

    /// Runs it with its output shown.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        eprintln!("$ {}", self.shown);
        let status = self.command.status().map_err(|error| self.cannot_start(&error))?;
        if status.success() { Ok(()) } else { Err(self.failed(status)) }
    }

    /// Runs it and hands back what it wrote on standard output; the rest is shown.
    pub(crate) fn stdout(mut self) -> Result<String, Failure> {
        self.command.stderr(Stdio::inherit());
        Ok(String::from_utf8_lossy(&self.output()?.stdout).into_owned())
    }

    /// Runs it and hands back what it wrote on standard error.
    pub(crate) fn stderr(self) -> Result<String, Failure> {
        Ok(String::from_utf8_lossy(&self.output()?.stderr).into_owned())
    }

    fn output(mut self) -> Result<Output, Failure> {
        eprintln!("$ {}", self.shown);
        let output = self.command.output().map_err(|error| self.cannot_start(&error))?;
        if output.status.success() {
            return Ok(output);
        }
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        Err(self.failed(output.status))
    }

    fn cannot_start(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("`{}` cannot be started: {error}", self.shown))
    }

    fn failed(&self, status: impl fmt::Display) -> Failure {
        Failure::new(format!("`{}` failed: {status}", self.shown))
    }
}

/// The triple that the installed compiler builds for.
fn host() -> Result<String, Failure> {
    let output = Command::new("rustc").arg("-vV").output();
    let text = output.map_err(|error| Failure::new(format!("`rustc -vV`: {error}")))?.stdout;
    String::from_utf8_lossy(&text)
        .lines()
        .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
        .ok_or_else(|| Failure::new("`rustc -vV` does not name its host"))
}

/// The workspace's folder.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where cargo puts what it builds.
pub(crate) fn target_folder() -> PathBuf {
    let set = std::env::var_os("CARGO_TARGET_DIR").unwrap_or(OsString::from("target"));
    workspace().join(set)
}

/// The targets in a folder by cargo's convention, `NAME.rs` or `NAME/main.rs`, sorted.
pub(crate) fn targets_in(folder: &str) -> Result<Vec<String>, Failure> {
    let entries = fs::read_dir(workspace().join(folder))
        .map_err(|error| Failure::new(format!("{folder}: {error}")))?;
    let mut names: Vec<_> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let is_target = path.join("main.rs").is_file()
                || (path.is_file() && path.extension().is_some_and(|end| end == "rs"));
            is_target.then(|| path.file_stem().map(|name| name.to_string_lossy().into_owned()))?
        })
        .collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_how_it_ended() {
        let failure = Cargo::new("no-such-command").stdout().unwrap_err().to_string();
        assert!(failure.starts_with("`cargo no-such-command` failed: exit status: "), "{failure}");
    }

    #[test]
    fn targets_are_files_and_folders_with_a_main() {
        assert!(targets_in("examples").unwrap().contains(&"cross_modal".to_owned()));
        assert!(
            targets_in("no_such_folder").unwrap_err().to_string().starts_with("no_such_folder: ")
        );
    }
}
