//! The faces of a report, of runs that are made in virtual time or last a moment.

use std::time::Duration;

use crate::load::{Call, Counts, LoadTest, Scenario, Threshold};

use super::*;

/// Two scenarios, one of which fails in a way that markup must not be taken from.
fn report() -> Report {
    LoadTest::open("shop & <co>", 400.0)
        .duration(Duration::from_millis(250))
        .warm_up(Duration::from_millis(50))
        .lag_at_most(Duration::from_secs(60))
        .seed(5)
        .scenario(Scenario::new("read", |_: &Call| ()).weight(3.0))
        .scenario(Scenario::new("write", |_: &Call| Err::<(), _>("<full> & \u{1} \"closed\"")))
        .threshold(Threshold::p50(Duration::from_secs(60)))
        .threshold(Threshold::error_rate(0.01))
        .threshold(Threshold::quantile(0.999, Duration::from_secs(60)))
        .run()
        .unwrap()
}

#[test]
fn json_has_units_in_its_names_and_null_for_what_is_not_known() {
    let report = report();
    let json = report.to_json();
    assert_eq!(json["model"], "open");
    assert_eq!(json["total"]["counts"]["planned"], 100);
    let counts: Counts = report.total.counts;
    assert_eq!(json["total"]["counts"]["error"], counts.error);
    let percentiles = json["total"]["latency"]["percentiles"].as_array().unwrap();
    assert!(percentiles[0]["value_ns"].is_u64());
    assert_eq!(percentiles[4]["quantile"], 0.999);
    assert!(percentiles[4]["value_ns"].is_null(), "a hundred carry no p99.9");
    assert_eq!(json["stages"][0]["warm_up"], true);
    assert_eq!(json["stages"][1]["load"]["from_per_second"], 400.0);
    assert_eq!(json["thresholds"][1]["standing"], "broken");
    assert_eq!(json["thresholds"][2]["standing"], "not_judged");
    assert_eq!(json["exit_code"], 1);
    let buckets = json["total"]["latency"]["buckets"].as_array().unwrap();
    let held: u64 = buckets.iter().map(|bucket| bucket[2].as_u64().unwrap()).sum();
    assert_eq!(held, 100);
}

#[test]
fn the_page_stands_by_itself_and_is_well_formed() {
    let html = report().to_html();
    for outside in ["http://", "https://", "<script", "<link", "src="] {
        // The name of SVG's own vocabulary is no address that is asked.
        let html = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!html.contains(outside), "{outside}");
    }
    let body = &html[html.find("<body>").unwrap()..html.find("</html>").unwrap()];
    let body = roxmltree::Document::parse(body).unwrap();
    let many = |name: &str| body.descendants().filter(|node| node.has_tag_name(name)).count();
    let pictures = body.descendants().filter(|node| node.tag_name().name() == "svg").count();
    assert_eq!((pictures, many("h2"), many("pre")), (2, 3, 1));
    assert!(!html.contains("NaN") && !html.contains("inf"), "no picture has impossible places");
}

#[test]
fn the_junit_file_fails_what_is_broken_and_errs_on_what_was_not_judged() {
    let junit = report().to_junit();
    let junit = roxmltree::Document::parse(&junit).unwrap();
    let suite = junit.root_element();
    let counts = ["tests", "failures", "errors"].map(|name| suite.attribute(name).unwrap());
    assert_eq!(counts, ["4", "1", "1"]);
    assert_eq!(suite.attribute("name"), Some("shop & <co>"));
    let failed = suite.descendants().find(|node| node.has_tag_name("failure")).unwrap();
    assert!(failed.attribute("message").unwrap().starts_with("found: "));
    assert_eq!(failed.parent_element().unwrap().attribute("name"), Some("error rate: at most 1 %"));
}

#[test]
fn the_table_says_what_was_run_found_and_judged() {
    let table = report().to_string();
    assert!(table.starts_with("shop & <co>: open model, "), "{table}");
    assert!(table.lines().next().is_some_and(|line| line.ends_with(" counted, seed 5")), "{table}");
    for part in ["service", "BROKEN: error rate: at most 1 %; found: ", "met: p50", "not judged: "]
    {
        assert!(table.contains(part), "{part} is not in\n{table}");
    }
    assert!(table.contains("n too small: p99.9 needs 1000, there are 100"), "{table}");
}

#[test]
fn a_run_without_a_single_operation_has_all_its_faces_too() {
    let report = LoadTest::of("none", crate::load::Load::poisson(0.001))
        .duration(Duration::from_millis(1))
        .scenario(Scenario::new("never", |_: &Call| ()))
        .run()
        .unwrap();
    assert_eq!(report.exit_code(), 2);
    assert_eq!(report.invalid, ["no operation was to start: the run is too short for its rate"]);
    assert!(!report.to_html().contains("NaN"));
    assert!(report.to_string().contains("INVALID"));
    assert_eq!(report.to_json()["total"]["error_rate"], serde_json::Value::Null);
    assert!(report.to_junit().contains("errors=\"1\""));
}
