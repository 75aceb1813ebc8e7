//! What is dropped, and when, is what was dropped without the attribute.
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

include!("macro_support/drops.rs");
