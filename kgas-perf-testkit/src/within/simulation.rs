//! Simulated operations on simulated machines, with a truth that is known.
//!
//! Sessions are made by the very course that real ones are, against a clock that is moved by hand.

use std::thread;
use std::time::Duration;

use super::answer::{Answer, Doubt};
use super::judge::{Before, Rule};
use super::rounds;
use crate::baselines::{Entry, Origin};
use crate::timing::{Course, Effort, Next, PARTS, Parts, Session, Statistic};

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
    /// What a neighbour on the same core does, within about a tenth of a second: to work of
    /// [`PIECES`], and to the operation as to [`OWN`].
    neighbour: f64,
    /// The clock's step.
    step_ns: f64,
}

/// How much each piece of the yardstick suffers from a neighbour that uses the same units, and from
/// one that fills the caches; and of which pieces the operation consists.
const PIECES: [(f64, f64); PARTS] = [(0.1, 0.0), (1.3, 0.0), (1.0, 0.2), (0.5, 2.5)];
const OWN: Parts = [0.5, 0.1, 0.3, 0.1];

const CALM: World = World {
    call_ns: 30_000.0,
    scatter: 0.03,
    interrupted: 0.01,
    wobble: 0.01,
    between_sessions: 0.02,
    between_processes: 0.004,
    neighbour: 0.0,
    step_ns: 40.0,
};

/// From quiet to what a shared virtual machine does.
const WORLDS: [(&str, World); 8] = [
    ("calm", CALM),
    ("20 ns", World { call_ns: 20.0, ..CALM }),
    ("20 ms, heavy tail", World { call_ns: 2e7, scatter: 0.05, interrupted: 0.1, ..CALM }),
    ("wobble", World { wobble: 0.08, ..CALM }),
    ("drift between sessions", World { between_sessions: 0.10, ..CALM }),
    ("coarse timer", World { step_ns: 1e6, call_ns: 5e5, ..CALM }),
    ("processes differ", World { between_processes: 0.015, ..CALM }),
    ("neighbour", World { neighbour: 0.1, ..CALM }),
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
        let mut neighbours = [self.neighbour * dice.normal(), self.neighbour * dice.normal()];
        while let Some(next) = course.next() {
            let suffers =
                |piece: usize| PIECES[piece].0 * neighbours[0] + PIECES[piece].1 * neighbours[1];
            let (work_ns, own) = match next {
                Next::Operation(calls) => {
                    let suffers: f64 = (0..PARTS).map(|piece| OWN[piece] * suffers(piece)).sum();
                    (self.call_ns * calls as f64, own + suffers)
                }
                Next::Yardstick(piece, times) => (5_000.0 * times as f64, suffers(piece)),
            };
            let interrupted = if dice.unit() < self.interrupted {
                2.0 * dice.unit().max(0.05).powf(-0.7)
            } else {
                1.0
            };
            let ns =
                work_ns * interrupted * (base + wobble + own + self.scatter * dice.normal()).exp();
            let kept = (-ns / 1e8).exp();
            let mut wander = |now: &mut f64, deviation: f64| {
                *now = kept * *now + deviation * (1.0 - kept * kept).sqrt() * dice.normal();
            };
            wander(&mut wobble, self.wobble);
            neighbours.iter_mut().for_each(|neighbour| wander(neighbour, self.neighbour));
            let read = (ns / self.step_ns + dice.unit()).floor() * self.step_ns;
            course.took(Duration::from_nanos(read as u64));
        }
        course.finish(None)
    }

    /// So many processes.
    fn sessions(&self, processes: usize, slower: f64, dice: &mut Dice) -> Vec<Session> {
        (0..processes).map(|_| self.session(slower, dice)).collect()
    }

    /// A baseline, then an assertion: the answer, and how it is found.
    fn assertion(&self, slower: f64, assertions: usize, dice: &mut Dice) -> super::judge::Beside {
        let mut round = |processes, slower| self.sessions(processes, slower, dice);
        let rule = Rule { assertions, ..RULE };
        let mut recorded = Vec::new();
        for processes in rounds::BASELINE {
            if recorded.is_empty() || rounds::is_unsteady(&recorded, &rule) {
                recorded.extend(round(processes, 0.0));
            }
        }
        let before = kept(&recorded);
        let mut done = vec![round(1, slower)];
        for processes in rounds::FURTHER {
            let so_far = rounds::together(&before, &done, &rule);
            if !rounds::needs_another(&so_far, done.len(), &rule) {
                return so_far;
            }
            done.push(round(processes, slower));
        }
        rounds::together(&before, &done, &rule)
    }
}

