//! `cargo xtask features`: every crate compiles with no feature and with each of them alone.

use std::fs;

use crate::command::{Cargo, Failure, workspace};

pub(crate) fn run() -> Result<(), Failure> {
    for name in crates()? {
        let manifest = workspace().join(&name).join("Cargo.toml");
        let text = fs::read_to_string(&manifest)
            .map_err(|error| Failure::new(format!("{}: {error}", manifest.display())))?;
        let features = features_of(&text);
        if features.is_empty() {
            continue;
        }
        lint(&name, "")?;
        for feature in features {
            lint(&name, &format!("--features {feature}"))?;
        }
    }
    // What compiles may still not be what the feature promises.
    Cargo::new("test -p kgas-perf-runtime --features off --test off_compiles_out").run()
}

fn lint(name: &str, features: &str) -> Result<(), Failure> {
    Cargo::new(&format!("clippy -p {name} --no-default-features {features} -- -D warnings")).run()
}

/// The folders of the workspace that hold a crate, sorted.
fn crates() -> Result<Vec<String>, Failure> {
    let entries = fs::read_dir(workspace()).map_err(|error| Failure::new(error.to_string()))?;
    let mut names: Vec<_> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("src").is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

/// The names in the `[features]` table; `default` is the absence of a choice.
fn features_of(manifest: &str) -> Vec<String> {
    manifest
        .lines()
        .skip_while(|line| line.trim() != "[features]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with(['#', ' ', ']']))
        .filter_map(|line| Some(line.split_once('=')?.0.trim().to_owned()))
        .filter(|name| name != "default")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_the_names_of_their_table() {
        let manifest = "\
[package]
name = \"x\"

[features]
default = []
# Compiles all out.
off = [\"y/off\"]
full = [
    \"off\",
]

[dependencies]
y = \"1\"
";
        assert_eq!(features_of(manifest), ["off", "full"]);
        assert_eq!(features_of("[dependencies]\ny = \"1\""), [""; 0]);
    }

    #[test]
    fn the_runtime_is_a_crate_with_features() {
        assert!(crates().unwrap().contains(&"kgas-perf-runtime".to_owned()));
    }
}
