//! Readings agree with what the kernel says by another road. They are of the whole process, so
//! nothing else runs in this one, and its tests take turns.
#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::mem::MaybeUninit;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kgas_perf_runtime::resource::{Monitor, Part, Reading};

/// Each test's turn.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(monitor: &mut Monitor, millis: u64) -> Arc<Reading> {
    let at = Duration::from_millis(millis);
    monitor.read(at, at)
}

/// Nanoseconds that the calling thread has spent on processors.
fn own_cpu_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live `timespec`.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) }, 0);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

fn usage() -> libc::rusage {
    let mut usage = MaybeUninit::zeroed();
    // SAFETY: the pointer is to a live `rusage` of integers.
    assert_eq!(unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) }, 0);
    // SAFETY: written by the call.
    unsafe { usage.assume_init() }
}

fn cpu_ns(usage: &libc::rusage) -> i128 {
    let time = |time: libc::timeval| i128::from(time.tv_sec) * 1_000_000 + i128::from(time.tv_usec);
    1_000 * (time(usage.ru_utime) + time(usage.ru_stime))
}

fn own(of: fn(&Reading) -> Option<u64>, reading: &Reading) -> i128 {
    i128::from(of(reading).expect("Linux has it"))
}

#[test]
fn cpu_time_faults_and_switches_are_those_of_getrusage() {
    let _alone = alone();
    let mut monitor = Monitor::new();
    // Other tests of this process go on meanwhile, so each number lies between two looks.
    let before = usage();
    let reading = read(&mut monitor, 0);
    let after = usage();
    let cpu = own(|r| r.process.cpu_ns, &reading);
    // getrusage scales and rounds to ticks and microseconds.
    let ms = 12_000_000;
    assert!((cpu_ns(&before) - ms..=cpu_ns(&after) + ms).contains(&cpu), "{cpu}");
    let between = |found: i128, low: i64, high: i64, slack: i128| {
        assert!((i128::from(low) - slack..=i128::from(high) + slack).contains(&found), "{found}");
    };
    between(own(|r| r.process.minor_faults, &reading), before.ru_minflt, after.ru_minflt, 64);
    between(own(|r| r.process.major_faults, &reading), before.ru_majflt, after.ru_majflt, 1);
    let switches = own(|r| r.process.voluntary_switches, &reading);
    between(switches, before.ru_nvcsw, after.ru_nvcsw, 0);
    let taken = own(|r| r.process.involuntary_switches, &reading);
    between(taken, before.ru_nivcsw, after.ru_nivcsw, 0);
}

#[test]
fn a_thread_that_spins_is_a_group_of_that_name_and_its_time_is_its_own_clocks() {
    let _alone = alone();
    let mut monitor = Monitor::new();
    let (ready, is_ready) = std::sync::mpsc::channel();
    let (end, is_over) = std::sync::mpsc::channel::<()>();
    let spins = std::thread::Builder::new().name("a) R 1 spin-7".to_owned()).spawn(move || {
        let target = own_cpu_ns() + 30_000_000;
        while own_cpu_ns() < target {
            std::hint::spin_loop();
        }
        ready.send(own_cpu_ns()).unwrap();
        is_over.recv().unwrap();
    });
    let spins = spins.unwrap();
    let spent = is_ready.recv().unwrap();
    let reading = read(&mut monitor, 0);
    let groups = reading.threads.as_ref().unwrap();
    let group = groups.iter().find(|group| group.name == "a) R 1 spin-*").expect("it spins");
    assert_eq!(group.threads, 1);
    assert!((spent..spent + 5_000_000).contains(&group.cpu_ns), "{spent}: {group:?}");
    end.send(()).unwrap();
    spins.join().unwrap();
    let later = read(&mut monitor, 6_000);
    let groups = later.threads.as_ref().unwrap();
    let group = groups.iter().find(|group| group.name == "a) R 1 spin-*").expect("it spun");
    assert_eq!(group.threads, 0, "it has ended, and what it used stays");
}