/// As an assertion has it where nothing is said, among as many as a crate may have.
const RULE: Rule = Rule { threshold: 0.05, floor_ns: 1.0, assertions: 20 };

/// What a baseline keeps of sessions.
fn kept(sessions: &[Session]) -> Before {
    Before::kept(&Entry::of(sessions, Statistic::Median, Origin::default()), true)
}

/// A tenth slower, and as much faster on the scale of logarithms.
const SLOWER: f64 = 0.1;
const FASTER: f64 = 1.0 / 1.1 - 1.0;

/// How often the answers are kept, slower, faster and none, of so many assertions, with as many
/// judged together as a crate may have.
fn count(world: World, slower: f64, rounds: usize) -> [usize; 4] {
    let mut dice = Dice(20_261_124);
    let mut counts = [0; 4];
    for _ in 0..rounds {
        let at = match world.assertion(slower, 20, &mut dice).answer {
            Answer::Kept => 0,
            Answer::Slower => 1,
            Answer::Faster => 2,
            _ => 3,
        };
        counts[at] += 1;
    }
    counts
}

/// Answers over all worlds.
fn over_all_worlds(slower: f64, rounds: usize) -> [usize; 4] {
    WORLDS.iter().fold([0; 4], |mut sum, (_, world)| {
        let counts = count(*world, slower, rounds);
        for (sum, count) in sum.iter_mut().zip(counts) {
            *sum += count;
        }
        sum
    })
}

#[test]
fn identical_code_neither_fails_nor_improves_whatever_the_machine_does() {
    let [kept, slower, faster, unsure] = over_all_worlds(0.0, 4);
    assert_eq!((slower, faster), (0, 0));
    assert!(kept >= 30, "{kept} kept, {unsure} inconclusive");
}

#[test]
fn a_tenth_slower_fails_and_as_much_faster_is_found_as_often() {
    let [.., slower, _, _] = over_all_worlds(SLOWER, 3);
    let [_, _, faster, _] = over_all_worlds(FASTER, 3);
    assert!(slower >= 22 && faster >= 22, "{slower} and {faster} of 24");
}

#[test]
fn a_difference_of_either_sign_asks_for_another_round_alike() {
    // The same processes, against a baseline that is faster by a fifth and slower by as much.
    let mut dice = Dice(7);
    let sessions = CALM.sessions(4, 0.0, &mut dice);
    let entry = |scale: f64| {
        let mut entry = Entry::of(&sessions, Statistic::Median, Origin::default());
        for sample in entry.in_yardsticks.iter_mut().flatten() {
            *sample *= scale;
        }
        Before::kept(&entry, true)
    };
    let done = [sessions[..1].to_vec(), sessions[1..3].to_vec()];
    for (scale, found) in [(1.0 / 1.2, Answer::Slower), (1.2, Answer::Faster)] {
        let once = rounds::together(&entry(scale), &done[..1], &RULE);
        assert_eq!(once.answer, Answer::Inconclusive(Doubt::NotConfirmed));
        assert!(rounds::needs_another(&once, 1, &RULE));
        let twice = rounds::together(&entry(scale), &done, &RULE);
        assert_eq!(twice.answer, found);
        assert!(!rounds::needs_another(&twice, 2, &RULE));
    }
}

