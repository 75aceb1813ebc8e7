//! How numbers grow with the input: `assert_constant!`, `assert_linear!`.

use std::fmt::Write;

use super::allocated::{self, ALLOCATIONS, BYTES};
use super::calls::at_once;
use super::counts::Counts;
use crate::check::{Check, Fine};
use crate::place::Place;
use crate::timing::Turn;
use crate::told;

/// How numbers may grow with the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// Not at all: as the number of queries of a page that has no N+1.
    Constant,
    /// By no more for each further entity than between the first two sizes.
    Linear,
}

/// Counts something of a call at each size of its input, and says what is wrong with how that
/// grows; `None` if nothing is. What grows more slowly than allowed is fine, and so is what
/// shrinks.
///
/// After the matchers of n_plus_one_control: the same code at some scales, and the counts beside
/// each other. Each size is called once before it is counted.
///
/// [`assert_constant!`](crate::assert_constant) and [`assert_linear!`](crate::assert_linear) fail
/// a test with it.
///
/// ```
/// use kgas_perf_testkit::exact::{Growth, growth};
///
/// let load = |size: u64, counts: &kgas_perf_testkit::exact::Counts| {
///     counts.add("queries", 1);
///     (0..size).for_each(|_| counts.add("queries", 1)); // the N of N+1
/// };
/// assert_eq!(growth(Growth::Linear, "queries", [2, 10, 100], load), None);
/// let wrong = growth(Growth::Constant, "queries", [2, 10, 100], load).unwrap();
/// assert_eq!(wrong, "`queries` grows with the input, and is to stay constant\n  \
///     2: 3\n  10: 11\n  100: 101");
/// ```
pub fn growth<T>(
    allowed: Growth,
    what: &str,
    sizes: impl IntoIterator<Item = u64>,
    mut work: impl FnMut(u64, &Counts) -> T,
) -> Option<String> {
    at_once(growth_async(allowed, what, sizes, async |size: u64, counts: &Counts| {
        work(size, counts)
    }))
}

/// The same for futures: each call makes one, which is then awaited, on any runtime.
pub async fn growth_async<T>(
    allowed: Growth,
    what: &str,
    sizes: impl IntoIterator<Item = u64>,
    work: impl AsyncFnMut(u64, &Counts) -> T,
) -> Option<String> {
    judged(allowed, what, sizes, work, Fine).await.err()
}

/// For the macros: what to fail with. What was found is kept, with the place of the assertion.
#[doc(hidden)]
pub fn growth_at<T>(
    place: &Place,
    allowed: Growth,
    what: &str,
    sizes: impl IntoIterator<Item = u64>,
    mut work: impl FnMut(u64, &Counts) -> T,
) -> Option<String> {
    let work = async |size: u64, counts: &Counts| work(size, counts);
    at_once(growth_at_async(place, allowed, what, sizes, work, Fine))
}

/// The same for futures, with a look at what each call returned.
#[doc(hidden)]
pub async fn growth_at_async<T>(
    place: &Place,
    allowed: Growth,
    what: &str,
    sizes: impl IntoIterator<Item = u64>,
    work: impl AsyncFnMut(u64, &Counts) -> T,
    check: impl Check<T>,
) -> Option<String> {
    let judged = judged(allowed, what, sizes, work, check).await;
    let (answer, text) = match &judged {
        Ok(text) => ("kept", text),
        Err(text) => ("not kept", text),
    };
    told::keep(&format!("{what} at {place}"), answer, &format!("{text}\n  at {place}"));
    judged.err()
}

