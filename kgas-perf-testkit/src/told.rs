//! What a test has to say though it passes: never silent, and kept for who comes later.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Says a sentence on standard error, past the capture of `cargo test`, which keeps what passing
/// tests print with macros to itself.
pub(crate) fn say(text: &str) {
    let mut all = String::from("\n");
    for line in text.lines() {
        all.push_str("kgas-perf: ");
        all.push_str(line);
        all.push('\n');
    }
    // With standard error gone there is nobody to tell.
    let _ = std::io::stderr().lock().write_all(all.as_bytes());
}

/// Keeps what an assertion last said, for `kgas-perf baseline results`: nextest shows nothing of
/// tests that pass. One file an assertion, in `kgas-perf/results` of the target folder.
pub(crate) fn keep(name: &str, answer: &str, text: &str) {
    let Some(folder) = folder() else { return };
    let program = std::env::current_exe().ok();
    let program = program.as_deref().and_then(Path::file_stem).unwrap_or_default();
    let mut file = String::new();
    for each in format!("{}-{name}", program.to_string_lossy()).chars().take(120) {
        file.push(if each.is_ascii_alphanumeric() || each == '_' { each } else { '-' });
    }
    let line = serde_json::json!({ "operation": name, "answer": answer, "said": text });
    // Whoever cannot write there has said it all the same.
    let _ = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join(file + ".json"), format!("{line}\n")));
}

/// Where results are kept: `KGAS_PERF_RESULTS`, else beside what cargo built.
fn folder() -> Option<PathBuf> {
    if let Some(told) = std::env::var_os("KGAS_PERF_RESULTS") {
        return Some(told.into());
    }
    let program = std::env::current_exe().ok()?;
    let deps = program.parent().filter(|folder| folder.file_name().is_some_and(|n| n == "deps"))?;
    Some(deps.parent()?.parent()?.join("kgas-perf").join("results"))
}

/// Whether `KGAS_PERF_STRICT` asks that what is new or inconclusive fails.
pub(crate) fn strict() -> bool {
    std::env::var("KGAS_PERF_STRICT").is_ok_and(|set| !["", "0", "false"].contains(&set.as_str()))
}
