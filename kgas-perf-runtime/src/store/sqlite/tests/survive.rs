//! Files that are taken away, refused, of others; disks that are full; processes that fork.

use std::fs;
use std::process::Command;

use super::*;
use crate::store::StoreError;

#[test]
fn a_file_that_is_removed_is_made_anew_and_says_so_once() {
    let place = Place::new();
    let mut store = place.store();
    assert!(!store.append(&batch(START, "import", &[10])).unwrap().begun_anew);
    fs::remove_file(place.path()).unwrap();
    assert!(store.append(&batch(START + 1, "import", &[10])).unwrap().begun_anew);
    assert!(!store.append(&batch(START + 2, "import", &[10])).unwrap().begun_anew);
    assert_eq!(place.calls(), 2);
}

#[test]
fn a_file_that_is_replaced_is_used_from_then_on() {
    let (place, other) = (Place::new(), Place::new());
    let mut elsewhere = other.store();
    elsewhere.append(&batch(START, "export", &[10])).unwrap();
    elsewhere.close().unwrap();
    let mut store = place.store();
    store.append(&batch(START, "import", &[10])).unwrap();
    fs::copy(other.path(), place.folder.path().join("copy")).unwrap();
    fs::rename(place.folder.path().join("copy"), place.path()).unwrap();
    assert!(store.append(&batch(START + 1, "import", &[10])).unwrap().begun_anew);
    assert_eq!(place.archive().series().unwrap().len(), 2);
    assert_eq!(place.calls(), 2);
    assert_eq!(place.archive().health(true).unwrap().damage, Some(Vec::new()));
}

#[test]
fn a_file_that_is_cut_off_is_made_anew() {
    for length in [0, 100, 4_096, 20_000] {
        let place = Place::new();
        let mut store = place.store();
        for minute in 0..20 {
            store.append(&batch(START + 60 * minute, "import", &[10])).unwrap();
        }
        let file = fs::File::options().write(true).open(place.path()).unwrap();
        file.set_len(length).unwrap();
        let mut anew = false;
        for minute in 20..40 {
            let kept = store.append(&batch(START + 60 * minute, "import", &[10]));
            anew |= kept.is_ok_and(|kept| kept.begun_anew);
            let _ = store.tidy(START + 60 * minute);
        }
        store.append(&batch(START + 3_000, "import", &[10])).unwrap();
        // A log that was not emptied yet may hold all that was cut off.
        assert!(anew || place.calls() >= 40, "{length}");
        assert!(place.calls() > 0);
        assert_eq!(place.archive().health(true).unwrap().damage, Some(Vec::new()));
    }
}

/// Everything in a folder, by name.
fn everything(place: &Place) -> Vec<(String, Vec<u8>)> {
    let names = place.beside("").into_iter().filter(|name| !name.ends_with(".lock"));
    names.map(|name| (name.clone(), fs::read(place.folder.path().join(name)).unwrap())).collect()
}

#[test]
fn a_file_of_a_later_version_is_refused_and_left_as_it_is() {
    let place = Place::new();
    let mut store = place.store();
    store.append(&batch(START, "import", &[10])).unwrap();
    store.close().unwrap();
    drop(store);
    let later = rusqlite::Connection::open(place.path()).unwrap();
    later
        .execute_batch("PRAGMA user_version = 9; UPDATE meta SET value = 9 WHERE name = 'version'")
        .unwrap();
    drop(later);
    let before = everything(&place);
    assert_eq!(before.len(), 1, "nothing lies beside it");
    let mut store = place.store();
    let refused = store.load().unwrap_err();
    let what = "is of version 9 of the format, and this program knows up to 1";
    assert_eq!(refused.to_string(), format!("{} {what}", place.path().display()));
    assert!(!refused.is_retryable());
    let again = store.append(&batch(START, "import", &[10])).unwrap_err();
    assert!(matches!(again, StoreError::Newer { found: 9, known: 1, .. }));
    assert!(matches!(SqliteArchive::open(place.path()), Err(StoreError::Newer { .. })));
    drop(store);
    assert_eq!(everything(&place), before);
}

#[test]
fn a_file_of_somebody_else_is_refused_and_left_as_it_is() {
    let text = |path: &Path| fs::write(path, "a shopping list\n".repeat(400)).unwrap();
    let short = |path: &Path| fs::write(path, "x").unwrap();
    let database = |path: &Path| {
        let theirs = rusqlite::Connection::open(path).unwrap();
        theirs.execute_batch("CREATE TABLE meta(name, value); CREATE TABLE calls(a)").unwrap();
    };
    let folder = |path: &Path| fs::create_dir(path).unwrap();
    for make in [&text as &dyn Fn(&Path), &short, &database, &folder] {
        let place = Place::new();
        make(&place.path());
        let is_file = place.path().is_file();
        let before = if is_file { everything(&place) } else { Vec::new() };
        let mut store = place.store();
        assert!(matches!(store.load(), Err(StoreError::Foreign { .. })));
        assert!(matches!(store.append(&later(START)), Err(StoreError::Foreign { .. })));
        assert!(matches!(SqliteArchive::open(place.path()), Err(StoreError::Foreign { .. })));
        if is_file {
            assert_eq!(everything(&place), before);
        }
    }
}

