//! `Class`: what kind of machine and build a baseline is true of.

use std::fmt;

use kgas_perf_runtime::baseline::Environment;

use crate::place::Place;

/// What kind of machine and build a baseline is true of: operating system, architecture, class of
/// cores, profile and features.
///
/// Not the model of the processor and not the compiler: those are told beside a baseline, and
/// what they do to durations is what the yardstick is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(String);

impl Class {
    /// The class of an environment.
    ///
    /// ```
    /// use kgas_perf_runtime::baseline::Environment;
    /// use kgas_perf_testkit::baselines::Class;
    ///
    /// let here = Environment::new("linux", "x86_64", 6).profile("release").rustc("1.95.0");
    /// assert_eq!(Class::of(&here).as_str(), "linux x86_64, up to 8 cores, release");
    /// ```
    pub fn of(environment: &Environment) -> Self {
        let mut environment = environment.clone();
        environment.rustc = None;
        Self(environment.to_string())
    }

    /// The class that has this text in a file.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The class of this process and an assertion in it: this machine, the profile by the folder of
    /// its program, and the features of the crate that the assertion stands in.
    pub(crate) fn here(place: &Place) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |count| count.get());
        let environment =
            Environment::new(std::env::consts::OS, std::env::consts::ARCH, cores as u32)
                .profile(profile(place.is_debug()))
                .features(place.told_features());
        Self::of(&environment)
    }

    /// As it stands in files.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its text up to the profile: the features of a crate are its own.
    pub(crate) fn without_features(&self) -> String {
        self.0.split(", ").take(3).collect::<Vec<_>>().join(", ")
    }

    /// Whether a duration of the other class can be held against one of this class in relative
    /// form: the same architecture, built in the same way. The processor and the system may differ.
    pub(crate) fn is_relative_to(&self, other: &Self) -> bool {
        let parts = |class: &Self| {
            let mut parts: Vec<String> = class.0.split(", ").map(str::to_owned).collect();
            let arch = parts[0].split(' ').nth(1).map(str::to_owned);
            parts.drain(..parts.len().min(2));
            (arch, parts)
        };
        parts(self) == parts(other)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How an assertion's crate is built, which is what exact numbers are true of: its profile, and
/// its features.
pub(crate) fn build(place: &Place) -> String {
    let mut features = place.told_features();
    features.sort_unstable();
    features.dedup();
    let profile = profile(place.is_debug());
    if features.is_empty() { profile } else { format!("{profile}, {}", features.join("+")) }
}

/// The profile of this program: cargo puts what it builds into a folder of the profile's name.
fn profile(debug: bool) -> String {
    let by_default = if debug { "debug" } else { "release" };
    let program = std::env::current_exe().ok();
    let folder = program.as_deref().and_then(std::path::Path::parent).filter(|folder| {
        folder.file_name().is_some_and(|name| name == "deps" || name == "examples")
    });
    let profile = folder.and_then(|deps| Some(deps.parent()?.file_name()?.to_str()?.to_owned()));
    profile.unwrap_or_else(|| by_default.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(os: &str, arch: &str, cores: u32, profile: &str, features: &[&str]) -> Class {
        let features = features.iter().copied();
        Class::of(&Environment::new(os, arch, cores).profile(profile).features(features))
    }

    #[test]
    fn the_compiler_and_the_commit_are_no_part_of_it() {
        let old = Environment::new("linux", "x86_64", 2).profile("release").rustc("1.94.0");
        let new = old.clone().rustc("1.95.0").commit("abc");
        assert_eq!(Class::of(&old), Class::of(&new));
    }

    #[test]
    fn another_machine_of_the_same_architecture_and_build_is_relative() {
        let here = class("linux", "x86_64", 2, "release", &["a"]);
        assert!(here.is_relative_to(&class("macos", "x86_64", 16, "release", &["a"])));
        for other in [
            class("linux", "aarch64", 2, "release", &["a"]),
            class("linux", "x86_64", 2, "bench", &["a"]),
            class("linux", "x86_64", 2, "release", &[]),
        ] {
            assert!(!here.is_relative_to(&other), "{other}");
        }
    }

    #[test]
    fn this_test_has_a_class() {
        let place = Place::new("", cfg!(debug_assertions));
        let here = Class::here(&place);
        assert!(here.as_str().starts_with(std::env::consts::OS), "{here}");
        assert!(here.is_relative_to(&here));
        // Features that are on make another class; those that are off do not.
        let off = place.clone().features(&[("extra", false)]);
        assert_eq!((Class::here(&off), build(&off)), (here.clone(), build(&place)));
        let on = place.clone().features(&[("extra", true), ("another", true)]);
        assert_eq!(Class::here(&on).as_str(), format!("{here}, another+extra"));
        assert_eq!(build(&on), format!("{}, another+extra", build(&place)));
    }
}
