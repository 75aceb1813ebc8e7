//! How latencies and service times are distributed.

use svg::Document;
use svg::node::element::Path;
use svg::node::element::path::Data;

use crate::load::report::picture::axis::Axis;
use crate::load::report::picture::{LEFT, Mark, PLOT, RIGHT, TOP, duration, frame, label, legend};
use crate::load::report::table::shown;
use crate::load::report::{Latency, Report};

/// How latencies and service times are distributed: the share that is longer, on logarithmic axes.
///
/// So the tail, which is what users feel, has as much room as the rest.
pub(crate) fn distribution(report: &Report) -> Document {
    let latency = &report.total.latency;
    let mut curves = vec![(Mark::line("a", "latency"), latency)];
    if report.open {
        curves.push((Mark::line("b", "service time"), &report.total.service));
    }
    let buckets = || curves.iter().flat_map(|(_, latency)| latency.durations.buckets());
    let low = buckets().map(|bucket| bucket.low_ns.max(1.0)).fold(f64::INFINITY, f64::min);
    let high = buckets().map(|bucket| bucket.high_ns).fold(0.0, f64::max);
    let count = latency.durations.count();
    let smallest = (0.5 / count.max(1) as f64).min(0.5);
    let axes = (low <= high).then(|| {
        let across = Axis::logarithmic((low, high), (LEFT, RIGHT));
        (across, Axis::logarithmic((smallest, 1.0), (TOP + PLOT, TOP)))
    });
    let about = format!("Latencies of {}", report.name);
    let percentiles = latency.percentiles().map(|it| format!("{} {}", it.name(), shown(it)));
    let numbers = format!("{count} operations: {}", percentiles.join(", "));
    let percent = |share: f64| format!("{} %", (share * 1e9).round() / 1e7);
    let mut picture = frame(&about, &numbers, axes, duration, percent).add(label(
        "share of operations that take longer",
        LEFT,
        14.0,
        "start",
    ));
    if let Some((across, up)) = axes {
        for (mark, latency) in &curves {
            let path = curve(latency, &across, &up, smallest);
            picture = picture.add(path.set("class", mark.class));
        }
        let marks: Vec<Mark> = curves.iter().map(|(mark, _)| *mark).collect();
        picture = legend(picture, 14.0, &marks);
    }
    picture
}

/// The share that is longer, falling to just below that of a single operation.
fn curve(latency: &Latency, across: &Axis, up: &Axis, smallest: f64) -> Path {
    let mut buckets: Vec<_> = latency.durations.buckets().collect();
    buckets.sort_by(|one, other| one.low_ns.total_cmp(&other.low_ns));
    let all = latency.durations.count().max(1) as f64;
    let mut longer = all;
    let mut data = Data::new();
    for (at, bucket) in buckets.into_iter().enumerate() {
        let place = (across.at(bucket.low_ns.max(1.0)), up.at(longer / all));
        data = if at == 0 { data.move_to(place) } else { data.line_to(place) };
        longer -= bucket.count as f64;
        data = data.line_to((across.at(bucket.high_ns), up.at((longer / all).max(smallest))));
    }
    Path::new().set("d", data)
}
