//! The report as a JUnit file: a test case for the run, and one for each threshold.

use std::fmt::Write;

use crate::load::report::Report;
use crate::load::report::xml::escape;
use crate::load::threshold::Standing;

/// A test case: its name, and unless it passed, whether it is a `failure` or an `error`, and why.
pub(crate) type Case = (String, Option<(&'static str, String)>);

impl Report {
    /// The report as JUnit XML, as CI systems read it.
    ///
    /// The run is a test case that errs when its numbers must not be trusted. Each threshold is
    /// one that fails when it is broken, and errs when it could not be judged.
    pub fn to_junit(&self) -> String {
        let run =
            if self.invalid.is_empty() { None } else { Some(("error", self.invalid.join("; "))) };
        let mut cases = vec![("run".to_owned(), run)];
        for judged in &self.judged {
            let told = match judged.standing {
                Standing::Met => None,
                Standing::Broken => Some(("failure", format!("found: {}", judged.found))),
                Standing::NotJudged => Some(("error", format!("not judged: {}", judged.found))),
            };
            cases.push((judged.threshold.clone(), told));
        }
        suite(&self.name, self.elapsed.as_secs_f64(), &cases, &self.to_string())
    }
}

/// A file of one suite, with what it says at length.
pub(crate) fn suite(name: &str, seconds: f64, cases: &[Case], told: &str) -> String {
    let name = escape(name);
    let many = |what: &str| {
        let as_told = |case: &&Case| case.1.as_ref().is_some_and(|told| told.0 == what);
        cases.iter().filter(as_told).count()
    };
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "<testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{seconds:.3}\">",
        cases.len(),
        many("failure"),
        many("error")
    );
    for (case, told) in cases {
        let case = escape(case);
        let _ = write!(text, "  <testcase classname=\"{name}\" name=\"{case}\"");
        let _ = match told {
            None => writeln!(text, "/>"),
            Some((what, why)) => {
                writeln!(text, "><{what} message=\"{}\"/></testcase>", escape(why))
            }
        };
    }
    let _ = writeln!(text, "  <system-out>{}</system-out>", escape(told));
    text + "</testsuite>\n"
}
