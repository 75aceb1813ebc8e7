//! The map in ARCHITECTURE.md is the truth: no import that it does not allow, no folder that it
//! does not name, no file that does not begin by saying what it is.

use std::fs;
use std::path::{Path, PathBuf};

/// Files beside the rooms: `lib.rs` is the users' door, `private.rs` that of generated code.
const DOORS: [&str; 2] = ["lib.rs", "private.rs"];

/// A room of the runtime and the rooms that it may import from.
#[derive(Debug, PartialEq, Eq)]
struct Room {
    name: String,
    may_know: Vec<String>,
}

/// Reads the block that opens with ```` ```layers ````: one `room: rooms it may know` a line.
///
/// A line may name only lines above it, so the map itself cannot hold a cycle.
fn read_map(document: &str) -> Result<Vec<Room>, String> {
    let mut rooms: Vec<Room> = Vec::new();
    let block = document
        .lines()
        .skip_while(|line| *line != "```layers")
        .skip(1)
        .take_while(|line| *line != "```");
    for line in block {
        let (name, may_know) =
            line.split_once(':').ok_or_else(|| format!("the map's line `{line}` has no colon"))?;
        if rooms.iter().any(|room| room.name == name) {
            return Err(format!("the map names `{name}` twice"));
        }
        let may_know: Vec<_> = may_know.split_whitespace().map(str::to_owned).collect();
        if let Some(unknown) =
            may_know.iter().find(|known| rooms.iter().all(|room| room.name != **known))
        {
            return Err(format!("the map lets `{name}` know `{unknown}`, which is not above it"));
        }
        rooms.push(Room { name: name.to_owned(), may_know });
    }
    if rooms.is_empty() {
        return Err("there is no ```layers block, or it is empty".to_owned());
    }
    Ok(rooms)
}

/// Walks the runtime's `src` and lists what the map does not allow.
fn strays_from_the_map(src: &Path, map: &[Room]) -> Vec<String> {
    let mut strays: Vec<_> = map
        .iter()
        .filter(|room| !src.join(&room.name).is_dir())
        .map(|room| format!("{}/ is in the map and not in the source", room.name))
        .collect();
    for entry in sorted_entries(src) {
        let name = file_name(&entry);
        if entry.is_file() {
            if !DOORS.contains(&name.as_str()) {
                strays.push(format!("{name} belongs into a room; beside the rooms are only doors"));
            }
            continue;
        }
        match map.iter().find(|room| room.name == name) {
            None => strays.push(format!("{name}/ is not in the map")),
            Some(room) => {
                for file in rust_files(&entry) {
                    strays.extend(strays_of_file(src, &file, room));
                }
            }
        }
    }
    strays
}

/// The imports in one file of a room that the map does not allow.
fn strays_of_file(src: &Path, file: &Path, room: &Room) -> Vec<String> {
    let mut strays = Vec::new();
    for (index, line) in read(file).lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        let place = || format!("{}:{}", shown(src, file), index + 1);
        if code.contains("super::super") {
            strays.push(format!("{}: write `crate::…` instead of `super::super`", place()));
        }
        for module in imported_modules(code) {
            if module != room.name && !room.may_know.iter().any(|known| known == module) {
                strays.push(format!("{}: `{}` may not know `crate::{module}`", place(), room.name));
            }
        }
    }
    strays
}

/// The first word behind each `crate::`; empty where a group `crate::{…}` hides it from a search.
/// `$crate::` is no import: it names what a macro of ours uses in a user's crate.
fn imported_modules(code: &str) -> impl Iterator<Item = &str> {
    code.match_indices("crate::").filter_map(move |(at, matched)| {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c == '$' || c == '_' || c.is_alphanumeric()) {
            return None;
        }
        let rest = &code[at + matched.len()..];
        let end = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
        Some(&rest[..end])
    })
}

