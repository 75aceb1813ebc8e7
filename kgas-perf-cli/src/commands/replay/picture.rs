//! `picture`: timelines as one picture that needs nothing else to be seen (SVG).
//!
//! Operations stand below each other, over one axis of time. Durations are on a logarithmic axis:
//! a line for the p50 of each slice of time and a band up to its p95, the baseline's p50 and p95
//! behind them, the share of failed calls below them, alerts above.

use svg::Document;
use svg::node::element::path::Data;
use svg::node::element::{Group, Line, Path, Rectangle, Style, Text, Title};

use super::scale::{Scale, log_ticks, time_ticks};
use super::timeline::{Timeline, change, clock, durations, one_line, quantile, seconds};

const WIDTH: f64 = 980.0;
const LEFT: f64 = 90.0;
const RIGHT: f64 = 950.0;
/// The height of the durations, and of the failures below them.
const PLOT: f64 = 190.0;
const FAILURES: f64 = 26.0;
/// The height of a line of text.
const ROW: f64 = 16.0;
/// Lines of labels above the durations; further alerts are marked without one.
const ROWS: usize = 5;
/// About how wide a letter of a label is.
const LETTER: f64 = 6.4;
/// The most slices of time.
const SLICES: usize = 172;

/// Colours stand on white and on black alike; what is text follows what the reader prefers.
const STYLE: &str = "
svg { color-scheme: light dark; font: 12px system-ui, sans-serif; }
.ground { fill: #ffffff; } text { fill: #1f2328; } .name { font-size: 15px; font-weight: 600; }
.faint { fill: #59636e; } .grid { stroke: #d1d9e0; } .frame { fill: none; stroke: #8b949e; }
.baseline { fill: #2da44e; fill-opacity: 0.16; } .normal { stroke: #2da44e; stroke-dasharray: 5 4; }
.band { fill: #4493f8; fill-opacity: 0.3; } .typical { fill: none; stroke: #2f74d0; stroke-width: 1.6; }
.failed { fill: #d1242f; } .onset { fill-opacity: 0.1; }
.info { stroke: #6e7781; } .warning { stroke: #c98a00; } .critical { stroke: #e16f24; }
.emergency { stroke: #d1242f; } .improvement { stroke: #2da44e; }
.onset.info { fill: #6e7781; } .onset.warning { fill: #c98a00; } .onset.critical { fill: #e16f24; }
.onset.emergency { fill: #d1242f; } .onset.improvement { fill: #2da44e; }
.onset { stroke: none; }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117; } text { fill: #e6edf3; } .faint { fill: #9198a1; }
.grid { stroke: #2d333b; } .typical { stroke: #79b8ff; }
}
";

/// Draws timelines below each other, times counted from `origin`.
pub(crate) fn draw(timelines: &[&Timeline], origin: f64) -> Document {
    let spans = timelines.iter().map(|timeline| timeline.span());
    let (first, last) = spans
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (a, b)| (low.min(a), high.max(b)));
    let (first, last) = if first <= last { (first - origin, last - origin) } else { (0.0, 1.0) };
    let across = Scale::linear((first, last.max(first + 1e-3)), (LEFT, RIGHT));
    let mut top = 12.0;
    let mut panels = Vec::new();
    for timeline in timelines {
        let (panel, height) = panel(timeline, origin, &across);
        panels.push(panel.set("transform", format!("translate(0 {top})")));
        top += height + 18.0;
    }
    let ground = Rectangle::new().set("class", "ground").set("width", WIDTH).set("height", top);
    let document = Document::new()
        .set("viewBox", (0, 0, WIDTH, top))
        .set("width", WIDTH)
        .set("height", top)
        .set("role", "img")
        .add(Title::new("Durations of recorded calls"))
        .add(Style::new(STYLE))
        .add(ground);
    panels.into_iter().fold(document, Document::add)
}

/// One operation, and how high it is.
fn panel(timeline: &Timeline, origin: f64, across: &Scale) -> (Group, f64) {
    let labels = Labels::of(timeline, origin, across);
    let top = 26.0 + ROW * labels.rows as f64 + 8.0;
    let bottom = top + PLOT;
    let slices = Slices::of(timeline, origin, across);
    let up = slices.durations_scale(timeline, (bottom, top));
    let about = format!("{} calls, {} failed", timeline.calls.len(), timeline.failed());
    let mut group = Group::new()
        .add(text(&one_line(&timeline.name), LEFT, 14.0, "start").set("class", "name"))
        .add(text(&about, RIGHT, 14.0, "end").set("class", "faint"));
    for tick in log_ticks(&up) {
        group = group
            .add(line((LEFT, up.at(tick)), (RIGHT, up.at(tick))).set("class", "grid"))
            .add(text(&seconds(tick), LEFT - 6.0, up.at(tick) + 4.0, "end").set("class", "faint"));
    }
    let under = bottom + FAILURES;
    for tick in time_ticks(across) {
        let at = across.at(tick);
        group = group
            .add(line((at, top), (at, under)).set("class", "grid"))
            .add(text(whole(&clock(tick)), at, under + 15.0, "middle").set("class", "faint"));
    }
    let mut named = None;
    if let Some(learned) = &timeline.baseline {
        let (from, normal) = (across.at(learned.t - origin), up.at(learned.p50));
        let band = rectangle((from, up.at(learned.p95)), (RIGHT, normal));
        group = group
            .add(band.set("class", "baseline"))
            .add(line((from, normal), (RIGHT, normal)).set("class", "normal"));
        // It is named where there is room to its right.
        if from < RIGHT - 130.0 {
            let name = text("baseline p50 to p95", from + 4.0, up.at(learned.p95) - 4.0, "start");
            named = Some(name.set("class", "faint"));
        }
    }
    group = slices.draw(group, &up, (bottom, under));
    group = named.into_iter().fold(group, Group::add);
    for alert in labels.marks {
        group = alert.draw(group, (top, under));
    }
    let middle = (top + bottom) / 2.0;
    let turned = text("duration: p50 to p95", 20.0, middle, "middle")
        .set("class", "faint")
        .set("transform", format!("rotate(-90 20 {middle})"));
    let below = "hours:minutes:seconds since the first call of the log";
    let group = group
        .add(rectangle((LEFT, top), (RIGHT, bottom)).set("class", "frame"))
        .add(rectangle((LEFT, bottom), (RIGHT, under)).set("class", "frame"))
        .add(turned)
        .add(text("failed", LEFT - 6.0, bottom + 17.0, "end").set("class", "faint"))
        .add(text(below, f64::midpoint(LEFT, RIGHT), under + 31.0, "middle").set("class", "faint"));
    (group, under + 36.0)
}

/// Alerts as they are marked, and how many rows their labels take.
struct Labels {
    marks: Vec<Mark>,
    rows: usize,
}

/// One alert.
struct Mark {
    class: String,
    at: f64,
    since: f64,
    /// What it says, and the row it stands in, from the durations up.
    label: String,
    row: Option<usize>,
}

impl Labels {
    fn of(timeline: &Timeline, origin: f64, across: &Scale) -> Self {
        // Where the last label of each row ends.
        let mut ends = [f64::NEG_INFINITY; ROWS];
        let mut rows = 0;
        let marks = timeline.alerts.iter().map(|alert| {
            let at = across.at(alert.t - origin);
            let since = alert.since.map_or(at, |since| across.at(since - origin).max(LEFT));
            let effect = change(alert);
            let class = if alert.kind == "improvement" { alert.kind } else { alert.level };
            let label = match alert.kind {
                "improvement" => format!("improvement {effect}"),
                kind => format!("{} {kind} {effect}", alert.level),
            };
            let label = label.trim_end().to_owned();
            let width = LETTER * label.chars().count() as f64 + 10.0;
            let (from, to) = if at + width > RIGHT { (at - width, at) } else { (at, at + width) };
            let row = ends.iter().position(|end| *end < from);
            if let Some(row) = row {
                ends[row] = to;
                rows = rows.max(row + 1);
            }
            Mark { class: class.to_owned(), at, since, label, row }
        });
        Self { marks: marks.collect(), rows }
    }
}

impl Mark {
    fn draw(&self, group: Group, (top, under): (f64, f64)) -> Group {
        let Self { class, at, since, label, row } = self;
        let onset = rectangle((*since, top), (*at, under)).set("class", format!("onset {class}"));
        let group = group.add(onset);
        let Some(row) = row else {
            return group.add(line((*at, top), (*at, under)).set("class", class.as_str()));
        };
        let y = top - 6.0 - ROW * *row as f64;
        let width = LETTER * label.chars().count() as f64 + 10.0;
        let (x, anchor) = if at + width > RIGHT { (at - 4.0, "end") } else { (at + 4.0, "start") };
        let mark = line((*at, y - 10.0), (*at, under)).set("class", class.as_str());
        group.add(mark.set("stroke-width", 1.6)).add(text(label, x, y, anchor))
    }
}

/// Calls by slices of time.
struct Slices(Vec<Slice>);

/// The calls of one slice of time, which is drawn between two places.
struct Slice {
    from: f64,
    to: f64,
    /// p50 and p95 in seconds, of the calls that ended well.
    quantiles: Option<(f64, f64)>,
    /// The share of calls that failed.
    failed: f64,
}

impl Slices {
    fn of(timeline: &Timeline, origin: f64, across: &Scale) -> Self {
        // Some calls in each on the average, or quantiles would be noise.
        let many = (timeline.calls.len() / 20).clamp(1, SLICES);
        let width = (RIGHT - LEFT) / many as f64;
        let slice = |t: f64| (((across.at(t - origin) - LEFT) / width) as usize).min(many - 1);
        let slices = timeline.calls.chunk_by(|one, other| slice(one.t) == slice(other.t));
        Self(
            slices
                .filter_map(|calls| {
                    let from = LEFT + width * slice(calls.first()?.t) as f64;
                    let durations = durations(calls);
                    let quantiles = quantile(&durations, 0.5).zip(quantile(&durations, 0.95));
                    let failed = calls.len() - durations.len();
                    let failed = failed as f64 / calls.len() as f64;
                    Some(Slice { from, to: from + width, quantiles, failed })
                })
                .collect(),
        )
    }

    /// An axis on which all of it can be seen, and the baseline too.
    fn durations_scale(&self, timeline: &Timeline, places: (f64, f64)) -> Scale {
        let baseline = timeline.baseline.map(|learned| (learned.p50, learned.p95));
        let shown = self.0.iter().filter_map(|slice| slice.quantiles).chain(baseline);
        let positive = shown.flat_map(|(p50, p95)| [p50, p95]).filter(|value| *value > 0.0);
        let (low, high) = positive
            .fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = if low <= high { (low, high) } else { (1e-3, 1e-3) };
        // At least a factor of four, so that noise does not look like news.
        let room = (4.0 * low / high).max(1.6).sqrt();
        Scale::log((low / room, high * room), places)
    }

    fn draw(&self, mut group: Group, up: &Scale, (bottom, under): (f64, f64)) -> Group {
        let shown: Vec<_> =
            self.0.iter().filter_map(|slice| Some((slice, slice.quantiles?))).collect();
        // What is silent between two slices stays a gap.
        for run in shown.chunk_by(|(one, _), (other, _)| other.from - one.to < 1.0) {
            let mut typical = Data::new();
            let mut band = Data::new();
            for (at, (slice, (p50, p95))) in run.iter().enumerate() {
                let step = [(slice.from, up.at(*p50)), (slice.to, up.at(*p50))];
                let upper = [(slice.from, up.at(*p95)), (slice.to, up.at(*p95))];
                for (corner, above) in step.into_iter().zip(upper) {
                    let begins = at == 0 && corner.0 == slice.from;
                    typical = if begins {
                        typical.move_to(round(corner))
                    } else {
                        typical.line_to(round(corner))
                    };
                    band = if begins {
                        band.move_to(round(above))
                    } else {
                        band.line_to(round(above))
                    };
                }
            }
            for (slice, (p50, _)) in run.iter().rev() {
                for x in [slice.to, slice.from] {
                    band = band.line_to(round((x, up.at(*p50))));
                }
            }
            group = group
                .add(Path::new().set("class", "band").set("d", band.close()))
                .add(Path::new().set("class", "typical").set("d", typical));
        }
        for slice in self.0.iter().filter(|slice| slice.failed > 0.0) {
            // A single failure in a thousand is seen still.
            let height = ((under - bottom) * slice.failed).max(2.0);
            let bar = rectangle((slice.from, under - height), (slice.to, under));
            group = group.add(bar.set("class", "failed"));
        }
        group
    }
}

/// A time without tenths of a second that are none.
fn whole(clock: &str) -> &str {
    clock.strip_suffix(".0").unwrap_or(clock)
}

fn round((x, y): (f64, f64)) -> (f64, f64) {
    ((x * 10.0).round() / 10.0, (y * 10.0).round() / 10.0)
}

fn text(content: &str, x: f64, y: f64, anchor: &str) -> Text {
    Text::new(content).set("x", x).set("y", y).set("text-anchor", anchor)
}

fn line(from: (f64, f64), to: (f64, f64)) -> Line {
    let (from, to) = (round(from), round(to));
    Line::new().set("x1", from.0).set("y1", from.1).set("x2", to.0).set("y2", to.1)
}

/// A rectangle between two corners.
fn rectangle(corner: (f64, f64), other: (f64, f64)) -> Rectangle {
    let (corner, other) = (round(corner), round(other));
    Rectangle::new()
        .set("x", corner.0.min(other.0))
        .set("y", corner.1.min(other.1))
        .set("width", (other.0 - corner.0).abs())
        .set("height", (other.1 - corner.1).abs())
}
