//! What an assertion says besides its answer.

use std::time::Duration;

use super::builder::SESSIONS;
use super::report::Percent;
use crate::baselines::Class;
use crate::timing::{Session, median};

/// The share of time without a processor beyond which what was taken says what the machine did.
const OVERLOADED: f64 = 0.4;

/// Which class this is, and of which others there are baselines.
pub(super) fn other_classes(class: &Class, others: &[Class]) -> String {
    let others: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
    format!("this class is `{class}`; there are baselines of others: {}", others.join(", "))
}

/// Why there are fewer samples than wanted. A process has a part of the budget, and all of it
/// where its calls are long.
pub(super) fn missing(
    samples: usize,
    wanted: usize,
    budget: Duration,
    sessions: &[Session],
) -> String {
    let allowed = if sessions.iter().any(|session| session.timed > budget / 2) {
        format!("the budget of {budget:?}")
    } else {
        format!("{:.1?} a process, a third of the budget", budget / SESSIONS)
    };
    format!("{samples} samples instead of {wanted}: no more fitted into {allowed}")
}

/// What is to be known of a baseline that was taken while half of the processes, or more, had to
/// wait for a processor for too much of their time.
pub(super) fn overloaded(sessions: &[Session]) -> Option<String> {
    let waited: Vec<f64> = sessions.iter().filter_map(Session::share_waited).collect();
    let waited = median(&waited).filter(|waited| *waited > OVERLOADED)?;
    let share = Percent::of(waited);
    Some(format!("taken on a busy machine, which let its tests wait for {share} of their time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_of_a_busy_machine_says_so_where_half_of_its_processes_waited() {
        let session = |waited: u64| Session {
            lasted: Duration::from_millis(1_000),
            waited: Some(Duration::from_millis(waited)),
            ..Session::default()
        };
        let told = |waited: [u64; 3]| overloaded(&waited.map(session));
        assert_eq!(told([900, 10, 10]), None);
        assert_eq!(told([400, 400, 400]), None);
        let busy = "taken on a busy machine, which let its tests wait for 50 % of their time";
        assert_eq!(told([500, 900, 10]).as_deref(), Some(busy));
        assert_eq!(overloaded(&[Session::default()]), None);
    }

    #[test]
    fn the_classes_that_are_known_are_named() {
        let [here, one, other] =
            ["linux x86_64, debug", "macos aarch64", "windows x86_64"].map(Class::from_text);
        assert_eq!(
            other_classes(&here, &[one, other]),
            "this class is `linux x86_64, debug`; there are baselines of others: \
             `macos aarch64`, `windows x86_64`"
        );
    }

    #[test]
    fn the_time_that_was_allowed_is_told() {
        let told = |timed| {
            let session = Session { timed: Duration::from_secs_f64(timed), ..Session::default() };
            missing(9, 50, Duration::from_secs(5), &[Session::default(), session])
        };
        let start = "9 samples instead of 50: no more fitted into ";
        assert_eq!(told(1.7), format!("{start}1.7s a process, a third of the budget"));
        assert_eq!(told(4.9), format!("{start}the budget of 5s"));
    }
}