#[test]
fn threads_that_are_started_are_counted_by_name() {
    let _alone = alone();
    let mut monitor = Monitor::new();
    let barrier = Arc::new(std::sync::Barrier::new(21));
    let threads: Vec<_> = (0..20)
        .map(|number| {
            let barrier = Arc::clone(&barrier);
            let name = format!("twenty-{number}");
            std::thread::Builder::new()
                .name(name)
                .spawn(move || {
                    barrier.wait();
                    barrier.wait();
                })
                .unwrap()
        })
        .collect();
    barrier.wait();
    let reading = read(&mut monitor, 0);
    let groups = reading.threads.as_ref().unwrap();
    let group = groups.iter().find(|group| group.name == "twenty-*").unwrap();
    assert_eq!(group.threads, 20);
    let all: u64 = groups.iter().map(|group| u64::from(group.threads)).sum();
    // Other tests come and go between the two looks.
    assert!(reading.process.threads.unwrap().abs_diff(all) <= 8, "{all}");
    barrier.wait();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn memory_that_is_touched_shows_in_the_resident_set_and_its_peak() {
    let _alone = alone();
    const BALLAST: usize = 96 << 20;
    let mut monitor = Monitor::new();
    let before = read(&mut monitor, 0);
    let mut ballast = vec![0_u8; BALLAST];
    ballast.iter_mut().step_by(4_096).for_each(|byte| *byte = 1);
    let after = read(&mut monitor, 1_000);
    std::hint::black_box(&ballast);
    drop(ballast);
    let freed = read(&mut monitor, 2_000);
    let resident = |reading: &Reading| reading.process.resident_bytes.unwrap() as i64;
    let grown = resident(&after) - resident(&before);
    assert!((grown - BALLAST as i64).abs() < 32 << 20, "{grown}");
    assert!(resident(&after) - resident(&freed) > 64 << 20);
    let peak = freed.process.peak_resident_bytes.unwrap() as i64;
    assert!(peak >= resident(&after) - (1 << 20));
    let faults = after.process.minor_faults.unwrap() - before.process.minor_faults.unwrap();
    // Huge pages take 512 pages at once.
    assert!(faults >= (BALLAST >> 21) as u64, "{faults}");
    assert!(after.process.virtual_bytes > after.process.resident_bytes);
}

#[test]
fn files_that_are_opened_are_counted_against_the_limit_of_the_process() {
    let _alone = alone();
    let mut monitor = Monitor::new();
    read(&mut monitor, 0);
    let files: Vec<_> = (0..200).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
    let open = read(&mut monitor, 1_000).process.file_handles.unwrap();
    drop(files);
    let closed = read(&mut monitor, 2_000).process.file_handles.unwrap();
    // Other tests open and close their own meanwhile.
    assert!((open as i64 - closed as i64 - 200).abs() < 100, "{open} and {closed}");
    let listed = std::fs::read_dir("/proc/self/fd").unwrap().count() as u64;
    assert!(listed.abs_diff(closed) < 100, "{listed} and {closed}");
    let limit = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limit.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let soft = line.split_whitespace().nth(3).unwrap().parse::<u64>().ok();
    assert_eq!(monitor.readings().latest().unwrap().process.file_handle_limit, soft);
}

#[test]
fn sockets_are_counted_by_their_states() {
    let _alone = alone();
    let mut monitor = Monitor::new();
    let states = |monitor: &mut Monitor, second: u64| {
        let reading = read(monitor, second * 1_000);
        let own = reading.connections.as_ref().expect("Linux has them");
        let host = reading.host_connections.as_ref().expect("Linux has them");
        (**own, **host)
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap();
    let mut pairs = Vec::new();
    for _ in 0..50 {
        let client = TcpStream::connect(place).unwrap();
        pairs.push((client, listener.accept().unwrap().0));
    }
    let (own, host) = states(&mut monitor, 0);
    // Another test connects one pair at most.
    assert!((100..=104).contains(&own.established), "{own:?}");
    assert!((1..=3).contains(&own.listening), "{own:?}");
    assert!(host.established >= 100 && host.listening >= 1, "{host:?}");
    // Ten clients hang up: their ends are gone, the servers' wait to be closed.
    for (client, server) in pairs.drain(..10).collect::<Vec<_>>() {
        drop(client);
        let mut server = server;
        assert_eq!(server.read(&mut [0]).unwrap(), 0, "the end is seen");
        pairs.push((server.try_clone().unwrap(), server));
    }
    let (own, _) = states(&mut monitor, 100);
    assert_eq!(own.close_wait, 20, "each twice, as two handles of one socket: {own:?}");
    assert!(own.connections() >= 100);
}

#[test]
fn a_file_that_is_written_shows_in_the_bytes_of_the_process() {
    let _alone = alone();
    const WRITTEN: u64 = 8 << 20;
    let mut monitor = Monitor::new();
    let before = read(&mut monitor, 0);
    let Some(counted) = before.process.disk_written_bytes else {
        assert!(before.missing.contains_key(&Part::ProcessDisk));
        return;
    };
    let path = std::env::temp_dir().join(format!("kgas-perf-{}", std::process::id()));
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(&vec![7; WRITTEN as usize]).unwrap();
    file.sync_all().unwrap();
    let after = read(&mut monitor, 1_000);
    std::fs::remove_file(&path).unwrap();
    let calls = after.process.write_calls.unwrap() - before.process.write_calls.unwrap();
    assert!(calls >= 1);
    let grown = after.process.disk_written_bytes.unwrap() - counted;
    // A folder in memory writes to no disk.
    assert!(grown == 0 || (WRITTEN..WRITTEN + (8 << 20)).contains(&grown), "{grown}");
}

#[test]
fn the_space_of_a_file_system_is_what_df_says() {
    let _alone = alone();
    let mut monitor = Monitor::new().watch("/proc").watch("/").watch("/no such folder");
    let reading = read(&mut monitor, 0);
    let mounts = reading.mounts.as_ref().unwrap();
    let root = mounts.iter().find(|mount| mount.place == "/").expect("it is watched");
    let mut df = std::process::Command::new("df");
    let df = df.args(["-B1", "--output=size,used,avail", "/"]).output();
    let Ok(df) = df else { return };
    let text = String::from_utf8(df.stdout).unwrap();
    let words: Vec<u64> =
        text.lines().nth(1).unwrap().split_whitespace().map(|w| w.parse().unwrap()).collect();
    let near = |one: u64, other: u64| assert!(one.abs_diff(other) < 1 << 30, "{one} {other}");
    assert_eq!(root.bytes, words[0]);
    near(root.used_bytes, words[1]);
    near(root.available_bytes, words[2]);
    assert!(root.used_share().is_some_and(|share| (0.0..=1.0).contains(&share)));
    // What has no space is there, and full or empty of nothing.
    assert!(mounts.iter().all(|mount| mount.place != "/proc" || mount.used_share().is_none()));
}

#[test]
fn the_host_is_as_the_kernel_lists_it() {
    let _alone = alone();
    let mut monitor = Monitor::new();
    let reading = read(&mut monitor, 0);
    let cores = reading.cores.as_ref().expect("Linux has them");
    let listed = std::fs::read_to_string("/proc/stat").unwrap();
    let listed = listed.lines().filter(|line| line.starts_with("cpu")).count();
    assert_eq!(cores.len(), listed - 1);
    let sum: u64 = cores.iter().map(|core| core.total_ns).sum();
    let all = reading.host.cpu.unwrap();
    // The kernel rounds each core and the sum to ticks of their own.
    assert!(all.total_ns.abs_diff(sum) < 1_000_000_000, "{} {sum}", all.total_ns);
    // SAFETY: asks for constants of the system.
    let pages = unsafe { libc::sysconf(libc::_SC_PHYS_PAGES) * libc::sysconf(libc::_SC_PAGESIZE) };
    assert_eq!(reading.host.memory_bytes, u64::try_from(pages).ok());
    assert!(reading.host.available_bytes <= reading.host.memory_bytes);
    assert!(reading.host.load.is_some_and(|load| load.iter().all(|one| *one >= 0.0)));
    assert!(reading.host.switches.is_some_and(|switches| switches > 0));
}

#[test]
fn what_is_missing_says_why_and_nothing_is_zero_for_it() {
    let _alone = alone();
    let mut monitor = Monitor::new();
    let reading = read(&mut monitor, 0);
    let why = reading.missing.get(&Part::ProcessAllocations).expect("nothing counts them here");
    assert_eq!(why.to_string(), "not available: not on this system");
    assert_eq!(reading.process.allocated_bytes, None);
}

#[test]
fn an_hour_of_this_host_stays_below_what_is_promised() {
    let _alone = alone();
    let mut monitor = Monitor::new();
    for second in 0..40 {
        read(&mut monitor, second * 1_000);
    }
    let each = monitor.readings().bytes() / 40;
    let cores = monitor.readings().latest().unwrap().cores.as_ref().map_or(0, |c| c.len());
    assert!(each < 2_048 + 32 * cores, "{each} bytes a reading of {cores} cores");
}
