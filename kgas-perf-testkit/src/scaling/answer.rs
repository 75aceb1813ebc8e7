//! `Answer`: one class, several, or none.

use std::fmt;

use serde::Serialize;

use crate::scaling::complexity::Complexity;

/// What measurements say about how a cost grows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// This class, and every other is ruled out. It stands for its neighbourhood: `O(n²)` also for
    /// a power of 1.9; and for the sizes that were measured.
    Sure(Complexity),
    /// These classes are possible, by ascending growth; a class below another also where it fits
    /// with one jump, as where a cache ends. One alone is the only class that is not
    /// ruled out, while the exponent is not known well enough to say that it is not something
    /// between the classes.
    Undecided(Vec<Complexity>),
    /// No class fits.
    NoneFits(Misfit),
}

/// Why no class fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Misfit {
    /// The cost falls as the size grows.
    Falls,
    /// No smooth curve fits: the cost jumps, as where a cache ends, or sizes were measured under
    /// conditions that differ by more than 10 %.
    Uneven,
    /// A smooth curve that is none of the classes, such as a power of 1.5 or an exponential.
    Shape,
}

impl Answer {
    /// The class that is sure.
    pub fn sure(&self) -> Option<Complexity> {
        match self {
            Self::Sure(class) => Some(*class),
            _ => None,
        }
    }
}

/// `O(n)`, `undecided between O(n) and O(n log n)`, `none fits: …`.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sure(class) => write!(f, "{class}"),
            Self::Undecided(classes) => match &classes[..] {
                [] => f.write_str("undecided"),
                [only] => write!(f, "undecided between {only} and what lies between the classes"),
                [first @ .., last] => {
                    let first: Vec<&str> = first.iter().map(|class| class.as_str()).collect();
                    write!(f, "undecided between {} and {last}", first.join(", "))
                }
            },
            Self::NoneFits(why) => write!(f, "none fits: {why}"),
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Falls => "the cost falls as the size grows",
            Self::Uneven => "the cost jumps between sizes, or the machine was disturbed",
            Self::Shape => "the curve is smooth and is none of the classes",
        })
    }
}
