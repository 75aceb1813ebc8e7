//! The macros: they know the caller's crate, line and build.

/// Where an assertion stands, for the other macros.
#[doc(hidden)]
#[macro_export]
macro_rules! __place {
    () => {
        $crate::__private::Place::new(
            ::core::env!("CARGO_MANIFEST_DIR"),
            ::core::cfg!(debug_assertions),
        )
        .features($crate::__private::features!())
    };
}

/// Asserts that an operation is as fast as its baseline in the repository says.
///
/// The operation's name is any text; the closure is called again and again, each call's time
/// taken to its end, what it returns dropped within it. Settings of [`WithinBaseline`] may
/// follow: `samples = 80, threshold = 0.03`.
///
/// ```
/// # fn convert(graph: &[u32]) -> Vec<u32> { graph.to_vec() }
/// use kgas_perf_testkit::assert_within_baseline;
///
/// let graph = [1, 2, 3];
/// assert_within_baseline!("graph_to_table", || convert(&graph));
/// assert_within_baseline!("graph_to_table, loosely", || convert(&graph), threshold = 0.2);
/// ```
///
/// With `async ||` it is a future, to be awaited under any runtime:
///
/// ```
/// # use kgas_perf_testkit::assert_within_baseline;
/// # async fn fetch(_: u32) -> u32 { 1 }
/// # async fn test() {
/// assert_within_baseline!("fetch", async || fetch(7).await).await;
/// # }
/// ```
///
/// Given a [`Collector`](kgas_perf_runtime::Collector) and a name, it asks about the calls that a
/// program made since the collector learned the operation's baseline, as [`within_baseline`]
/// does.
///
/// # When it fails
/// If the operation is slower than its baseline by more than 5 % and 1 ns a call, if that is sure
/// for all assertions of the crate together, if every replicate agrees, if the operation did not
/// differ from itself within the run, and if another round, by other processes, finds the same.
/// All else passes, and what is faster, new or inconclusive is said on standard error, past the
/// capture of `cargo test`, and kept for `kgas-perf baseline results`. `KGAS_PERF_STRICT=1` makes
/// what is new or inconclusive a failure. Debug builds are not judged, and say so.
///
/// # What it writes
/// What is new or has changed goes to `perf/baselines.toml.new/` of the calling crate, as
/// `KGAS_PERF_UPDATE` says ([`Update`](crate::baselines::Update)); where `CI` is set, nothing is
/// written.
///
/// # Panics
/// At its own line, with what was found; also if `perf/baselines.toml` is broken, or if a call
/// returns an error.
///
/// [`WithinBaseline`]: crate::WithinBaseline
/// [`within_baseline`]: crate::within_baseline
#[macro_export]
macro_rules! assert_within_baseline {
    ($operation:expr, async || $work:expr $(, $setting:ident $(= $value:expr)?)* $(,)?) => {
        $crate::assert_within_baseline!(@ $operation, async || $work $(, $setting $(= $value)?)*)
    };
    ($operation:expr, async move || $work:expr $(, $setting:ident $(= $value:expr)?)* $(,)?) => {
        $crate::assert_within_baseline!(@ $operation, async move || $work $(, $setting $(= $value)?)*)
    };
    (@ $operation:expr, $work:expr $(, $setting:ident $(= $value:expr)?)*) => {{
        #[allow(unused_imports, reason = "needed unless a call returns a result")]
        use $crate::__private::Finished as _;
        // The name is taken now, the work is done when it is awaited.
        let assertion = $crate::WithinBaseline::at($operation, $crate::__place!())
            $(. $setting($($value)?))*;
        let (work, returns) = $crate::__private::calls_async($work);
        let check = returns.check();
        async move {
            let report = assertion.measure_checked(work, check).await;
            if let ::core::option::Option::Some(failure) = report.failure() {
                ::core::panic!("{failure}");
            }
        }
    }};
    ($first:expr, $second:expr $(, $setting:ident $(= $value:expr)?)* $(,)?) => {
        match (&$first, $second) {
            (first, second) => {
                #[allow(unused_imports, reason = "needed unless the closure returns a future")]
                use $crate::__private::{Asked as _, Finished as _};
                let asked = (first, second);
                asked.returns().is_finished();
                let failure = asked.failure(
                    asked.returns().check(),
                    $crate::__place!(),
                    |assertion| assertion $(. $setting($($value)?))*,
                );
                if let ::core::option::Option::Some(failure) = failure {
                    ::core::panic!("{failure}");
                }
            }
        }
    };
}

