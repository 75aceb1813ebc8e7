//! The attribute [`macro@measure_performance`], the macro [`measure!`], and their manual.
//!
//! Programs use both through `kgas_perf_runtime`, which re-exports them: the code they write
//! calls that crate.

mod args;
mod catalog;
mod expand;
mod fallback;
mod features;
mod item;
mod returns;
mod validate;

use std::path::PathBuf;

use crate::catalog::Declared;
use crate::expand::Context;

/// Measures every call of a function, or of every method of an `impl` block or trait.
///
/// ```
/// use kgas_perf_runtime::{Outcome, Registry, measure_performance};
///
/// #[measure_performance("graph_to_table", size = triples.len())]
/// fn graph_to_table(triples: &[(u32, u32, u32)]) -> Result<Vec<u32>, String> {
///     if triples.is_empty() {
///         return Err("nothing to convert".to_owned());
///     }
///     Ok(triples.iter().map(|(subject, _, _)| *subject).collect())
/// }
///
/// let registry = Registry::new();
/// registry.run(|| (graph_to_table(&[(1, 2, 3)]), graph_to_table(&[])));
/// let snapshot = registry.snapshot();
/// let operation = snapshot.operation("graph_to_table").unwrap();
/// assert_eq!(operation.outcome(Outcome::Ok).count(), 1);
/// assert_eq!(operation.outcome(Outcome::Error).count(), 1);
/// ```
///
/// # The operation's name
///
/// The name is looked up while the program compiles, in the nearest `kgas-perf.toml` in the
/// crate's folder or above it, else in the built-in catalogue of KGAS. A name that is not declared
/// is an error at the name. A changed catalogue compiles its users again; one that is *added*
/// where there was none does so at the next change of their own (or after `cargo clean -p`).
///
/// ```compile_fail
/// # use kgas_perf_runtime::measure_performance;
/// // unknown operation `graph_to_tabel`; did you mean `graph_to_table`? Operations are …
/// #[measure_performance("graph_to_tabel")]
/// fn convert() {}
/// ```
///
/// # Arguments
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `size = <integer>` | input size in entities; picks the size class. Evaluated once a call, before the body, with the parameters in sight. A negative one counts as 0. | calls have no size |
/// | `memory = "sampled"` | memory is read on a budget of time, before and after some calls | this one |
/// | `memory = "exact"` | memory is read before and after every call: some microseconds each | |
/// | `memory = "off"` | memory is never read | |
/// | `ok = <predicate>` | called with a reference to what the function returned; `false` makes the call an error | an `Err` is an error, all else is ok |
/// | `poll = true` | for an `async fn`: how long its future was polled, and how long it waited | `false` |
/// | `crate = <path>` | where generated code finds the runtime | `::kgas_perf_runtime` |
///
/// ```
/// # use kgas_perf_runtime::measure_performance;
/// #[measure_performance("database_simple_query", memory = "off", ok = Option::is_some)]
/// fn find(rows: &[(u32, String)], id: u32) -> Option<&str> {
///     rows.iter().find(|(found, _)| *found == id).map(|(_, name)| name.as_str())
/// }
/// # assert_eq!(find(&[(7, "seven".to_owned())], 7), Some("seven"));
/// ```
///
/// # What can be measured
///
/// - **Functions and methods** of any shape, safe and `unsafe`, of any ABI: generic, with
///   `impl Trait` as argument or result, never returning, in a trait or its implementation.
///   The body stands in no closure: `?`, `return`, borrows and `#[track_caller]` mean what they
///   meant, and things are dropped in the order in which they were.
/// - **`async fn`**: from the first poll to the end. A future that is never polled is no call;
///   one that is dropped half-way is a cancelled one. It stays `Send` where it was, and grows by
///   about 50 bytes (`tests/macro_edge_sizes.rs`).
/// - **Functions that return a future they make in sight**: that end in `Box::pin(async …)`, in an
///   `async` block, or in `async { … }.boxed()`, also in the arms of a `match` or `if`, and
///   also by `return`. The `async` block is what is measured, from its first poll on; what stands
///   before it runs when the function is called, unmeasured. Methods inside `#[async_trait]` are
///   of this kind.
/// - **`impl` blocks and traits**: every method with a body, under the block's name, or, if the
///   attribute has none, under the method's own. A method's own attribute wins;
///   `#[measure_performance(skip)]` leaves it out. A block takes no argument but `memory` and
///   `crate`.
///
/// ```
/// # use kgas_perf_runtime::measure_performance;
/// struct Converter;
///
/// #[measure_performance]
/// impl Converter {
///     fn graph_to_table(&self) -> usize {
///         7
///     }
///
///     #[measure_performance("table_to_vector", size = rows)]
///     async fn embed(&self, rows: usize) -> usize {
///         rows
///     }
///
///     #[measure_performance(skip)]
///     fn name(&self) -> &str {
///         "converter"
///     }
/// }
/// ```
///
/// It goes above or below `#[tokio::main]`, `#[test]`, `#[tokio::test]`, `#[instrument]` and
/// `#[async_trait]`. What stands below is measured with what the attribute above made of it.
///
/// # What is refused
///
/// - **A future made elsewhere**, as in `fn f() -> impl Future { client.get(url) }`: timing the
///   call would time nothing but its making. Make it an `async fn`, or end it with
///   `Box::pin(async move { client.get(url).await })`. This is found whatever the type is called.
///   To time the making on purpose, put it into [`measure!`]. A future *inside* what is returned,
///   as in `Result<JoinHandle<T>, E>`, is no reason to refuse.
/// - **A `const fn`**, which may run while the program compiles.
/// - **A method without a body**, and everything that is no function, `impl` block or trait.
/// - **`poll = true`** where the return type cannot be written down in a body: `!`, `impl Trait`.
///
/// ```compile_fail
/// # use kgas_perf_runtime::measure_performance;
/// #[measure_performance("llm_call")]
/// fn ask() -> impl Future<Output = u32> {
///     std::future::ready(7)
/// }
/// ```
///
/// # How a call ended
///
/// | it ended | when |
/// |---|---|
/// | ok | it returned anything but an `Err`; an `Option` is ok whatever it holds |
/// | error | it returned an `Err`, by its end, `return` or `?`; or `ok` said `false` |
/// | panicked | a panic passed through it |
/// | cancelled | its future was dropped after the first poll and before it was ready |
///
/// A `Result` is recognised by its type, not by its name, so `io::Result` and your own aliases
/// are; where a function is generic over what it returns, it is not one. The attribute looks into
/// macros of the standard library, `select!`, `join!`, `try_join!` and [`measure!`], and knows
/// `bail!`, `ensure!` and their like. What other macros hide in their tokens it cannot see:
///
/// - In a function that returns a `Result`, a hidden `return Ok(…)` counts as an error, like every
///   other way out that is not in sight.
/// - In an `async fn`, a hidden `return` or `?` counts as an error too; but as cancelled if the
///   tokens of the macro contain an `.await`, and if they contain neither.
///
/// A body that the compiler can read and this macro cannot is left unmeasured, with a warning.
///
/// With `ok = …`, a way out by `?` is an error without asking.
///
/// # What else is kept of a call
///
/// The path, file and line of the function; the shallow size of its arguments (the sum of the
/// sizes of their types; an unused argument of type `impl Trait` is not counted); what
/// `kgas_perf_runtime::measure` describes.
///
/// # Cost
///
/// When a program runs: two readings of a clock and stores to memory of the own thread, as
/// `kgas_perf_runtime::measure` describes, and for `poll = true` two more readings a poll. When
/// it compiles: about 0.6 ms a short function, and 1.5 ms one that returns a `Result` early
/// (`cargo xtask bench`). With the feature `off`, arguments are checked and the function is left
/// as it was.
///
/// Under `poll = true` a measured future is three futures to the compiler: a chain of twenty
/// needs `#![recursion_limit = "256"]`.
#[proc_macro_attribute]
pub fn measure_performance(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    expand::attribute(args.into(), item.into(), &context()).into()
}

