//! What the attribute adds to `cargo check`: a program of 1,000 functions, with it and without.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::command::{Cargo, Failure, target_folder, workspace};

const FUNCTIONS: usize = 1_000;
/// Checks of each program, in turn; medians count.
const ROUNDS: usize = 9;

/// Milliseconds of `cargo check` that the attribute adds to one function.
pub(crate) fn ms_a_function() -> Result<f64, Failure> {
    let programs = [write("plain", "")?, write("measured", ATTRIBUTE)?];
    let mut took = [const { Vec::new() }; 2];
    for round in 0..=ROUNDS {
        for (program, took) in programs.iter().zip(&mut took) {
            let seconds = check(program)?;
            // The first time it is the dependencies that take long.
            if round > 0 {
                took.push(seconds);
            }
        }
    }
    let [plain, measured] = took.map(|mut took| {
        took.sort_by(f64::total_cmp);
        took[took.len() / 2]
    });
    println!(
        "\n`cargo check` of {FUNCTIONS} functions: {plain:.2} s plain, {measured:.2} s measured\n"
    );
    Ok((measured - plain) * 1_000.0 / FUNCTIONS as f64)
}

const ATTRIBUTE: &str = "#[kgas_perf_runtime::measure_performance(\"tool_simple\")]\n";

/// Writes a program into the target folder; both have the same dependencies.
fn write(name: &str, attribute: &str) -> Result<PathBuf, Failure> {
    let folder = target_folder().join("check-time").join(name);
    let runtime = workspace().join("kgas-perf-runtime");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nkgas-perf-runtime = {{ path = {runtime:?} }}\n\n[workspace]\n"
    );
    let functions: String = (0..FUNCTIONS)
        .map(|number| {
            format!(
                "{attribute}fn f{number}(words: &[&str], least: usize) -> Result<usize, String> {{\n    \
                 let long = words.iter().filter(|word| word.len() > least + {number}).count();\n    \
                 if long == 0 {{\n        return Err(format!(\"none of {{}} words\", words.len()));\n    }}\n    \
                 Ok(long)\n}}\n\n"
            )
        })
        .collect();
    let calls: String = (0..FUNCTIONS).map(|number| format!("    f{number},\n")).collect();
    let program = format!(
        "//! {FUNCTIONS} functions.\n\n{functions}\
         type Function = fn(&[&str], usize) -> Result<usize, String>;\n\n\
         static ALL: [Function; {FUNCTIONS}] = [\n{calls}];\n\n\
         fn main() {{\n    for function in ALL {{\n        println!(\"{{:?}}\", function(&[\"a\"], 3));\n    }}\n}}\n"
    );
    save(&folder.join("Cargo.toml"), &manifest)?;
    save(&folder.join("src/main.rs"), &program)?;
    let lock = workspace().join("Cargo.lock");
    let lock = fs::read_to_string(&lock)
        .map_err(|error| Failure::new(format!("{}: {error}", lock.display())))?;
    save(&folder.join("Cargo.lock"), &lock)?;
    Ok(folder)
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
