//! Simulated operations on simulated machines, with a truth that is known.
//!
//! Sessions are made by the very course that real ones are, against a clock that is moved by hand.

use std::time::Duration;

use super::answer::Answer;
use super::judge::{Rule, judge};
use super::rounds;
use crate::baselines::{Entry, Origin};
use crate::timing::{Course, Effort, Next, Session, Statistic};

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// What a machine and an operation do, as standard deviations of logarithms.
#[derive(Clone, Copy, Debug)]
struct World {
    /// A call, in nanoseconds.
    call_ns: f64,
    /// Single timings.
    scatter: f64,
    /// How often a timing is interrupted, and then lasts from twice as long on.
    interrupted: f64,
    /// The machine's pace wanders, within about a tenth of a second.
    wobble: f64,
    /// The machine's pace from one session to the next.
    between_sessions: f64,
    /// What one process differs from the next by, whatever the yardstick says.
    between_processes: f64,
    /// The clock's step.
    step_ns: f64,
}

const CALM: World = World {
    call_ns: 30_000.0,
    scatter: 0.03,
    interrupted: 0.01,
    wobble: 0.01,
    between_sessions: 0.02,
    between_processes: 0.004,
    step_ns: 40.0,
};

/// From quiet to what a shared virtual machine does.
const WORLDS: [(&str, World); 7] = [
    ("calm", CALM),
    ("20 ns", World { call_ns: 20.0, ..CALM }),
    ("20 ms, heavy tail", World { call_ns: 2e7, scatter: 0.05, interrupted: 0.1, ..CALM }),
    ("wobble", World { wobble: 0.08, ..CALM }),
    ("drift between sessions", World { between_sessions: 0.10, ..CALM }),
    ("coarse timer", World { step_ns: 1e6, call_ns: 5e5, ..CALM }),
    ("processes differ", World { between_processes: 0.015, ..CALM }),
];

impl World {
    /// One process, its code slower by a share.
    fn session(&self, slower: f64, dice: &mut Dice) -> Session {
        let effort =
            Effort { clock_step: Duration::from_nanos(self.step_ns as u64), ..Effort::default() };
        let mut course = Course::new(effort, Duration::from_millis(1_600));
        let base = self.between_sessions * dice.normal();
        let own = slower.ln_1p() + self.between_processes * dice.normal();
        let mut wobble = self.wobble * dice.normal();
        while let Some(next) = course.next() {
            let (work_ns, own) = match next {
                Next::Operation(calls) => (self.call_ns * calls as f64, own),
                Next::Yardstick(times) => (20_000.0 * times as f64, 0.0),
            };
            let interrupted = if dice.unit() < self.interrupted {
                2.0 * dice.unit().max(0.05).powf(-0.7)
            } else {
                1.0
            };
            let ns =
                work_ns * interrupted * (base + wobble + own + self.scatter * dice.normal()).exp();
            let kept = (-ns / 1e8).exp();
            wobble = kept * wobble + self.wobble * (1.0 - kept * kept).sqrt() * dice.normal();
            let read = (ns / self.step_ns + dice.unit()).floor() * self.step_ns;
            course.took(Duration::from_nanos(read as u64));
        }
        course.finish(None)
    }

    /// A baseline of four processes, then an assertion: the answer, and how it is found.
    fn assertion(&self, slower: f64, assertions: usize, dice: &mut Dice) -> super::judge::Beside {
        let recorded: Vec<Session> = (0..4).map(|_| self.session(0.0, dice)).collect();
        let entry = Entry::of(&recorded, Statistic::Median, Origin::default());
        let rule = Rule { threshold: 0.05, floor_ns: 1.0, assertions };
        let first = [self.session(slower, dice)];
        let beside = judge(&entry, true, &first, &rule);
        if !rounds::needs_a_second(&beside, &rule) {
            return beside;
        }
        let second = [self.session(slower, dice), self.session(slower, dice)];
        rounds::both(&entry, true, (&first, &second), &rule)
    }
}

/// How often the answers are kept, slower, faster and none, of `rounds` assertions.
fn count(world: World, slower: f64, rounds: usize, assertions: usize) -> [usize; 4] {
    let mut dice = Dice(20_261_124);
    let mut counts = [0; 4];
    for _ in 0..rounds {
        let beside = world.assertion(slower, assertions, &mut dice);
        let at = match beside.answer {
            Answer::Kept => 0,
            Answer::Slower => 1,
            Answer::Faster => 2,
            _ => 3,
        };
        counts[at] += 1;
    }
    counts
}

/// Answers over all worlds, with as many assertions judged together as a crate may have.
fn over_all_worlds(slower: f64, rounds: usize) -> [usize; 4] {
    WORLDS.iter().fold([0; 4], |mut sum, (_, world)| {
        let counts = count(*world, slower, rounds, 20);
        for (sum, count) in sum.iter_mut().zip(counts) {
            *sum += count;
        }
        sum
    })
}

#[test]
fn identical_code_neither_fails_nor_improves_whatever_the_machine_does() {
    // None of 1,540, seen by the table below.
    let [kept, slower, faster, unsure] = over_all_worlds(0.0, 4);
    assert_eq!((slower, faster), (0, 0));
    assert!(kept >= 24, "{kept} kept, {unsure} inconclusive");
}

#[test]
fn a_tenth_slower_fails_and_a_tenth_faster_is_found_as_often() {
    for world in [CALM, WORLDS[1].1] {
        let [.., slower, _, _] = count(world, 0.10, 6, 20);
        let [_, _, faster, _] = count(world, 1.0 / 1.1 - 1.0, 6, 20);
        assert!(slower >= 5 && faster >= 5, "{world:?}: {slower} {faster}");
    }
}

#[test]
fn twice_as_slow_fails_on_every_machine() {
    for (name, world) in WORLDS {
        assert!(count(world, 1.0, 2, 20)[1] >= 1, "{name}");
    }
}

#[test]
#[ignore = "all worlds, a hundred assertions each: two minutes in a release build"]
fn the_whole_table() {
    println!("| machine | change | judged together | kept | slower | faster | inconclusive |");
    println!("|---|--:|--:|--:|--:|--:|--:|");
    let mut wrong = 0;
    for (name, world) in WORLDS {
        for slower in [0.0, 0.10, 1.0 / 1.1 - 1.0, 0.20] {
            for assertions in [1, 20] {
                let rounds = if slower == 0.0 { 110 } else { 100 };
                let [kept, slow, fast, unsure] = count(world, slower, rounds, assertions);
                let percent = 100.0 * slower;
                println!(
                    "| {name} | {percent:+.0} % | {assertions} | {kept} | {slow} | {fast} | {unsure} |"
                );
                wrong += if slower == 0.0 { slow + fast } else { 0 };
            }
        }
    }
    assert!(wrong <= 15, "{wrong} of 1,540 assertions on identical code found a difference");
}