/// Asserts that a call takes no more of anything than its baseline in the repository says:
/// allocations, bytes, and what it counts itself, such as queries, distinct fingerprints, model
/// calls, tokens, cost and tool calls. Settings of [`KeepsCounts`] may follow; with a limit no
/// baseline is asked.
///
/// ```
/// use kgas_perf_testkit::assert_counts;
///
/// assert_counts!("load_neighbours", |counts| counts.add("queries", 2), at_most("queries", 3));
/// ```
///
/// With `async |counts|` it is a future, to be awaited under any runtime. Each of its polls is
/// charged what its own thread allocates meanwhile, so it may move from thread to thread; tasks
/// that it starts are counted with `all_threads()`.
///
/// ```
/// # use kgas_perf_testkit::assert_counts;
/// # use kgas_perf_testkit::exact::Counts;
/// # async fn answer(_: &str, counts: &Counts) { counts.add("tokens", 900) }
/// # async fn test() {
/// assert_counts!("answer", async |counts| answer("why?", counts).await, exactly("tokens", 900)).await;
/// # }
/// ```
///
/// # Panics
/// As [`KeepsCounts::assert`], at its own line; also if a call returns an error, or a future that
/// nobody awaits.
///
/// [`KeepsCounts`]: crate::exact::KeepsCounts
/// [`KeepsCounts::assert`]: crate::exact::KeepsCounts::assert
#[macro_export]
macro_rules! assert_counts {
    ($operation:expr, async |$counts:tt $(: $type:ty)?| $work:expr
        $(, $setting:ident ( $($value:expr),* ))* $(,)?) => {
        $crate::assert_counts!(
            @ $operation, async |$counts $(: $type)?| $work $(, $setting($($value),*))*
        )
    };
    ($operation:expr, async move |$counts:tt $(: $type:ty)?| $work:expr
        $(, $setting:ident ( $($value:expr),* ))* $(,)?) => {
        $crate::assert_counts!(
            @ $operation, async move |$counts $(: $type)?| $work $(, $setting($($value),*))*
        )
    };
    (@ $operation:expr, $work:expr $(, $setting:ident ( $($value:expr),* ))*) => {{
        #[allow(unused_imports, reason = "needed unless a call returns a result")]
        use $crate::__private::Finished as _;
        let assertion = $crate::exact::KeepsCounts::at($operation, $crate::__place!())
            $(. $setting($($value),*))*;
        let (work, returns) = $crate::__private::counting_async($work);
        let check = returns.check();
        async move {
            if let ::core::option::Option::Some(failure) =
                assertion.failure_async(work, check).await
            {
                ::core::panic!("{failure}");
            }
        }
    }};
    ($operation:expr, $work:expr $(, $setting:ident ( $($value:expr),* ))* $(,)?) => {{
        #[allow(unused_imports, reason = "needed unless a call returns a result")]
        use $crate::__private::{Check as _, Finished as _};
        let (mut work, returns) = $crate::__private::counting($work);
        returns.is_finished();
        let check = returns.check();
        if let ::core::option::Option::Some(failure) =
            $crate::exact::KeepsCounts::at($operation, $crate::__place!())
                $(. $setting($($value),*))*
                .failure(|counts| check.done(work(counts)))
        {
            ::core::panic!("{failure}");
        }
    }};
}

