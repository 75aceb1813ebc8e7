//! The strictest lints find nothing in generated code. `cargo clippy` looks at this file.
#![deny(warnings, missing_docs, unused, future_incompatible, rust_2018_idioms)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    let_underscore_drop,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use kgas_perf_runtime::{Registry, measure, measure_performance};

#[measure_performance("tool_simple")]
<<<<<<< HEAD
#[rustfmt::skip]
fn one_line() -> u64 { std::hint::black_box(7) }

#[measure_performance("tool_simple")]
#[rustfmt::skip]
fn one_line_result(text: &str) -> Result<u64, std::num::ParseIntError> { text.parse() }

#[measure_performance("tool_simple")]
#[rustfmt::skip]
fn one_line_opaque() -> Result<impl Iterator<Item = u8>, u8> { Ok(0..3) }

#[measure_performance("tool_simple")]
#[rustfmt::skip]
async fn one_line_async() -> u64 { std::future::ready(7).await }
=======
fn one_line() -> u64 {
    std::hint::black_box(7)
}

#[measure_performance("tool_simple")]
fn one_line_result(text: &str) -> Result<u64, std::num::ParseIntError> {
    text.parse()
}

#[measure_performance("tool_simple")]
fn one_line_opaque() -> Result<impl Iterator<Item = u8>, u8> {
    Ok(0..3)
}

#[measure_performance("tool_simple")]
async fn one_line_async() -> u64 {
    std::future::ready(7).await
}
>>>>>>> main

#[measure_performance("tool_simple")]
fn nothing() {}

#[measure_performance("tool_simple")]
fn items_first(number: u64) -> Result<u64, u64> {
    const LIMIT: u64 = 7;
    use std::cmp::Ordering;

    fn inner(number: u64) -> Ordering {
        number.cmp(&LIMIT)
    }

    match inner(number) {
        Ordering::Less => Err(number),
        _ => Ok(number),
    }
}

#[measure_performance("tool_simple", size = numbers.len(), memory = "exact")]
fn items_first_without_a_value(numbers: &mut Vec<u64>) {
    const LIMIT: u64 = 7;

    struct Doubled(u64);

    impl Doubled {
        const fn get(&self) -> u64 {
            self.0 * 2
        }
    }

    numbers.push(Doubled(LIMIT).get());
}

#[measure_performance("tool_simple")]
fn lookup<'a>(counts: &'a mut HashMap<String, u32>, key: &str) -> Result<&'a mut u32, String> {
    if key.is_empty() {
        return Err("no key".to_owned());
    }
    let count = counts.entry(key.to_owned()).or_default();
    *count += 1;
    Ok(count)
}

#[measure_performance("tool_simple", ok = Option::is_some)]
fn predicate(text: Option<&str>) -> Option<u8> {
    let text = text?;
    text.parse().ok()
}

#[measure_performance("tool_simple")]
async fn ways_out(text: &str) -> Result<u8, Box<dyn std::error::Error + Send + Sync>> {
    if text.is_empty() {
        return Err("no text".into());
    }
    let number: u8 = text.parse()?;
    let other = std::future::ready(text.parse::<u8>()).await?;
    println!("{}", text.parse::<u8>()?);
    for part in text.split(' ') {
        let _: u8 = part.parse()?;
    }
    Ok(number + other)
}

#[measure_performance("tool_simple")]
async fn endless(mut left: u32) -> Result<u32, u32> {
    loop {
        left = left.saturating_sub(1);
        if left == 0 {
            return Ok(left);
        }
        std::future::ready(()).await;
    }
}

#[measure_performance("tool_simple", poll = true)]
async fn polled(mut text: String, (number, _): (u8, u8)) -> Result<String, std::fmt::Error> {
    use std::fmt::Write as _;

    write!(text, "{number}")?;
    std::future::ready(()).await;
    Ok(text)
}

#[measure_performance("tool_simple")]
fn boxed(number: u8) -> Pin<Box<dyn Future<Output = Result<u8, std::num::ParseIntError>> + Send>> {
    let text = number.to_string();
    Box::pin(async move {
        let number = text.parse::<u8>()?;
        Ok(std::future::ready(number).await)
    })
}

struct Store {
    rows: Vec<u64>,
}

#[measure_performance("database_transaction")]
impl Store {
    #[measure_performance(skip)]
    const fn rows(&self) -> &[u64] {
        self.rows.as_slice()
    }

    fn insert(&mut self, row: u64) -> Result<usize, String> {
        self.rows.push(row);
        let small = u8::try_from(row).map_err(|error| error.to_string())?;
        Ok(self.rows.len() + usize::from(small))
    }

    async fn first(&self) -> Option<&u64> {
        std::future::ready(()).await;
        self.rows.first()
    }
}

#[test]
fn measured_code_runs() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let registry = Registry::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    registry.run(|| {
        nothing();
        let mut store = Store { rows: Vec::new() };
        let mut numbers = Vec::new();
        items_first_without_a_value(&mut numbers);
        let sum = one_line()
            + one_line_result("7")?
            + items_first(7).map_err(|number| number.to_string())?
            + u64::from(*lookup(&mut HashMap::new(), "a")?)
            + u64::from(predicate(Some("7")).unwrap_or_default())
            + store.insert(7).map(|_| store.rows().len() as u64)?
            + runtime.block_on(one_line_async())
            + runtime.block_on(store.first()).copied().unwrap_or_default()
            + u64::from(runtime.block_on(ways_out("7"))?)
            + u64::from(runtime.block_on(endless(3)).unwrap_or_default())
            + u64::from(runtime.block_on(boxed(7))?)
            + measure!("tool_complex", size = numbers.len(), { "7".parse::<u64>()? });
        let text = runtime.block_on(polled("a".to_owned(), (7, 8)))?;
        assert_eq!((sum, text.as_str()), (72, "a7"));
        assert_eq!(one_line_opaque().map(Iterator::count), Ok(3));
        Ok(())
    })
}