#[test]
fn one_process_in_six_may_say_otherwise_and_no_more() {
    let mut dice = Dice(9);
    let mut sessions = |processes, slower| CALM.sessions(processes, slower, &mut dice);
    let before = kept(&sessions(6, 0.0));
    let done = [sessions(1, 0.0), sessions(2, 0.5), sessions(3, 0.5)];
    let twice = rounds::together(&before, &done[..2], &RULE);
    assert!(matches!(twice.answer, Answer::Inconclusive(_)), "{twice:?}");
    assert!(rounds::needs_another(&twice, 2, &RULE));
    assert_eq!(rounds::together(&before, &done, &RULE).answer, Answer::Slower);
    let done = [sessions(1, 0.5), sessions(2, 0.0), sessions(3, 0.5)];
    let found = rounds::together(&before, &done, &RULE);
    assert!(matches!(found.answer, Answer::Inconclusive(_)), "{found:?}");
}

#[test]
fn the_last_round_is_for_a_difference_that_is_seen() {
    let mut dice = Dice(10);
    let mut sessions = |processes, slower| CALM.sessions(processes, slower, &mut dice);
    let before = kept(&sessions(6, 0.0));
    let mut so_far = rounds::together(&before, &[sessions(1, 0.0)], &RULE);
    for (doubt, asked) in [
        (Doubt::NotSure, [true, true]),
        (Doubt::NotConfirmed, [true, true]),
        (Doubt::TooNoisy, [true, false]),
        (Doubt::Busy, [true, false]),
        (Doubt::OtherYardstick, [false, false]),
    ] {
        so_far.answer = Answer::Inconclusive(doubt);
        let asks = [3, 4].map(|rounds| rounds::needs_another(&so_far, rounds, &RULE));
        assert_eq!(asks, asked, "{doubt:?}");
    }
}

#[test]
fn what_waiting_explains_is_not_found_and_one_process_that_waited_excuses_nothing() {
    let mut dice = Dice(8);
    let mut sessions = |processes, slower| CALM.sessions(processes, slower, &mut dice);
    let before = kept(&sessions(6, 0.0));
    let slower = sessions(3, 0.5);
    let answer = |shares: [f64; 3]| {
        let mut waited = slower.clone();
        for (session, share) in waited.iter_mut().zip(shares) {
            session.waited = Some(session.lasted.mul_f64(share));
        }
        let done = [waited[..1].to_vec(), waited[1..].to_vec()];
        rounds::together(&before, &done, &RULE).answer
    };
    assert_eq!(answer([0.01, 0.6, 0.0]), Answer::Slower);
    assert_eq!(answer([0.05; 3]), Answer::Slower);
    assert_eq!(answer([0.3; 3]), Answer::Inconclusive(Doubt::Busy));
}

#[test]
fn twice_as_slow_fails_on_every_machine() {
    for (name, world) in WORLDS {
        assert!(count(world, 1.0, 2)[1] >= 1, "{name}");
    }
}

#[test]
#[ignore = "all worlds, some hundred assertions each: minutes; `cargo xtask assertions` runs it"]
fn the_whole_table() {
    const CHANGES: [(f64, usize); 3] = [(0.0, 200), (SLOWER, 100), (FASTER, 100)];
    let tables = thread::scope(|scope| {
        let row = |world| CHANGES.map(|(slower, rounds)| count(world, slower, rounds));
        let worlds = WORLDS.map(|(name, world)| (name, scope.spawn(move || row(world))));
        worlds.map(|(name, rows)| (name, rows.join().unwrap()))
    });
    println!("| machine | change | kept | slower | faster | inconclusive |");
    println!("|---|--:|--:|--:|--:|--:|");
    for (name, rows) in &tables {
        for ((slower, _), [kept, slow, fast, unsure]) in CHANGES.iter().zip(rows) {
            println!("| {name} | {:+.0} % | {kept} | {slow} | {fast} | {unsure} |", 100.0 * slower);
        }
    }
    let mut wrong = 0;
    for (name, [same, slower, faster]) in tables {
        wrong += same[1] + same[2] + slower[2] + faster[1];
        let found = [slower[1], faster[2]];
        // Three standard errors of a difference of two such counts, of which one in twenty misses.
        assert!(found[0].abs_diff(found[1]) <= 9, "{name}: {found:?}");
        assert!(found.iter().min() >= Some(&95), "{name}: {found:?}");
    }
    assert!(wrong <= 2, "{wrong} of 3,200 assertions found a difference that is not there");
}
