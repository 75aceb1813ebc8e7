//! What a rule accepts, and what it says of the rest.

use super::*;
use crate::catalog::Quantity::Ratio;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

fn slower() -> RuleBuilder {
    Rule::verdicts("slower", &[Kind::Location, Kind::Tail])
}

fn refused(builder: RuleBuilder) -> String {
    builder.build().expect_err("a mistake").to_string()
}

#[test]
fn defaults_hold_nothing_back_and_keep_five_minutes() {
    let rule = slower().build().unwrap();
    assert_eq!(rule.hold_for(), Duration::ZERO);
    assert_eq!(rule.keep_firing(), Duration::from_secs(300));
    assert_eq!(rule.damping(), Damping { multiplier: 1.5, max: HOUR });
    assert_eq!(rule.no_data(), NoData::Keep);
    assert_eq!(rule.next_step(), None);
}

#[test]
fn the_default_damping_never_shortens_what_a_rule_keeps() {
    let rule = slower().keep_firing(2 * HOUR).build().unwrap();
    assert_eq!(rule.damping().max, 2 * HOUR);
}

#[test]
fn a_mistake_names_rule_field_value_and_what_is_accepted() {
    let id = "accepted: 1 to 100 characters of a-z, 0-9, `.`, `_` and `-`";
    for bad in ["", "Slow", "a b", "ä", &"a".repeat(101)] {
        let found = refused(Rule::verdicts(bad, &[Kind::Tail]));
        assert_eq!(found, format!("rule `{bad}`: `id` is `{bad}`; {id}"));
    }
    assert_eq!(
        refused(Rule::verdicts("slower", &[])),
        "rule `slower`: `kinds` is empty; accepted: at least one kind"
    );
    assert_eq!(
        refused(slower().hold_for(8 * 24 * HOUR)),
        "rule `slower`: `hold_for` is 691200s; accepted: 0ns to 604800s"
    );
    assert_eq!(
        refused(slower().keep_firing(8 * 24 * HOUR)),
        "rule `slower`: `keep_firing` is 691200s; accepted: 0ns to 604800s"
    );
    assert_eq!(
        refused(slower().stale_after(Duration::from_secs(9))),
        "rule `slower`: `stale_after` is 9s; accepted: 10s to 604800s"
    );
    assert_eq!(
        refused(slower().give_up_after(Duration::ZERO)),
        "rule `slower`: `give_up_after` is 0ns; accepted: 60s to 604800s"
    );
    assert_eq!(
        refused(slower().next_step(" ")),
        "rule `slower`: `next_step` is 1 characters long; accepted: 1 to 500 characters"
    );
}

#[test]
fn damping_that_shortens_or_explodes_is_refused() {
    let damped = |multiplier, max| slower().damping(Damping { multiplier, max });
    for bad in [0.5, 10.5, f64::NAN, f64::INFINITY] {
        assert_eq!(
            refused(damped(bad, HOUR)),
            format!("rule `slower`: `damping.multiplier` is {bad:?}; accepted: 1.0 to 10.0")
        );
    }
    assert_eq!(
        refused(damped(2.0, MINUTE)),
        "rule `slower`: `damping.max` is 60s; accepted: 300s to 604800s"
    );
}

#[test]
fn mistakes_in_thresholds_name_the_rule() {
    let upside_down = Thresholds::above().step(Severity::Info, Ratio(0.5), Ratio(0.6));
    assert_eq!(
        refused(Rule::number("memory", "memory in use", upside_down)),
        "rule `memory`: `clear` is 60 %; accepted: 50 % or less"
    );
    let fine = Thresholds::above().step(Severity::Info, Ratio(0.5), Ratio(0.4));
    assert_eq!(
        refused(Rule::number("memory", "", fine)),
        "rule `memory`: `what` is 0 characters long; accepted: 1 to 100 characters"
    );
}
