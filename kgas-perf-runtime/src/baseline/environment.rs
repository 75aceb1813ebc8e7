//! `Environment`: what a baseline is true of.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a baseline is true of: a class of machines, and how the program was built.
///
/// The commit is told and not compared: to hold a new commit against the baseline of an old one
/// is what a baseline is for.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::baseline::Environment;
///
/// let old = Environment::new("linux", "x86_64", 6)
///     .profile("release")
///     .rustc("1.95.0")
///     .features(["sqlite", "otlp"])
///     .commit("05147d4");
/// assert_eq!(old.to_string(), "linux x86_64, up to 8 cores, release, rustc 1.95.0, otlp+sqlite");
/// let new = old.clone().commit("c53ae02");
/// assert!(old.matches(&new));
/// assert!(!old.matches(&new.profile("dev")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Environment {
    /// The operating system, such as `linux`.
    pub os: String,
    /// The processor's architecture, such as `x86_64`.
    pub arch: String,
    /// The class of its cores: at most this many, a power of two, and more than half of it.
    pub cores_up_to: u32,
    /// The profile the program was built with, such as `release`.
    pub profile: Option<String>,
    /// The version of the compiler, such as `1.95.0`.
    pub rustc: Option<String>,
    /// The features it was built with, sorted, each once.
    pub features: Vec<String>,
    /// The commit it was built from.
    pub commit: Option<String>,
}

impl Environment {
    /// A class of machines: operating system, architecture and number of cores. No cores count as
    /// one.
    pub fn new(os: impl Into<String>, arch: impl Into<String>, cores: u32) -> Self {
        Self {
            os: os.into(),
            arch: arch.into(),
            cores_up_to: cores.checked_next_power_of_two().unwrap_or(1 << 31).max(1),
            profile: None,
            rustc: None,
            features: Vec::new(),
            commit: None,
        }
    }

    /// The same, built with a profile.
    #[must_use]
    pub fn profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = Some(profile.into());
        self
    }

    /// The same, built with a version of the compiler.
    #[must_use]
    pub fn rustc(mut self, version: impl Into<String>) -> Self {
        self.rustc = Some(version.into());
        self
    }

    /// The same, built with exactly these features.
    #[must_use]
    pub fn features<T: Into<String>>(mut self, features: impl IntoIterator<Item = T>) -> Self {
        self.features = features.into_iter().map(Into::into).collect();
        self.features.sort();
        self.features.dedup();
        self
    }

    /// The same, built from a commit.
    #[must_use]
    pub fn commit(mut self, commit: impl Into<String>) -> Self {
        self.commit = Some(commit.into());
        self
    }

    /// Whether what is normal in one is normal in the other: everything but the commit is equal.
    pub fn matches(&self, other: &Self) -> bool {
        // Taken apart so that a new field cannot be forgotten.
        let Self { os, arch, cores_up_to, profile, rustc, features, commit: _ } = self;
        (os, arch, cores_up_to, profile, rustc, features)
            == (
                &other.os,
                &other.arch,
                &other.cores_up_to,
                &other.profile,
                &other.rustc,
                &other.features,
            )
    }
}

impl fmt::Display for Environment {
    /// Everything but the commit: equal for environments that match.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cores = if self.cores_up_to == 1 { "core" } else { "cores" };
        write!(f, "{} {}, up to {} {cores}", self.os, self.arch, self.cores_up_to)?;
        if let Some(profile) = &self.profile {
            write!(f, ", {profile}")?;
        }
        if let Some(rustc) = &self.rustc {
            write!(f, ", rustc {rustc}")?;
        }
        if !self.features.is_empty() {
            write!(f, ", {}", self.features.join("+"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_a_class() {
        let classes = [0, 1, 2, 3, 4, 5, 8, 9, 64, u32::MAX];
        let classes = classes.map(|cores| Environment::new("linux", "x86_64", cores).cores_up_to);
        assert_eq!(classes, [1, 1, 2, 4, 4, 8, 8, 16, 64, 1 << 31]);
    }

    #[test]
    fn everything_but_the_commit_counts() {
        let one = Environment::new("linux", "x86_64", 8).profile("release").rustc("1.95.0");
        assert!(one.matches(&one.clone().commit("abc")));
        let others = [
            Environment { os: "macos".into(), ..one.clone() },
            Environment { arch: "aarch64".into(), ..one.clone() },
            Environment { cores_up_to: 16, ..one.clone() },
            one.clone().profile("dev"),
            one.clone().rustc("1.96.0"),
            one.clone().features(["sqlite"]),
        ];
        for other in others {
            assert!(!one.matches(&other), "{other}");
            assert_ne!(one.to_string(), other.to_string());
        }
    }

    #[test]
    fn the_order_of_features_does_not_matter() {
        let of = |features: &[&str]| {
            Environment::new("linux", "x86_64", 1).features(features.iter().copied())
        };
        assert!(of(&["b", "a", "b"]).matches(&of(&["a", "b"])));
    }
}
