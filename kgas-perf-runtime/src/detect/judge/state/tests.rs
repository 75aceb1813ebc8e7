//! A judge that was written down and read back goes on as if nothing had been.

use super::*;
use crate::catalog::SizeClass;
use crate::detect::dice::Dice;
use crate::detect::verdict::Kind;

/// A call: when it ended, how long it took, and whether well.
type Call = (Duration, Duration, bool);

/// What durations, in seconds, are made of, by the time and a share of the change.
struct Stream {
    name: &'static str,
    rate: f64,
    seconds: f64,
    /// By the second and the dice: the duration in milliseconds.
    millis: fn(f64, &mut Dice) -> f64,
    /// The share that fails at a second.
    fails: fn(f64) -> f64,
    found: Option<Kind>,
}

fn steady(_: f64, dice: &mut Dice) -> f64 {
    10.0 * (0.3 * dice.normal()).exp()
}

/// The kinds of streams that there are: spread, with misses of a cache, bursts, a machine that
/// wobbles, coarse timers, a cold start, and every way to change.
const STREAMS: [Stream; 10] = {
    const BASE: Stream = Stream {
        name: "steady",
        rate: 10.0,
        seconds: 1_200.0,
        millis: steady,
        fails: |_| 0.003,
        found: None,
    };
    [
        BASE,
        Stream { name: "rare", rate: 0.5, seconds: 6_000.0, ..BASE },
        Stream {
            name: "slower",
            millis: |at, dice| steady(at, dice) * if at < 900.0 { 1.0 } else { 2.5 },
            found: Some(Kind::Location),
            ..BASE
        },
        Stream {
            name: "slower and rare",
            rate: 1.0,
            seconds: 2_400.0,
            millis: |at, dice| steady(at, dice) * if at < 2_000.0 { 1.0 } else { 3.0 },
            found: Some(Kind::Location),
            ..BASE
        },
        Stream {
            name: "faster",
            millis: |at, dice| steady(at, dice) * if at < 700.0 { 1.0 } else { 0.5 },
            found: Some(Kind::Improvement),
            ..BASE
        },
        Stream {
            name: "failing",
            fails: |at| if at < 900.0 { 0.002 } else { 0.3 },
            found: Some(Kind::Errors),
            ..BASE
        },
        Stream {
            name: "a slower tail",
            rate: 50.0,
            seconds: 1_000.0,
            millis: |at, dice| {
                let call = steady(at, dice);
                if call > 16.4 && at > 900.0 { call * 3.0 } else { call }
            },
            found: Some(Kind::Tail),
            ..BASE
        },
        Stream {
            name: "a cache that misses",
            millis: |_, dice| {
                let miss = if dice.unit() < 0.1 { 12.0 } else { 1.0 };
                10.0 * miss * (0.25 * dice.normal()).exp()
            },
            ..BASE
        },
        Stream { name: "a coarse timer", millis: |at, dice| steady(at, dice).round(), ..BASE },
        Stream {
            name: "a cold start",
            millis: |at, dice| steady(at, dice) * (1.0 + 2.0 * (-at / 60.0).exp()),
            ..BASE
        },
    ]
};

impl Stream {
    fn calls(&self, seed: u64) -> impl Iterator<Item = Call> {
        let mut dice = Dice::new(seed);
        (1..(self.rate * self.seconds) as u64).map(move |number| {
            let at = number as f64 / self.rate;
            let ok = dice.unit() >= (self.fails)(at);
            let millis = (self.millis)(at, &mut dice);
            (Duration::from_secs_f64(1_000.0 + at), Duration::from_secs_f64(millis / 1e3), ok)
        })
    }
}

fn judged(judge: &mut Judge, calls: &[Call]) -> Vec<Verdict> {
    calls
        .iter()
        .filter_map(|&(at, duration, ok)| {
            let found = judge.call(at, duration, ok);
            judge.take_learned("import", SizeClass::Small, at);
            found
        })
        .collect()
}

#[test]
fn verdicts_are_those_of_a_judge_that_was_never_written_down() {
    for (seed, stream) in (1..).zip(&STREAMS) {
        let calls: Vec<Call> = stream.calls(seed).collect();
        let mut whole = Judge::new();
        let expected = judged(&mut whole, &calls);
        let found = expected.first().map(|first| first.kind);
        assert_eq!(found, stream.found, "{}: {expected:?}", stream.name);
        // While it gathers, learns, and judges; and just after something was found.
        let told = expected
            .first()
            .map_or(calls.len() / 2, |first| calls.partition_point(|(at, ..)| *at <= first.at));
        for cut in [40, 300, calls.len() / 3, told.saturating_sub(9), told + 1] {
            let mut judge = Judge::new();
            let mut verdicts = judged(&mut judge, &calls[..cut]);
            let now = calls[cut - 1].0;
            let mut judge = Judge::read(&judge.write(now), now, Duration::ZERO).unwrap();
            verdicts.extend(judged(&mut judge, &calls[cut..]));
            assert_eq!(verdicts, expected, "{} cut at {cut}", stream.name);
            assert!(judge.standing().eq(whole.standing()), "{} cut at {cut}", stream.name);
            assert_eq!(judge.learning(), whole.learning(), "{} cut at {cut}", stream.name);
            let baseline = |judge: &Judge| judge.baseline("import", SizeClass::Small, now);
            assert_eq!(baseline(&judge), baseline(&whole), "{} cut at {cut}", stream.name);
        }
    }
}

