//! The attribute and its manual.

mod args;
mod catalog;
mod expand;
mod fallback;
mod item;
mod returns;
mod validate;

use std::path::PathBuf;

use crate::catalog::Declared;
use crate::expand::Context;

/// Measures calls.
#[proc_macro_attribute]
pub fn measure_performance(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    expand::attribute(args.into(), item.into(), &context()).into()
}

/// Measures a block.
#[proc_macro]
pub fn measure(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand::region(tokens.into(), &context()).into()
}

/// The crate being compiled, as far as an expansion depends on it.
fn context() -> Context {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let declared =
        folder.map_or_else(|| Ok(Declared::builtin()), |folder| Declared::of_crate(&folder));
    Context { declared, off: cfg!(feature = "off") }
}
