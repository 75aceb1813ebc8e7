//! What is dropped, and when, in the edition of 2021, whose temporaries outlive a block's
//! variables.
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

#[path = "../../macro_support/mod.rs"]
mod macro_support;

include!("../../macro_support/drops.rs");