#[test]
fn after_a_gap_by_another_clock_it_is_as_if_nothing_had_been_told() {
    let stream = Stream { seconds: 1_300.0, ..STREAMS[2] };
    let gap = Duration::from_secs(300);
    let (before, after): (Vec<Call>, Vec<Call>) =
        stream.calls(3).partition(|(at, ..)| *at < Duration::from_secs(1_890));
    let now = before[before.len() - 1].0;
    let mut judge = Judge::new();
    judged(&mut judge, &before);
    let state = judge.write(now);

    let late: Vec<Call> = after.iter().map(|&(at, took, ok)| (at + gap, took, ok)).collect();
    let expected = judged(&mut judge, &late);
    assert_eq!(expected[0].kind, Kind::Location);

    // The other process's clock began when it did.
    let began = now + gap - Duration::from_millis(7);
    let young: Vec<Call> = late.iter().map(|&(at, took, ok)| (at - began, took, ok)).collect();
    let mut judge = Judge::read(&state, Duration::from_millis(7), gap).unwrap();
    let found = judged(&mut judge, &young);
    let in_process = |verdict: &Verdict| Verdict {
        at: verdict.at - began,
        since: verdict.since.map(|since| since.saturating_sub(began)),
        ..verdict.clone()
    };
    assert_eq!(found, expected.iter().map(in_process).collect::<Vec<_>>());
}

#[test]
fn a_state_is_small_and_says_the_same_when_it_is_written_again() {
    let mut largest = 0;
    for (seed, stream) in (1..).zip(&STREAMS) {
        let calls: Vec<Call> = stream.calls(seed).collect();
        let mut judge = Judge::new();
        judged(&mut judge, &calls);
        let now = calls[calls.len() - 1].0;
        let state = judge.write(now);
        largest = largest.max(state.len());
        let read = Judge::read(&state, now, Duration::ZERO).unwrap();
        assert!(read.write(now) == state, "{}", stream.name);
    }
    assert!((2_000..10_000).contains(&largest), "{largest} bytes");
}

#[test]
fn what_another_version_or_other_parameters_wrote_is_refused() {
    let state = Judge::new().write(Duration::ZERO);
    let read = |state: &[u8]| Judge::read(state, Duration::ZERO, Duration::ZERO).map(drop);
    assert_eq!(read(&state), Ok(()));
    let with = |at: usize, byte: u8| {
        let mut state = state.clone();
        state[at] = byte;
        read(&state).unwrap_err().to_string()
    };
    assert_eq!(with(0, 9), "a judge of version 9 cannot be read, only of version 4");
    assert_eq!(with(3, !state[3]), "the judge judged by other parameters than these");
    let bytes = state.len();
    assert_eq!(with(12, !state[12]), format!("the judge's {bytes} bytes are damaged"));
    assert_eq!(read(&[]), Err(JudgeError::Damaged { bytes: 0 }));
    assert!(read(&vec![1; MOST_BYTES + 1]).is_err());
}

/// Judges in all the states there are, written down.
fn states() -> Vec<(Vec<u8>, Vec<Call>)> {
    let of = |(at, stream): (usize, &Stream)| {
        let calls: Vec<Call> = stream.calls(at as u64 + 1).collect();
        let cut = [60, 500, calls.len() - 1][at % 3];
        let mut judge = Judge::new();
        judged(&mut judge, &calls[..cut]);
        (judge.write(calls[cut - 1].0), calls[..200].to_vec())
    };
    STREAMS.iter().enumerate().map(of).collect()
}

#[test]
fn whatever_bytes_are_flipped_it_is_noticed() {
    let mut dice = Dice::new(7);
    for (state, _) in states() {
        for _ in 0..300 {
            let mut damaged = state.clone();
            let at = (dice.unit() * state.len() as f64) as usize;
            damaged[at] ^= 1 << (dice.unit() * 8.0) as u32;
            assert!(Judge::read(&damaged, Duration::ZERO, Duration::ZERO).is_err(), "{at}");
            assert!(Judge::read(&state[..at], Duration::ZERO, Duration::ZERO).is_err(), "{at}");
        }
    }
}

/// Damage that its checksum does not show, as if it were meant: what is read all the same judges
/// on, and neither panics nor hangs nor grows.
#[test]
fn no_bytes_do_harm() {
    let mut dice = Dice::new(8);
    let mut read = 0;
    for (state, calls) in states() {
        for _ in 0..60 {
            let mut damaged = state.clone();
            for _ in 0..1 + (dice.unit() * 3.0) as usize {
                let at = HEAD + (dice.unit() * (state.len() - HEAD) as f64) as usize;
                damaged[at] = (dice.unit() * 256.0) as u8;
            }
            let checksum = fnv(&damaged[HEAD..]).to_le_bytes();
            damaged[HEAD - 8..HEAD].copy_from_slice(&checksum);
            let Ok(mut judge) = Judge::read(&damaged, Duration::ZERO, Duration::ZERO) else {
                continue;
            };
            read += 1;
            judged(&mut judge, &calls);
            judge.tick(Duration::from_secs(9_999), &Default::default(), 3);
            let _ = judge.write(Duration::MAX);
            assert!(judge.bytes() < 128 * 1_024);
        }
    }
    assert!(read > 50, "{read}");
}
