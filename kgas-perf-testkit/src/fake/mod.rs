//! Real implementations of the runtime's traits that remember what they were told.
//!
//! - `store`: a store that keeps everything in memory, and fails when it is told to.

mod store;

pub use store::FakeStore;
