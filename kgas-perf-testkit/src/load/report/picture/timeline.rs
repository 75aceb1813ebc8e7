//! What happened when: p50 and p95 above, what ended and how below.

use std::time::Duration;

use svg::Document;
use svg::node::element::path::Data;
use svg::node::element::{Group, Path, Rectangle};

use crate::load::report::picture::axis::Axis;
use crate::load::report::picture::{
    LEFT, Mark, PLOT, RIGHT, TOP, WIDTH, duration, frame, label, legend,
};
use crate::load::report::table::short;
use crate::load::report::{Point, Report};

/// Where the bars begin, and how high they are at most.
const BELOW: f64 = TOP + PLOT + 50.0;
const HIGH: f64 = 60.0;

const BARS: [Mark; 3] =
    [Mark::area("bar", "ok"), Mark::area("failed", "not ok"), Mark::area("dropped", "dropped")];

/// What happened when. A time in which nothing ended is a gap; a warm-up is shaded.
pub(crate) fn timeline(report: &Report) -> Document {
    let points = &report.timeline;
    let end = points.last().map_or(1.0, |point| (point.at + point.length).as_nanos() as f64);
    let across = Axis::linear(end, (LEFT, RIGHT));
    let shown = || points.iter().flat_map(|point| [point.p50, point.p95]).flatten();
    let low = shown().map(|value| value.as_nanos() as f64).fold(f64::INFINITY, f64::min);
    let high = shown().map(|value| value.as_nanos() as f64).fold(0.0, f64::max);
    let axes = (low <= high).then(|| {
        let up = Axis::logarithmic((low.max(1.0), high.max(1.0)), (TOP + PLOT, TOP));
        (across, up)
    });
    let about = format!("What happened when in {}", report.name);
    let counts = &report.total.counts;
    let numbers = format!(
        "{} ok, {} not ok, {} dropped in {:.1?}",
        counts.ok,
        counts.ended() - counts.ok,
        counts.dropped,
        report.elapsed
    );
    let mut picture = frame(&about, &numbers, axes, duration, duration)
        .add(label("latency", LEFT, 14.0, "start"))
        .set("viewBox", (0, 0, WIDTH, BELOW + HIGH + 12.0));
    let Some((across, up)) = axes else { return picture };
    for stage in report.stages.iter().filter(|stage| stage.warm_up) {
        let [from, to] = [stage.begins, stage.ends].map(|at| across.at(at.as_nanos() as f64));
        let shade = Rectangle::new().set("class", "warm").set("x", from).set("y", TOP);
        picture = picture.add(shade.set("width", to - from).set("height", PLOT)).add(label(
            "warm-up",
            from + 4.0,
            TOP + 14.0,
            "start",
        ));
    }
    type Which = fn(&Point) -> Option<Duration>;
    let curves: [(Mark, Which); 2] =
        [(Mark::line("a", "p50"), |point| point.p50), (Mark::line("b", "p95"), |point| point.p95)];
    for (mark, value) in curves {
        picture = picture.add(steps(points, value, &across, &up).set("class", mark.class));
    }
    let most = points.iter().map(|point| point.ok + point.not_ok + point.dropped).max();
    let most = most.unwrap_or(0);
    let each = points.first().map_or(Duration::ZERO, |point| point.length);
    picture = picture
        .add(bars(points, &across, &Axis::linear(most as f64, (0.0, HIGH))))
        .add(label(&format!("operations in {}", short(each)), LEFT, BELOW - 8.0, "start"))
        .add(label(&most.to_string(), LEFT - 6.0, BELOW + 10.0, "end"))
        .add(label("0", LEFT - 6.0, BELOW + HIGH, "end"));
    let picture = legend(picture, BELOW - 8.0, &BARS);
    legend(picture, 14.0, &curves.map(|(mark, _)| mark))
}

/// A line for each slice, joined where slices follow each other.
fn steps(
    points: &[Point],
    value: impl Fn(&Point) -> Option<Duration>,
    across: &Axis,
    up: &Axis,
) -> Path {
    let mut data = Data::new();
    let mut begun = false;
    for point in points {
        let Some(value) = value(point) else {
            begun = false;
            continue;
        };
        let height = up.at(value.as_nanos() as f64);
        let from = (across.at(point.at.as_nanos() as f64), height);
        let to = across.at((point.at + point.length).as_nanos() as f64);
        data = if begun { data.line_to(from) } else { data.move_to(from) };
        data = data.line_to((to, height));
        begun = true;
    }
    Path::new().set("d", data)
}

/// What ended and how, one upon the other.
fn bars(points: &[Point], across: &Axis, heights: &Axis) -> Group {
    let mut bars = Group::new();
    for point in points {
        let from = across.at(point.at.as_nanos() as f64);
        let width = across.at((point.at + point.length).as_nanos() as f64) - from;
        let mut under = BELOW + HIGH;
        for (many, mark) in [point.ok, point.not_ok, point.dropped].into_iter().zip(BARS) {
            // A single one in a thousand is seen still.
            let height = if many == 0 { continue } else { heights.at(many as f64).max(1.0) };
            under -= height;
            bars = bars.add(
                Rectangle::new()
                    .set("class", mark.class)
                    .set("x", from)
                    .set("y", under)
                    .set("width", width.max(0.5))
                    .set("height", height),
            );
        }
    }
    bars
}
