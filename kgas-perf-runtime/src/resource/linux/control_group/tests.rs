//! Control groups as containers and hosts show them, from texts.

use std::collections::BTreeMap;

use super::*;

const HYBRID: &[u8] = b"27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
    30 27 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n\
    31 27 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
    32 27 0:32 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
    33 27 0:33 / /sys/fs/cgroup/a\\040b rw - cgroup cgroup rw,pids\n  broken\n";

const NEW: &[u8] = b"30 27 0:30 /kubepods/pod7 /sys/fs/cgroup ro - cgroup2 cgroup rw\n";

fn read(mounts: &[u8], groups: &str, files: &[(&str, &str)]) -> io::Result<ControlGroup> {
    let files: BTreeMap<PathBuf, &str> =
        files.iter().map(|(path, text)| (PathBuf::from(path), *text)).collect();
    Hierarchies::of(mounts).read_with(groups.as_bytes(), &|folder, name| {
        let text = files.get(&folder.join(name));
        text.map(|text| text.as_bytes().to_vec()).ok_or(io::ErrorKind::NotFound.into())
    })
}

#[test]
fn the_tightest_limit_of_nested_groups_counts_with_the_use_of_its_group() {
    let found = read(
        NEW,
        "0::/kubepods/pod7/app:1/worker\n",
        &[
            ("/sys/fs/cgroup/app:1/worker/memory.max", "max\n"),
            ("/sys/fs/cgroup/app:1/worker/memory.current", "1000\n"),
            ("/sys/fs/cgroup/app:1/memory.max", "500000\n"),
            ("/sys/fs/cgroup/app:1/memory.current", "400000\n"),
            ("/sys/fs/cgroup/app:1/memory.stat", "anon 5\ninactive_file 100000\nfile 9\n"),
            ("/sys/fs/cgroup/memory.max", "900000\n"),
            ("/sys/fs/cgroup/memory.current", "800000\n"),
            ("/sys/fs/cgroup/app:1/worker/cpu.max", "max 100000\n"),
            ("/sys/fs/cgroup/cpu.max", "150000 100000\n"),
            (
                "/sys/fs/cgroup/cpu.stat",
                "usage_usec 7\nnr_periods 10\nnr_throttled 3\nthrottled_usec 5\n",
            ),
            ("/sys/fs/cgroup/app:1/worker/pids.max", "max\n"),
            ("/sys/fs/cgroup/app:1/worker/pids.current", "3\n"),
            ("/sys/fs/cgroup/pids.max", "100\n"),
            ("/sys/fs/cgroup/pids.current", "90\n"),
        ],
    )
    .unwrap();
    let expected = ControlGroup {
        memory_limit_bytes: Some(500_000),
        memory_used_bytes: Some(300_000),
        cpu_quota_cores: Some(1.5),
        cpu_ns: Some(7_000),
        periods: Some(10),
        throttled_periods: Some(3),
        throttled_ns: Some(5_000),
        threads: Some(90),
        thread_limit: Some(100),
    };
    assert_eq!(found, expected);
}

#[test]
fn hierarchies_of_version_1_are_read_beside_an_empty_one_of_version_2() {
    let groups = "9:name=systemd:/\n4:memory:/api/x\n3:cpu,cpuacct:/\n2:pids:/\n0::/\n";
    let found = read(
        HYBRID,
        groups,
        &[
            ("/sys/fs/cgroup/memory/api/x/memory.limit_in_bytes", "9223372036854771712\n"),
            ("/sys/fs/cgroup/memory/api/x/memory.usage_in_bytes", "5000\n"),
            ("/sys/fs/cgroup/memory/api/x/memory.stat", "total_inactive_file 1000\n"),
            ("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n"),
            ("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
            (
                "/sys/fs/cgroup/cpu,cpuacct/cpu.stat",
                "nr_periods 4\nnr_throttled 0\nthrottled_time 9\n",
            ),
            ("/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage", "77\n"),
            ("/sys/fs/cgroup/a b/pids.current", "12\n"),
        ],
    )
    .unwrap();
    let expected = ControlGroup {
        memory_used_bytes: Some(4_000),
        cpu_ns: Some(77),
        periods: Some(4),
        throttled_periods: Some(0),
        throttled_ns: Some(9),
        threads: Some(12),
        ..ControlGroup::default()
    };
    assert_eq!(found, expected);
}

#[test]
fn a_container_that_sees_another_path_than_it_has_mounted_reads_what_it_has() {
    for group in ["/kubepods/other", "/../sibling", "/kubepods/pod7/../../up"] {
        let found = read(
            NEW,
            &format!("0::{group}\n"),
            &[("/sys/fs/cgroup/memory.max", "4096\n"), ("/sys/fs/cgroup/memory.current", "10\n")],
        );
        assert_eq!(found.unwrap().memory_limit_bytes, Some(4_096), "{group}");
    }
}

#[test]
fn without_files_there_is_no_control_group() {
    for groups in ["", "0::/\n", "garbage\n", "1:\n", "0::/a/b\n4:memory:/\n"] {
        let error = read(HYBRID, groups, &[]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "{groups}");
    }
    assert!(read(b"", "0::/\n", &[]).is_err());
}