/// Asserts that a call allocates no more than its baseline says, or than `at_most` allocations.
///
/// ```no_run
/// use kgas_perf_testkit::assert_allocations;
///
/// #[global_allocator]
/// static ALLOCATOR: kgas_perf_runtime::measure::TallyAllocator =
///     kgas_perf_runtime::measure::TallyAllocator::system();
///
/// let graph = [1, 2, 3];
/// assert_allocations!("graph_to_table", || graph.to_vec(), at_most = 1);
/// // With what threads that the call starts, or wakes, allocate.
/// assert_allocations!("in_parallel", || std::thread::spawn(|| vec![7]).join(), all_threads);
/// ```
///
/// With `async ||` it is a future, to be awaited under any runtime, as that of
/// [`assert_counts!`](crate::assert_counts).
///
/// # Panics
/// At its own line; also if the program's allocator is no
/// [`TallyAllocator`](kgas_perf_runtime::measure::TallyAllocator).
#[macro_export]
macro_rules! assert_allocations {
    ($operation:expr, async || $work:expr $(, $($settings:tt)*)?) => {
        $crate::assert_allocations!(@ [$operation, async |_| $work] $($($settings)*)?)
    };
    ($operation:expr, async move || $work:expr $(, $($settings:tt)*)?) => {
        $crate::assert_allocations!(@ [$operation, async move |_| $work] $($($settings)*)?)
    };
    (@ [$($call:tt)*] at_most = $most:expr $(, $setting:ident)* $(,)?) => {
        $crate::assert_counts!($($call)*, at_most("allocations", $most) $(, $setting())*)
    };
    (@ [$($call:tt)*] $($setting:ident),* $(,)?) => {
        $crate::assert_counts!($($call)*, with_allocations() $(, $setting())*)
    };
    ($operation:expr, $work:expr $(, $($settings:tt)*)?) => {{
        let mut work = $work;
        $crate::assert_allocations!(
            @ [$operation, |_: &$crate::exact::Counts| work()] $($($settings)*)?
        )
    }};
}

/// Asserts that a number stays constant as the input grows: `"queries"`, or whatever else the
/// closure counts, `"allocations"` or `"allocated_bytes"`.
///
/// ```
/// use kgas_perf_testkit::assert_constant;
/// use kgas_perf_testkit::exact::Counts;
///
/// /// A database that counts what it is asked.
/// fn neighbours_of(ids: &[u64], counts: &Counts) -> Vec<u64> {
///     counts.add("queries", 1);
///     ids.iter().map(|id| id + 1).collect()
/// }
///
/// assert_constant!("queries", [2, 10, 100], |size, counts| {
///     let ids: Vec<u64> = (0..size).collect();
///     neighbours_of(&ids, counts)
/// });
/// ```
///
/// One query for each entity, the N+1, fails with the numbers at each size:
///
/// ```should_panic
/// # use kgas_perf_testkit::assert_constant;
/// # use kgas_perf_testkit::exact::Counts;
/// # fn neighbours_of(ids: &[u64], counts: &Counts) -> Vec<u64> {
/// #     counts.add("queries", 1);
/// #     ids.iter().map(|id| id + 1).collect()
/// # }
/// assert_constant!("queries", [2, 10, 100], |size, counts| {
///     (0..size).flat_map(|id| neighbours_of(&[id], counts)).collect::<Vec<u64>>()
/// });
/// // `queries` grows with the input, and is to stay constant
/// //   2: 2
/// //   10: 10
/// //   100: 100
/// ```
///
/// With `async |size, counts|` it is a future, to be awaited under any runtime.
///
/// # Panics
/// With the numbers at each size, at its own line; also if a call returns an error.
#[macro_export]
macro_rules! assert_constant {
    ($($given:tt)*) => { $crate::__growth!(Constant, $($given)*) };
}

