//! A crate with a catalogue of its own: what it declares travels in the program, what it does not
//! declare is an error, and a change of it compiles the crate again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MANIFEST: &str = r#"
[package]
name = "own-catalogue"
version = "0.1.0"
edition = "2024"

[dependencies]
kgas-perf-runtime = { path = "RUNTIME" }

[workspace]
"#;

const MAIN: &str = r#"
use kgas_perf_runtime::{Registry, catalog::SizeClass, measure_performance};

#[measure_performance("import_triples", size = lines.len())]
fn import(lines: &[&str]) -> usize {
    lines.len()
}

fn main() {
    let registry = Registry::new();
    registry.run(|| import(&["a", "b", "c"]));
    let snapshot = registry.snapshot();
    let operation = snapshot.operation("import_triples").unwrap();
    assert_eq!(operation.class(SizeClass::Small).unwrap().calls(), 1);
    let builder = kgas_perf_runtime::install::Builder::new().registry(registry.clone());
    let handle = builder.catalogue(kgas_perf_runtime::catalogue!()).install().unwrap();
    assert_eq!(handle.catalogue().size_bounds().small, 3);
    println!("{} is {}", operation.name, operation.category.as_str());
}
"#;

const CATALOGUE: &str = r#"
[size_classes]
small = 3

[operations.import_triples]
category = "database"
"#;

/// A program in a folder of this test's own, below which nothing else declares operations.
struct Program {
    folder: PathBuf,
}

impl Program {
    fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own-catalogue");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let program = Self { folder };
        fs::create_dir_all(program.folder.join("src")).unwrap();
        let runtime = root.join("kgas-perf-runtime");
        program.write("Cargo.toml", &MANIFEST.replace("RUNTIME", &runtime.display().to_string()));
        program.write("src/main.rs", MAIN);
        // The versions that are there already.
        fs::copy(root.join("Cargo.lock"), program.folder.join("Cargo.lock")).unwrap();
        program
    }

    fn write(&self, file: &str, content: &str) {
        fs::write(self.folder.join(file), content).unwrap();
    }

    fn cargo(&self, task: &str) -> Output {
        Command::new(env!("CARGO"))
            .args([task, "--quiet", "--offline", "--color", "never"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .output()
            .unwrap()
    }

    /// What the compiler says against the program.
    fn complaint(&self) -> String {
        let output = self.cargo("run");
        assert!(!output.status.success(), "it compiled");
        String::from_utf8(output.stderr).unwrap()
    }

    /// What the program prints.
    fn printed(&self) -> String {
        let output = self.cargo("run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[track_caller]
fn assert_contains(text: &str, part: &str) {
    assert!(text.contains(part), "`{part}` is not in\n{text}");
}

#[test]
fn a_crate_declares_its_own_operations() {
    let program = Program::new();
    program.write("kgas-perf.toml", CATALOGUE);
    assert_eq!(program.printed(), "import_triples is database\n");

    program.write("kgas-perf.toml", &CATALOGUE.replace("database", "custom"));
    assert_eq!(program.printed(), "import_triples is custom\n", "the change was seen");

    program.write("kgas-perf.toml", &CATALOGUE.replace("import_triples", "import_triple"));
    let complaint = program.complaint();
    assert_contains(
        &complaint,
        "unknown operation `import_triples`; did you mean `import_triple`? Operations are \
         declared in kgas-perf.toml",
    );
    assert_contains(&complaint, "src/main.rs:4:23");

    program.write("kgas-perf.toml", &CATALOGUE.replace("database", "datenbank"));
    let complaint = program.complaint();
    assert_contains(&complaint, "kgas-perf.toml:6: operations.import_triples.category: ");
    assert_contains(&complaint, "src/main.rs:4:23");
    assert_eq!(
        complaint.matches("error: ").count(),
        3,
        "once a user, and the summary: {complaint}"
    );

    program.write("kgas-perf.toml", CATALOGUE);
    assert_eq!(program.printed(), "import_triples is database\n");
}
