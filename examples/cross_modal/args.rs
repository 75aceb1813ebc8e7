//! `Args`: what the command line says.

use std::{num::NonZeroU32, path::PathBuf, str::FromStr};

use clap::Parser;
use thiserror::Error;

use crate::steps::Step;

/// Converts knowledge graphs to tables, vectors and back, and shows what every step costs.
///
/// Each input goes through graph_to_table, table_to_vector and vector_to_graph until every step has
/// a baseline; then one step does its work several times over, to show what is told of a slow call.
#[derive(Debug, Parser)]
#[command(name = "cross_modal")]
pub(crate) struct Args {
    /// Triples files: subject, relation and object a line, separated by tabs, no header. Each is
    /// one input. Without any, the packages of this workspace's Cargo.lock and their dependencies
    /// are the graph
    #[arg(value_name = "TRIPLES.tsv")]
    pub(crate) files: Vec<PathBuf>,

    /// Step to slow down after the rounds, and how many times over it then does its work. Without
    /// it, vector_to_graph=3x once baselines stand
    #[arg(long, value_name = "OP=FACTOR")]
    pub(crate) slow: Option<Slow>,

    /// Rounds through all three steps for each input; a baseline needs 100
    #[arg(long, value_name = "N", default_value = "100")]
    pub(crate) repeat: NonZeroU32,

    /// Print the report as JSON, with raw integers that carry their unit
    #[arg(long)]
    pub(crate) json: bool,

    /// Draw no progress bar; none is drawn anyway when standard error is no terminal
    #[arg(long)]
    pub(crate) no_progress: bool,
}

/// A step, and how many times over it does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slow {
    pub(crate) step: Step,
    pub(crate) factor: u32,
}

/// What is wrong with the value of `--slow`.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum SlowError {
    #[error("`{0}` has no `=`; write an operation and a factor, such as vector_to_graph=3x")]
    NoFactor(String),
    #[error("unknown operation `{0}`; accepted: graph_to_table, table_to_vector, vector_to_graph")]
    UnknownOperation(String),
    #[error("factor `{0}` is no whole number from 2 to 1000, such as 3x")]
    Factor(String),
}

impl Slow {
    /// What is slowed when nobody asks for a step and baselines stand.
    pub(crate) const DEFAULT: Self = Self { step: Step::VectorToGraph, factor: 3 };
}

impl FromStr for Slow {
    type Err = SlowError;

    fn from_str(text: &str) -> Result<Self, SlowError> {
        let (operation, factor) =
            text.split_once('=').ok_or_else(|| SlowError::NoFactor(text.to_owned()))?;
        let step = Step::ALL
            .into_iter()
            .find(|step| step.operation() == operation)
            .ok_or_else(|| SlowError::UnknownOperation(operation.to_owned()))?;
        match factor.strip_suffix('x').unwrap_or(factor).parse() {
            Ok(factor @ 2..=1_000) => Ok(Self { step, factor }),
            _ => Err(SlowError::Factor(factor.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Args, Slow, SlowError};
    use crate::steps::Step;

    #[test]
    fn command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn default_is_the_one_that_help_states() {
        assert_eq!("vector_to_graph=3x".parse(), Ok(Slow::DEFAULT));
    }

    #[test]
    fn factor_may_carry_its_x() {
        let expected = Slow { step: Step::TableToVector, factor: 4 };
        assert_eq!("table_to_vector=4x".parse(), Ok(expected));
        assert_eq!("table_to_vector=4".parse(), Ok(expected));
    }

    #[test]
    fn mistakes_in_slow_are_named() {
        let parse = |text: &str| text.parse::<Slow>().expect_err("a mistake");
        assert_eq!(parse("vector_to_graph"), SlowError::NoFactor("vector_to_graph".into()));
        assert_eq!(
            parse("graph_to_tabel=3x"),
            SlowError::UnknownOperation("graph_to_tabel".into())
        );
        for factor in ["", "x", "1x", "0", "-2", "2.5x", "3xx", "1001x"] {
            assert_eq!(
                parse(&format!("graph_to_table={factor}")),
                SlowError::Factor(factor.into())
            );
        }
    }
}
