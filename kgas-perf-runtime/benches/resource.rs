//! What does a reading of resources cost, with few threads and sockets and with many, and beside
//! a monitor that refreshes all that sysinfo knows?

mod harness;

use std::hint::black_box;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use harness::clocks::thread_cpu_ns;
use harness::quantile;
use kgas_perf_runtime::resource::Monitor;

/// Readings at a second each, as if five minutes had passed.
const READINGS: u64 = 300;
const THREADS: usize = 200;
/// Each has two ends, and each end a socket.
const PAIRS: usize = 1_000;

fn main() {
    println!("\nA reading of resources each second, CPU time of the thread that reads\n");
    println!("| | ms a reading, mean | median | worst | share of a core |");
    println!("|---|--:|--:|--:|--:|");
    row("this process as it is");
    let _threads = many_threads();
    row("with 200 threads");
    let _sockets = many_sockets();
    row("with 200 threads and 2,000 open sockets");
    others();
    parts();
}

fn row(name: &str) {
    let mut monitor = Monitor::new();
    let mut costs: Vec<f64> = (0..READINGS)
        .map(|second| {
            let at = Duration::from_secs(second);
            let start = thread_cpu_ns();
            black_box(monitor.read(at, at));
            (thread_cpu_ns() - start) as f64 / 1e6
        })
        .collect();
    print(name, &mut costs);
}

fn print(name: &str, costs: &mut [f64]) {
    let mean = costs.iter().sum::<f64>() / costs.len() as f64;
    costs.sort_by(f64::total_cmp);
    let (median, worst) = (quantile(costs, 0.5), quantile(costs, 1.0));
    println!("| {name} | {mean:.3} | {median:.3} | {worst:.2} | {:.3} % |", mean / 10.0);
}

/// Threads that sleep until they are let go.
fn many_threads() -> Vec<Sender<()>> {
    (0..THREADS)
        .map(|number| {
            let (end, wait) = channel::<()>();
            let name = format!("worker-{number}");
            let sleeps = move || {
                let _ = wait.recv();
            };
            std::thread::Builder::new().name(name).spawn(sleeps).expect("a thread starts");
            end
        })
        .collect()
}

fn many_sockets() -> Vec<(TcpStream, TcpStream)> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointers are to a live `rlimit`.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit), 0);
        limit.rlim_cur = limit.rlim_max.min(8_192);
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit), 0);
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let place = listener.local_addr().expect("it has one");
    (0..PAIRS)
        .map(|_| {
            let client = TcpStream::connect(place).expect("it listens");
            (client, listener.accept().expect("somebody connects").0)
        })
        .collect()
}

/// The contrast: all that sysinfo can refresh, which is all processes of the host.
#[cfg(target_os = "linux")]
fn others() {
    use sysinfo::{Disks, Networks, System};
    let mut system = System::new_all().expect("sysinfo reads this system");
    let mut networks = Networks::new_with_refreshed_list().expect("there are networks");
    let mut disks = Disks::new_with_refreshed_list().expect("there are disks");
    let mut costs: Vec<f64> = (0..60)
        .map(|_| {
            let start = thread_cpu_ns();
            system.refresh_all();
            networks.refresh(true);
            disks.refresh(true);
            black_box(system.processes().len());
            (thread_cpu_ns() - start) as f64 / 1e6
        })
        .collect();
    print("sysinfo, refreshing all, of the same", &mut costs);
}

#[cfg(not(target_os = "linux"))]
fn others() {}

/// What each part cost at its last look, and how often it is read for that.
fn parts() {
    let mut monitor = Monitor::new();
    for second in 0..READINGS {
        let at = Duration::from_secs(second);
        monitor.read(at, at);
    }
    let readings = monitor.readings();
    println!("\n| part | ms a look | every |\n|---|--:|--:|");
    for part in readings.cost().parts {
        let ms = part.last_ns.map_or(f64::NAN, |ns| ns as f64 / 1e6);
        println!("| {} | {ms:.3} | {:.1} s |", part.name, part.every.as_secs_f64());
    }
    let bytes = readings.bytes() as f64 / readings.all().len() as f64;
    println!(
        "\nA reading holds {bytes:.0} bytes; an hour of them {:.1} MiB.",
        bytes * 3_600.0 / 1_048_576.0
    );
    if let Some(share) = readings.cost().core_share {
        println!("It says of itself: {share:.5} of a core.");
    }
}
