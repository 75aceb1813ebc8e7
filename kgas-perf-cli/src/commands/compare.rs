//! `kgas-perf compare`: two runs of tests, side by side.

use std::io::Write;

use kgas_perf_testkit::revisions::{Conclusion, SavedRun, Table};

use crate::args::CompareArgs;
use crate::failure::Failure;

/// Compares two saved runs and writes the table; what follows is the exit code.
pub(crate) fn run(args: &CompareArgs, out: &mut impl Write) -> Result<(), Failure> {
    let (before, after) = (SavedRun::read(&args.before)?, SavedRun::read(&args.after)?);
    let table = Table::of(&before, &after, args.threshold);
    out.write_all(table.render(args.format.into()).as_bytes())?;
    out.flush()?;
    match table.conclusion() {
        Conclusion::Fine => Ok(()),
        other => Err(Failure::Concluded(other.exit_code())),
    }
}