/// Files below `src` whose first line does not say what they are.
fn files_without_a_first_line(src: &Path) -> Vec<String> {
    rust_files(src)
        .into_iter()
        .filter(|file| !read(file).starts_with("//! "))
        .map(|file| format!("{}: the first line must begin with `//!`", shown(src, &file)))
        .collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    sorted_entries(folder)
        .into_iter()
        .flat_map(|entry| if entry.is_dir() { rust_files(&entry) } else { vec![entry] })
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

fn sorted_entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn shown(src: &Path, file: &Path) -> String {
    file.strip_prefix(src).unwrap_or(file).display().to_string().replace('\\', "/")
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_runtime_keeps_to_the_map() {
    let map = read_map(&read(&workspace().join("ARCHITECTURE.md"))).expect("a map");
    let strays = strays_from_the_map(&workspace().join("kgas-perf-runtime/src"), &map);
    assert!(strays.is_empty(), "\n{}\n", strays.join("\n"));
}

#[test]
fn every_file_begins_by_saying_what_it_is() {
    let crates = [
        "kgas-perf-catalog",
        "kgas-perf-macros",
        "kgas-perf-runtime",
        "kgas-perf-testkit",
        "kgas-perf-cli",
        "xtask",
    ];
    let mute: Vec<_> = crates
        .iter()
        .flat_map(|name| files_without_a_first_line(&workspace().join(name).join("src")))
        .collect();
    assert!(mute.is_empty(), "\n{}\n", mute.join("\n"));
}

/// A tree of files made for one test, below cargo's folder for such things.
fn tree(test: &str, files: &[(&str, &str)]) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("architecture").join(test);
    let _ = fs::remove_dir_all(&root);
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
        fs::write(path, text).expect("a new file");
    }
    root
}

fn small_map() -> Vec<Room> {
    read_map("```layers\nhistogram:\nmeasure: histogram\n```").expect("a map")
}

#[test]
fn what_the_map_allows_passes() {
    let src = tree(
        "allowed",
        &[
            ("lib.rs", "//! Doors.\nuse crate::measure::start;\n"),
            ("private.rs", "//! Doors.\n"),
            ("histogram/mod.rs", "//! A room.\nuse crate::histogram::buckets;\n"),
            ("measure/mod.rs", "//! A room.\n// Not like crate::registry.\n"),
            ("measure/deep/clock.rs", "//! Time.\nuse crate::histogram::Histogram;\n"),
            ("measure/macros.rs", "//! Macros.\nuse $crate::registry;\nuse other_crate::x;\n"),
        ],
    );
    assert_eq!(strays_from_the_map(&src, &small_map()), [""; 0]);
    assert_eq!(files_without_a_first_line(&src), [""; 0]);
}

#[test]
fn a_forbidden_import_is_found() {
    let src = tree(
        "forbidden",
        &[
            ("histogram/mod.rs", "//! A room.\n\nuse crate::measure::start;\n"),
            (
                "measure/mod.rs",
                "//! A room.\nuse crate::{histogram, registry};\nuse crate::Thing;\n",
            ),
            ("measure/clock.rs", "//! Time.\nfn f() { super::super::histogram::g() }\n"),
        ],
    );
    assert_eq!(
        strays_from_the_map(&src, &small_map()),
        [
            "histogram/mod.rs:3: `histogram` may not know `crate::measure`",
            "measure/clock.rs:2: write `crate::…` instead of `super::super`",
            "measure/mod.rs:2: `measure` may not know `crate::`",
            "measure/mod.rs:3: `measure` may not know `crate::Thing`",
        ]
    );
}

#[test]
fn an_undeclared_folder_or_file_and_a_lost_room_are_found() {
    let src = tree(
        "undeclared",
        &[
            ("util/mod.rs", "//! Odds.\n"),
            ("helpers.rs", "//! Ends.\n"),
            ("measure/mod.rs", "//! A room.\n"),
        ],
    );
    assert_eq!(
        strays_from_the_map(&src, &small_map()),
        [
            "histogram/ is in the map and not in the source",
            "helpers.rs belongs into a room; beside the rooms are only doors",
            "util/ is not in the map"
        ]
    );
}

#[test]
fn a_missing_first_line_is_found() {
    let src = tree("mute", &[("lib.rs", "use std::fmt;\n"), ("measure/mod.rs", "\n//! Late.\n")]);
    assert_eq!(
        files_without_a_first_line(&src),
        [
            "lib.rs: the first line must begin with `//!`",
            "measure/mod.rs: the first line must begin with `//!`",
        ]
    );
}

#[test]
fn a_map_with_a_cycle_or_a_forward_line_is_refused() {
    let refused = |lines: &str| read_map(&format!("```layers\n{lines}\n```")).unwrap_err();
    assert_eq!(refused("a: b\nb:"), "the map lets `a` know `b`, which is not above it");
    assert_eq!(refused("a: a"), "the map lets `a` know `a`, which is not above it");
    assert_eq!(refused("a:\na:"), "the map names `a` twice");
    assert_eq!(refused("a"), "the map's line `a` has no colon");
    assert_eq!(read_map("no map").unwrap_err(), "there is no ```layers block, or it is empty");
}
