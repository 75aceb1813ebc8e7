//! `Evaluation`: what a rule sees of a subject at one time.

use std::time::Duration;

use crate::alert::evidence::Evidence;
use crate::alert::rule::{Rule, Watch};
use crate::alert::subject::Subject;
use crate::catalog::Quantity;
use crate::detect::{Kind, Verdict};
use crate::measure::Severity;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found {
    /// For a rule on verdicts: how bad it is now; `None` when it is not.
    Severity(Option<Severity>),
    /// For a rule on a number: the number. One that is not a number is no data.
    Number(Quantity),
    /// Nothing can be said.
    NoData,
}

/// What a rule sees of a subject at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The rule's id.
    pub rule: String,
    /// What it looked at.
    pub subject: Subject,
    /// What it found.
    pub found: Found,
    /// Whether what it was judged by is fit to page by: an established baseline, a declared
    /// objective, a bound of the rule. If not, the alert stays an info and is told nobody.
    pub mature: bool,
    /// How long ago it began, as estimated.
    pub began_ago: Option<Duration>,
    /// What speaks for it.
    pub evidence: Evidence,
}

impl Evaluation {
    /// Nothing can be said about the subject.
    pub fn no_data(rule: &Rule, subject: Subject) -> Self {
        Self::of(rule, subject, Found::NoData, true)
    }

    /// What something else has judged: how bad it is now, `None` when it is not.
    pub fn judged(rule: &Rule, subject: Subject, severity: Option<Severity>, mature: bool) -> Self {
        Self::of(rule, subject, Found::Severity(severity), mature)
    }

    /// A number that the rule's thresholds judge.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_runtime::alert::{Evaluation, Found, Rule, Subject, Thresholds};
    /// use kgas_perf_runtime::catalog::Quantity::Ratio;
    /// use kgas_perf_runtime::measure::Severity;
    ///
    /// let memory = Thresholds::above().step(Severity::Warning, Ratio(0.9), Ratio(0.8));
    /// let rule = Rule::number("memory", "memory in use", memory).build()?;
    /// let evaluation = Evaluation::number(&rule, Subject::resource("memory"), Ratio(0.93));
    /// assert_eq!(evaluation.found, Found::Number(Ratio(0.93)));
    /// assert_eq!(evaluation.evidence.what.as_deref(), Some("memory in use"));
    /// # Ok::<(), kgas_perf_runtime::alert::AlertError>(())
    /// ```
    pub fn number(rule: &Rule, subject: Subject, value: Quantity) -> Self {
        let mut evaluation = Self::of(rule, subject, Found::Number(value), true);
        evaluation.evidence.value = Some(value);
        if let Watch::Number { what, .. } = rule.watch() {
            evaluation.evidence.what = Some(what.clone());
        }
        evaluation
    }

    /// The verdicts on the subject that stand at `stream_now`, a time of the same clock as theirs:
    /// the worst of the kinds that the rule watches counts, the surest among equals. An
    /// improvement is an info, whatever it says.
    pub fn verdicts<'a>(
        rule: &Rule,
        subject: Subject,
        verdicts: impl IntoIterator<Item = &'a Verdict>,
        mature: bool,
        stream_now: Duration,
    ) -> Self {
        let watched = |kind| match rule.watch() {
            Watch::Verdicts(kinds) => kinds.contains(&kind),
            Watch::Number { .. } => false,
        };
        let worst = verdicts
            .into_iter()
            .filter(|verdict| watched(verdict.kind))
            .map(|verdict| (severity(verdict), verdict))
            .max_by(|(a, one), (b, other)| a.cmp(b).then(one.score.total_cmp(&other.score)));
        let found = Found::Severity(worst.map(|(severity, _)| severity));
        let mut evaluation = Self::of(rule, subject, found, mature);
        if let Some((_, verdict)) = worst {
            evaluation.began_ago = verdict.since.map(|since| stream_now.saturating_sub(since));
            evaluation.evidence.kind = Some(verdict.kind);
            evaluation.evidence.ratio = verdict.effect.map(|effect| 1.0 + effect);
            evaluation.evidence.score = Some(verdict.score);
        }
        evaluation
    }

    fn of(rule: &Rule, subject: Subject, found: Found, mature: bool) -> Self {
        Self {
            rule: rule.id().to_owned(),
            subject,
            found,
            mature,
            began_ago: None,
            evidence: Evidence::default(),
        }
    }
}

fn severity(verdict: &Verdict) -> Severity {
    if verdict.kind == Kind::Improvement { Severity::Info } else { verdict.severity }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SizeClass;

    fn verdict(kind: Kind, severity: Severity, score: f64) -> Verdict {
        let at = Duration::from_secs(100);
        Verdict { at, severity, kind, effect: Some(1.5), since: Some(at / 2), score }
    }

    fn found(kinds: &[Kind], verdicts: &[Verdict]) -> Evaluation {
        let rule = Rule::verdicts("rule", kinds).build().unwrap();
        let subject = Subject::operation("import", SizeClass::Small);
        Evaluation::verdicts(&rule, subject, verdicts, true, Duration::from_secs(110))
    }

    #[test]
    fn the_worst_watched_verdict_counts_and_the_surest_among_equals() {
        let verdicts = [
            verdict(Kind::Location, Severity::Warning, 0.90),
            verdict(Kind::Tail, Severity::Warning, 0.99),
            verdict(Kind::Errors, Severity::Emergency, 1.0),
            verdict(Kind::Location, Severity::Info, 1.0),
        ];
        let evaluation = found(&[Kind::Location, Kind::Tail], &verdicts);
        assert_eq!(evaluation.found, Found::Severity(Some(Severity::Warning)));
        assert_eq!(evaluation.evidence.kind, Some(Kind::Tail));
        assert_eq!(evaluation.evidence.score, Some(0.99));
        assert_eq!(evaluation.evidence.ratio, Some(2.5));
        assert_eq!(evaluation.began_ago, Some(Duration::from_secs(60)));
    }

    #[test]
    fn without_a_watched_verdict_it_is_clear() {
        let evaluation = found(&[Kind::Drift], &[verdict(Kind::Errors, Severity::Emergency, 1.0)]);
        assert_eq!(evaluation.found, Found::Severity(None));
        assert_eq!(evaluation.evidence, Evidence::default());
    }

    #[test]
    fn an_improvement_is_an_info_whatever_it_says() {
        let evaluation =
            found(&[Kind::Improvement], &[verdict(Kind::Improvement, Severity::Critical, 1.0)]);
        assert_eq!(evaluation.found, Found::Severity(Some(Severity::Info)));
    }
}
