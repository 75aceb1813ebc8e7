//! The report as a JUnit file: a test case for the run, and one for each threshold.

use std::fmt::Write;

use crate::load::report::Report;
use crate::load::report::xml::escape;
use crate::load::threshold::Standing;

impl Report {
    /// The report as JUnit XML, as CI systems read it.
    ///
    /// The run is a test case that errs when its numbers must not be trusted. Each threshold is
    /// one that fails when it is broken, and errs when it could not be judged.
    pub fn to_junit(&self) -> String {
        let name = escape(&self.name);
        let mut cases = Vec::new();
        let run =
            if self.invalid.is_empty() { None } else { Some(("error", self.invalid.join("; "))) };
        cases.push(("run".to_owned(), run));
        for judged in &self.judged {
            let told = match judged.standing {
                Standing::Met => None,
                Standing::Broken => Some(("failure", format!("found: {}", judged.found))),
                Standing::NotJudged => Some(("error", format!("not judged: {}", judged.found))),
            };
            cases.push((judged.threshold.clone(), told));
        }
        let many = |what: &str| {
            cases
                .iter()
                .filter(|(_, told)| told.as_ref().is_some_and(|told| told.0 == what))
                .count()
        };
        let seconds = self.elapsed.as_secs_f64();
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "<testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{seconds:.3}\">",
            cases.len(),
            many("failure"),
            many("error")
        );
        for (case, told) in &cases {
            let case = escape(case);
            let _ = write!(text, "  <testcase classname=\"{name}\" name=\"{case}\"");
            let _ = match told {
                None => writeln!(text, "/>"),
                Some((what, why)) => {
                    writeln!(text, "><{what} message=\"{}\"/></testcase>", escape(why))
                }
            };
        }
        let _ = writeln!(text, "  <system-out>{}</system-out>", escape(&self.to_string()));
        text + "</testsuite>\n"
    }
}
