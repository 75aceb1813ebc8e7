//! What is measured: `Detector`, and what it says: `Alert`.
//!
//! * `alert.rs`: `Alert`, `Severity`, `Kind`.
//! * `baseline.rs`: `Baseline`.
//! * `naive.rs`: the rule that everybody writes first.
//! * `cusum.rs`: a textbook detector.
//! * `product.rs`: the detector that runs in the measured program.
//! * `external.rs`: any executable that speaks JSON lines.
//! * `serve.rs`: a detector of this crate as such an executable.

mod alert;
mod baseline;
mod cusum;
mod external;
mod naive;
mod product;
mod serve;

use std::io;

pub use self::alert::{Alert, Kind, Severity};
pub use self::baseline::Baseline;
pub use self::cusum::Cusum;
pub use self::external::External;
pub use self::naive::Naive;
pub use self::product::Product;
pub use self::serve::serve;

/// Something that is told about one call after the other, and says when they have become slower.
pub trait Detector: Send {
    /// Forgets everything: the calls that follow are those of another operation.
    fn begin(&mut self);

    /// Takes one finished call, and adds what it has to say to `out`.
    ///
    /// `t` is when the call finished and `d` how long it took, both in seconds. An alert may also
    /// arrive with a later call or with [`Detector::finish`]; it counts at its own time.
    fn call(&mut self, t: f64, d: f64, ok: bool, out: &mut Vec<Alert>);

    /// Adds what it has still to say: there are no more calls of this operation.
    fn finish(&mut self, out: &mut Vec<Alert>);

    /// The baselines that it has reported for this operation, in the order of time.
    ///
    /// Looked at after [`Detector::finish`].
    fn baselines(&self) -> &[Baseline] {
        &[]
    }

    /// A copy that goes on by itself, if there can be one.
    ///
    /// With it, many changes are tried after the same calls, which are judged once.
    fn fork(&self) -> Option<Box<dyn Detector>>;
}

/// Which detector is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contender {
    /// [`Product`].
    Product,
    /// [`Naive`].
    Naive,
    /// [`Cusum`].
    Cusum,
    /// [`External`].
    Command {
        /// What starts it; its words are divided by spaces.
        command: String,
        /// Whether it has to answer after every call.
        lock_step: bool,
    },
}

impl Contender {
    /// The contender of this name; what is no name is a command.
    ///
    /// With `lock_step`, an executable has to answer after every call; nothing that it says may
    /// depend on that.
    pub fn named(name: &str, lock_step: bool) -> Self {
        match name {
            "product" => Self::Product,
            "naive" => Self::Naive,
            "cusum" => Self::Cusum,
            command => Self::Command { command: command.to_owned(), lock_step },
        }
    }

    /// A detector of its own, for one worker.
    ///
    /// # Errors
    ///
    /// When the executable cannot be started.
    pub fn detector(&self) -> io::Result<Box<dyn Detector>> {
        Ok(match self {
            Self::Product => Box::new(Product::default()),
            Self::Naive => Box::new(Naive::default()),
            Self::Cusum => Box::new(Cusum::default()),
            Self::Command { command, lock_step } => Box::new(External::start(command, *lock_step)?),
        })
    }
}
