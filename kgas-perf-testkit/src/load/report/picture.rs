//! Pictures of a run (SVG): how latencies are distributed, and what happened when.
//!
//! `axis` holds the axes; `distribution` and `timeline` the two pictures.

mod axis;
mod distribution;
mod timeline;

use std::time::Duration;

use svg::Document;
use svg::node::element::{Description, Line, Rectangle, Text, Title};

use axis::Axis;
pub(crate) use distribution::distribution;
pub(crate) use timeline::timeline;

use crate::load::report::table::short;

const WIDTH: f64 = 960.0;
const LEFT: f64 = 80.0;
/// Half a label stands beyond it.
const RIGHT: f64 = 924.0;
const PLOT: f64 = 200.0;
const TOP: f64 = 26.0;

/// What the pictures' classes look like; the page holds it once.
pub(crate) const STYLE: &str = "
svg { font: 12px system-ui, sans-serif; max-width: 100%; height: auto; }
svg text { fill: var(--faint); } .grid { stroke: var(--grid); } .frame { fill: none; stroke: var(--faint); }
.a { fill: none; stroke: #2f74d0; stroke-width: 1.6; } .b { fill: none; stroke: #c98a00; stroke-width: 1.6; }
.bar { fill: #4493f8; } .failed { fill: #d1242f; } .dropped { fill: #8b949e; } .warm { fill: var(--grid); opacity: 0.5; }
";

/// How something is drawn, and what it is.
#[derive(Clone, Copy, Debug)]
struct Mark {
    class: &'static str,
    name: &'static str,
    is_area: bool,
}

impl Mark {
    const fn line(class: &'static str, name: &'static str) -> Self {
        Self { class, name, is_area: false }
    }

    const fn area(class: &'static str, name: &'static str) -> Self {
        Self { class, name, is_area: true }
    }
}

/// What an axis in nanoseconds says.
fn duration(ns: f64) -> String {
    if ns == 0.0 { "0".to_owned() } else { short(Duration::from_nanos(ns.round() as u64)) }
}

/// A picture with its axes, or with the word that there is nothing to show. `about` and `numbers`
/// are for those who hear it.
fn frame(
    about: &str,
    numbers: &str,
    axes: Option<(Axis, Axis)>,
    name_across: impl Fn(f64) -> String,
    name_up: impl Fn(f64) -> String,
) -> Document {
    let mut picture = Document::new()
        .set("viewBox", (0, 0, WIDTH, TOP + PLOT + 24.0))
        .set("role", "img")
        .add(Title::new(about))
        .add(Description::new().add(svg::node::Text::new(numbers)));
    match axes {
        Some((across, up)) => {
            for tick in up.ticks() {
                let y = up.at(tick);
                let name = label(&name_up(tick), LEFT - 6.0, y + 4.0, "end");
                picture = picture.add(line((LEFT, y), (RIGHT, y))).add(name);
            }
            for tick in across.ticks() {
                let x = across.at(tick);
                let name = label(&name_across(tick), x, TOP + PLOT + 16.0, "middle");
                picture = picture.add(line((x, TOP), (x, TOP + PLOT))).add(name);
            }
        }
        None => {
            let (x, y) = (f64::midpoint(LEFT, RIGHT), TOP + PLOT / 2.0);
            picture = picture.add(label("nothing has ended", x, y, "middle"));
        }
    }
    let frame = Rectangle::new().set("class", "frame").set("x", LEFT).set("y", TOP);
    picture.add(frame.set("width", RIGHT - LEFT).set("height", PLOT))
}

/// What is what, on the right.
fn legend(mut picture: Document, y: f64, marks: &[Mark]) -> Document {
    for (at, mark) in marks.iter().rev().enumerate() {
        let x = RIGHT - 110.0 * (at + 1) as f64;
        picture = if mark.is_area {
            let area = Rectangle::new().set("class", mark.class).set("x", x + 8.0);
            picture.add(area.set("y", y - 10.0).set("width", 12.0).set("height", 10.0))
        } else {
            picture.add(line((x, y - 4.0), (x + 20.0, y - 4.0)).set("class", mark.class))
        };
        picture = picture.add(label(mark.name, x + 26.0, y, "start"));
    }
    picture
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
