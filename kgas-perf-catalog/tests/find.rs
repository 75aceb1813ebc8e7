//! The catalogue of a crate is the nearest file at or above its folder.

use std::fs;

use kgas_perf_catalog::{Catalogue, FILE_NAME};

#[test]
fn the_nearest_file_above_wins() {
    let root = tempfile::tempdir().unwrap();
    let member = root.path().join("crates/member");
    fs::create_dir_all(&member).unwrap();
    let outer = root.path().join(FILE_NAME);
    fs::write(&outer, "").unwrap();
    assert_eq!(Catalogue::find(&member), Some(outer.clone()));
    assert_eq!(Catalogue::find(root.path()), Some(outer));

    let inner = member.join(FILE_NAME);
    fs::write(&inner, "").unwrap();
    assert_eq!(Catalogue::find(&member), Some(inner));
}

#[test]
fn a_folder_of_that_name_is_passed_by() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("member");
    fs::create_dir_all(folder.join(FILE_NAME)).unwrap();
    let outer = root.path().join(FILE_NAME);
    fs::write(&outer, "").unwrap();
    assert_eq!(Catalogue::find(&folder), Some(outer));
}
