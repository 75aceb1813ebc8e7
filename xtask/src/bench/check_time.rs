//! What the attribute adds to `cargo check`: a program of 1,000 functions, with it and without.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::command::{Cargo, Failure, target_folder, workspace};

const FUNCTIONS: usize = 1_000;
/// Checks of each program, in turn.
const ROUNDS: usize = 9;

/// What the functions of a program look like; `NUMBER` tells them apart.
pub(crate) struct Program {
    name: &'static str,
    function: &'static str,
    signature: &'static str,
}

/// As little as a function can be.
pub(crate) const SHORT: Program = Program {
    name: "short",
    function: "\
fn fNUMBER(number: u64) -> u64 {
    number.wrapping_mul(NUMBER)
}
",
    signature: "fn(u64) -> u64",
};

/// A function with a closure and an error on which it returns early.
pub(crate) const FALLIBLE: Program = Program {
    name: "fallible",
    function: "\
fn fNUMBER(words: &[&str], least: usize) -> Result<usize, String> {
    let long = words.iter().filter(|word| word.len() > least + NUMBER).count();
    if long == 0 {
        return Err(format!(\"none of {} words\", words.len()));
    }
    Ok(long)
}
",
    signature: "fn(&[&str], usize) -> Result<usize, String>",
};

const ATTRIBUTE: &str = "#[kgas_perf_runtime::measure_performance(\"tool_simple\")]\n";

/// Milliseconds of `cargo check` that the attribute adds to one function of the program.
pub(crate) fn ms_a_function(program: &Program) -> Result<f64, Failure> {
    let folders = [program.write("plain", "")?, program.write("measured", ATTRIBUTE)?];
    let mut took = [const { Vec::new() }; 2];
    for round in 0..=ROUNDS {
        for (folder, took) in folders.iter().zip(&mut took) {
            let seconds = check(folder)?;
            // The first time it is the dependencies that take long.
            if round > 0 {
                took.push(seconds);
            }
        }
    }
    // Other programs can only make it slower, so the quickest of each is nearest to the truth.
    let [plain, measured] = took.map(|took: Vec<f64>| took.into_iter().fold(f64::MAX, f64::min));
    let name = program.name;
    println!(
        "\n`cargo check` of {FUNCTIONS} {name} functions: {plain:.2} s plain, {measured:.2} s \
         measured"
    );
    Ok((measured - plain) * 1_000.0 / FUNCTIONS as f64)
}

impl Program {
    /// Writes it into the target folder, with this before every function.
    fn write(&self, variant: &str, attribute: &str) -> Result<PathBuf, Failure> {
        let name = format!("{}-{variant}", self.name);
        let folder = target_folder().join("check-time").join(&name);
        let runtime = workspace().join("kgas-perf-runtime");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nkgas-perf-runtime = {{ path = {runtime:?} }}\n\n[workspace]\n"
        );
        let of_each = |text: &str| -> String {
            (0..FUNCTIONS).map(|number| text.replace("NUMBER", &number.to_string())).collect()
        };
        let source = format!(
            "//! {FUNCTIONS} functions.\n\n{}\nstatic ALL: [{}; {FUNCTIONS}] = [{}];\n\n\
             fn main() {{\n    println!(\"{{}}\", ALL.len());\n}}\n",
            of_each(&format!("{attribute}{}", self.function)),
            self.signature,
            of_each("fNUMBER, "),
        );
        save(&folder.join("Cargo.toml"), &manifest)?;
        save(&folder.join("src/main.rs"), &source)?;
        let lock = workspace().join("Cargo.lock");
        let lock = fs::read_to_string(&lock)
            .map_err(|error| Failure::new(format!("{}: {error}", lock.display())))?;
        save(&folder.join("Cargo.lock"), &lock)?;
        Ok(folder)
    }
}

/// Checks a program whose source has just changed, and answers how many seconds that took.
fn check(program: &Path) -> Result<f64, Failure> {
    let source = program.join("src/main.rs");
    let text = fs::read_to_string(&source)
        .map_err(|error| Failure::new(format!("{}: {error}", source.display())))?;
    save(&source, &text)?;
    let manifest = program.join("Cargo.toml");
    let start = now();
    Cargo::new("check --quiet --manifest-path")
        .argument(&manifest)
        .env("CARGO_INCREMENTAL", "0")
        .run()?;
    Ok(start.elapsed().as_secs_f64())
}

fn save(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error| Failure::new(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

#[expect(clippy::disallowed_methods, reason = "how long the compiler takes is what is asked")]
fn now() -> Instant {
    Instant::now()
}