/// What is right or wrong with how a number grows, with the numbers at each size.
async fn judged<T>(
    allowed: Growth,
    what: &str,
    sizes: impl IntoIterator<Item = u64>,
    mut work: impl AsyncFnMut(u64, &Counts) -> T,
    check: impl Check<T>,
) -> Result<String, String> {
    let mut sizes: Vec<u64> = sizes.into_iter().collect();
    sizes.sort_unstable();
    sizes.dedup();
    let fewest = if allowed == Growth::Constant { 2 } else { 3 };
    if sizes.len() < fewest {
        return Err(format!("`{what}` cannot be judged: {fewest} different sizes are needed"));
    }
    let _turn = Turn::take_here();
    let mut counted = Vec::new();
    let mut elsewhere = Vec::new();
    for size in sizes {
        drop(check.done(work(size, &Counts::new()).await));
        let counts = Counts::new();
        let allocated =
            allocated::during(async { drop(check.done(work(size, &counts).await)) }).await;
        let count = match (what, &allocated) {
            (ALLOCATIONS, Some(allocated)) => allocated.own.count,
            (BYTES, Some(allocated)) => allocated.own.bytes,
            (ALLOCATIONS | BYTES, None) => {
                return Err(format!("`{what}` cannot be judged: {}", allocated::MISSING));
            }
            _ => counts.numbers().get(what).copied().unwrap_or(0),
        };
        counted.push((size, count));
        elsewhere.extend(allocated.map(|allocated| allocated.elsewhere.count));
    }
    let others = elsewhere.into_iter().min().unwrap_or(0);
    if others > 0 && [ALLOCATIONS, BYTES].contains(&what) {
        told::say(&format!(
            "how `{what}` grow is judged without what other threads or tasks allocate: at least \
             {others} times at each size"
        ));
    }
    judge(allowed, what, &counted)
}

fn judge(allowed: Growth, what: &str, counted: &[(u64, u64)]) -> Result<String, String> {
    let fine = counted.windows(2).all(|pair| match allowed {
        Growth::Constant => pair[1].1 <= counted[0].1,
        Growth::Linear => grows_no_faster(&counted[..2], pair),
    });
    let mut text = match (allowed, fine) {
        (Growth::Constant, true) => format!("`{what}` stays constant as the input grows"),
        (Growth::Linear, true) => format!("`{what}` grows no faster than the input"),
        (Growth::Constant, false) => {
            format!("`{what}` grows with the input, and is to stay constant")
        }
        (Growth::Linear, false) => {
            format!("`{what}` grows faster than the input, and is to stay linear")
        }
    };
    for (size, count) in counted {
        let _ = write!(text, "\n  {size}: {count}");
    }
    if fine { Ok(text) } else { Err(text) }
}

/// Whether counts rise by no more an entity between these two sizes than between the first two,
/// or than they are an entity at the first: whichever is more.
fn grows_no_faster(first: &[(u64, u64)], pair: &[(u64, u64)]) -> bool {
    let wide = |number: u64| u128::from(number);
    let rise = wide(pair[1].1.saturating_sub(pair[0].1));
    let run = wide(pair[1].0 - pair[0].0);
    let (first_rise, first_run) =
        (wide(first[1].1.saturating_sub(first[0].1)), wide(first[1].0 - first[0].0));
    // An amortised doubling moves one number by one.
    let slack = run;
    rise * first_run <= first_rise * run + if first_rise == 0 { 0 } else { slack }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(allowed: Growth, of: fn(u64) -> u64) -> Option<String> {
        growth(allowed, "queries", [10, 100, 1_000], |size, counts| counts.add("queries", of(size)))
    }

    #[test]
    fn constant_is_constant_and_linear_is_linear() {
        for (of, constant, linear) in [
            ((|_| 3) as fn(u64) -> u64, true, true),
            (|_| 0, true, true),
            (|size| 100_000 / size, true, true),
            (|size| size + 1, false, true),
            (|size| 5 * size + 7, false, true),
            (|size| u64::from(size.ilog2()), false, true),
            (|size| size * size, false, false),
            (|size| size * u64::from(size.ilog2()), false, false),
            (|size| if size > 100 { 50 } else { 3 }, false, false),
        ] {
            assert_eq!(judged(Growth::Constant, of).is_none(), constant);
            assert_eq!(judged(Growth::Linear, of).is_none(), linear);
        }
    }

    #[test]
    fn one_size_says_nothing() {
        let wrong = growth(Growth::Constant, "queries", [7, 7], |_, _| ()).unwrap();
        assert_eq!(wrong, "`queries` cannot be judged: 2 different sizes are needed");
    }
}
