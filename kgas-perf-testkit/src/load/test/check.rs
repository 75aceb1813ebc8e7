//! `Checked`: a load test whose settings make sense, ready to run.

use std::sync::Arc;
use std::time::Duration;

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::catalog::{Category, Metric, SizeClass};

use crate::load::engine::Plan;
use crate::load::error::{LoadError, check_name, refuse};
use crate::load::gate::Gate;
use crate::load::progress::Progress;
use crate::load::scenario::{Mix, Scenario};
use crate::load::shared::Bodies;
use crate::load::stage::{FOR_EVER, Load, MOST_IN_FLIGHT, Stage, Stages};
use crate::load::supervisor::Watch;
use crate::load::test::{LoadTest, MARGIN};
use crate::load::threshold::Threshold;

/// How long a run may take that has operations and no duration.
const COUNTED_DEADLINE: Duration = Duration::from_secs(600);

/// A load test whose settings were checked.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) name: String,
    pub(crate) plan: Plan,
    pub(crate) watch: Watch,
    pub(crate) bodies: Bodies,
    pub(crate) unanswered: Vec<String>,
    pub(crate) lag_allowed: Option<Duration>,
    pub(crate) registry: Option<Registry>,
    pub(crate) gate: Option<Gate>,
}

impl LoadTest {
    /// Checks all settings.
    pub(crate) fn check(&self) -> Result<Checked, LoadError> {
        check_name("name", &self.name)?;
        let stages = Arc::new(Stages::new(self.all_stages()?)?);
        let mix = Mix::new(self.seed, &self.scenarios)?;
        let deadline = |scenario: &Scenario| scenario.deadline.unwrap_or(self.operation_deadline);
        let deadlines: Vec<_> = self.scenarios.iter().map(deadline).collect();
        for (scenario, deadline) in self.scenarios.iter().zip(&deadlines) {
            if deadline.is_zero() || *deadline > FOR_EVER {
                let field = match scenario.deadline {
                    Some(_) => format!("deadline of `{}`", scenario.name),
                    None => "operation_deadline".to_owned(),
                };
                return refuse(&field, &format!("{deadline:?}"), "1 ns to 100 years");
            }
        }
        if self.operations == Some(0) {
            return refuse("operations", "0", "1 or more");
        }
        for (field, value, least, most) in [
            ("in_flight_at_most", self.most_in_flight, 1, MOST_IN_FLIGHT),
            ("waiting_at_most", self.most_waiting, 0, 10_000_000),
            ("abandoned_at_most", self.most_abandoned, 0, 10_000),
        ] {
            if !(least..=most).contains(&value) {
                return refuse(field, &value.to_string(), &format!("{least} to {most}"));
            }
        }
        let names: Vec<_> = self.scenarios.iter().map(|scenario| scenario.name.clone()).collect();
        let (objectives, unanswered) = self.objectives()?;
        let thresholds: Vec<_> = self.thresholds.iter().cloned().chain(objectives).collect();
        thresholds.iter().try_for_each(|threshold| threshold.check(&names))?;
        let longest = deadlines.iter().max().copied().unwrap_or_default();
        let planned = stages.end().saturating_add(self.drain).saturating_add(longest + MARGIN);
        let usual = if stages.end() >= FOR_EVER { COUNTED_DEADLINE } else { planned };
        let deadline = self.deadline.unwrap_or(usual);
        if deadline <= stages.counts_from() {
            let accepted =
                format!("more than {:?}, where what counts begins", stages.counts_from());
            return refuse("deadline", &format!("{deadline:?}"), &accepted);
        }
        let open = stages.is_open();
        let workers = stages.most_workers();
        // More workers than operations would have nothing to do.
        let needed = self.operations.map_or(MOST_IN_FLIGHT, |operations| {
            usize::try_from(operations).unwrap_or(MOST_IN_FLIGHT)
        });
        let warm = stages.all().iter().any(|stage| stage.warm_up);
        let at_most = if open { self.most_in_flight } else { workers };
        let together = if warm { at_most } else { at_most.min(needed).max(1) };
        let gate = self.at_once.then(|| Gate::new(together, Duration::from_millis(200)));
        let plan = Plan {
            seed: self.seed,
            mix,
            deadlines,
            most_in_flight: together,
            most_waiting: self.most_waiting,
            drain: self.drain,
            think_time: self.think_time,
            operations: self.operations,
            stages,
        };
        let watch = Watch {
            deadline,
            most_abandoned: self.most_abandoned,
            thresholds,
            scenarios: names,
            stop: self.stop.clone(),
            progress: Progress::new(self.progress, &self.name),
        };
        let bodies = Bodies(self.scenarios.iter().map(|scenario| scenario.body.clone()).collect());
        let (name, registry) = (self.name.clone(), self.registry.clone());
        let lag_allowed = self.lag_allowed;
        Ok(Checked { name, plan, watch, bodies, unanswered, lag_allowed, registry, gate })
    }

    /// The stages, with the warm-up in front.
    fn all_stages(&self) -> Result<Vec<Stage>, LoadError> {
        let mut stages = self.stages.clone();
        if stages.is_empty() {
            self.load.check("load")?;
            let duration = match (self.duration, self.operations) {
                (Some(duration), _) => duration,
                (None, Some(_)) if self.load.level(0.0) != self.load.level(1.0) => {
                    let accepted = "a duration: a load that changes needs one";
                    return refuse("duration", "none", accepted);
                }
                (None, Some(_)) => FOR_EVER - self.warm_up.unwrap_or_default().min(FOR_EVER / 2),
                (None, None) => {
                    return refuse("duration", "none", "a duration, operations or stages");
                }
            };
            stages.push(Stage::new("load", self.load, duration));
        } else if self.duration.is_some() {
            return refuse("duration", "one beside stages", "the stages' own durations");
        }
        if let Some(duration) = self.warm_up {
            let load = match stages[0].load {
                Load::Workers { from, to } => Load::workers(if from > 0 { from } else { to }),
                Load::Rate { from, to, poisson } => {
                    let rate = if from > 0.0 { from } else { to };
                    Load::Rate { from: rate, to: rate, poisson }
                }
            };
            stages.insert(0, Stage::new("warm-up", load, duration).warm_up());
        }
        Ok(stages)
    }

    /// The objectives of the scenarios' operations: as thresholds, and those that a load test
    /// does not measure.
    fn objectives(&self) -> Result<(Vec<Threshold>, Vec<String>), LoadError> {
        let (mut thresholds, mut unanswered) = (Vec::new(), Vec::new());
        let Some(catalogue) = &self.catalogue else {
            return Ok((thresholds, unanswered));
        };
        for scenario in &self.scenarios {
            let Some((operation, size)) = &scenario.operation else { continue };
            let Some(spec) = catalogue.get(operation) else {
                let field = format!("operation of `{}`", scenario.name);
                let accepted = format!("an operation that {} declares", catalogue.file());
                return refuse(&field, &format!("`{operation}`"), &accepted);
            };
            let class =
                size.map_or(SizeClass::Unsized, |size| catalogue.size_bounds().classify(size));
            let meant =
                spec.objectives.iter().filter(|it| it.size_class.is_none_or(|own| own == class));
            for objective in meant {
                // The memory in use is the system's; what operations take is another thing.
                let of_system =
                    spec.category == Category::System && objective.metric == Metric::Memory;
                match Threshold::of_objective(objective) {
                    Some(threshold) if !of_system => {
                        thresholds.push(threshold.of(&scenario.name));
                    }
                    _ => unanswered.push(format!("{}: {objective}", scenario.name)),
                }
            }
        }
        Ok((thresholds, unanswered))
    }
}
