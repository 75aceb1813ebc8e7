//! The report as a page that needs nothing else: no script, no other file, nothing from a network.

use crate::load::report::Report;
use crate::load::report::picture::{self, STYLE};
use crate::load::report::xml::escape;

/// A part of a page: its heading, what stands as it is, and a picture (SVG).
///
/// # Examples
/// ```
/// use kgas_perf_testkit::load::{Call, LoadTest, Scenario, Section, page};
///
/// let test = LoadTest::closed("sums", 1).operations(100);
/// let report = test.scenario(Scenario::new("sum", |_: &Call| ())).run()?;
/// let mut sections = report.sections();
/// sections.push(Section::new("Remarks").text("Measured on a train."));
/// let html = page("Sums", &sections);
/// assert!(html.starts_with("<!DOCTYPE html>") && html.contains("on a train"));
/// # Ok::<(), kgas_perf_testkit::load::LoadError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Section {
    heading: String,
    text: String,
    picture: String,
}

impl Section {
    /// A part with this heading and nothing in it.
    pub fn new(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), ..Self::default() }
    }

    /// Adds text, which is shown as it stands, line by line.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Adds a picture: an SVG element, which is written as it is.
    pub fn picture(mut self, svg: impl Into<String>) -> Self {
        self.picture = svg.into();
        self
    }
}

const PAGE: &str = "
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1f2328; --faint: #59636e; --grid: #d1d9e0; }
@media (prefers-color-scheme: dark) {
:root { --ground: #0d1117; --ink: #e6edf3; --faint: #9198a1; --grid: #2d333b; } }
body { background: var(--ground); color: var(--ink); font: 15px system-ui, sans-serif; max-width: 62rem;
margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
pre { overflow-x: auto; font: 12.5px ui-monospace, monospace; line-height: 1.35; }
";

/// A page of these parts.
pub fn page(title: &str, sections: &[Section]) -> String {
    let title = escape(title);
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{PAGE}{STYLE}</style></head>\n<body><h1>{title}</h1>\n"
    );
    for Section { heading, text, picture } in sections {
        html += &format!("<section><h2>{}</h2>\n", escape(heading));
        html += picture;
        if !text.is_empty() {
            html += &format!("<pre>{}</pre>", escape(text));
        }
        html += "</section>\n";
    }
    html + "</body></html>\n"
}

impl Report {
    /// The parts of the report's page: the table, the distribution of latencies, the timeline.
    pub fn sections(&self) -> Vec<Section> {
        vec![
            Section::new(&self.name).text(self.to_string()),
            Section::new("Distribution of latencies")
                .picture(picture::distribution(self).to_string()),
            Section::new("What happened when").picture(picture::timeline(self).to_string()),
        ]
    }

    /// The report as a page that needs nothing else.
    pub fn to_html(&self) -> String {
        page(&format!("Load test: {}", self.name), &self.sections())
    }
}