/// Asserts that a number grows no faster than the input; three sizes or more. What is counted and
/// the form for futures are those of [`assert_constant!`](crate::assert_constant).
///
/// ```
/// use kgas_perf_testkit::assert_linear;
///
/// assert_linear!("rows", [10, 100, 1_000], |size, counts| counts.add("rows", size));
/// ```
///
/// # Panics
/// With the numbers at each size, at its own line; also if a call returns an error.
#[macro_export]
macro_rules! assert_linear {
    ($($given:tt)*) => { $crate::__growth!(Linear, $($given)*) };
}

/// How a number grows, for the other macros.
#[doc(hidden)]
#[macro_export]
macro_rules! __growth {
    ($allowed:ident, $what:expr, $sizes:expr, async |$size:tt, $counts:tt| $work:expr $(,)?) => {{
        #[allow(unused_imports, reason = "needed unless a call returns a result")]
        use $crate::__private::Finished as _;
        let (work, returns) = $crate::__private::growing_async(async |$size, $counts| $work);
        let check = returns.check();
        let place = $crate::__place!();
        async move {
            if let ::core::option::Option::Some(failure) = $crate::exact::growth_at_async(
                &place,
                $crate::exact::Growth::$allowed,
                $what,
                $sizes,
                work,
                check,
            )
            .await
            {
                ::core::panic!("{failure}");
            }
        }
    }};
    ($allowed:ident, $what:expr, $sizes:expr, $work:expr $(,)?) => {{
        #[allow(unused_imports, reason = "needed unless a call returns a result")]
        use $crate::__private::{Check as _, Finished as _};
        let (mut work, returns) = $crate::__private::growing($work);
        returns.is_finished();
        let check = returns.check();
        if let ::core::option::Option::Some(failure) = $crate::exact::growth_at(
            &$crate::__place!(),
            $crate::exact::Growth::$allowed,
            $what,
            $sizes,
            |size, counts| check.done(work(size, counts)),
        ) {
            ::core::panic!("{failure}");
        }
    }};
}

/// Asserts that the durations of an operation keep what the catalogue declares for inputs of a
/// size class: the catalogue that the attribute finds from the calling crate's folder.
///
/// A quantile is broken only by more slow calls than chance brings; with too few calls to carry
/// it, that is said. With `async ||` it is a future, to be awaited. Settings of
/// [`MeetsObjective`](crate::objective::MeetsObjective) may follow.
///
/// ```
/// use kgas_perf_testkit::{SizeClass, assert_meets_objective};
///
/// # fn convert(graph: &[u32]) -> Vec<u32> { graph.to_vec() }
/// let graph = vec![1; 1_000];
/// assert_meets_objective!("graph_to_table", SizeClass::Medium, || convert(&graph));
/// ```
///
/// # Panics
/// At its own line, with each objective, if one is not met, or if none is declared; if a call
/// returns an error.
#[macro_export]
macro_rules! assert_meets_objective {
    ($operation:expr, $class:expr, async || $work:expr $(, $setting:ident $(= $value:expr)?)* $(,)?) => {{
        #[allow(unused_imports, reason = "needed unless a call returns a result")]
        use $crate::__private::Finished as _;
        let assertion = $crate::objective::MeetsObjective::at($operation, $class, $crate::__place!())
            $(. $setting($($value)?))*;
        let (work, returns) = $crate::__private::calls_async(async || $work);
        let check = returns.check();
        async move {
            if let ::core::option::Option::Some(failure) =
                assertion.failure_async(work, check).await
            {
                ::core::panic!("{failure}");
            }
        }
    }};
    ($operation:expr, $class:expr, $work:expr $(, $setting:ident $(= $value:expr)?)* $(,)?) => {{
        #[allow(unused_imports, reason = "needed unless a call returns a result")]
        use $crate::__private::{Check as _, Finished as _};
        let (mut work, returns) = $crate::__private::calls($work);
        returns.is_finished();
        let check = returns.check();
        if let ::core::option::Option::Some(failure) =
            $crate::objective::MeetsObjective::at($operation, $class, $crate::__place!())
                $(. $setting($($value)?))*
                .failure(|| check.done(work()))
        {
            ::core::panic!("{failure}");
        }
    }};
}
