//! What an operation does: shapes, noises, and changes planted at known times.
//!
//! * `dice.rs`: where chance comes from.
//! * `shape.rs`: how durations are spread while nothing changes.
//! * `noise.rs`: what the machine and the load do to them.
//! * `change.rs`: what is planted.
//! * `regime.rs`: which shape goes with which noise.
//! * `stream.rs`: one operation's calls, one after the other.
//! * `json_lines.rs`: a stream as text.

mod change;
mod dice;
mod json_lines;
mod noise;
mod regime;
mod shape;
mod stream;
#[cfg(test)]
mod tests;

pub use self::change::Change;
pub use self::dice::Dice;
pub use self::json_lines::write_json_lines;
pub use self::noise::{Clusters, Load, Wander, WarmUp, Wobble};
pub use self::regime::Regime;
pub use self::shape::Shape;
pub use self::stream::Stream;

/// One finished call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call {
    /// When it finished, in seconds since the stream began. Never decreases.
    pub t: f64,
    /// How long it took, in seconds, `>= 0`. Exactly 0 where the timer is coarse.
    pub d: f64,
    /// Whether it succeeded.
    pub ok: bool,
}