/// Measures a block where it stands, for code that no attribute reaches.
///
/// The arguments are the operation's name, then those of [`macro@measure_performance`] without
/// `poll`, then the block. The value of the block is the value of the macro. `return`, `?`,
/// `break` and `continue` leave through it as if it were not there.
///
/// ```
/// use kgas_perf_runtime::measure;
///
/// # fn convert(lines: &[&str]) -> Result<u32, std::num::ParseIntError> {
/// let mut sum = 0;
/// for line in lines {
///     sum += measure!("tool_simple", size = line.len(), {
///         if line.is_empty() {
///             continue;
///         }
///         line.parse::<u32>()?
///     });
/// }
/// # Ok(sum) }
/// # assert_eq!(convert(&["3", "", "4"]), Ok(7));
/// # assert!(convert(&["x"]).is_err());
/// ```
///
/// A block that gives an `Err`, or is left by `?`, ended in an error; left by `return`, `break` or
/// `continue`, it ended well. A block that contains `.await` is measured as an `async fn` is: it
/// may change threads, and is cancelled if the future around it is dropped. One that waits inside
/// a macro is recognised if the macro's tokens contain `.await` or the macro is called `join`,
/// `try_join`, `select` or `pending`.
///
/// ```
/// # use kgas_perf_runtime::measure;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let answer = measure!("llm_call", {
///     tokio::task::yield_now().await;
///     42
/// });
/// # assert_eq!(answer, 42);
/// # }
/// ```
#[proc_macro]
pub fn measure(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand::region(tokens.into(), &context()).into()
}

/// The catalogue that this crate is compiled against, as its program carries it: what the
/// runtime's builder takes operations and objectives from.
///
/// It is a `kgas_perf_runtime::measure::CatalogueText`, and a change of the file compiles the
/// crate again. A catalogue with mistakes is an error that names each one's line and key.
///
/// ```
/// use kgas_perf_runtime::install::Builder;
///
/// let handle = Builder::new().catalogue(kgas_perf_runtime::catalogue!()).install()?;
/// assert!(handle.catalogue().get("graph_to_table").is_some());
/// # Ok::<(), kgas_perf_runtime::install::InstallError>(())
/// ```
#[proc_macro]
pub fn catalogue(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand::catalogue(tokens.into(), &context()).into()
}

/// The features that the crate's manifest declares, each with whether it is compiled with it: for
/// the macros of the test kit.
#[doc(hidden)]
#[proc_macro]
pub fn features(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    features::expand(folder.as_deref()).into()
}

/// The crate being compiled, as far as an expansion depends on it.
fn context() -> Context {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let declared =
        folder.map_or_else(|| Ok(Declared::builtin()), |folder| Declared::of_crate(&folder));
    Context { declared, off: cfg!(feature = "off") }
}
