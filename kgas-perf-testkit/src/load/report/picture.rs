//! Pictures of a run: how latencies are distributed, and what happened when (SVG).

use std::time::Duration;

use svg::Document;
use svg::node::element::path::Data;
use svg::node::element::{Group, Line, Path, Rectangle, Text, Title};

use crate::load::report::table::short;
use crate::load::report::{Latency, Report};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 940.0;
const PLOT: f64 = 200.0;
const TOP: f64 = 26.0;

/// What the pictures' classes look like; the page holds it once.
pub(crate) const STYLE: &str = "
svg { font: 12px system-ui, sans-serif; max-width: 100%; height: auto; }
svg text { fill: var(--faint); } .grid { stroke: var(--grid); } .frame { fill: none; stroke: var(--faint); }
.a { fill: none; stroke: #2f74d0; stroke-width: 1.6; } .b { fill: none; stroke: #c98a00; stroke-width: 1.6; }
.bar { fill: #4493f8; } .failed { fill: #d1242f; } .dropped { fill: #8b949e; }
.fit { fill: none; stroke: #2da44e; stroke-dasharray: 5 4; }
";

/// An axis from values to places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    logarithmic: bool,
}

impl Axis {
    /// One between these values, which are made to differ.
    pub(crate) fn new(values: (f64, f64), places: (f64, f64), logarithmic: bool) -> Self {
        let (low, high) = values;
        let (low, high) = if logarithmic {
            (low.max(1e-9).ln(), high.max(low.max(1e-9) * 1.01).ln())
        } else {
            (low, if high > low { high } else { low + 1.0 })
        };
        Self { low, high, from: places.0, to: places.1, logarithmic }
    }

    /// The place of a value, to a tenth.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let value = if self.logarithmic { value.max(1e-9).ln() } else { value };
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        ((self.from + (self.to - self.from) * share) * 10.0).round() / 10.0
    }

    /// Where there are lines: each 1, 2 and 5 of a power of ten, fewer where that is too many.
    fn ticks(&self) -> Vec<f64> {
        let (low, high) = if self.logarithmic {
            (self.low.exp(), self.high.exp())
        } else {
            (self.low, self.high)
        };
        if !self.logarithmic {
            let step = 10.0_f64.powf(((high - low) / 5.0).log10().floor());
            let fits = |step: f64| (high - low) / step <= 6.0;
            let step = [1.0, 2.0, 5.0, 10.0].map(|n| n * step).into_iter().find(|it| fits(*it));
            let step = step.unwrap_or(high - low);
            let first = (low / step).ceil() as i64;
            return (first..=(high / step).floor() as i64).map(|n| n as f64 * step).collect();
        }
        let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
        let of = |factors: &[f64]| -> Vec<f64> {
            let all = powers
                .clone()
                .flat_map(|power| factors.iter().map(move |factor| factor * 10.0_f64.powi(power)));
            all.filter(|tick| (low..=high).contains(tick)).collect()
        };
        let fine = of(&[1.0, 2.0, 5.0]);
        if fine.len() <= 8 { fine } else { of(&[1.0]) }
    }
}

/// How latencies and service times are distributed: the share that is longer, on logarithmic axes.
///
/// So the tail, which is what users feel, has as much room as the rest.
pub(crate) fn distribution(report: &Report) -> Document {
    let latency = &report.total.latency;
    let curves: Vec<(&str, &str, &Latency)> = if report.open {
        vec![("a", "latency", latency), ("b", "service time", &report.total.service)]
    } else {
        vec![("a", "latency", latency)]
    };
    let all = || curves.iter().flat_map(|(_, _, latency)| latency.durations.buckets());
    let low = all().map(|bucket| bucket.low_ns.max(1.0)).fold(f64::INFINITY, f64::min);
    let high = all().map(|bucket| bucket.high_ns).fold(0.0, f64::max);
    let count = latency.durations.count().max(1) as f64;
    let (low, high) = if low <= high { (low, high) } else { (1e6, 1e7) };
    let across = Axis::new((low, high), (LEFT, RIGHT), true);
    let smallest = (0.5 / count).min(0.5);
    let up = Axis::new((smallest, 1.0), (TOP + PLOT, TOP), true);
    let mut picture = frame("Distribution of latencies", &across, &up, duration_of, |share| {
        format!("{} %", (share * 1e9).round() / 1e7)
    });
    for (at, (class, name, latency)) in curves.into_iter().enumerate() {
        let mut longer = latency.durations.count() as f64;
        let all = longer.max(1.0);
        let mut data = Data::new();
        let mut begun = false;
        for bucket in sorted(latency) {
            let (from, to) = (across.at(bucket.0.max(1.0)), across.at(bucket.1));
            let height = up.at(longer / all);
            data = if begun { data.line_to((from, height)) } else { data.move_to((from, height)) };
            begun = true;
            longer -= bucket.2 as f64;
            data = data.line_to((to, up.at((longer / all).max(smallest))));
        }
        picture = picture.add(Path::new().set("class", class).set("d", data));
        picture = legend(picture, at, class, name);
    }
    picture.add(label("share of operations that take longer", LEFT, 14.0, "start"))
}

fn sorted(latency: &Latency) -> Vec<(f64, f64, u64)> {
    let buckets = latency.durations.buckets();
    let mut all: Vec<_> = buckets.map(|it| (it.low_ns, it.high_ns, it.count)).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    all
}

/// What happened when: p50 and p95 above, what ended and how below.
pub(crate) fn timeline(report: &Report) -> Document {
    let points = &report.timeline;
    let end = points.last().map_or(1.0, |point| (point.at + point.length).as_secs_f64());
    let across = Axis::new((0.0, end), (LEFT, RIGHT), false);
    let shown = || points.iter().flat_map(|point| [point.p50, point.p95]).flatten();
    let low = shown().map(|value| value.as_nanos() as f64).fold(f64::INFINITY, f64::min);
    let high = shown().map(|value| value.as_nanos() as f64).fold(0.0, f64::max);
    let (low, high) = if low <= high { (low.max(1.0), high) } else { (1e6, 1e7) };
    let up = Axis::new((low / 1.3, high * 1.3), (TOP + PLOT, TOP), true);
    let seconds = |at: f64| format!("{} s", (at * 1e3).round() / 1e3);
    let mut picture = frame("What happened when", &across, &up, seconds, duration_of);
    type Which = fn(&crate::load::report::Point) -> Option<Duration>;
    let curves: [(&str, &str, Which); 2] =
        [("a", "p50", |point| point.p50), ("b", "p95", |point| point.p95)];
    for (at, (class, name, value)) in curves.into_iter().enumerate() {
        let mut data = Data::new();
        let mut begun = false;
        for point in points {
            let Some(value) = value(point) else {
                // What is silent stays a gap.
                begun = false;
                continue;
            };
            let height = up.at(value.as_nanos() as f64);
            let from = across.at(point.at.as_secs_f64());
            let to = across.at((point.at + point.length).as_secs_f64());
            data = if begun { data.line_to((from, height)) } else { data.move_to((from, height)) };
            data = data.line_to((to, height));
            begun = true;
        }
        picture = picture.add(Path::new().set("class", class).set("d", data));
        picture = legend(picture, at, class, name);
    }
    let below = TOP + PLOT + 28.0;
    let most = points.iter().map(|point| point.ok + point.not_ok + point.dropped).max();
    let heights = Axis::new((0.0, most.unwrap_or(1).max(1) as f64), (0.0, 60.0), false);
    let mut bars = Group::new();
    for point in points {
        let from = across.at(point.at.as_secs_f64());
        let width = (across.at((point.at + point.length).as_secs_f64()) - from).max(0.5);
        let mut under = below + 60.0;
        for (many, class) in
            [(point.ok, "bar"), (point.not_ok, "failed"), (point.dropped, "dropped")]
        {
            // A single one in a thousand is seen still.
            let height = if many == 0 { continue } else { heights.at(many as f64).max(1.0) };
            under -= height;
            bars = bars.add(
                Rectangle::new()
                    .set("class", class)
                    .set("x", from)
                    .set("y", under)
                    .set("width", width)
                    .set("height", height),
            );
        }
    }
    picture
        .add(bars)
        .add(label("ended", LEFT - 6.0, below + 34.0, "end"))
        .add(label("blue: ok, red: not ok, grey: dropped", LEFT, below + 76.0, "start"))
        .add(label("latency", LEFT, 14.0, "start"))
        .set("viewBox", (0, 0, WIDTH, below + 84.0))
}

fn duration_of(ns: f64) -> String {
    short(Duration::from_nanos(ns.round() as u64))
}

/// A picture with its axes.
pub(crate) fn frame(
    title: &str,
    across: &Axis,
    up: &Axis,
    name_across: impl Fn(f64) -> String,
    name_up: impl Fn(f64) -> String,
) -> Document {
    let mut picture = Document::new()
        .set("viewBox", (0, 0, WIDTH, TOP + PLOT + 24.0))
        .set("role", "img")
        .add(Title::new(title));
    for tick in up.ticks() {
        let y = up.at(tick);
        picture = picture.add(line((LEFT, y), (RIGHT, y))).add(label(
            &name_up(tick),
            LEFT - 6.0,
            y + 4.0,
            "end",
        ));
    }
    for tick in across.ticks() {
        let x = across.at(tick);
        picture = picture.add(line((x, TOP), (x, TOP + PLOT))).add(label(
            &name_across(tick),
            x,
            TOP + PLOT + 16.0,
            "middle",
        ));
    }
    let frame = Rectangle::new().set("class", "frame").set("x", LEFT).set("y", TOP);
    picture.add(frame.set("width", RIGHT - LEFT).set("height", PLOT))
}

fn legend(picture: Document, at: usize, class: &str, name: &str) -> Document {
    let x = RIGHT - 130.0 * (2 - at) as f64;
    let stroke = Line::new().set("class", class).set("x1", x).set("x2", x + 20.0);
    picture.add(stroke.set("y1", 10.0).set("y2", 10.0)).add(label(name, x + 26.0, 14.0, "start"))
}

fn line(from: (f64, f64), to: (f64, f64)) -> Line {
    Line::new()
        .set("class", "grid")
        .set("x1", from.0)
        .set("y1", from.1)
        .set("x2", to.0)
        .set("y2", to.1)
}

fn label(content: &str, x: f64, y: f64, anchor: &str) -> Text {
    Text::new(content).set("x", x).set("y", y).set("text-anchor", anchor)
}