#[test]
fn what_is_not_there_cannot_be_read() {
    let place = Place::new();
    assert!(matches!(SqliteArchive::open(place.path()), Err(StoreError::Gone { .. })));
    let nowhere = options(&place.folder.path().join("no/such/folder.sqlite")).build();
    let error = nowhere.unwrap().append(&later(START)).unwrap_err();
    assert!(matches!(error, StoreError::Failed { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_forked_child_touches_nothing() {
    let place = Place::new();
    let mut store = place.store();
    store.append(&batch(START, "import", &[10])).unwrap();
    let before = everything(&place);
    let one = batch(START + 1, "import", &[10]);
    // SAFETY: the child only calls the store, which has to do nothing there, and leaves.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let refused = matches!(store.append(&one), Err(StoreError::Forked { .. }))
            && matches!(store.load(), Err(StoreError::Forked { .. }))
            && matches!(store.tidy(START), Err(StoreError::Forked { .. }))
            && matches!(store.close(), Err(StoreError::Forked { .. }));
        drop(store);
        // SAFETY: it ends without running anything of the parent's.
        unsafe { libc::_exit(if refused { 7 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: `child` was forked above, and `status` outlives the call.
    unsafe { libc::waitpid(child, &mut status, 0) };
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 7, "{status}");
    assert_eq!(everything(&place), before);
    store.append(&one).unwrap();
    assert_eq!(place.calls(), 2);
}

/// A small disk, if this process may have one.
struct Disk(TempDir);

impl Disk {
    fn of(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(folder.path());
        match mount.output() {
            Ok(output) if output.status.success() => Some(Self(folder)),
            Ok(output) => {
                eprintln!("skipped: {}", String::from_utf8_lossy(&output.stderr).trim());
                None
            }
            Err(error) => {
                eprintln!("skipped: mount: {error}");
                None
            }
        }
    }

    fn remount(&self, options: &str) {
        let mut mount = Command::new("mount");
        mount.args(["-o", &format!("remount,{options}")]).arg(self.0.path());
        assert!(mount.status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_keeps_what_was_kept_and_takes_the_rest_when_there_is_room() {
    // So small that it fills in every phase: while the file is made, and long after.
    for kilobytes in [16, 40, 100, 160, 200, 240, 300, 400, 700, 1_100] {
        let Some(disk) = Disk::of(&format!("{kilobytes}k")) else { return };
        let path = disk.0.path().join("perf.sqlite");
        let mut store = options(&path).build().unwrap();
        let _ = store.load();
        let (mut waiting, mut kept, mut full) = (Vec::new(), 0, 0);
        for step in 0..60 {
            let ms: Vec<u64> = (0..200).map(|number| 1 + number * number % 9_973).collect();
            waiting.push(batch(START + 30 * step, "import", &ms));
            while let Some(next) = waiting.first() {
                match store.append(next) {
                    Ok(_) => kept += 200,
                    Err(StoreError::Full { .. }) => {
                        full += 1;
                        break;
                    }
                    Err(error) => panic!("{kilobytes} KiB, {step}: {error:?}"),
                }
                waiting.remove(0);
            }
            let tidied = store.tidy(START + 30 * step);
            assert!(matches!(tidied, Ok(_) | Err(StoreError::Full { .. })), "{tidied:?}");
        }
        assert!(full > 0 || kilobytes > 240, "{kilobytes} KiB never were too few");
        disk.remount("size=64m");
        for next in &waiting {
            store.append(next).unwrap();
            kept += 200;
        }
        let archive = SqliteArchive::open(&path).unwrap();
        let all = Query::new(Between::new(0, START + DAY)).histograms();
        assert_eq!(archive.summary(&all).unwrap().all().calls(), kept, "{kilobytes} KiB");
        assert_eq!(archive.health(true).unwrap().damage, Some(Vec::new()));
    }
}

#[test]
fn where_nothing_may_be_written_it_says_so_and_what_is_there_can_be_read() {
    let Some(disk) = Disk::of("4m") else { return };
    let path = disk.0.path().join("perf.sqlite");
    let mut store = options(&path).build().unwrap();
    store.append(&batch(START, "import", &[10])).unwrap();
    store.close().unwrap();
    drop(store);
    disk.remount("ro");
    let mut store = options(&path).build().unwrap();
    let refused = store.append(&batch(START + 1, "import", &[10])).unwrap_err();
    assert!(matches!(refused, StoreError::ReadOnly { .. }), "{refused:?}");
    let archive = SqliteArchive::open(&path).unwrap();
    assert_eq!(
        archive.summary(&Query::new(Between::new(0, START + DAY))).unwrap().all().calls(),
        1
    );
    drop(archive);
    disk.remount("rw");
    store.append(&batch(START + 1, "import", &[10])).unwrap();
}
