//! `picture`: measurements and the two best fits, as a picture that needs nothing else (SVG).

use svg::Document;
use svg::node::element::path::Data;
use svg::node::element::{Circle, Description, Group, Line, Path, Rectangle, Style, Text, Title};

use crate::scaling::analysis::{ClassFit, Scaling};
use crate::scaling::text::seconds;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 90.0;
const RIGHT: f64 = 700.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 390.0;
/// A longer name is cut where it is drawn; whoever hears the picture hears all of it.
const LETTERS: usize = 72;
/// Points of a curve.
const STEPS: usize = 96;

/// Colours stand on white and on black alike; what is text follows what the reader prefers.
const STYLE: &str = "
svg { color-scheme: light dark; font: 12px system-ui, sans-serif; }
.ground { fill: #ffffff; } text { fill: #1f2328; } .name { font-size: 15px; font-weight: 600; }
.faint { fill: #59636e; } .grid { stroke: #d1d9e0; } .frame { fill: none; stroke: #8b949e; }
.best { fill: none; stroke: #2f74d0; stroke-width: 1.8; }
.second { fill: none; stroke: #c98a00; stroke-width: 1.4; stroke-dasharray: 6 4; }
.point { fill: #2da44e; } .spread { stroke: #2da44e; }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117; } text { fill: #e6edf3; } .faint { fill: #9198a1; }
.grid { stroke: #2d333b; } .best { stroke: #79b8ff; }
}
";

/// A logarithmic axis.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn at(&self, value: f64) -> f64 {
        let share = (value / self.low).ln() / (self.high / self.low).ln();
        // A tenth of a pixel is finer than anybody sees.
        (10.0 * (self.from + share * (self.to - self.from))).round() / 10.0
    }

    /// Powers of ten within the axis, and 2 and 5 times them where there are few.
    fn ticks(&self) -> Vec<f64> {
        let decades = (self.low.log10().floor() as i32..=self.high.log10().ceil() as i32)
            .map(|exponent| 10_f64.powi(exponent));
        let few = (self.high / self.low).log10() < 2.5;
        let parts: &[f64] = if few { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let within = |tick: &f64| *tick >= self.low * 0.999 && *tick <= self.high * 1.001;
        decades
            .flat_map(|decade| parts.iter().map(move |part| decade * part))
            .filter(within)
            .collect()
    }
}

impl Scaling {
    /// Draws the medians, the best class and the runner-up, on logarithmic axes; `name` stands
    /// above. The picture is text: an SVG document without references to anything outside.
    pub fn to_svg(&self, name: &str) -> String {
        let sizes = self.levels.iter().map(|level| level.size as f64);
        let (small, large) = ends(sizes);
        let medians = self.levels.iter().flat_map(|level| {
            let factor = (2.0 * level.standard_error).exp();
            [level.median_seconds / factor, level.median_seconds * factor]
        });
        let (fast, slow) = ends(medians);
        let across = Axis { low: small / 1.2, high: large * 1.2, from: LEFT, to: RIGHT };
        let up = Axis { low: fast / 1.5, high: slow * 1.5, from: BOTTOM, to: TOP };
        let mut document = Document::new()
            .set("viewBox", (0, 0, WIDTH, HEIGHT))
            .set("width", WIDTH)
            .set("height", HEIGHT)
            .set("role", "img")
            .add(Title::new(format!("How {name} scales: {}", self.answer)))
            .add(Description::new().add(svg::node::Text::new(self.about())))
            .add(Style::new(STYLE))
            .add(Rectangle::new().set("class", "ground").set("width", WIDTH).set("height", HEIGHT))
            .add(text(&cut(name), LEFT, 20.0, "start").set("class", "name"))
            .add(text(&self.answer.to_string(), LEFT, 42.0, "start"));
        document = document.add(grid(&across, &up));
        for (place, (class, fit)) in ["best", "second"].into_iter().zip(&self.fits).enumerate() {
            let x = LEFT + 300.0 * place as f64;
            let about = format!("{}, weight {:.3}, p {:.2}", fit.class, fit.weight, fit.p_value);
            document = document
                .add(line((x, 62.0), (x + 24.0, 62.0)).set("class", class))
                .add(text(&about, x + 30.0, 66.0, "start").set("class", "faint"))
                .add(curve(fit, &across, &up, (small, large)).set("class", class));
        }
        for level in &self.levels {
            let (x, factor) = (across.at(level.size as f64), (2.0 * level.standard_error).exp());
            let (low, high) = (level.median_seconds / factor, level.median_seconds * factor);
            let about = format!("{} at size {}", seconds(level.median_seconds), level.size);
            let point = Circle::new()
                .set("class", "point")
                .set("cx", x)
                .set("cy", up.at(level.median_seconds))
                .set("r", 3.5)
                .add(Title::new(about));
            document = document
                .add(line((x, up.at(low)), (x, up.at(high))).set("class", "spread"))
                .add(point);
        }
        document.to_string()
    }

    /// The picture in words.
    fn about(&self) -> String {
        let medians = self
            .levels
            .iter()
            .map(|level| format!("{} at size {}", seconds(level.median_seconds), level.size));
        format!("Medians: {}.", medians.collect::<Vec<_>>().join(", "))
    }
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, 0.0), |(low, high), value| (low.min(value), high.max(value)))
}

fn grid(across: &Axis, up: &Axis) -> Group {
    let mut group = Group::new();
    for tick in across.ticks() {
        let x = across.at(tick);
        group = group.add(line((x, TOP), (x, BOTTOM)).set("class", "grid")).add(
            text(&grouped(&tick.to_string()), x, BOTTOM + 16.0, "middle").set("class", "faint"),
        );
    }
    for tick in up.ticks() {
        let y = up.at(tick);
        let label = grouped(&seconds(tick).replace(".000", ""));
        group = group
            .add(line((LEFT, y), (RIGHT, y)).set("class", "grid"))
            .add(text(&label, LEFT - 6.0, y + 4.0, "end").set("class", "faint"));
    }
    let frame = Rectangle::new()
        .set("class", "frame")
        .set("x", LEFT)
        .set("y", TOP)
        .set("width", RIGHT - LEFT)
        .set("height", BOTTOM - TOP);
    let below = text("size of the input", f64::midpoint(LEFT, RIGHT), BOTTOM + 36.0, "middle");
    group.add(frame).add(below.set("class", "faint"))
}

/// The part of a fit that lies within the picture.
fn curve(fit: &ClassFit, across: &Axis, up: &Axis, (small, large): (f64, f64)) -> Path {
    let mut data = Data::new();
    let mut begun = false;
    for step in 0..=STEPS {
        let size = small * (large / small).powf(step as f64 / STEPS as f64);
        let cost = fit.at(size);
        if cost < up.low || cost > up.high {
            begun = false;
            continue;
        }
        let place = (across.at(size), up.at(cost));
        data = if begun { data.line_to(place) } else { data.move_to(place) };
        begun = true;
    }
    Path::new().set("d", data)
}

fn cut(name: &str) -> String {
    match name.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// Commas between thousands of the whole number that a text begins with.
fn grouped(text: &str) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mut grouped = String::new();
    for (at, digit) in text[..digits].chars().enumerate() {
        if at > 0 && (digits - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + &text[digits..]
}

fn line(from: (f64, f64), to: (f64, f64)) -> Line {
    Line::new().set("x1", from.0).set("y1", from.1).set("x2", to.0).set("y2", to.1)
}

fn text(content: &str, x: f64, y: f64, anchor: &str) -> Text {
    Text::new(content).set("x", x).set("y", y).set("text-anchor", anchor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(name: &str) -> String {
        let measured: Vec<(u64, f64)> =
            (0..8).map(|step| 100_u64 << step).map(|n| (n, 1e-3 + 1e-6 * n as f64)).collect();
        Scaling::analyse(&measured).unwrap().to_svg(name)
    }

    #[test]
    fn the_picture_shows_every_size_and_two_classes_within_its_frame() {
        let picture = picture("import <triples> & more");
        let document = roxmltree::Document::parse(&picture).unwrap();
        let of_class = |class: &str| {
            let nodes =
                document.descendants().filter(|node| node.attribute("class") == Some(class));
            nodes.collect::<Vec<_>>()
        };
        let points = of_class("point");
        assert_eq!(points.len(), 8);
        for point in points {
            let at = |name: &str| point.attribute(name).unwrap().parse::<f64>().unwrap();
            assert!((LEFT..=RIGHT).contains(&at("cx")) && (TOP..=BOTTOM).contains(&at("cy")));
        }
        // A curve and its place in the legend each.
        assert_eq!((of_class("best").len(), of_class("second").len()), (2, 2));
        let words: String = document.descendants().filter_map(|node| node.text()).collect();
        assert!(words.contains("O(n), weight") && words.contains("import <triples> & more"));
    }

    #[test]
    fn the_best_curve_goes_through_the_points_of_an_exact_cost() {
        let picture = picture("exact");
        let document = roxmltree::Document::parse(&picture).unwrap();
        let attribute = |class: &str, name: &str| {
            let nodes =
                document.descendants().filter(|node| node.attribute("class") == Some(class));
            nodes.filter_map(|node| node.attribute(name)).map(str::to_owned).collect::<Vec<_>>()
        };
        let path = &attribute("best", "d")[0];
        let numbers: Vec<f64> = path
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .filter_map(|number| number.parse().ok())
            .collect();
        let first: f64 = attribute("point", "cy")[0].parse().unwrap();
        let last: f64 = attribute("point", "cy")[7].parse().unwrap();
        assert!((numbers[1] - first).abs() < 1.0, "{first}, {path}");
        assert!((numbers[numbers.len() - 1] - last).abs() < 1.0, "{last}, {path}");
    }

    #[test]
    fn long_names_are_cut_and_thousands_are_grouped() {
        let long = "ü".repeat(200);
        let picture = picture(&long);
        let document = roxmltree::Document::parse(&picture).unwrap();
        let shown = document.descendants().find(|node| node.attribute("class") == Some("name"));
        let shown = shown.and_then(|node| node.text()).unwrap_or_default().trim();
        assert_eq!(shown.chars().count(), LETTERS + 1);
        assert!(
            document
                .root_element()
                .children()
                .any(|it| it.text().is_some_and(|it| it.contains(&long)))
        );
        assert_eq!(
            ["7", "1000", "1234567 s", "100 µs"].map(grouped),
            ["7", "1,000", "1,234,567 s", "100 µs"]
        );
    }
}
