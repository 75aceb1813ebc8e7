//! The hot path.
pub mod call_site; pub mod measurement; pub mod outcome; pub mod future;
