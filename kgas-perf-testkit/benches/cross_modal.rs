//! How do the reference conversions scale, on this machine, from 100 to 100,000 entities?
//!
//! Prints the report, and writes a picture a step into the folder that is given as an argument.

use kgas_perf_testkit::cross_modal::cross_modal_conversion;

fn main() {
    let sizes = [100, 250, 630, 1_600, 4_000, 10_000, 25_000, 100_000];
    match cross_modal_conversion(sizes).repeats(5).run() {
        Ok(report) => {
            println!("{report}");
            let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
            for step in &report.scaling {
                if let (Some(scaling), Some(folder)) = (&step.scaling, &folder) {
                    let name = step.step.operation();
                    let path = std::path::Path::new(folder).join(format!("{name}.svg"));
                    if let Err(error) = std::fs::write(&path, scaling.to_svg(name)) {
                        eprintln!("{}: {error}", path.display());
                    }
                    println!("{scaling}");
                }
            }
        }
        Err(error) => eprintln!("{error}"),
    }
}
